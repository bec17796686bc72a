"""Charts of the recommendation routes: ranked items with reasons, tables of users, the cross-sell map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abintel.charts import Reader
from abintel.charts.kinds import MOST_BARS, Bar, height, ranked, reason
from abintel.charts.palette import BLUE, GREEN, ORANGE
from abintel.charts.planes import heat
from abintel.charts.theme import Picture, finished, said
from abintel.charts.words import figure, label, labels, lines, money, number, percent
from abintel.fields import Lang

MOST_NOTED = 12
MOST_USERS = 25
MOST_RANKS = 6
MOST_ITEMS = 22

WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "user": "Recommendations for {name}",
        "similar": "Items like {name}",
        "score": "Score (model's own scale)",
        "source": "Source",
        "als": "taste (ALS)",
        "content-fallback": "content",
        "cf": "bought together",
        "content": "content",
        "blend": "both",
        "none": "There is nothing to recommend.",
        "bulk": "Recommendations by user",
        "rank": "Rank",
        "share": "Score, share of the largest (%)",
        "first": "The first {drawn} of {n} {things}",
        "best": "The {drawn} best of {n} {things}",
        "items": "items",
        "users": "users",
        "ranks": "ranks",
        "suggestions": "suggestions",
        "pairs": "pairs",
        "cross": "What is bought together",
        "strongest": "The {drawn} of {n} items with the strongest ties",
        "bought": "also bought",
        "with": "who bought",
        "confidence": "Orders with both, of those with the row's item (%)",
        "lift": "Lift (1 is chance)",
        "pair_confidence": "Confidence: orders with both, of those with the first (%)",
        "empty": "No two items were bought together.",
        "upsell": "Upsell for {name}",
        "everyone": "every customer",
        "revenue": "Expected extra revenue ({money})",
        "nothing": "There is nothing to suggest.",
    },
    "es": {
        "user": "Recomendaciones para {name}",
        "similar": "Artículos como {name}",
        "score": "Puntuación (escala del modelo)",
        "source": "Origen",
        "als": "gusto (ALS)",
        "content-fallback": "contenido",
        "cf": "comprados juntos",
        "content": "contenido",
        "blend": "ambos",
        "none": "No hay nada que recomendar.",
        "bulk": "Recomendaciones por usuario",
        "rank": "Puesto",
        "share": "Puntuación, parte de la mayor (%)",
        "first": "Los primeros {drawn} de {n} {things}",
        "best": "Los {drawn} mejores de {n} {things}",
        "items": "artículos",
        "users": "usuarios",
        "ranks": "puestos",
        "suggestions": "sugerencias",
        "pairs": "pares",
        "cross": "Lo que se compra junto",
        "strongest": "Los {drawn} de {n} artículos con los lazos más fuertes",
        "bought": "también compró",
        "with": "quien compró",
        "confidence": "Pedidos con ambos, de los que tienen el de la fila (%)",
        "lift": "Lift (1 es azar)",
        "pair_confidence": "Confianza: pedidos con ambos, de los que tienen el primero (%)",
        "empty": "No hay dos artículos que se compren juntos.",
        "upsell": "Venta superior para {name}",
        "everyone": "todos los clientes",
        "revenue": "Ingreso adicional esperado ({money})",
        "nothing": "No hay nada que sugerir.",
    },
    "pt": {
        "user": "Recomendações para {name}",
        "similar": "Itens como {name}",
        "score": "Pontuação (escala do modelo)",
        "source": "Origem",
        "als": "gosto (ALS)",
        "content-fallback": "conteúdo",
        "cf": "comprados juntos",
        "content": "conteúdo",
        "blend": "ambos",
        "none": "Não há nada a recomendar.",
        "bulk": "Recomendações por usuário",
        "rank": "Posição",
        "share": "Pontuação, parte da maior (%)",
        "first": "Os primeiros {drawn} de {n} {things}",
        "best": "Os {drawn} melhores de {n} {things}",
        "items": "itens",
        "users": "usuários",
        "ranks": "posições",
        "suggestions": "sugestões",
        "pairs": "pares",
        "cross": "O que se compra junto",
        "strongest": "Os {drawn} de {n} itens com os laços mais fortes",
        "bought": "também comprou",
        "with": "quem comprou",
        "confidence": "Pedidos com ambos, dos que têm o da linha (%)",
        "lift": "Lift (1 é acaso)",
        "pair_confidence": "Confiança: pedidos com ambos, dos que têm o primeiro (%)",
        "empty": "Nenhum par de itens foi comprado junto.",
        "upsell": "Upsell para {name}",
        "everyone": "todos os clientes",
        "revenue": "Receita adicional esperada ({money})",
        "nothing": "Não há nada a sugerir.",
    },
}
_SHADES = {"als": BLUE, "content-fallback": ORANGE, "cf": BLUE, "content": ORANGE, "blend": GREEN}


def recommended(request: Any, answer: Any, reader: Reader) -> Picture:
    """A user's items, the best first, with the reason of each."""
    title = WORDS[reader.lang]["user"].format(name=label(request.user_id))
    return _ranked(answer["recommendations"], ("als", "content-fallback"), title, answer.get("note"), reader)


def similar(request: Any, answer: Any, reader: Reader) -> Picture:
    """An item's look-alikes, the most similar first, with the reason of each."""
    title = WORDS[reader.lang]["similar"].format(name=label(request.item_id))
    return _ranked(answer["recommendations"], ("cf", "content", "blend"), title, None, reader)


def _ranked(
    items: Sequence[Mapping[str, Any]], sources: Sequence[str], title: str, note: str | None, reader: Reader
) -> Picture:
    words, lang = WORDS[reader.lang], reader.lang
    if not items:
        return said(words["none"], title, lines(note), lang)
    drawn = items[:MOST_BARS]
    noted = len(drawn) <= MOST_NOTED
    shades = {words[source]: _SHADES[source] for source in sources}
    bars = [
        Bar(
            name,
            item["score"],
            figure(item["score"], lang),
            words[item["source"]],
            note=reason(item.get("explanation")) if noted else "",
        )
        for name, item in zip(labels(item["item_id"] for item in drawn), drawn, strict=True)
    ]
    chart = ranked(bars, words["score"], groups=shades, group_title=words["source"])
    subtitles = lines(_some("best", len(drawn), len(items), "items", words, lang))
    return finished(chart, title, subtitles, 180 + height(len(bars), noted), lang)


def _some(how: str, drawn: int, n: int, things: str, words: Mapping[str, str], lang: Lang) -> str | None:
    """That not everything is drawn."""
    if drawn == n:
        return None
    return words[how].format(drawn=number(drawn, 0, lang), n=number(n, 0, lang), things=words[things])


def bulk(request: Any, answer: Any, reader: Reader) -> Picture:
    """A row for each user, their items from left to right, the darker the higher the score."""
    words, lang = WORDS[reader.lang], reader.lang
    results = answer["results"]
    longest = max((len(row["recommendations"]) for row in results), default=0)
    if not longest:
        return said(words["none"], words["bulk"], [], lang)
    users, ranks = results[:MOST_USERS], min(longest, MOST_RANKS)
    largest = max((item["score"] for row in users for item in row["recommendations"][:ranks]), default=0.0)
    columns = [str(place) for place in range(1, ranks + 1)]
    rows = []
    for name, row in zip(labels((row["user_id"] for row in users), 20), users, strict=True):
        for place, column in enumerate(columns):
            items = row["recommendations"]
            item = items[place] if place < len(items) else None
            share = None if item is None else 100 * max(item["score"], 0.0) / largest if largest > 0 else 0.0
            text = "–" if item is None else label(item["item_id"], 14)
            rows.append({"name": name, "column": column, "value": share, "text": text})
    chart = heat(rows, words["rank"], None, words["share"], (0.0, 100.0), columns=columns, width=150)
    subtitles = lines(
        _some("first", len(users), len(results), "users", words, lang),
        _some("first", ranks, longest, "ranks", words, lang),
    )
    return finished(chart, words["bulk"], subtitles, 220 + 28 * len(users), lang)


def cross_sell(request: Any, answer: Any, reader: Reader) -> Picture:
    """A cell for each pair of items, or, of a sparse answer, a bar for each of its strongest pairs."""
    words, lang = WORDS[reader.lang], reader.lang
    lift = request.metric == "lift"
    if "pairs" in answer:
        return _pairs(answer["pairs"], lift, reader)
    items, matrix = answer["items_or_categories"], answer["matrix"]
    if len(items) < 2:
        return said(words["empty"], words["cross"], [], lang)
    kept = list(range(len(items)))
    if len(items) > MOST_ITEMS:
        strength = [
            max(cell for other, cell in enumerate(row) if other != place) for place, row in enumerate(matrix)
        ]
        strongest = sorted(kept, key=lambda place: (-strength[place], place))[:MOST_ITEMS]
        kept = sorted(strongest)
    names = labels((items[place] for place in kept), 20)
    rows, most = [], 0.0
    times = 1.0 if lift else 100.0
    for down, name in zip(kept, names, strict=True):
        for across, column in zip(kept, names, strict=True):
            value = None if down == across else times * matrix[down][across]
            text = "" if value is None else figure(value, lang) if lift else number(value, 0, lang)
            rows.append({"name": name, "column": column, "value": value, "text": text})
            most = max(most, value or 0.0)
    chart = heat(
        rows,
        words["bought"],
        words["with"],
        words["lift" if lift else "confidence"],
        (0.0, most if lift else 100.0),
        columns=names,
        width=150,
        text_size=12 if len(kept) <= 12 else 10,
    )
    subtitles = []
    if len(kept) < len(items):
        subtitles = [words["strongest"].format(drawn=len(kept), n=number(len(items), 0, lang))]
    return finished(chart, words["cross"], subtitles, 260 + 30 * len(kept), lang)


def _pairs(pairs: Sequence[Mapping[str, Any]], lift: bool, reader: Reader) -> Picture:
    words, lang = WORDS[reader.lang], reader.lang
    if not pairs:
        return said(words["empty"], words["cross"], [], lang)
    drawn = sorted(pairs, key=lambda pair: -pair["lift" if lift else "confidence"])[:MOST_BARS]
    shown = labels((f"{label(pair['i'], 14)} → {label(pair['j'], 14)}" for pair in drawn), 34)
    bars = [
        Bar(name, pair["lift"], figure(pair["lift"], lang))
        if lift
        else Bar(name, 100 * pair["confidence"], percent(100 * pair["confidence"], 0, lang))
        for name, pair in zip(shown, drawn, strict=True)
    ]
    chart = ranked(bars, words["lift" if lift else "pair_confidence"], width=230)
    subtitles = lines(_some("best", len(drawn), len(pairs), "pairs", words, lang))
    return finished(chart, words["cross"], subtitles, 150 + height(len(bars)), lang)


def upsell(request: Any, answer: Any, reader: Reader) -> Picture:
    """What to offer, by what it is expected to bring, with the reason; of every customer, the best of all."""
    words, lang = WORDS[reader.lang], reader.lang
    if "customers" in answer:
        title = words["upsell"].format(name=words["everyone"])
        offers = [
            (f"{label(customer['customer_id'], 12)} · {label(one['item_id'], 14)}", one)
            for customer in answer["customers"]
            for one in customer["suggestions"]
        ]
        offers.sort(key=lambda offer: -offer[1]["expected_incremental_revenue"])
    else:
        title = words["upsell"].format(name=label(request.customer_id))
        offers = [(label(one["item_id"]), one) for one in answer["suggestions"]]
    if not offers:
        return said(words["nothing"], title, lines(answer.get("note")), lang)
    drawn = offers[:MOST_BARS]
    noted = len(drawn) <= MOST_NOTED
    bars = [
        Bar(
            name,
            one["expected_incremental_revenue"],
            figure(one["expected_incremental_revenue"], lang),
            note=reason(one["explanation"]) if noted else "",
        )
        for name, (_, one) in zip(labels((name for name, _ in drawn), 30), drawn, strict=True)
    ]
    chart = ranked(bars, words["revenue"].format(money=money(reader)), colour=GREEN)
    subtitles = lines(_some("best", len(drawn), len(offers), "suggestions", words, lang))
    return finished(chart, title, subtitles, 150 + height(len(bars), noted), lang)
