"""Charts of the propensity routes: scores, gain and calibration; churn and its drivers; labels; uplift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from abintel.charts import Reader
from abintel.charts.kinds import (
    LEFT,
    MOST_BARS,
    NAMES,
    Bar,
    coloured,
    edges,
    height,
    histogram,
    names,
    quantity,
    ranked,
    reason,
    upright,
)
from abintel.charts.palette import BLUE, GREY, INK, ORANGE, ORDER, RED, SKY
from abintel.charts.planes import curve
from abintel.charts.theme import Panel, Picture, finished, rows_of, said, stacked
from abintel.charts.words import label, labels, lines
from abintel.wording import Lang, Texts, Words, number, percent
from plugins.propensity.churn_words import HIGH, MEDIUM
from plugins.propensity.remarks import FEW_LABELS
from plugins.propensity.schemas import TIERS

TEXTS = Texts("propensity_charts")
MOST_DAYS = 24
MOST_NOTED = 10
"""Customers with a reason beneath their bar."""


def churn_label(request: Any, answer: Any, reader: Reader) -> Picture:
    """Who churned and who did not, by day of the snapshot; of many days by month, of many months by year."""
    words, lang = TEXTS[reader.lang], reader.lang
    parts = {words.say("churned"): ORANGE, words.say("stayed"): BLUE}
    days = sorted({row["snapshot_date"] for row in answer})
    letters = next(kept for kept in (10, 7, 4) if len({day[:kept] for day in days}) <= MOST_DAYS or kept == 4)
    counts = Counter((row["snapshot_date"][:letters], row["churned"]) for row in answer)
    spans = sorted({span for span, _ in counts})
    shown = spans[-MOST_DAYS:]
    rows, most = [], 1
    for span in shown:
        begun = 0
        for part, churned in zip(parts, (1, 0), strict=True):
            count = counts[span, churned]
            text = f"{number(count, 0, lang)} {part}"
            rows.append({"name": span, "x": begun, "x2": begun + count, "group": part, "text": text})
            begun += count
        most = max(most, begun)
    base = alt.Chart(rows_of([row for row in rows if row["x2"] > row["x"]]))
    axis = quantity(alt.X("x:Q"), words.say("snapshots"), 0.0, 1.05 * most, whole=True)
    bars = base.mark_bar(size=18, stroke="white").encode(
        names("name:N", LEFT + 20), axis, coloured(parts, None), x2="x2"
    )
    rate = sum(row["churned"] for row in answer) / len(answer)
    subtitles = lines(
        words.say("rate", n=number(len(answer), 0, lang), rate=percent(rate, 1, lang)),
        words.say("spans", drawn=len(shown), n=number(len(spans), 0, lang))
        if len(spans) > len(shown)
        else None,
    )
    return finished(alt.LayerChart(layer=[bars]), words.say("labels"), subtitles, 190 + 30 * len(shown), lang)


def churn_risk(request: Any, answer: Any, reader: Reader) -> Picture:
    """The probability of each customer with its first reason, or, of many, how they are spread; what drives
    churn; and how far the probabilities can be trusted."""
    words, lang = TEXTS[reader.lang], reader.lang
    results = [row for row in answer["results"] if row["churn_probability"] is not None]
    info = answer["model_info"]
    if not results:
        return said(words.say("unscored"), words.say("churn"), lines(info.get("note")), lang)
    bands = {words.say("high"): RED, words.say("medium"): ORANGE, words.say("low"): SKY}

    def band(probability: float) -> str:
        return words.say("high" if probability >= HIGH else "medium" if probability >= MEDIUM else "low")

    scores = [row["churn_probability"] for row in results]
    of = [band(score) for score in scores]
    reasons = [row["top_factors"][0] if row["top_factors"] else "" for row in results]
    ids = [row["customer_id"] for row in results]
    panels: list[Panel | Sequence[Panel]] = [
        _scores(ids, scores, of, bands, reasons, words.say("band"), words, lang)
    ]
    drivers = info.get("drivers") or []
    if drivers:
        titles = labels(
            f"{label(row['feature'])} {words.say('when_' + row['raises_risk_when'])}" for row in drivers
        )
        bars = [
            Bar(name, 100 * row["share"], percent(row["share"], 0, lang))
            for name, row in zip(titles, drivers, strict=True)
        ]
        drawn = ranked(bars, words.say("driver_share"), width=NAMES)
        panels.append(Panel(drawn, words.say("drivers"), height(len(bars)), NAMES))
    panels += _trust(info, words)
    return stacked(panels, words.say("churn"), _model(info, len(results), words, lang), lang)


def propensity(request: Any, answer: Any, reader: Reader) -> Picture:
    """Scores by tier, and the model's gain and calibration over its labelled rows."""
    words, lang = TEXTS[reader.lang], reader.lang
    scored = [row for row in answer["predictions"] if row["probability"] is not None]
    info = answer["model_info"]
    if not scored:
        return said(words.say("unscored"), words.say("propensity"), lines(info.get("note")), lang)
    tiers = words.choices("tiers")
    shades = {tiers[tier]: shade for tier, shade in zip(TIERS, ORDER, strict=True)}
    first = _scores(
        [row["customer_id"] for row in scored],
        [row["probability"] for row in scored],
        [tiers[row["propensity_tier"]] for row in scored],
        shades,
        [(row.get("top_factors") or [""])[0] for row in scored],
        words.say("tier"),
        words,
        lang,
    )
    return stacked(
        [first, *_trust(info, words)], words.say("propensity"), _model(info, len(scored), words, lang), lang
    )


def _scores(
    ids: Sequence[str],
    scores: Sequence[float],
    of: Sequence[str],
    groups: Mapping[str, str],
    reasons: Sequence[str],
    title: str,
    words: Words,
    lang: Lang,
) -> Panel:
    if len(ids) > MOST_BARS:
        shares = [100 * score for score in scores]
        drawn = histogram(
            shares,
            edges(0.0, 100.0, 20),
            words.say("probability"),
            words.say("customers"),
            of=of,
            groups=groups,
            group_title=title,
        )
        return Panel(drawn, words.say("spread"), 220)
    order = sorted(range(len(ids)), key=lambda place: (-scores[place], place))
    shown = labels(ids[place] for place in order)
    noted = len(ids) <= MOST_NOTED and any(reasons)
    bars = [
        Bar(
            name,
            100 * scores[place],
            percent(scores[place], 1, lang),
            of[place],
            note=reason(reasons[place]) if noted else "",
        )
        for name, place in zip(shown, order, strict=True)
    ]
    drawn = ranked(bars, words.say("probability"), groups=groups, group_title=title, most=112.0)
    return Panel(drawn, words.say("each"), height(len(bars), noted), NAMES)


def _trust(info: Mapping[str, Any], words: Words) -> list[Sequence[Panel]]:
    """Gain and calibration side by side, of the bins that the answer tells; nothing without them."""
    bins = info.get("calibration_table") or []
    if len(bins) < 2:
        return []
    return [
        [
            Panel(gain(bins, words), words.say("gain"), 230, LEFT),
            Panel(calibration(bins, words), words.say("calibration"), 230, LEFT),
        ]
    ]


def gain(bins: Sequence[Mapping[str, Any]], words: Words) -> alt.LayerChart:
    """Which share of the ones is among the best-scored share of the rows, bin by bin.

    Args:
        bins: ``rows``, ``predicted`` and ``observed``, ascending.
        words: of the axes.
    """
    rows = sum(part["rows"] for part in bins) or 1
    ones = sum(part["rows"] * part["observed"] for part in bins) or 1.0
    points, contacted, reached = [(0.0, 0.0)], 0.0, 0.0
    for part in reversed(bins):
        contacted += part["rows"]
        reached += part["rows"] * part["observed"]
        points.append((100 * contacted / rows, 100 * reached / ones))
    return curve(
        points,
        words.say("contacted"),
        words.say("reached"),
        diagonal=[(0, 0), (100, 100)],
        y=(0.0, 104.0),
        x=(0.0, 102.0),
    )


def calibration(bins: Sequence[Mapping[str, Any]], words: Words) -> alt.LayerChart:
    """Observed against predicted share of ones, bin by bin.

    Args:
        bins: ``rows``, ``predicted`` and ``observed``, ascending.
        words: of the axes.
    """
    points = [(100 * part["predicted"], 100 * part["observed"]) for part in bins]
    ends = [(0.0, 0.0), (100.0, 100.0)]
    return curve(
        points,
        words.say("predicted"),
        words.say("observed"),
        diagonal=ends,
        x=(-2.0, 104.0),
        y=(-2.0, 104.0),
        colour=ORANGE,
    )


def importance(shares: Mapping[str, float], lang: Lang) -> alt.LayerChart:
    """The largest shares that features have in what a model says, as bars.

    Args:
        shares: name of the feature to its share, 0 to 1, descending.
        lang: of the numbers.
    """
    shown = list(shares.items())[:MOST_BARS]
    bars = [
        Bar(name, 100 * share, percent(share, 1, lang))
        for name, (_, share) in zip(labels(name for name, _ in shown), shown, strict=True)
    ]
    return ranked(bars, TEXTS[lang].say("importance"))


def _model(info: Mapping[str, Any], n: int, words: Words, lang: Lang) -> list[str]:
    """Who answered, and how good it is."""
    quality = None
    best = info.get("best_algorithm")
    auc = next(
        (row["roc_auc"] for row in info.get("evaluation_metrics") or [] if row["algorithm"] == best), None
    )
    if auc is not None and (info.get("in_sample_rows") or FEW_LABELS) >= FEW_LABELS:
        quality = words.say("model", name=best, auc=number(auc, 3, lang))
    return lines(words.say("n", n=number(n, 0, lang)), quality)


def uplift(request: Any, answer: Any, reader: Reader) -> Picture:
    """Uplift by decile, predicted and observed, and what treating the best tenths first gains (Qini)."""
    words, lang = TEXTS[reader.lang], reader.lang
    deciles = answer["decile_summary"]
    if not deciles:
        return said(words.say("unscored"), words.say("uplift"), lines(answer["model_info"].get("note")), lang)
    effect, qini = answer["average_treatment_effect"], answer["qini"]
    subtitles = lines(
        words.say("n", n=number(sum(row["n_customers"] for row in deciles), 0, lang)),
        None if effect is None else words.say("effect", value=number(100 * effect, 1, lang, signed=True)),
        qini
        and words.say(
            "qini_value",
            value=number(qini["value"], 3, lang),
            low=number(qini["lower_95"], 3, lang),
            high=number(qini["upper_95"], 3, lang),
        ),
    )
    panels = [Panel(by_decile(deciles, words), words.say("deciles"), 260)]
    gained = _qini(deciles)
    if gained:
        ends = [(0.0, 0.0), gained[-1]]
        values = [value for _, value in gained]
        room = 0.1 * ((max(values) - min(values)) or 1.0)
        drawn = curve(
            gained,
            words.say("treated_share"),
            words.say("gained"),
            diagonal=ends,
            x=(0.0, 102.0),
            y=(min(values) - (room if min(values) < 0 else 0.0), max(values) + room),
        )
        panels.append(Panel(drawn, words.say("qini"), 220))
    return stacked(panels, words.say("uplift"), subtitles, lang)


def _qini(deciles: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Share of the customers that are treated, the best tenths first, to outcomes gained per 100 customers;
    nothing where a tenth was not observed."""
    if any(row["observed_uplift"] is None for row in deciles):
        return []
    total = sum(row["n_customers"] for row in deciles)
    points, treated, gained = [(0.0, 0.0)], 0.0, 0.0
    for row in sorted(deciles, key=lambda row: -row["decile"]):
        treated += row["n_customers"]
        gained += row["n_customers"] * row["observed_uplift"]
        points.append((100 * treated / total, 100 * gained / total))
    return points


def by_decile(deciles: Sequence[Mapping[str, Any]], words: Words) -> alt.LayerChart:
    """Predicted and observed uplift of each tenth.

    Args:
        deciles: ``decile``, ``mean_uplift``, ``observed_uplift`` and its bounds, None where unknown.
        words: of the axes and of the legend.
    """
    rows = [
        {
            "decile": str(row["decile"]),
            "y": 100 * row["mean_uplift"],
            "observed": None if row["observed_uplift"] is None else 100 * row["observed_uplift"],
            "low": None if row["observed_lower_95"] is None else 100 * row["observed_lower_95"],
            "high": None if row["observed_upper_95"] is None else 100 * row["observed_upper_95"],
            "bar": words.say("mean_uplift"),
            "dot": words.say("observed_uplift"),
        }
        for row in deciles
    ]
    values = [0.0] + [
        row[key] for row in rows for key in ("y", "observed", "low", "high") if row[key] is not None
    ]
    room = 0.06 * ((max(values) - min(values)) or 1.0)
    shades = {words.say("mean_uplift"): SKY, words.say("observed_uplift"): INK}
    base = alt.Chart(rows_of(rows)).encode(
        alt.X("decile:N")
        .sort([str(place) for place in range(1, 11)])
        .title(words.say("decile"))
        .axis(alt.Axis(labelAngle=0, ticks=False))
    )
    up = upright(words.say("uplift_points"), min(values) - room, max(values) + room)
    bars = base.mark_bar(size=34).encode(up, coloured(shades, None, field="bar:N"))
    seen = base.transform_filter("isValid(datum.observed)")
    rules = seen.mark_rule(strokeWidth=1.6, color=INK).encode(alt.Y("low:Q"), alt.Y2("high"))
    dots = seen.mark_point(filled=True, size=60, opacity=1).encode(
        alt.Y("observed:Q"), coloured(shades, None, field="dot:N")
    )
    zero = alt.Chart(rows_of([{"y": 0}])).mark_rule(color=GREY).encode(alt.Y("y:Q"))
    return alt.LayerChart(layer=[bars, zero, rules, dots])
