"""The report in Spanish, in the neutral register of Latin America."""

from __future__ import annotations

from plugins.segmentation.report.language import Language, book
from plugins.segmentation.report.spanish_actions import ACTIONS, TREE

_FRACTIONS = (
    "uno de cada veinte clientes",
    "uno de cada diez clientes",
    "una quinta parte de los clientes",
    "una cuarta parte de los clientes",
    "un tercio de los clientes",
    "la mitad de los clientes",
    "dos tercios de los clientes",
    "tres cuartas partes de los clientes",
    "nueve de cada diez clientes",
)

_SENTENCES = """
interpretation | {size}, gasto promedio de {spend}, {frequency} compras/mes.
interpretation.categories | Categorías principales: {cats}.
auto.largest | {who} tiene la mayor cantidad de clientes ({n}).
auto.largest.tied | {who} comparten la mayor cantidad de clientes ({n} cada uno).
auto.largest.all | {who} tienen la misma cantidad de clientes ({n}).
auto.richest | {who} presenta el ticket promedio más alto ({spend}).
auto.richest.tied | {who} comparten el ticket promedio más alto ({spend}).
auto.richest.all | {who} tienen el mismo ticket promedio ({spend}).
auto.earner | {who} genera el {share} de los ingresos totales.
auto.earner.tied | {who} generan cada uno el {share} de los ingresos totales, la mayor parte.
auto.earner.all | {who} generan partes iguales de los ingresos totales ({share}).
auto.everyone | todos los clústeres
auto.unspent | Ningún clúster registra ingresos.
auto.outliers | {who} contiene los casos atípicos ({size}), que no encajan en ningún segmento.
auto.noise | Todos los clientes son atípicos: no surgió ningún segmento.
auto.even | Los clústeres tienen un tamaño casi igual.
auto.same | Todos los clústeres comparten las mismas categorías principales.
auto.dormant | El gasto bajo y la frecuencia baja coinciden {in_who}.

outdoes.slightly | supera ligeramente
outdoes.sesqui | equivale a cerca de una vez y media
outdoes.sesqui.over | equivale a más de una vez y media
outdoes.about | multiplica aproximadamente por {n}
outdoes.nearly | multiplica casi por {n}
outdoes.over | multiplica por más de {n}
times.10 | diez
times.20 | veinte
times.100 | cien
times.1000 | mil
tag.largest.two | el más numeroso
tag.earner.two | el de mayores ingresos
tag.richest.two | el de mayor gasto promedio
tag.busiest.two | el de compra más frecuente
tag.smallest.two | el más pequeño
tag.largest | el más numeroso
tag.earner | el de mayores ingresos
tag.richest | el de mayor gasto promedio
tag.busiest | el de compra más frecuente
tag.smallest | el más pequeño
tag.outliers | el conjunto de clientes atípicos
tags | , {tags},
differ.spend | el gasto promedio
differ.frequency | la frecuencia de compra
differ.mix | las categorías principales
level.1 | muy por debajo del promedio
level.2 | por debajo del promedio
level.3 | cerca del promedio
level.4 | por encima del promedio
level.5 | muy por encima del promedio
earns.none | no aporta ingresos
earns.trace | aporta una parte ínfima de los ingresos
earns.part | aporta el {share} de los ingresos
earns.nearly | aporta prácticamente todos los ingresos
earns.all | aporta la totalidad de los ingresos
pace | un gasto promedio de {spend} y {purchases}
pace.unspent | un promedio de {purchases}
basket.0 | ; la canasta está encabezada por {cats}
basket.1 | ; sus compras giran en torno a {cats}
basket.2 | ; el surtido está marcado por {cats}
cats.around | en torno a {cats}
cats.about | sobre {cats}
cats.in | en {cats}
cats.of | de {cats}

open.sole | El análisis mantiene a toda la base de clientes en un único segmento, {who}, sin divisiones
 internas.
open.noise | No surgió ningún segmento estable: todos los clientes quedaron apartados en {who}, la etiqueta
 reservada para los casos atípicos.
open.few | La base de clientes se divide en {count} segmentos bien diferenciados.
open.even | La base de clientes se divide en {count} segmentos muy parecidos entre sí en gasto y frecuencia.
open.many | La base de clientes se divide en {count} segmentos, demasiados para gestionarlos uno por uno, por
 lo que este resumen se concentra en los que deciden el resultado.
open.many.outliers | A su lado están los casos atípicos, {who}, que no encajan en ninguno.
open.one.outliers | La base de clientes forma un solo segmento, {who}, junto a un conjunto de clientes
 atípicos que no encajan en él.
open.outliers | La base de clientes se divide en {count} segmentos, junto a un conjunto de clientes atípicos
 que no encajan en ninguno.
differ | Las mayores diferencias están en {differences}.
unspent | No hay gasto registrado para estos clientes, de modo que la lectura se apoya solo en la frecuencia
 de compra y en los productos elegidos.
dominant.both | {who} domina tanto en clientes como en ingresos, así que el resultado general se mueve con
 él.
dominant.size | {who} reúne a {fraction}, aunque su peso en los ingresos es menor.
dominant.size.plain | {who} reúne a {fraction}, por lo que marca el ritmo del conjunto.
dominant.noise | Los casos atípicos son mayoría: {who} reúne a {fraction}, de modo que los segmentos
 describen solo al resto.
dominant.revenue | Los ingresos dependen {of_who}, que reúne a {fraction}.
tiny | Pequeño en clientes pero grande en valor, {who} pesa mucho más que su tamaño: su participación en los
 ingresos {outdoes} su participación en el número de clientes.
even.size | Los segmentos tienen tamaños similares, así que ninguno puede descartarse por falta de volumen.
spread | Ningún segmento domina por sí solo, de modo que el resultado depende del equilibrio entre todos.
spread.two | Ninguno de los dos segmentos domina, de modo que el resultado depende del equilibrio entre
 ambos.
rival | En ingresos, {other} se acerca {to_who} con muchos menos clientes.
portrait.0 | {who}{tags} reúne a {size} y {earns}, con {pace}{basket}.
portrait.1 | Con {pace}, {who}{tags} {earns} a partir de {size}{basket}.
portrait.2 | Con {size}, {who}{tags} {earns} y muestra {pace}{basket}.
portrait.unspent.0 | {who}{tags} reúne a {size}, con {pace}{basket}.
portrait.unspent.1 | Con {pace}, {who}{tags} agrupa a {size}{basket}.
portrait.unspent.2 | Con {size}, {who}{tags} muestra {pace}{basket}.
rest.one | {who} completa el panorama.
rest | {who} completan el panorama.
gap.frequency | El gasto promedio {of_who} {outdoes} el {of_other}, sobre todo porque compra con más
 frecuencia.
gap.basket | El gasto promedio {of_who} {outdoes} el {of_other}, sobre todo porque cada compra vale más.
gap.rarer | El gasto promedio {of_who} {outdoes} el {of_other} a pesar de que compra con menos frecuencia:
 sus compras son de mayor valor.
gap.both | El gasto promedio {of_who} {outdoes} el {of_other}, por dos razones que se suman: compra con más
 frecuencia y cada compra vale más.
mix.none | No hay categorías de producto registradas, así que los gustos están por explorar.
mix.same | Las mismas categorías encabezan todos los segmentos, por lo que los productos elegidos no los
 distinguen.
mix.shared | {who} tienen en común {cats} entre sus categorías principales, un puente natural para campañas
 conjuntas.
mix.shared.plain | Algunas categorías principales son comunes a varios segmentos, un puente natural para
 campañas conjuntas.
mix.distinct | Ninguna categoría principal se repite entre segmentos, lo que facilita dirigirse a cada uno
 por producto.
dormant | El poco gasto y la poca actividad en {who}, con {fraction}, apuntan a relaciones que podrían estar
 enfriándose.
outliers.apart | Los clientes apartados {in_who} deben examinarse caso por caso antes de recibir cualquier
 oferta.
priorities.one | La prioridad es {goals}.
priorities | Las prioridades son {goals}.
small | Con tan pocos clientes, las cifras {of_who} son un indicio más que una regla.
sole.0 | Sin otro grupo al lado, conviene tomar sus promedios como línea de base para medir los resultados
 futuros.
sole.1 | Un perfil único no significa que todos los clientes sean iguales; solo indica que esta división no
 los separa.
sole.2 | Una división más fina, o datos adicionales como la recencia, el margen o el canal, podría revelar
 grupos que el gasto y la frecuencia no muestran por sí solos.
sole.3 | Mientras tanto, lo sensato es un programa común, ajustado a lo que cada cliente ya compró.
noise.0 | El método busca grupos densos y con estos parámetros no halló ninguno, de modo que sus promedios
 describen una mezcla y no un tipo de cliente.
noise.1 | Conviene probar vecindades más amplias, un grupo mínimo más pequeño u otro método antes de apoyar
 decisiones en este resultado.
noise.2 | Mientras tanto, lo prudente es tratar a los clientes de manera individual, según lo que cada uno
 compró.
fill.0 | El esfuerzo debe seguir al valor: atención personal donde hay más en juego y automatización sencilla
 en el resto.
fill.1 | Conviene probar cada acción primero con una parte del público, junto a un grupo comparable que no la
 reciba, para distinguir su efecto de la variación habitual.
fill.2 | Las secciones siguientes proponen ofertas, canales, combinaciones de productos y medidas de
 retención.
fill.3 | Estos perfiles describen compras registradas; los motivos que hay detrás son una interpretación que
 debe confirmarse con los clientes antes de comprometer grandes presupuestos.
fill.4 | Los promedios ocultan diferencias entre clientes, así que las decisiones importantes también deben
 considerar cuánto se dispersan.
fill.5 | Repetir el análisis con regularidad mostrará quiénes cambian de perfil, que suele ser la señal más
 temprana de que una acción funciona o de que una relación se enfría.
fill.6 | Una muestra de clientes debe contrastarse con sus pedidos originales, porque un perfil que nadie en
 la empresa reconoce todavía no justifica una inversión.

analysis.order | Los segmentos se describen según sus ingresos, de mayor a menor.
analysis.order.unspent | Como no hay ingresos para ordenarlos, los segmentos se describen por tamaño, de
 mayor a menor.
analysis.order.outliers | Los casos atípicos van al final.
analysis.sole | Hay un único perfil que describir, de modo que sus promedios son también los de toda la base.
analysis.beside | Solo hay un segmento junto a los casos atípicos, así que no existe otro con el cual
 compararlo.
analysis.0 | {who}{tags} cuenta con {size} y {earns}, con {pace}{basket}.
analysis.1 | Con {pace}, {who}{tags} {earns} a partir de {size}{basket}.
analysis.2 | {who}{tags} {earns} y abarca {size}, con {pace}{basket}.
levels.same | Tanto su gasto como su frecuencia están {spend}.
levels | Su gasto está {spend} y su frecuencia, {frequency}.
levels.frequency | Su frecuencia está {frequency}.
analysis.reference | Los promedios que sirven de comparación no incluyen los casos atípicos.
analysis.left | Los segmentos que no se describen aquí son {who}.
analysis.left.one | El único segmento que no se describe aquí es {who}.
range.spend | En el conjunto, el gasto promedio va de {low} en {who} a {high} en {other}.
range.frequency | Las compras por cliente van de {low} en {who} a {high} en {other}.
ratio.spend | Entre los dos extremos de gasto, el promedio {of_who} {outdoes} el {of_other}.
ratio.spend.tied | El gasto promedio {of_who} {outdoes} el {of_other}.
ratio.frequency | La frecuencia de compra {of_who} {outdoes} la {of_other}.
ratio.flat | El gasto promedio apenas cambia de un segmento a otro.
analysis.weight | Conviene leer juntos el número de clientes y los ingresos: un segmento numeroso importa por
 su volumen, y uno de gasto alto, por lo que deja cada cliente.
analysis.caution | Unos pocos clientes pueden mover un promedio, sobre todo en segmentos pequeños; por eso
 las cifras sirven para comparar segmentos más que para describir a cada persona.
analysis.caution.sole | Unos pocos clientes pueden mover un promedio, así que las cifras describen al
 conjunto y no a cada persona.
"""

_ROLES = """
reading.core | Su número de clientes lo convierte en la base del volumen cotidiano.
reading.loyal | Combina gasto y frecuencia superiores al promedio, el perfil de los mejores clientes.
reading.premium.above | En promedio, sus clientes gastan más de lo habitual, lo que justifica una atención
 personal.
reading.premium.well | En promedio, sus clientes gastan bastante más de lo habitual, lo que justifica una
 atención personal.
reading.premium.far | En promedio, sus clientes gastan mucho más de lo habitual, lo que justifica una
 atención personal.
reading.big_ticket | Su fuerza está en el monto gastado más que en la frecuencia con que compra.
reading.frequent | Compra más a menudo que el promedio pero gasta menos por compra, así que el margen de
 crecimiento está en la canasta.
reading.active | Muestra más actividad que el promedio, aunque no registra gasto.
reading.occasional | Compra menos a menudo que el promedio, así que el margen de crecimiento está en la
 próxima visita.
reading.thrifty | Compra a un ritmo cercano al habitual pero gasta menos que el promedio.
reading.thrifty.off | Gasta menos que el promedio, así que el margen de crecimiento está en el monto.
reading.dormant | Su gasto y su frecuencia, ambos bajos, sugieren clientes que se alejan o que nunca llegaron
 a arrancar.
reading.steady | Se ubica cerca del promedio y es un buen retrato del cliente típico.
reading.steady.off | Se aparta del promedio solo de manera moderada.
reading.outlier | Estos clientes no encajan en ningún segmento y conviene leerlos uno por uno, no como un
 perfil.
reading.sole | Es la referencia de todo lo que sigue.

goal.core | elevar paso a paso el gasto {of_who}
goal.loyal | premiar {to_who} con reconocimiento
goal.premium | proteger {to_who} con atención personal
goal.big_ticket | dar {to_who} razones para volver tras cada compra importante
goal.frequent | ampliar la canasta {of_who}
goal.active | convertir en ingresos la actividad {of_who}
goal.occasional | acortar el tiempo entre compras en {who}
goal.thrifty | acercar {to_who} a productos de mayor valor
goal.dormant | probar una campaña de regreso de bajo costo en {who}
goal.steady | personalizar el trato en {who} según los productos que elige cada cliente
goal.outlier | revisar {who} caso por caso
goal.sole | construir un programa común para {who} mientras se buscan diferencias más finas

insight.core | El patrón {of_who} apunta a compras prácticas y cotidianas{around}; la comodidad, la
 disponibilidad y un precio justo probablemente pesan más que la novedad.
insight.loyal | El gasto alto unido a la frecuencia alta en {who} sugiere una relación consolidada{around},
 en la que el reconocimiento y sentirse escuchado probablemente importan más que el precio.
insight.premium | Un gasto alto en un círculo reducido, como en {who}, sugiere compradores exigentes{of}, que
 probablemente buscan calidad, asesoría y servicio antes que precio.
insight.big_ticket | En {who}, los montos más altos{in} sin una frecuencia mucho mayor sugieren
 planificación, comparación y necesidad de confianza antes de decidir.
insight.frequent | Las compras frecuentes y más pequeñas{of} en {who} sugieren hábito y reposición; la
 facilidad y la rapidez probablemente importan más que un surtido amplio.
insight.active | La actividad frecuente en {who}{around} sugiere un interés que el gasto todavía no refleja.
insight.occasional | Las compras poco frecuentes{of} en {who} sugieren que se compra cuando surge la
 necesidad, quizá con otras tiendas que cubren el resto.
insight.thrifty | Un ritmo habitual con montos modestos{in} en {who} sugiere atención al precio o una
 selección limitada.
insight.thrifty.off | Los montos modestos{in} en {who} sugieren atención al precio o una selección limitada.
insight.dormant | El poco gasto y la poca actividad en {who} sugieren un interés en descenso, una necesidad
 no cubierta o unas primeras compras{of} que no llegaron a ser hábito.
insight.steady | Con gasto y frecuencia cercanos al promedio, la mejor pista sobre las necesidades {of_who}
 probablemente son los productos elegidos{colon}.
insight.steady.off | Como ni el gasto ni la frecuencia se alejan mucho del promedio, la mejor pista sobre las
 necesidades {of_who} probablemente son los productos elegidos{colon}.
insight.outlier | Los clientes {of_who} no se parecen al resto ni, probablemente, entre sí; solo una mirada
 individual dirá si son compradores excepcionales, empresas o errores en los datos.
insight.sole | El perfil único {of_who} sugiere necesidades amplias y compartidas{around}; las diferencias
 individuales probablemente están en los productos y en los momentos de compra, que los promedios no
 muestran.
"""

SPANISH = Language(
    code="es",
    names={
        "who": ("el clúster", "los clústeres"),
        "of_who": ("del clúster", "de los clústeres"),
        "to_who": ("al clúster", "a los clústeres"),
        "in_who": ("en el clúster", "en los clústeres"),
    },
    others=("otro más", "{n} más", "más de veinte adicionales"),
    counts=(
        *("cero", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once"),
        *(
            "doce",
            "trece",
            "catorce",
            "quince",
            "dieciséis",
            "diecisiete",
            "dieciocho",
            "diecinueve",
            "veinte",
        ),
        "más de veinte",
    ),
    times=("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    sizes=("{n} cliente", "{n} clientes"),
    purchases=("{n} compra por cliente", "{n} compras por cliente"),
    singular_below=0,
    joiner="y",
    serial_comma=False,
    fractions=(
        *(f"cerca de {part}" for part in _FRACTIONS),
        *(f"más de {part}" for part in _FRACTIONS),
        "una parte muy pequeña de los clientes",
        "casi todos los clientes",
    ),
    sentences=book(_SENTENCES) | book(_ROLES) | book(ACTIONS) | book(TREE),
)
