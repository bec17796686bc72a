"""What to do about each role, and what the hierarchy says, in Portuguese."""

from __future__ import annotations

ACTIONS = """
insights.open | Lidos como comportamento, estes números sugerem necessidades distintas; cada leitura é uma
 hipótese a ser verificada com os próprios clientes.
insights.open.even | Como os segmentos gastam e compram de forma tão parecida, suas necessidades
 provavelmente diferem menos no orçamento do que no gosto.
insights.open.sole | Os números dizem o que os clientes fazem e apenas insinuam por quê; por isso, esta
 leitura é uma hipótese a ser verificada com eles.
insights.frequency | O contraste entre {who} e {other} é sobretudo de hábito, o que sugere que a atenção e a
 comodidade contam mais do que o nível de preço.
insights.basket | O contraste entre {who} e {other} é sobretudo de valor, o que sugere que a confiança nas
 compras grandes conta mais do que o contato constante.
insights.both | Quando se compara {other} com {who}, hábito e valor crescem juntos, sinal de que a confiança
 pode aumentar a cada compra.
insights.close | Entrevistas breves com clientes de cada perfil mostrariam quais dessas leituras se
 sustentam, antes de transformá-las em mensagens.
insights.close.sole | Entrevistas breves com alguns clientes mostrariam se esta leitura se sustenta, antes de
 transformá-la em mensagem.

marketing.open | A oferta deve mudar conforme o papel que cada segmento cumpre.
marketing.open.sole | Com um só segmento, a oferta pode ser comum e a personalização, individual.
noise.open | Como nenhum segmento surgiu, aqui só cabe propor um rumo geral.
marketing.core | Para {who}, kits{of}, junto com pontos a cada compra adicional, podem elevar o gasto sem
 depender de descontos.
marketing.loyal | Com {who}, convém pôr o reconhecimento à frente do desconto: acesso antecipado a
 novidades{in}, além de benefícios que crescem com o uso.
marketing.premium | Para {who}, recomenda-se destacar qualidade, garantias e orientação especializada{about},
 com edições limitadas em vez de reduções de preço.
marketing.big_ticket | Para {who}, vale a pena facilitar as compras grandes{of} com comparações,
 demonstrações e pagamento parcelado.
marketing.frequent | Para {who}, é possível elevar o valor de cada visita com pacotes de vários itens{of},
 além de um mínimo para o frete grátis.
marketing.active | Para {who}, convém revisar como as compras são faturadas e depois testar uma oferta
 inicial paga{around}.
marketing.occasional | Para {who}, convém criar motivos para voltar: um benefício para a próxima compra e
 lembretes na hora de repor o estoque{of}.
marketing.thrifty | Para {who}, recomenda-se mostrar versões de melhor custo-benefício e formatos
 maiores{of}, passo a passo.
marketing.dormant | Para {who}, vale a pena manter o investimento baixo: uma campanha breve de
 retorno{around}, um só incentivo claro e nada mais para quem não responder.
marketing.steady | Para {who}, o interesse, mais do que o valor, deve decidir a mensagem, com campanhas
 temáticas{around}.
marketing.outlier | Para {who}, recomenda-se evitar campanhas de massa, examinar primeiro os casos e fazer
 uma oferta apenas aos que se mostrarem genuínos.
marketing.sole | Para {who}, é possível partir de uma proposta comum{around} para personalizá-la com as
 últimas compras de cada cliente.
marketing.sole.more | Campanhas com algumas variantes mostrarão também quais clientes respondem de outra
 maneira, muitas vezes o primeiro indício de segmentos mais finos.
marketing.even | Como os segmentos gastam e compram de forma parecida, faixas de preço acrescentariam pouco;
 a diferença deve estar no tema criativo.
marketing.themes | Os temas naturais são {themes}.
marketing.same | Como as mesmas categorias lideram em todos os segmentos, convém variar formato, preço e
 serviço mais do que o produto.
marketing.many | Os segmentos que cumprem o mesmo papel podem compartilhar um programa; do contrário, o
 esforço se dispersa.
marketing.tiny | A atenção mais cara deve ser reservada para {who}: ali, poucos clientes sustentam uma parte
 importante da receita.
marketing.close | Cada oferta deve ser julgada pelas compras adicionais que gera diante de clientes que não a
 receberam, e não por cliques ou cupons resgatados.

channel.open | Os canais devem seguir o valor e o hábito: pessoas onde cada cliente justifica, automação onde
 o volume exige.
channel.open.sole | Com um só perfil, a coerência entre os canais importa mais do que a variedade.
channel.core | Para alcançar {who}, convém combinar e-mail, notificações do aplicativo e exposição{of} no
 ponto de venda, que atingem um público amplo a baixo custo.
channel.loyal | Com {who}, convém usar os espaços do próprio cliente: o aplicativo, a página da conta e
 mensagens diretas com uma seleção pessoal{of}.
channel.premium | Para {who}, pessoas são preferíveis à automação: um consultor designado, o telefone e
 mensagens privadas{about}.
channel.big_ticket | Para {who}, vale a pena unir a publicidade em buscadores e os guias de compra{about} à
 ajuda especializada por chat ou na loja.
channel.frequent | Para {who}, o que importa é a agilidade: o aplicativo, mensagens curtas quando algo deve
 estar acabando e a recompra rápida{of}.
channel.active | Para {who}, convém permanecer onde a atividade já acontece, com conteúdo útil{about}.
channel.occasional | Para {who}, convêm lembretes na hora certa{about} por e-mail ou mensagem, apoiados por
 publicidade moderada a quem já comprou.
channel.thrifty | Para {who}, recomenda-se usar catálogos, cartazes de gôndola e comparações{about} que
 mostrem a melhor opção na hora da escolha.
channel.dormant | Para {who}, bastam contatos econômicos{about}, primeiro por e-mail e depois por mensagem de
 texto; após poucas tentativas sem resposta, convém parar.
channel.steady | Para {who}, boletins e redes sociais{about} podem fazer a maior parte do trabalho, com um
 mesmo calendário e conteúdo variado.
channel.outlier | Para {who}, o contato de uma pessoa é preferível a qualquer envio automático até que se
 entenda cada caso.
channel.sole | Para {who}, um só calendário de e-mail, aplicativo, loja e redes sociais{about} mantém a
 mensagem coerente e fácil de medir.
channel.many | Com tantos segmentos, convém escolher o canal por papel, e não segmento por segmento, para que
 o plano continue viável.
channel.consent | Esta análise não traz dados de canais; por isso, as preferências devem ser confirmadas com
 as permissões de contato e o registro de respostas.
channel.close | Seja qual for o canal, convém fixar um limite de contatos por cliente e manter um registro
 único de respostas, para que as mensagens não se contradigam.

cross.open | As combinações partem do que os clientes já compram.
cross.open.none | Não há categorias registradas; por isso, a primeira tarefa é descobrir nos pedidos quais
 produtos são comprados juntos.
cross.pair.0 | {in_who}, convém oferecer {a} junto com {b}{third}.
cross.pair.1 | Para {who}, um conjunto de {a} e {b} a preço especial é o teste natural{third}.
cross.pair.2 | Quando um cliente {of_who} põe {a} na cesta, recomenda-se sugerir {b}{third}.
cross.third.0 | ; no fim do pedido, cabe propor {c}
cross.third.1 | , com {c} como item opcional
cross.third.2 | ; {c} pode ficar para a mensagem seguinte
cross.single | {in_who}, vale a pena buscar o que acompanha {a}: acessórios, peças ou serviços que prolonguem
 o uso.
cross.blank | Sem categorias registradas {in_who}, as sugestões devem sair do último pedido de cada cliente.
cross.long | {in_who}, convém partir da categoria principal e sugerir o que seus compradores costumam somar
 ao pedido.
cross.across | Para ampliar as compras {of_other}, é possível apresentar {a}, categoria principal {of_who}
 que não figura entre as primeiras {of_other}.
cross.back | No sentido inverso, {a}, com presença destacada {in_who}, pode completar pedidos {in_other}.
cross.shared | A categoria {cats} pode servir de ponte entre {who}: uma campanha conjunta, com um nível de
 preço diferente para cada um.
cross.shared.bare | Uma categoria que lidera as compras {in_who} pode servir de ponte entre eles, com uma
 campanha conjunta.
cross.same | Como as mesmas categorias lideram em todos os segmentos, é mais provável crescer com versões
 melhores, formatos maiores e serviços do que com produtos novos.
cross.sole | Com um só segmento, a ordem das compras é o melhor guia: o que costuma vir depois de um primeiro
 produto pode ser sugerido a quem só tem esse.
cross.rest | Para os demais segmentos vale o mesmo método: partir da categoria principal e procurar sua
 companhia habitual.
cross.cash | Serviços como entrega, instalação, manutenção ou garantia estendida podem acompanhar qualquer
 uma dessas combinações quando o produto permite.
cross.close | Cada combinação deve ser confirmada no histórico de pedidos antes do lançamento: liderar no
 mesmo segmento não prova que dois produtos sejam comprados juntos.

retention.open | A retenção rende mais onde perder um cliente custa mais.
retention.open.unspent | Sem receita a ponderar, a retenção deve começar por quem compra com mais frequência.
retention.open.sole | Com um só segmento, a retenção precisa atentar para o ritmo próprio de cada cliente.
retention.core | {in_who}, convém proteger a regularidade com pontos, uma resposta rápida a qualquer problema
 e lembretes para repor o estoque{of}.
retention.loyal | Com {who}, convém premiar a continuidade: níveis visíveis, uma linha direta para qualquer
 problema e benefícios exclusivos{in}.
retention.premium | Para {who}, recomenda-se designar um contato, agir ao primeiro sinal de silêncio e
 acompanhar cada compra{of}.
retention.big_ticket | Depois de cada compra importante{of} {in_who}, vale a pena oferecer instalação,
 garantia e manutenção: o serviço preenche o tempo até a próxima.
retention.frequent | {in_who}, recomenda-se vigiar o ritmo: uma pausa mais longa do que o habitual é o
 primeiro aviso, e uma assinatura ou reposição automática{of} ajuda a evitá-la.
retention.active | {in_who}, convém manter vivo o hábito com conteúdo útil{about} e vigiar as quedas de
 atividade.
retention.occasional | {in_who}, convém encurtar a pausa entre as compras{of} com um benefício limitado que
 comece logo após cada pedido.
retention.thrifty | {in_who}, recomenda-se premiar o crescimento gradual: um pequeno benefício a cada
 avanço{in} protege a margem e cria hábito.
retention.dormant | {in_who}, vale a pena perguntar antes de insistir: uma pesquisa breve sobre o que faltou,
 um só incentivo para voltar e uma despedida cortês a quem não responder.
retention.steady | {in_who}, recomenda-se manter um contato constante, vigiar as quedas individuais, que as
 médias escondem, e agradecer as compras repetidas{of}.
retention.outlier | {in_who}, recomenda-se identificar manualmente os clientes de valor real e acompanhá-los
 de forma pessoal; os demais não precisam de um programa.
retention.sole | Para {who}, a proteção mais útil é um alerta diante de qualquer pausa incomum nas
 compras{of}, seguido de uma mensagem pessoal.
retention.sole.more | Quem mais alonga suas pausas, em comparação com o próprio passado, deve ser contatado
 primeiro.
retention.tiny | Umas poucas saídas {of_who} seriam sentidas na receita muito antes de aparecerem no número
 de clientes.
retention.dominant | Como grande parte da receita se apoia {in_who}, sua evolução merece um acompanhamento
 mais atento do que qualquer outra.
retention.reasons | Uma reclamação bem resolvida retém mais do que um cupom; por isso, o atendimento deve
 saber a que segmento pertence cada cliente.
retention.close | A retenção deve ser medida segmento por segmento, ao lado de um grupo que não receba
 nenhuma ação, para atribuir ao programa apenas o que ele acrescenta.
retention.close.sole | A retenção deve ser medida ao lado de um grupo que não receba nenhuma ação, para
 atribuir ao programa apenas o que ele acrescenta.

steps.open | Em primeiro lugar, convém apresentar estes perfis a marketing, vendas e atendimento e combinar
 um nome e uma pessoa responsável para cada um.
steps.open.sole | Em primeiro lugar, convém apresentar este perfil a marketing, vendas e atendimento e
 combinar quem ficará à frente do programa comum.
steps.check | Antes de agir, é preciso comparar uma amostra de clientes com os pedidos originais, para que os
 perfis se apoiem em dados sólidos.
steps.core | Para {who}, convém preparar um teste de kits{of} com um grupo de comparação e uma meta clara de
 gasto médio.
steps.loyal | Para {who}, é preciso definir os benefícios de um programa de reconhecimento, seu custo e quem
 tem direito a ele.
steps.premium | Para {who}, cabe elaborar a lista nominal de clientes e designar um contato para cada um.
steps.big_ticket | Para {who}, convém estudar como se decidem as compras{of} a fim de oferecer ajuda no ponto
 em que há mais dúvida.
steps.frequent | Para {who}, é preciso testar um mínimo de frete grátis ligeiramente acima do pedido
 habitual.
steps.active | Para {who}, cabe verificar como as compras são registradas, pois atividade sem gasto pode ser
 uma falha nos dados.
steps.occasional | Para {who}, convém configurar lembretes{about} para depois comparar a pausa entre as
 compras antes e depois da medida.
steps.thrifty | Para {who}, é preciso escolher alguns formatos maiores{of} para testá-los na hora da escolha.
steps.dormant | Para {who}, cabe fazer uma única campanha de retorno com um teto de gasto e decidir depois se
 vale a pena continuar.
steps.steady | Para {who}, convém testar duas mensagens temáticas{around} para manter a que vender mais.
steps.outlier | Para {who}, é preciso revisar os registros caso a caso, corrigir os erros e repetir a
 segmentação.
steps.sole | Para {who}, convém ensaiar uma divisão com mais segmentos ou mais variáveis e compará-la com
 esta.
steps.merge | Com tantos segmentos, convém considerar a união dos que cumprem o mesmo papel antes de
 distribuir o orçamento.
steps.even | Como os segmentos se parecem tanto, convém testar também uma divisão em menos grupos e mantê-la
 se for igualmente útil.
steps.board | Um painel simples com tamanho, gasto, frequência e participação na receita por segmento
 permitirá que todos decidam com os mesmos números.
steps.close | Por fim, convém repetir a segmentação com regularidade e acompanhar quem passa de um segmento a
 outro: esses movimentos mostram se o plano funciona.
steps.close.sole | Por fim, convém repetir a análise com regularidade e comparar os resultados com esta linha
 de base.
"""

TREE = """
tree.single | A árvore não foi dividida: com um só segmento, não há ramos a comparar, e a hierarquia não
 acrescenta parentescos, distâncias nem caminhos entre grupos.
tree.single.next | Cortar a árvore em um nível mais baixo mostraria se há grupos mais finos dentro do
 segmento.
tree.crossed | Os rótulos vêm de um método diferente desta hierarquia e atravessam seus ramos; por isso, a
 árvore não explica os segmentos.
tree.crossed.next | Convém lê-la como uma segunda opinião: onde os dois métodos coincidem em um grupo de
 clientes, esse grupo merece mais confiança.
tree.foreign | Os rótulos vêm de um método diferente desta hierarquia, de modo que segmentos e ramos não
 coincidem por completo.
tree.foreign.main | O que segue vale para o ramo principal de cada segmento, aquele que reúne a maioria de
 seus clientes.
tree.two | A árvore tem uma só união a explicar, na qual se encontram {who} e {other}.
tree.two.deep | Ela está no ponto mais alto; trata-se, portanto, das duas famílias básicas da base de
 clientes.
tree.two.inner | Ela está abaixo do topo da árvore, cujas divisões superiores atravessam os próprios
 segmentos.
tree.closest | {both} são os parentes mais próximos, os primeiros a se unir quando se sobe pela árvore.
tree.shallow | Eles se unem na parte baixa da árvore, em uma divisão pouco profunda; por isso, a fronteira
 entre eles é difusa, e alguns clientes poderiam pertencer a qualquer um dos dois.
tree.middle | Eles se unem a meia altura, de modo que a fronteira é real, embora não absoluta.
tree.deep | Ainda assim, eles se unem na parte alta da árvore, em uma divisão profunda, e a fronteira entre
 eles é nítida.
tree.apart | {who} fica à parte: só se une ao restante no último passo.
tree.families | A última união divide a base em duas famílias: {who} de um lado e {other} do outro.
tree.top | A última divisão é de longe a mais profunda, e as demais são nuances dentro do que ela separa.
tree.level | Outras divisões são quase tão profundas quanto a última, de modo que uma simples divisão em duas
 partes não faria justiça à base.
tree.path | Quanto à migração, o caminho mais natural leva {of_who} {to_other}, seu parente mais próximo, com
 gasto médio maior.
tree.path.flat | Quanto à migração, movimentos entre {who} e {other} são plausíveis nos dois sentidos, pois o
 gasto médio difere pouco.
tree.far | Mover clientes entre {who} e o restante exigiria uma mudança de hábitos maior; convém moderar as
 expectativas.
tree.rival.shared | Quanto à canibalização, ambos têm {cats} entre suas categorias principais, e por isso
 convém coordenar preços e promoções.
tree.rival.distinct | O risco de canibalização entre eles parece baixo, porque suas categorias principais não
 coincidem.
tree.rival | Para limitar a canibalização, convém verificar que efeito a oferta para um tem sobre as vendas
 no outro.
tree.synergy | Quanto às sinergias, os parentes próximos podem compartilhar calendário, peças criativas e
 atendimento, enquanto os grupos que só se encontram no alto da árvore pedem propostas próprias.
tree.close | A árvore mede semelhança nas variáveis usadas, não lealdade nem intenção.
"""
