"""Charts of the recommendation routes: ranked items with reasons, tables of users, cross-sell maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abintel.charts import Reader
from abintel.charts.kinds import MOST_BARS, Bar, height, ranked, reason
from abintel.charts.palette import BLUE, GREEN, ORANGE
from abintel.charts.planes import heat
from abintel.charts.theme import Picture, finished, said
from abintel.charts.words import label, labels, lines, unit_of_money
from abintel.wording import Lang, Texts, figure, number, percent
from plugins.recommendation.recommenders.roster import sources

MOST_NOTED = 12
MOST_USERS = 25
MOST_RANKS = 6
MOST_ITEMS = 22

TEXTS = Texts("recommendation_charts")
_SHADES = {
    **{"als": BLUE, "item-knn": BLUE, "ease": BLUE, "content-fallback": ORANGE},
    **{"cf": BLUE, "content": ORANGE, "blend": GREEN},
}


def recommended(request: Any, answer: Any, reader: Reader) -> Picture:
    """A user's items, the best first, with the reason of each."""
    title = TEXTS[reader.lang].say("recommended", name=label(request.user_id))
    return _ranked(answer["recommendations"], sources(), title, answer.get("note"), reader)


def similar(request: Any, answer: Any, reader: Reader) -> Picture:
    """An item's look-alikes, the most similar first, with the reason of each."""
    title = TEXTS[reader.lang].say("similar", name=label(request.item_id))
    return _ranked(answer["recommendations"], ("cf", "content", "blend"), title, None, reader)


def _ranked(
    items: Sequence[Mapping[str, Any]], origins: Sequence[str], title: str, note: str | None, reader: Reader
) -> Picture:
    words, lang = TEXTS[reader.lang], reader.lang
    if not items:
        return said(words.say("nothing_to_recommend"), title, lines(note), lang)
    drawn = items[:MOST_BARS]
    noted = len(drawn) <= MOST_NOTED
    names = words.choices("sources")
    shades = {names.get(source, source): _SHADES.get(source, GREEN) for source in origins}
    bars = [
        Bar(
            name,
            item["score"],
            figure(item["score"], lang),
            names.get(item["source"], item["source"]),
            note=reason(item.get("explanation")) if noted else "",
        )
        for name, item in zip(labels(item["item_id"] for item in drawn), drawn, strict=True)
    ]
    chart = ranked(bars, words.say("score"), groups=shades, group_title=words.say("source"))
    subtitles = lines(_part("items", len(drawn), len(items), lang))
    return finished(chart, title, subtitles, 180 + height(len(bars), noted), lang)


def _part(things: str, drawn: int, n: int, lang: Lang) -> str | None:
    """How much of an answer is drawn, unless all of it is."""
    if drawn == n:
        return None
    return TEXTS[lang].say(f"drawn.{things}", drawn=number(drawn, 0, lang), n=number(n, 0, lang))


def bulk(request: Any, answer: Any, reader: Reader) -> Picture:
    """A row for each user, their items from left to right, the darker the higher the score."""
    words, lang = TEXTS[reader.lang], reader.lang
    results = answer["results"]
    longest = max((len(row["recommendations"]) for row in results), default=0)
    if not longest:
        return said(words.say("nothing_to_recommend"), words.say("by_user"), [], lang)
    users, ranks = results[:MOST_USERS], min(longest, MOST_RANKS)
    largest = max((item["score"] for row in users for item in row["recommendations"][:ranks]), default=0.0)
    columns = [str(rank) for rank in range(1, ranks + 1)]
    rows = []
    for name, row in zip(labels((row["user_id"] for row in users), 20), users, strict=True):
        for rank, column in enumerate(columns):
            items = row["recommendations"]
            item = items[rank] if rank < len(items) else None
            share = None if item is None else 100 * max(item["score"], 0.0) / largest if largest > 0 else 0.0
            text = "–" if item is None else label(item["item_id"], 14)
            rows.append({"name": name, "column": column, "value": share, "text": text})
    chart = heat(
        rows, words.say("rank"), None, words.say("share_of_largest"), (0.0, 100.0), columns=columns, width=150
    )
    subtitles = lines(
        _part("users", len(users), len(results), lang),
        _part("ranks", ranks, longest, lang),
    )
    return finished(chart, words.say("by_user"), subtitles, 220 + 28 * len(users), lang)


def cross_sell(request: Any, answer: Any, reader: Reader) -> Picture:
    """A cell for each pair of items, or, of a sparse answer, a bar for each of its strongest pairs."""
    words, lang = TEXTS[reader.lang], reader.lang
    lift = request.metric == "lift"
    if "pairs" in answer:
        return _pairs(answer["pairs"], lift, reader)
    items, matrix = answer["items_or_categories"], answer["matrix"]
    if len(items) < 2:
        return said(words.say("no_pairs"), words.say("bought_together"), [], lang)
    kept = list(range(len(items)))
    if len(items) > MOST_ITEMS:
        strength = [max(cell for j, cell in enumerate(row) if j != i) for i, row in enumerate(matrix)]
        kept = sorted(sorted(kept, key=lambda i: (-strength[i], i))[:MOST_ITEMS])
    names = labels((items[i] for i in kept), 20)
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
        words.say("also_bought"),
        words.say("who_bought"),
        words.say("lift" if lift else "confidence"),
        (0.0, most if lift else 100.0),
        columns=names,
        width=150,
        text_size=12 if len(kept) <= 12 else 10,
    )
    subtitles = []
    if len(kept) < len(items):
        subtitles = [words.say("strongest", drawn=len(kept), n=number(len(items), 0, lang))]
    return finished(chart, words.say("bought_together"), subtitles, 260 + 30 * len(kept), lang)


def _pairs(pairs: Sequence[Mapping[str, Any]], lift: bool, reader: Reader) -> Picture:
    words, lang = TEXTS[reader.lang], reader.lang
    if not pairs:
        return said(words.say("no_pairs"), words.say("bought_together"), [], lang)
    drawn = sorted(pairs, key=lambda pair: -pair["lift" if lift else "confidence"])[:MOST_BARS]
    shown = labels((f"{label(pair['i'], 14)} → {label(pair['j'], 14)}" for pair in drawn), 34)
    bars = [
        Bar(name, pair["lift"], figure(pair["lift"], lang))
        if lift
        else Bar(name, 100 * pair["confidence"], percent(pair["confidence"], 0, lang))
        for name, pair in zip(shown, drawn, strict=True)
    ]
    chart = ranked(bars, words.say("lift" if lift else "pair_confidence"), width=230)
    subtitles = lines(_part("pairs", len(drawn), len(pairs), lang))
    return finished(chart, words.say("bought_together"), subtitles, 150 + height(len(bars)), lang)


def upsell(request: Any, answer: Any, reader: Reader) -> Picture:
    """What to offer, by what it is expected to bring, with the reason; of every customer, the best of all."""
    words, lang = TEXTS[reader.lang], reader.lang
    if "customers" in answer:
        title = words.say("upsell", name=words.say("every_customer"))
        offers = [
            (f"{label(customer['customer_id'], 12)} · {label(offer['item_id'], 14)}", offer)
            for customer in answer["customers"]
            for offer in customer["suggestions"]
        ]
        offers.sort(key=lambda named: -named[1]["expected_incremental_revenue"])
    else:
        title = words.say("upsell", name=label(request.customer_id))
        offers = [(label(offer["item_id"]), offer) for offer in answer["suggestions"]]
    if not offers:
        return said(words.say("nothing_to_suggest"), title, lines(answer.get("note")), lang)
    drawn = offers[:MOST_BARS]
    noted = len(drawn) <= MOST_NOTED
    bars = [
        Bar(
            name,
            offer["expected_incremental_revenue"],
            figure(offer["expected_incremental_revenue"], lang),
            note=reason(offer["explanation"]) if noted else "",
        )
        for name, (_, offer) in zip(labels((name for name, _ in drawn), 30), drawn, strict=True)
    ]
    chart = ranked(bars, words.say("expected_revenue", money=unit_of_money(reader)), colour=GREEN)
    subtitles = lines(_part("suggestions", len(drawn), len(offers), lang))
    return finished(chart, title, subtitles, 150 + height(len(bars), noted), lang)
