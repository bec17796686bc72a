"""What to do about each role, and what the hierarchy says, in Spanish."""

from __future__ import annotations

ACTIONS = """
insights.open | Leídas como comportamiento, estas cifras sugieren necesidades distintas; cada lectura es una
 hipótesis que debe comprobarse con los propios clientes.
insights.open.even | Como los segmentos gastan y compran de forma tan parecida, sus necesidades probablemente
 difieren menos en presupuesto que en gustos.
insights.open.sole | Las cifras dicen qué hacen los clientes y apenas insinúan por qué, así que esta lectura
 es una hipótesis que debe comprobarse con ellos.
insights.frequency | El contraste entre {who} y {other} es sobre todo de hábito, lo que sugiere que la
 atención y la comodidad cuentan más que el nivel de precios.
insights.basket | El contraste entre {who} y {other} es sobre todo de monto, lo que sugiere que la confianza
 en las compras grandes cuenta más que el contacto constante.
insights.both | Si se compara {other} con {who}, el hábito y el monto crecen juntos, señal de que la
 confianza podría aumentar con cada compra.
insights.close | Unas entrevistas breves con clientes de cada perfil mostrarían cuáles de estas lecturas se
 sostienen, antes de convertirlas en mensajes.
insights.close.sole | Unas entrevistas breves con algunos clientes mostrarían si esta lectura se sostiene,
 antes de convertirla en mensaje.

marketing.open | La oferta debe cambiar según el papel que cumple cada segmento.
marketing.open.sole | Con un solo segmento, la oferta puede ser común y la personalización, individual.
noise.open | Como no surgió ningún segmento, aquí solo cabe proponer un rumbo general.
marketing.core | Para {who}, los paquetes{of}, junto con puntos por cada compra adicional, pueden elevar el
 gasto sin depender de los descuentos.
marketing.loyal | Con {who}, conviene anteponer el reconocimiento al descuento: acceso anticipado a
 novedades{in}, además de beneficios que crecen con el uso.
marketing.premium | Para {who}, se recomienda destacar la calidad, las garantías y la asesoría
 experta{about}, con ediciones limitadas en lugar de rebajas.
marketing.big_ticket | Para {who}, vale la pena facilitar las compras grandes{of} con comparaciones,
 demostraciones y pago en cuotas.
marketing.frequent | Para {who}, se puede elevar el valor de cada visita con paquetes de varios
 artículos{of}, además de un mínimo para el envío gratuito.
marketing.active | Para {who}, conviene revisar cómo se facturan las compras y luego probar una oferta
 inicial de pago{around}.
marketing.occasional | Para {who}, conviene crear motivos para volver: un beneficio para la próxima compra y
 recordatorios cuando toca renovar las existencias{of}.
marketing.thrifty | Para {who}, se recomienda mostrar versiones de mejor relación entre precio y calidad y
 formatos más grandes{of}, paso a paso.
marketing.dormant | Para {who}, vale la pena mantener una inversión baja: una campaña breve de
 regreso{around}, un solo incentivo claro y nada más para quienes no respondan.
marketing.steady | Para {who}, el interés, más que el monto, debe decidir el mensaje, con campañas
 temáticas{around}.
marketing.outlier | Para {who}, se recomienda evitar las campañas masivas, examinar primero los casos y hacer
 una oferta solo a los que resulten genuinos.
marketing.sole | Para {who}, se puede partir de una propuesta común{around} para personalizarla con las
 últimas compras de cada cliente.
marketing.sole.more | Las campañas con algunas variantes mostrarán además qué clientes responden de otra
 manera, que suele ser el primer indicio de segmentos más finos.
marketing.even | Como los segmentos gastan y compran de forma parecida, los niveles de precio aportarían
 poco; la diferencia debe estar en el tema creativo.
marketing.themes | Los temas naturales son {themes}.
marketing.same | Como las mismas categorías encabezan todos los segmentos, conviene variar el formato, el
 precio y el servicio más que el producto.
marketing.many | Los segmentos que cumplen el mismo papel pueden compartir un programa; de lo contrario, el
 esfuerzo se dispersa.
marketing.tiny | La atención más costosa debe reservarse para {who}: allí pocos clientes sostienen una parte
 importante de los ingresos.
marketing.close | Cada oferta debe juzgarse por las compras adicionales que genera frente a clientes que no
 la recibieron, y no por los clics ni por los cupones canjeados.

channel.open | Los canales deben seguir al valor y al hábito: personas donde cada cliente lo justifica,
 automatización donde el volumen lo exige.
channel.open.sole | Con un solo perfil, la coherencia entre canales importa más que la variedad.
channel.core | Para llegar {to_who}, conviene combinar correo electrónico, avisos de la aplicación y
 exhibiciones{of} en el punto de venta, que cubren un público amplio a bajo costo.
channel.loyal | Con {who}, conviene usar los espacios propios del cliente: la aplicación, la página de su
 cuenta y los mensajes directos con una selección personal{of}.
channel.premium | Para {who}, son preferibles las personas a la automatización: un asesor asignado, el
 teléfono y los mensajes privados{about}.
channel.big_ticket | Para {who}, vale la pena unir la publicidad en buscadores y las guías de compra{about}
 con la ayuda experta por chat o en la tienda.
channel.frequent | Para {who}, lo importante es la inmediatez: la aplicación, los mensajes breves cuando es
 probable que algo se agote y la recompra rápida{of}.
channel.active | Para {who}, conviene permanecer donde ya ocurre la actividad, con contenidos útiles{about}.
channel.occasional | Para {who}, convienen los recordatorios oportunos{about} por correo o mensajería,
 apoyados con publicidad moderada a compradores anteriores.
channel.thrifty | Para {who}, se recomienda usar catálogos, carteles de góndola y comparaciones{about} que
 muestren la mejor opción en el momento de elegir.
channel.dormant | Para {who}, bastan los contactos económicos{about}, primero por correo y después por
 mensaje de texto; tras unos pocos intentos sin respuesta, conviene detenerse.
channel.steady | Para {who}, los boletines y las redes sociales{about} pueden hacer la mayor parte del
 trabajo, con un mismo calendario y contenidos variados.
channel.outlier | Para {who}, el contacto de una persona es preferible a cualquier envío automático hasta
 entender cada caso.
channel.sole | Para {who}, un solo calendario de correo, aplicación, tienda y redes sociales{about} mantiene
 el mensaje coherente y fácil de medir.
channel.many | Con tantos segmentos, conviene elegir el canal por papel y no segmento por segmento, para que
 el plan siga siendo manejable.
channel.consent | Este análisis no incluye datos de canales, así que las preferencias deben confirmarse con
 los permisos de contacto y el registro de respuestas.
channel.close | Sea cual sea el canal, conviene fijar un tope de contactos por cliente y llevar un registro
 único de respuestas, para que los mensajes no se contradigan.

cross.open | Las combinaciones parten de lo que los clientes ya compran.
cross.open.none | No hay categorías registradas, así que la primera tarea es averiguar en los pedidos qué
 productos se compran juntos.
cross.pair.0 | {in_who}, conviene ofrecer {a} junto con {b}{third}.
cross.pair.1 | Para {who}, un conjunto de {a} y {b} a precio especial es la prueba natural{third}.
cross.pair.2 | Cuando un cliente {of_who} agrega {a} a la canasta, se recomienda sugerir {b}{third}.
cross.third.0 | ; al cierre del pedido, cabe proponer {c}
cross.third.1 | , con {c} como agregado opcional
cross.third.2 | ; {c} puede quedar para el mensaje posterior
cross.single | {in_who}, vale la pena buscar lo que acompaña a {a}: accesorios, repuestos o servicios que
 prolonguen su uso.
cross.blank | Sin categorías registradas {in_who}, las sugerencias deben salir del último pedido de cada
 cliente.
cross.long | {in_who}, conviene partir de la categoría principal y sugerir lo que sus compradores suelen
 sumar al pedido.
cross.across | Para ampliar las compras {of_other}, se puede presentar {a}, categoría principal {of_who} que
 no figura entre las primeras {of_other}.
cross.back | En sentido inverso, {a}, con presencia destacada {in_who}, puede completar pedidos {in_other}.
cross.shared | La categoría {cats} puede servir de puente entre {who}: una campaña conjunta, con un nivel de
 precio distinto para cada uno.
cross.shared.bare | Una categoría que encabeza las compras en {who} puede servir de puente entre ellos, con
 una campaña conjunta.
cross.same | Como las mismas categorías encabezan todos los segmentos, es más probable crecer con mejores
 versiones, formatos más grandes y servicios que con productos nuevos.
cross.sole | Con un solo segmento, el orden de las compras es la mejor guía: lo que suele seguir a un primer
 producto puede sugerirse a quienes solo tienen ese.
cross.rest | Para los demás segmentos vale el mismo método: partir de la categoría principal y buscar su
 compañía habitual.
cross.cash | Servicios como la entrega, la instalación, el mantenimiento o la garantía extendida pueden
 acompañar cualquiera de estas combinaciones cuando el producto lo permite.
cross.close | Cada combinación debe confirmarse en el historial de pedidos antes del lanzamiento: encabezar
 un mismo segmento no prueba que dos productos se compren juntos.

retention.open | La retención rinde más donde perder a un cliente cuesta más.
retention.open.unspent | Sin ingresos que ponderar, la retención debe comenzar por quienes compran más a
 menudo.
retention.open.sole | Con un solo segmento, la retención debe atender al ritmo propio de cada cliente.
retention.core | {in_who}, conviene proteger la regularidad con puntos, una respuesta rápida ante cualquier
 incidente y recordatorios para renovar las existencias{of}.
retention.loyal | Con {who}, conviene premiar la continuidad: niveles visibles, una línea directa para
 cualquier problema y beneficios exclusivos{in}.
retention.premium | Para {who}, se recomienda designar un contacto, actuar ante la primera señal de silencio
 y dar seguimiento a cada compra{of}.
retention.big_ticket | Después de cada compra importante{of} en {who}, vale la pena ofrecer instalación,
 garantía y mantenimiento: el servicio llena el tiempo hasta la siguiente.
retention.frequent | {in_who}, se recomienda vigilar el ritmo: una pausa más larga de lo habitual es el
 primer aviso, y una suscripción o reposición automática{of} ayuda a evitarla.
retention.active | {in_who}, conviene mantener vivo el hábito con contenidos útiles{about} y vigilar las
 caídas de actividad.
retention.occasional | {in_who}, conviene acortar la pausa entre compras{of} con un beneficio limitado que
 empiece justo después de cada pedido.
retention.thrifty | {in_who}, se recomienda premiar el crecimiento gradual: un pequeño beneficio por cada
 avance{in} protege el margen y crea hábito.
retention.dormant | {in_who}, vale la pena preguntar antes de insistir: una encuesta breve sobre lo que
 faltó, un solo incentivo para volver y una despedida cortés para quienes no contesten.
retention.steady | {in_who}, se recomienda mantener un contacto constante, vigilar los descensos
 individuales, que los promedios ocultan, y agradecer las compras repetidas{of}.
retention.outlier | {in_who}, se recomienda identificar a mano a los clientes de verdadero valor y darles
 seguimiento personal; los demás no necesitan un programa.
retention.sole | Para {who}, la protección más útil es un aviso ante cualquier pausa inusual en las
 compras{of}, seguido de un mensaje personal.
retention.sole.more | Quienes más alargan sus pausas, en comparación con su propio pasado, son los primeros a
 quienes conviene contactar.
retention.tiny | Unas pocas bajas {in_who} se sentirían en los ingresos mucho antes de verse en el número de
 clientes.
retention.dominant | Como gran parte de los ingresos descansa en {who}, su evolución merece un seguimiento
 más estrecho que ninguna otra.
retention.reasons | Un reclamo bien resuelto retiene más que un cupón, por lo que el área de servicio debe
 saber a qué segmento pertenece cada cliente.
retention.close | La retención debe medirse segmento por segmento, junto a un grupo que no reciba ninguna
 acción, para atribuir al programa solo lo que aporta.
retention.close.sole | La retención debe medirse junto a un grupo que no reciba ninguna acción, para atribuir
 al programa solo lo que aporta.

steps.open | En primer lugar, conviene presentar estos perfiles a las áreas de marketing, ventas y
 servicio, y acordar un nombre y una persona responsable para cada uno.
steps.open.sole | En primer lugar, conviene presentar este perfil a las áreas de marketing, ventas y
 servicio, y acordar quién se hará cargo del programa común.
steps.check | Antes de actuar, hay que contrastar una muestra de clientes con los pedidos originales, para
 que los perfiles se apoyen en datos sólidos.
steps.core | Para {who}, conviene preparar una prueba de paquetes{of} con un grupo de comparación y una meta
 clara de gasto promedio.
steps.loyal | Para {who}, hay que definir los beneficios de un programa de reconocimiento, su costo y quiénes
 pueden acceder.
steps.premium | Para {who}, hace falta elaborar la lista nominal de clientes y asignar un contacto a cada
 uno.
steps.big_ticket | Para {who}, conviene estudiar cómo se deciden las compras{of} a fin de sumar ayuda en el
 punto donde más se duda.
steps.frequent | Para {who}, hay que probar un mínimo de envío gratuito ligeramente superior al pedido
 habitual.
steps.active | Para {who}, hace falta verificar cómo se registran las compras, ya que la actividad sin gasto
 puede ser una falla de los datos.
steps.occasional | Para {who}, conviene configurar recordatorios{about} para luego comparar la pausa entre
 compras antes y después.
steps.thrifty | Para {who}, hay que elegir algunos formatos más grandes{of} para probarlos en el momento de
 la elección.
steps.dormant | Para {who}, hace falta realizar una sola campaña de regreso con un tope de gasto y decidir
 después si vale la pena seguir.
steps.steady | Para {who}, conviene probar dos mensajes temáticos{around} para conservar el que más venda.
steps.outlier | Para {who}, hay que revisar los registros caso por caso, corregir los errores y repetir la
 segmentación.
steps.sole | Para {who}, conviene ensayar una división con más segmentos o más variables y compararla con
 esta.
steps.merge | Con tantos segmentos, conviene considerar unir los que cumplen el mismo papel antes de asignar
 presupuestos.
steps.even | Como los segmentos se parecen tanto, conviene probar también una división en menos grupos y
 conservarla si resulta igual de útil.
steps.board | Un tablero sencillo con tamaño, gasto, frecuencia y participación en los ingresos por segmento
 permitirá que todos decidan con las mismas cifras.
steps.close | Por último, conviene repetir la segmentación con regularidad y seguir quiénes pasan de un
 segmento a otro: esos movimientos muestran si el plan funciona.
steps.close.sole | Por último, conviene repetir el análisis con regularidad y comparar los resultados con
 esta línea de base.
"""

TREE = """
tree.single | El árbol no se dividió: con un solo segmento no hay ramas que comparar, y la jerarquía no
 aporta parentescos, distancias ni caminos entre grupos.
tree.single.next | Cortar el árbol en un nivel más bajo mostraría si dentro del segmento se esconden grupos
 más finos.
tree.crossed | Las etiquetas provienen de un método distinto de esta jerarquía y atraviesan sus ramas, por lo
 que el árbol no explica los segmentos.
tree.crossed.next | Conviene leerlo como una segunda opinión: donde ambos métodos coinciden en un grupo de
 clientes, ese grupo merece más confianza.
tree.foreign | Las etiquetas provienen de un método distinto de esta jerarquía, de modo que los segmentos y
 las ramas no coinciden del todo.
tree.foreign.main | Lo que sigue vale para la rama principal de cada segmento, la que reúne a la mayoría de
 sus clientes.
tree.two | El árbol tiene una sola unión que explicar, en la que se encuentran {who} y {other}.
tree.two.deep | Está en lo más alto, así que se trata de las dos familias básicas de la base de clientes.
tree.two.inner | Está por debajo de la cima del árbol, cuyas divisiones superiores atraviesan los propios
 segmentos.
tree.closest | {both} son los parientes más cercanos, los primeros en unirse al subir por el árbol.
tree.shallow | Se unen en la parte baja del árbol, en una división poco profunda, así que la frontera entre
 ellos es difusa y algunos clientes podrían pertenecer a cualquiera de los dos.
tree.middle | Se unen a media altura, así que la frontera es real, aunque no absoluta.
tree.deep | Aun así, se unen en la parte alta del árbol, en una división profunda, de modo que la frontera
 entre ellos es nítida.
tree.apart | {who} se mantiene aparte: se une al resto solo en el último paso.
tree.families | La última unión divide la base en dos familias: {who} por un lado y {other} por el otro.
tree.top | La última división es con mucho la más profunda, y las demás son matices dentro de lo que ella
 separa.
tree.level | Otras divisiones son casi tan profundas como la última, así que una simple división en dos no
 haría justicia a la base.
tree.path | En cuanto a la migración, el camino más natural lleva {of_who} {to_other}, su pariente más
 cercano, con mayor gasto promedio.
tree.path.flat | En cuanto a la migración, los movimientos entre {who} y {other} son posibles en ambos
 sentidos, pues el gasto promedio difiere poco.
tree.far | Mover clientes entre {who} y el resto exigiría un cambio de hábitos mayor, así que conviene
 moderar las expectativas.
tree.rival.shared | En cuanto a la canibalización, ambos tienen {cats} entre sus categorías principales, por
 lo que conviene coordinar precios y promociones.
tree.rival.distinct | El riesgo de canibalización entre ellos parece bajo, porque sus categorías principales
 no coinciden.
tree.rival | Para limitar la canibalización, conviene revisar qué efecto tiene la oferta para uno sobre las
 ventas en el otro.
tree.synergy | En cuanto a las sinergias, los parientes cercanos pueden compartir calendario, piezas
 creativas y servicio, mientras que los grupos que solo se encuentran en lo alto del árbol requieren
 propuestas propias.
tree.close | El árbol mide semejanza en las variables usadas, no lealtad ni intención.
"""
