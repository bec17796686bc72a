"""Pictures of a held-out window for the reviewer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from abintel.charts.drawing import Drawings
from abintel.charts.kinds import Bar, height, ranked
from abintel.charts.planes import curves
from abintel.charts.theme import finished
from abintel.wording import figure
from plugins.clv.judging.contest import NAIVE, TREES, Judgement
from plugins.clv.judging.window import Split
from plugins.clv.models.roster import PURCHASE_MODELS

MOST_REPEATS = 7
"""Customers with this many repeat purchases or more share a bucket, as in the literature."""
DECILES = 10


def pictures(held: Split, judged: Judgement, best: str) -> Drawings:
    """File name to SVG, all of the held-out window.

    Value by decile of the winner's prediction, purchases by past frequency, and the total of every candidate.
    """
    return Drawings(_charts(held, judged, best))


def _charts(held: Split, judged: Judgement, best: str) -> Iterator[tuple[str, Any]]:
    yield "deciles.svg", _deciles(judged, best)
    yield "frequency.svg", _frequency(held, judged)
    names = [name for name in (*PURCHASE_MODELS, TREES, NAIVE) if name in judged.predictions]
    totals = [float(judged.predictions[name].value.sum()) for name in names]
    bars = [
        Bar(name, total, figure(total, "en"))
        for name, total in zip([*names, "actual"], [*totals, float(judged.value.sum())], strict=True)
    ]
    drawing = ranked(bars, "Total value of the held-out window")
    yield "total.svg", finished(drawing, "Held out: total value", [], 110 + height(len(bars)), "en")


def _deciles(judged: Judgement, best: str) -> Any:
    name = best if best in judged.predictions else NAIVE
    predicted = judged.predictions[name].value
    groups = np.array_split(np.argsort(predicted, kind="stable"), min(DECILES, len(predicted)))
    lines = {
        label: [(decile, float(values[group].mean())) for decile, group in enumerate(groups, 1)]
        for label, values in ((f"predicted ({name})", predicted), ("actual", judged.value))
    }
    title = "Held out: value by decile of the prediction"
    return _lines(lines, "Decile of predicted value (10 is highest)", "Mean value", title, 0.5)


def _frequency(held: Split, judged: Judgement) -> Any:
    bucket = np.minimum(held.history.frequency, MOST_REPEATS)
    series = {"actual": judged.txns, **{name: found.txns for name, found in judged.predictions.items()}}
    lines = {
        name: [(count, float(txns[bucket == count].mean())) for count in np.unique(bucket).tolist()]
        for name, txns in series.items()
    }
    axis = f"Repeat purchases before (number; {MOST_REPEATS} and more are one)"
    return _lines(lines, axis, "Mean purchases", "Held out: purchases by past frequency", -0.2)


def _lines(lines: dict[str, list[tuple[int, float]]], across: str, up: str, title: str, left: float) -> Any:
    heights = [0.0, *(value for points in lines.values() for _, value in points)]
    right = max(x for points in lines.values() for x, _ in points)
    drawing = curves(
        lines,
        across,
        up,
        x=(left, right + 0.5),
        y=(min(heights), 1.06 * max(heights) or 1.0),
        bold="actual",
        columns=2,
    )
    return finished(drawing, title, [], 400, "en")
