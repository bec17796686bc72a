"""Pictures of a training for the reviewer, of the same panels as those of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.charts.drawing import Drawings
from abintel.charts.kinds import NAMES, height
from abintel.charts.planes import curves, heat
from abintel.charts.theme import finished
from abintel.wording import number, percent
from plugins.propensity.charts import TEXTS, calibration, gain, importance
from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.classifier.calibration import IDENTITY, Bin, table
from plugins.propensity.classifier.contest import Candidate

MOST_POINTS = 100
"""A curve through more points looks the same, and takes longer to draw."""
DIAGONAL = ((0.0, 0.0), (100.0, 100.0))
ENGLISH = TEXTS["en"]
LIFTED = (0.1, 0.2, 0.5)
Counts = tuple[NDArray[np.int64], NDArray[np.int64]]
Points = list[tuple[float, float]]


def pictures(outcome: Outcome, ready: Mapping[str, bytes] | None = None) -> Drawings:
    """File name to SVG: ROC and precision-recall curves of all candidates; calibration, gain and confusion of
    the winner; importance of features; and what is ready beside them."""
    return Drawings(_charts(outcome), ready)


def _charts(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    judged = [one for one in outcome.candidates if one.folds == outcome.folds]
    counts = {one.name: _cumulated(one.scores, outcome.train_labels) for one in judged}
    winner = outcome.winner.name
    yield "roc.svg", _roc(judged, counts, winner)
    yield "precision-recall.svg", _precision_recall(counts, winner, float(outcome.train_labels.mean()))
    yield "calibration.svg", _calibration(outcome)
    yield "gain.svg", _gain(outcome)
    yield "confusion.svg", _confusion(outcome)
    shares = outcome.scorer.importance()
    bars = importance(shares, "en")
    yield (
        "importance.svg",
        finished(bars, "Importance of features", [], 110 + height(min(len(shares), 20)), "en"),
    )


def _cumulated(scores: NDArray[np.float64], labels: NDArray[np.int8]) -> Counts:
    """How many ones and zeros score at least so much, from no row to all; equal scores come together."""
    order = np.argsort(-scores, kind="stable")
    descending, outcome = scores[order], labels[order]
    ends = np.append(np.flatnonzero(np.diff(descending)), len(order) - 1)
    ones = np.append(0, np.cumsum(outcome, dtype=np.int64)[ends])
    zeros = np.append(0, ends + 1 - ones[1:])
    kept = np.unique(np.linspace(0, len(ones) - 1, MOST_POINTS).astype(np.int64))
    return ones[kept], zeros[kept]


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    return list(zip((100 * x).round(3).tolist(), (100 * y).round(3).tolist(), strict=True))


def _roc(judged: list[Candidate], counts: Mapping[str, Counts], winner: str) -> Any:
    names = {one.name: f"{one.name} ({number(one.roc_auc, 3, 'en')})" for one in judged}
    lines = {
        names[name]: _points(zeros / zeros[-1], ones / ones[-1]) for name, (ones, zeros) in counts.items()
    }
    drawing = curves(
        lines,
        "Zeros taken for ones (%)",
        "Ones found (%)",
        diagonal=DIAGONAL,
        bold=names.get(winner),
        title="ROC-AUC",
        columns=3,
    )
    return finished(drawing, "ROC curves, out of fold", [], 420, "en")


def _precision_recall(counts: Mapping[str, Counts], winner: str, base: float) -> Any:
    lines = {
        name: _points(ones[1:] / ones[-1], ones[1:] / (ones + zeros)[1:])
        for name, (ones, zeros) in counts.items()
    }
    drawing = curves(
        lines,
        "Ones found: recall (%)",
        "Ones among those found: precision (%)",
        diagonal=((0.0, 100 * base), (100.0, 100 * base)),
        y=(0.0, 102.0),
        bold=winner,
        title="Learner",
        columns=3,
    )
    said = [f"Dotted: the share of ones among all rows, {percent(100 * base, 1, 'en')}."]
    return finished(drawing, "Precision and recall, out of fold", said, 440, "en")


def _calibration(outcome: Outcome) -> Any:
    """Of the winner, before and after scaling, each row by what did not see it."""
    alone = table(IDENTITY.probability(outcome.winner.scores), outcome.train_labels)
    title = f"Calibration of {outcome.winner.name}, out of fold"
    if not outcome.calibration.helps:
        drawing = calibration([part._asdict() for part in alone], ENGLISH)
        return finished(drawing, title, ["The learner's own probabilities."], 380, "en")
    lines = {"learner alone": _seen(alone), "after Platt scaling": _seen(outcome.calibration.table)}
    drawing = curves(
        lines,
        ENGLISH.say("predicted"),
        ENGLISH.say("observed"),
        diagonal=DIAGONAL,
        bold="after Platt scaling",
    )
    return finished(drawing, title, [], 400, "en")


def _seen(bins: tuple[Bin, ...] | list[Bin]) -> Points:
    return [(100 * part.predicted, 100 * part.observed) for part in bins]


def _gain(outcome: Outcome) -> Any:
    ones, zeros = _cumulated(outcome.winner.scores, outcome.train_labels)
    contacted, reached = (ones + zeros) / (ones + zeros)[-1], ones / ones[-1]
    lifts = ", ".join(
        f"{number(float(np.interp(share, contacted, reached)) / share, 1, 'en')} at {percent(share, 0, 'en')}"
        for share in LIFTED
    )
    drawing = gain([part._asdict() for part in outcome.calibration.table], ENGLISH)
    title = f"Gain of {outcome.winner.name}, out of fold"
    return finished(drawing, title, [f"Lift {lifts} of the rows."], 340, "en")


def _confusion(outcome: Outcome) -> Any:
    predicted = (outcome.calibration.probabilities >= 0.5).astype(np.int64)
    counts = np.bincount(2 * outcome.train_labels + predicted, minlength=4).reshape(2, 2)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = []
    for observed, label in np.ndindex(2, 2):
        count, share = int(counts[observed, label]), float(shares[observed, label])
        rows.append(
            {
                "name": f"observed {observed}",
                "column": f"predicted {label}",
                "value": 100 * share,
                "text": f"{number(count, 0, 'en')} ({percent(share, 1, 'en')})",
            }
        )
    drawing = heat(
        rows,
        None,
        None,
        "Share of the row (%)",
        (0.0, 100.0),
        columns=["predicted 0", "predicted 1"],
        width=NAMES,
    )
    return finished(drawing, "Confusion at probability 0.5, out of fold", [], 300, "en")
