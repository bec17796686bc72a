"""Pictures of a training for the reviewer, drawn small: they are made within the request that trains."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier.automl import Candidate, Outcome
from plugins.propensity.classifier.calibration import IDENTITY, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_FEATURES = 20
MOST_LETTERS = 40
MOST_POINTS = 400
"""A curve through more points looks the same, and takes longer to draw."""


def pictures(outcome: Outcome) -> dict[str, bytes]:
    """File name to PNG: ROC and precision-recall curves of all candidates; calibration, gain and confusion of
    the winner; importance of features."""
    curves = {
        candidate.name: _curve(candidate, outcome.train_labels)
        for candidate in outcome.candidates
        if candidate.folds == outcome.folds
    }
    return {
        "roc.png": _roc(outcome, curves),
        "precision-recall.png": _precision_recall(outcome, curves),
        "calibration.png": _calibration(outcome),
        "gain.png": _gain(outcome),
        "confusion.png": _confusion(outcome),
        "importance.png": _importance(outcome.scorer.importance()),
    }


def _curve(candidate: Candidate, labels: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return _cumulated(candidate.scores, labels)


def _cumulated(
    scores: NDArray[np.float64], labels: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many ones and zeros score at least so much, from no row to all; equal scores come together."""
    order = np.argsort(-scores, kind="stable")
    descending, outcome = scores[order], labels[order]
    ends = np.append(np.flatnonzero(np.diff(descending)), len(order) - 1)
    ones = np.append(0, np.cumsum(outcome, dtype=np.int64)[ends])
    zeros = np.append(0, ends + 1 - ones[1:])
    kept = np.unique(np.linspace(0, len(ones) - 1, MOST_POINTS).astype(np.int64))
    return ones[kept], zeros[kept]


def _roc(outcome: Outcome, curves: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]) -> bytes:
    figure, axes = _axes("ROC, out of fold", "false positive rate", "true positive rate")
    for candidate in outcome.candidates:
        if candidate.name not in curves:
            continue
        ones, zeros = curves[candidate.name]
        label = f"{candidate.name} ({candidate.roc_auc:.3f})"
        width = 2.5 if candidate is outcome.winner else 1.0
        axes.plot(zeros / zeros[-1], ones / ones[-1], linewidth=width, label=label)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    axes.legend(loc="lower right", fontsize=8)
    return _png(figure)


def _precision_recall(
    outcome: Outcome, curves: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> bytes:
    figure, axes = _axes("Precision and recall, out of fold", "recall", "precision")
    for candidate in outcome.candidates:
        if candidate.name not in curves:
            continue
        ones, zeros = (part[1:] for part in curves[candidate.name])
        width = 2.5 if candidate is outcome.winner else 1.0
        axes.plot(ones / ones[-1], ones / (ones + zeros), linewidth=width, label=candidate.name)
    base = float(outcome.train_labels.mean())
    axes.axhline(base, color="grey", linestyle=":", linewidth=1, label=f"base rate ({base:.3f})")
    axes.set_ylim(0, 1.02)
    axes.legend(loc="best", fontsize=8)
    return _png(figure)


def _calibration(outcome: Outcome) -> bytes:
    """Observed rate against predicted probability of the winner, in bins of equal count, before and after
    scaling, each row by what did not see it."""
    figure, axes = _axes("Calibration, out of fold", "predicted probability", "share with label 1")
    series = {"learner alone": table(IDENTITY.probability(outcome.winner.scores), outcome.train_labels)}
    if outcome.calibration.helps:
        series["after Platt scaling"] = outcome.calibration.table
    for label, bins in series.items():
        predicted = [part.predicted for part in bins]
        observed = [part.observed for part in bins]
        axes.plot(predicted, observed, marker="o", markersize=4, label=label)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    axes.legend(loc="upper left", fontsize=8)
    return _png(figure)


def _gain(outcome: Outcome) -> bytes:
    """Which share of the ones is reached by contacting the best-scored share of the customers; over that
    share it is the lift."""
    figure, axes = _axes(
        "Gain and lift, out of fold", "share of customers, best first", "share of ones reached"
    )
    ones, zeros = _cumulated(outcome.winner.scores, outcome.train_labels)
    contacted, reached = (ones + zeros) / (ones[-1] + zeros[-1]), ones / ones[-1]
    axes.plot(contacted, reached, linewidth=2, label=outcome.winner.name)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    for share in (0.1, 0.2, 0.5):
        at = float(np.interp(share, contacted, reached))
        axes.annotate(f"lift {at / share:.1f}", (share, at), (6, -12), textcoords="offset points", fontsize=8)
        axes.plot([share], [at], marker="o", markersize=4, color="black")
    axes.legend(loc="lower right", fontsize=8)
    return _png(figure)


def _confusion(outcome: Outcome) -> bytes:
    figure, axes = _axes("Confusion at probability 0.5, out of fold", "predicted", "observed")
    predicted = (outcome.calibration.probabilities >= 0.5).astype(np.int64)
    counts = np.bincount(2 * outcome.train_labels + predicted, minlength=4).reshape(2, 2)
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(rates, cmap="Blues", vmin=0, vmax=1)
    for row in range(2):
        for column in range(2):
            text = f"{counts[row, column]:,}\n{rates[row, column]:.1%}"
            color = "white" if rates[row, column] > 0.5 else "black"
            axes.text(column, row, text, ha="center", va="center", color=color)
    axes.set_xticks([0, 1], ["0", "1"])
    axes.set_yticks([0, 1], ["0", "1"])
    return _png(figure)


def _importance(importance: Mapping[str, float]) -> bytes:
    figure, axes = _axes("Importance of features", "share", "")
    shown = list(importance.items())[:SHOWN_FEATURES]
    axes.barh(range(len(shown)), [share for _, share in shown])
    # A caller's name may hold $, which would be set as mathematics and may not parse.
    names = [name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…" for name, _ in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=8, parse_math=False)
    axes.invert_yaxis()
    figure.subplots_adjust(left=min(0.55, 0.08 + 0.016 * max(map(len, names), default=0)))
    return _png(figure)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    """A figure of its own canvas: pyplot's global state is not for threads."""
    # Takes most of a second to import, and only a training draws.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Margins are set: laying out by the text, as "constrained" does, draws everything twice.
    figure = Figure(figsize=(5, 4), dpi=80)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.14, right=0.96, top=0.91, bottom=0.13)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", pil_kwargs={"compress_level": 1})
    return buffer.getvalue()
