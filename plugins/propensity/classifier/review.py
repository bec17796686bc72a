"""What a reviewer looks at before a model goes live: three pictures and the model card."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.classifier.calibration import IDENTITY, Calibration, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_FEATURES = 20
MOST_LETTERS = 40


def pictures(outcome: Outcome) -> dict[str, bytes]:
    """File name to PNG: ROC curves of all candidates, calibration of the winner, importance of features."""
    return {
        "roc.png": _roc(outcome),
        "calibration.png": _calibration(outcome),
        "importance.png": _importance(outcome.scorer.importance()),
    }


def card(
    outcome: Outcome, *, question: str, labels: NDArray[np.int8], dropped: Mapping[str, str], fingerprint: str
) -> str:
    """The model card, Markdown.

    Args:
        outcome: what the training found.
        question: what label 1 means, in words.
        labels: ``(n,)`` of all labelled rows.
        dropped: name to reason of each feature that is not in the model.
        fingerprint: of the labelled rows.
    """
    winner, scorer = outcome.winner, outcome.scorer
    candidates = [
        f"| {candidate.name} | {candidate.roc_auc:.4f} ± {candidate.roc_auc_std:.4f} | {candidate.f1:.4f} "
        f"| {candidate.accuracy:.4f} |"
        for candidate in outcome.candidates
    ]
    features = [f"| {_cell(name)} | {share:.1%} |" for name, share in scorer.importance().items()]
    bins = [
        f"| {part.rows} | {part.predicted:.4f} | {part.observed:.4f} |" for part in outcome.calibration.table
    ]
    left_out = [f"| {_cell(name)} | {reason} |" for name, reason in dropped.items()]
    parts: list[Sequence[str]] = [
        [f"# {winner.name}: {question}"],
        [
            f"Fitted on {len(labels)} labelled customers, {int(labels.sum())} of them with label 1 "
            f"({labels.mean():.1%}). Data fingerprint `{fingerprint}`."
        ],
        [
            f"Hold-out of {len(outcome.test_labels)} rows that took no part in the choice: "
            f"ROC-AUC {outcome.roc_auc:.4f}, Brier score {outcome.brier:.4f}, "
            f"log loss {outcome.log_loss:.4f}."
        ],
        ["## Candidates (5-fold cross-validation)"],
        ["| learner | ROC-AUC | F1 | accuracy |", "| --- | --- | --- | --- |", *candidates],
        ["## Features by importance"],
        ["| feature | share |", "| --- | --- |", *features],
        ["## Features left out", "", "| feature | reason |", "| --- | --- |", *left_out] if left_out else [],
        [f"**Look at this first:** {', '.join(map(_cell, outcome.suspects))} alone tells the classes apart."]
        if outcome.suspects
        else [],
        ["## Calibration (out of fold)"],
        [_calibrated(outcome.calibration)],
        [
            f"Brier score {outcome.calibration.brier:.4f}, log loss {outcome.calibration.log_loss:.4f}, "
            f"expected calibration error {outcome.calibration.error:.4f}."
        ],
        ["| rows | predicted | observed |", "| --- | --- | --- |", *bins],
        ["## Settings"],
        [f"- {name}: {value}" for name, value in scorer.learner.params().items()],
        [
            "Scores of the labelled customers themselves are in-sample: the model has seen their outcomes. "
            "It says who is likely to act, not who acts because of the contact (see `uplift_model`)."
        ],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _calibrated(calibration: Calibration) -> str:
    if not calibration.helps:
        return "Probabilities are the learner's own: Platt scaling does not make them better."
    slope, intercept = calibration.platt
    return (
        f"Probabilities are calibrated by Platt scaling (slope {slope:.4f}, intercept {intercept:.4f}) "
        "on out-of-fold scores."
    )


def _roc(outcome: Outcome) -> bytes:
    figure, axes = _axes("ROC, out of fold", "false positive rate", "true positive rate")
    for candidate in outcome.candidates:
        false_positive, true_positive, _ = roc_curve(outcome.train_labels, candidate.scores)
        width = 2.5 if candidate is outcome.winner else 1.0
        label = f"{candidate.name} ({candidate.roc_auc:.3f})"
        axes.plot(false_positive, true_positive, linewidth=width, label=label)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    axes.legend(loc="lower right", fontsize=8)
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


def _importance(importance: Mapping[str, float]) -> bytes:
    figure, axes = _axes("Importance of features", "share", "")
    shown = list(importance.items())[:SHOWN_FEATURES]
    axes.barh(range(len(shown)), [share for _, share in shown])
    # A caller's name may hold $, which would be set as mathematics and may not parse.
    names = [name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…" for name, _ in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=8, parse_math=False)
    axes.invert_yaxis()
    return _png(figure)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    """A figure of its own canvas: pyplot's global state is not for threads."""
    # Takes most of a second to import, and only a training draws.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _cell(name: str) -> str:
    """A caller's name as the cell of a Markdown table."""
    return "`" + " ".join(name.split()).replace("`", "'").replace("|", "\\|") + "`"
