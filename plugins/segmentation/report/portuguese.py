"""The report in Portuguese, as Brazil writes it."""

from __future__ import annotations

from plugins.segmentation.report.language import Language, book
from plugins.segmentation.report.portuguese_actions import ACTIONS, TREE

_FRACTIONS = (
    "um em cada vinte clientes",
    "um em cada dez clientes",
    "um quinto dos clientes",
    "um quarto dos clientes",
    "um terço dos clientes",
    "metade dos clientes",
    "dois terços dos clientes",
    "três quartos dos clientes",
    "nove em cada dez clientes",
)

_SENTENCES = """
interpretation | {size}, gasto médio de {spend}, {frequency} compras/mês.
interpretation.categories | Principais categorias: {cats}.
auto.largest | {who} tem o maior número de clientes ({n}).
auto.largest.tied | {who} compartilham o maior número de clientes ({n} cada um).
auto.largest.all | {who} têm o mesmo número de clientes ({n}).
auto.richest | {who} apresenta o maior tíquete médio ({spend}).
auto.richest.tied | {who} compartilham o maior tíquete médio ({spend}).
auto.richest.all | {who} têm o mesmo tíquete médio ({spend}).
auto.earner | {who} gera {share} da receita total.
auto.earner.tied | {who} geram cada um {share} da receita total, a maior parcela.
auto.earner.all | {who} geram parcelas iguais da receita total ({share}).
auto.everyone | todos os clusters
auto.unspent | Nenhum cluster registra receita.
auto.outliers | {who} contém os casos atípicos ({size}), que não se encaixam em nenhum segmento.
auto.noise | Todos os clientes são atípicos: não surgiu nenhum segmento.
auto.even | Os clusters têm tamanho quase igual.
auto.same | Todos os clusters compartilham as mesmas categorias principais.
auto.dormant | Gasto baixo e frequência baixa coincidem {in_who}.

outdoes.slightly | supera ligeiramente
outdoes.sesqui | equivale a cerca de uma vez e meia
outdoes.sesqui.over | equivale a mais de uma vez e meia
outdoes.about | equivale a cerca de {n}
outdoes.nearly | equivale a quase {n}
outdoes.over | equivale a mais de {n}
times.10 | dez vezes
times.20 | vinte vezes
times.100 | cem vezes
times.1000 | mil vezes
tag.largest.two | o mais numeroso
tag.earner.two | o de maior receita
tag.richest.two | o de maior gasto médio
tag.busiest.two | o de compra mais frequente
tag.smallest.two | o menor
tag.largest | o mais numeroso
tag.earner | o de maior receita
tag.richest | o de maior gasto médio
tag.busiest | o de compra mais frequente
tag.smallest | o menor
tag.outliers | o conjunto de clientes atípicos
tags | , {tags},
differ.spend | no gasto médio
differ.frequency | na frequência de compra
differ.mix | nas categorias principais
level.1 | bem abaixo da média
level.2 | abaixo da média
level.3 | perto da média
level.4 | acima da média
level.5 | bem acima da média
earns.none | não gera receita
earns.trace | responde por uma parcela ínfima da receita
earns.part | responde por {share} da receita
earns.nearly | responde por praticamente toda a receita
earns.all | responde por toda a receita
pace | gasto médio de {spend} e {purchases}
pace.unspent | média de {purchases}
basket.0 | ; a cesta é liderada por {cats}
basket.1 | ; suas compras giram em torno de {cats}
basket.2 | ; o sortimento é marcado por {cats}
cats.around | em torno de {cats}
cats.about | sobre {cats}
cats.in | em {cats}
cats.of | de {cats}

open.sole | A análise mantém toda a base de clientes em um único segmento, {who}, sem divisões internas.
open.noise | Nenhum segmento estável surgiu: todos os clientes ficaram separados {in_who}, o rótulo reservado
 aos casos atípicos.
open.few | A base de clientes se divide em {count} segmentos bem distintos.
open.even | A base de clientes se divide em {count} segmentos muito parecidos entre si em gasto e frequência.
open.many | A base de clientes se divide em {count} segmentos, numerosos demais para serem geridos um a um;
 por isso, este resumo se concentra nos que decidem o resultado.
open.many.outliers | Ao lado deles estão os casos atípicos, {who}, que não se encaixam em nenhum.
open.one.outliers | A base de clientes forma um só segmento, {who}, ao lado de um conjunto de clientes
 atípicos que não se encaixam nele.
open.outliers | A base de clientes se divide em {count} segmentos, ao lado de um conjunto de clientes
 atípicos que não se encaixam em nenhum.
differ | As maiores diferenças estão {differences}.
unspent | Não há gasto registrado para esses clientes; por isso, a leitura se apoia apenas na frequência de
 compra e nos produtos escolhidos.
dominant.both | {who} domina tanto em clientes quanto em receita, de modo que o resultado geral se move com
 ele.
dominant.size | {who} reúne {fraction}, embora seu peso na receita seja menor.
dominant.size.plain | {who} reúne {fraction} e, por isso, dita o ritmo do conjunto.
dominant.noise | Os casos atípicos são maioria: {who} reúne {fraction}, de modo que os segmentos descrevem
 apenas o restante.
dominant.revenue | A receita depende {of_who}, que reúne {fraction}.
tiny | Pequeno em clientes, mas grande em valor, {who} pesa muito mais do que seu tamanho: sua participação
 na receita {outdoes} a participação no número de clientes.
even.size | Os segmentos têm tamanhos semelhantes, portanto nenhum pode ser descartado por falta de volume.
spread | Nenhum segmento domina sozinho, de modo que o resultado depende do equilíbrio entre todos.
spread.two | Nenhum dos dois segmentos domina, de modo que o resultado depende do equilíbrio entre ambos.
rival | Em receita, {other} chega perto {of_who} com muito menos clientes.
portrait.0 | {who}{tags} reúne {size} e {earns}, com {pace}{basket}.
portrait.1 | Com {pace}, {who}{tags} {earns} a partir de {size}{basket}.
portrait.2 | Com {size}, {who}{tags} {earns} e mostra {pace}{basket}.
portrait.unspent.0 | {who}{tags} reúne {size}, com {pace}{basket}.
portrait.unspent.1 | Com {pace}, {who}{tags} agrupa {size}{basket}.
portrait.unspent.2 | Com {size}, {who}{tags} mostra {pace}{basket}.
rest.one | {who} completa o panorama.
rest | {who} completam o panorama.
gap.frequency | O gasto médio {of_who} {outdoes} o {of_other}, sobretudo porque compra com mais frequência.
gap.basket | O gasto médio {of_who} {outdoes} o {of_other}, sobretudo porque cada compra vale mais.
gap.rarer | O gasto médio {of_who} {outdoes} o {of_other}, embora compre com menos frequência: suas compras
 são de maior valor.
gap.both | O gasto médio {of_who} {outdoes} o {of_other}, por duas razões que se somam: compra com mais
 frequência, e cada compra vale mais.
mix.none | Não há categorias de produto registradas, portanto os gostos ainda estão por explorar.
mix.same | As mesmas categorias lideram em todos os segmentos, de modo que os produtos escolhidos não os
 distinguem.
mix.shared | {who} têm em comum {cats} entre suas categorias principais, uma ponte natural para campanhas
 conjuntas.
mix.shared.plain | Algumas categorias principais são comuns a vários segmentos, uma ponte natural para
 campanhas conjuntas.
mix.distinct | Nenhuma categoria principal se repete entre os segmentos, o que facilita falar com cada um por
 produto.
dormant | O pouco gasto e a pouca atividade {in_who}, com {fraction}, apontam para relações que podem estar
 esfriando.
outliers.apart | Os clientes separados {in_who} devem ser examinados caso a caso antes de receber qualquer
 oferta.
priorities.one | A prioridade é {goals}.
priorities | As prioridades são {goals}.
small | Com tão poucos clientes, os números {of_who} são um indício, mais do que uma regra.
sole.0 | Sem outro grupo ao lado, convém tomar suas médias como linha de base para medir os resultados
 futuros.
sole.1 | Um perfil único não significa que todos os clientes sejam iguais; indica apenas que esta divisão não
 os separa.
sole.2 | Uma divisão mais fina, ou dados adicionais como recência, margem ou canal, pode revelar grupos que o
 gasto e a frequência não mostram por si sós.
sole.3 | Enquanto isso, o mais sensato é um programa comum, ajustado ao que cada cliente já comprou.
noise.0 | O método procura grupos densos e, com estes parâmetros, não encontrou nenhum; por isso, suas médias
 descrevem uma mistura, e não um tipo de cliente.
noise.1 | Convém testar vizinhanças mais amplas, um grupo mínimo menor ou outro método antes de apoiar
 decisões neste resultado.
noise.2 | Enquanto isso, o mais prudente é tratar os clientes individualmente, conforme o que cada um
 comprou.
fill.0 | O esforço deve seguir o valor: atenção pessoal onde há mais em jogo e automação simples no restante.
fill.1 | Convém testar cada ação primeiro com parte do público, ao lado de um grupo comparável que não a
 receba, para distinguir seu efeito da variação habitual.
fill.2 | As seções seguintes propõem ofertas, canais, combinações de produtos e medidas de retenção.
fill.3 | Estes perfis descrevem compras registradas; os motivos por trás delas são uma interpretação, a ser
 confirmada com os clientes antes de comprometer grandes orçamentos.
fill.4 | As médias escondem diferenças entre os clientes, de modo que as decisões importantes também devem
 considerar o quanto eles se dispersam.
fill.5 | Repetir a análise com regularidade mostrará quem muda de perfil, muitas vezes o sinal mais precoce
 de que uma ação funciona ou de que uma relação esfria.
fill.6 | Uma amostra de clientes deve ser comparada com os pedidos originais, porque um perfil que ninguém na
 empresa reconhece ainda não justifica um investimento.

analysis.order | Os segmentos são descritos por receita, da maior para a menor.
analysis.order.unspent | Como não há receita para ordená-los, os segmentos são descritos por tamanho, do
 maior para o menor.
analysis.order.outliers | Os casos atípicos ficam por último.
analysis.sole | Há um único perfil a descrever, de modo que suas médias são também as de toda a base.
analysis.beside | Há apenas um segmento ao lado dos casos atípicos, portanto não existe outro com o qual
 compará-lo.
analysis.0 | {who}{tags} conta com {size} e {earns}, com {pace}{basket}.
analysis.1 | Com {pace}, {who}{tags} {earns} a partir de {size}{basket}.
analysis.2 | {who}{tags} {earns} e abrange {size}, com {pace}{basket}.
levels.same | Tanto o gasto quanto a frequência estão {spend}.
levels | Seu gasto está {spend} e sua frequência, {frequency}.
levels.frequency | Sua frequência está {frequency}.
analysis.reference | As médias usadas na comparação não incluem os casos atípicos.
analysis.left | Os segmentos não descritos aqui são {who}.
analysis.left.one | O único segmento não descrito aqui é {who}.
range.spend | No conjunto, o gasto médio vai de {low} {in_who} a {high} {in_other}.
range.frequency | As compras por cliente vão de {low} {in_who} a {high} {in_other}.
ratio.spend | Entre os dois extremos de gasto, o valor médio {of_who} {outdoes} o {of_other}.
ratio.spend.tied | O gasto médio {of_who} {outdoes} o {of_other}.
ratio.frequency | A frequência de compra {of_who} {outdoes} a {of_other}.
ratio.flat | O gasto médio quase não muda de um segmento para outro.
analysis.weight | Convém ler juntos o número de clientes e a receita: um segmento numeroso importa pelo
 volume, e um de gasto alto, pelo que cada cliente deixa.
analysis.caution | Uns poucos clientes podem mover uma média, sobretudo em segmentos pequenos; por isso, os
 números servem para comparar segmentos mais do que para descrever cada pessoa.
analysis.caution.sole | Uns poucos clientes podem mover uma média, de modo que os números descrevem o
 conjunto, e não cada pessoa.
"""

_ROLES = """
reading.core | Seu número de clientes faz dele a base do volume cotidiano.
reading.loyal | Combina gasto e frequência acima da média, o perfil dos melhores clientes.
reading.premium.above | Em média, seus clientes gastam mais do que o habitual, o que justifica uma atenção
 pessoal.
reading.premium.well | Em média, seus clientes gastam bem mais do que o habitual, o que justifica uma
 atenção pessoal.
reading.premium.far | Em média, seus clientes gastam muito mais do que o habitual, o que justifica uma
 atenção pessoal.
reading.big_ticket | Sua força está no valor gasto, mais do que na frequência com que compra.
reading.frequent | Compra com mais frequência do que a média, mas gasta menos por compra; o espaço para
 crescer está na cesta.
reading.active | Mostra mais atividade do que a média, embora não registre gasto.
reading.occasional | Compra com menos frequência do que a média; o espaço para crescer está na próxima
 visita.
reading.thrifty | Compra em um ritmo próximo do habitual, mas gasta menos do que a média.
reading.thrifty.off | Gasta menos do que a média; o espaço para crescer está no valor.
reading.dormant | O gasto e a frequência, ambos baixos, sugerem clientes que se afastam ou que nunca chegaram
 a engrenar.
reading.steady | Fica perto da média e é um bom retrato do cliente típico.
reading.steady.off | Afasta-se da média apenas de forma moderada.
reading.outlier | Esses clientes não se encaixam em nenhum segmento e devem ser lidos um a um, não como um
 perfil.
reading.sole | É a referência para tudo o que segue.

goal.core | elevar passo a passo o gasto {of_who}
goal.loyal | premiar {who} com reconhecimento
goal.premium | proteger {who} com atenção pessoal
goal.big_ticket | dar {to_who} razões para voltar após cada compra importante
goal.frequent | ampliar a cesta {of_who}
goal.active | converter em receita a atividade {of_who}
goal.occasional | encurtar o tempo entre as compras {in_who}
goal.thrifty | aproximar {who} de produtos de maior valor
goal.dormant | testar uma campanha de retorno de baixo custo {in_who}
goal.steady | personalizar o contato {in_who} conforme os produtos que cada cliente escolhe
goal.outlier | examinar {who} caso a caso
goal.sole | construir um programa comum para {who} enquanto se buscam diferenças mais finas

insight.core | O padrão {of_who} aponta para compras práticas e cotidianas{around}; a comodidade, a
 disponibilidade e um preço justo provavelmente pesam mais do que a novidade.
insight.loyal | O gasto alto somado à frequência alta {in_who} sugere uma relação consolidada{around}, na
 qual o reconhecimento e a sensação de ser ouvido provavelmente importam mais do que o preço.
insight.premium | Um gasto alto em um círculo reduzido, como {in_who}, sugere compradores exigentes{of}, que
 provavelmente buscam qualidade, orientação e atendimento antes do preço.
insight.big_ticket | {in_who}, valores mais altos{in} sem uma frequência muito maior sugerem planejamento,
 comparação e necessidade de segurança antes de decidir.
insight.frequent | As compras frequentes e menores{of} {in_who} sugerem hábito e reposição; a facilidade e a
 rapidez provavelmente importam mais do que um sortimento amplo.
insight.active | A atividade frequente {in_who}{around} sugere um interesse que o gasto ainda não reflete.
insight.occasional | As compras pouco frequentes{of} {in_who} sugerem que se compra quando surge a
 necessidade, talvez com outras lojas atendendo ao restante.
insight.thrifty | Um ritmo habitual com valores modestos{in} {in_who} sugere atenção ao preço ou uma seleção
 limitada.
insight.thrifty.off | Os valores modestos{in} {in_who} sugerem atenção ao preço ou uma seleção limitada.
insight.dormant | O pouco gasto e a pouca atividade {in_who} sugerem um interesse em queda, uma necessidade
 não atendida ou primeiras compras{of} que não chegaram a virar hábito.
insight.steady | Com gasto e frequência próximos da média, a melhor pista sobre as necessidades {of_who}
 provavelmente são os produtos escolhidos{colon}.
insight.steady.off | Como nem o gasto nem a frequência se afastam muito da média, a melhor pista sobre as
 necessidades {of_who} provavelmente são os produtos escolhidos{colon}.
insight.outlier | Os clientes {of_who} não se parecem com o restante nem, provavelmente, entre si; só um
 olhar individual dirá se são compradores excepcionais, empresas ou erros nos dados.
insight.sole | O perfil único {of_who} sugere necessidades amplas e compartilhadas{around}; as diferenças
 individuais provavelmente estão nos produtos e nos momentos de compra, que as médias não mostram.
"""

PORTUGUESE = Language(
    code="pt",
    names={
        "who": ("o cluster", "os clusters"),
        "of_who": ("do cluster", "dos clusters"),
        "to_who": ("ao cluster", "aos clusters"),
        "in_who": ("no cluster", "nos clusters"),
    },
    others=("mais um", "outros {n}", "mais de vinte outros"),
    counts=(
        *("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze"),
        *("doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove", "vinte"),
        "mais de vinte",
    ),
    times=(
        *("zero vezes", "uma vez", "duas vezes", "três vezes", "quatro vezes", "cinco vezes", "seis vezes"),
        *("sete vezes", "oito vezes", "nove vezes", "dez vezes"),
    ),
    sizes=("{n} cliente", "{n} clientes"),
    purchases=("{n} compra por cliente", "{n} compras por cliente"),
    singular_below=2,
    joiner="e",
    serial_comma=False,
    fractions=(
        *(f"cerca de {part}" for part in _FRACTIONS),
        *("mais da metade dos clientes" if "metade" in part else f"mais de {part}" for part in _FRACTIONS),
        "uma parcela muito pequena dos clientes",
        "quase todos os clientes",
    ),
    sentences=book(_SENTENCES) | book(_ROLES) | book(ACTIONS) | book(TREE),
)
