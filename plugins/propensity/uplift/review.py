"""What a reviewer looks at before an uplift model goes live: three pictures and the model card."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from plugins.propensity.uplift.choice import Outcome
from plugins.propensity.uplift.contamination import observed
from plugins.propensity.uplift.deciles import deciles
from plugins.propensity.uplift.growing import CLASSES
from plugins.propensity.uplift.qini import curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_FEATURES = 20
MOST_LETTERS = 40


def pictures(outcome: Outcome) -> dict[str, bytes]:
    """File name to PNG: Qini curves of both candidates, uplift by decile, importance of features."""
    return {
        "qini.png": _qini(outcome),
        "deciles.png": _deciles(outcome),
        "importance.png": _importance(outcome.importance),
    }


def card(outcome: Outcome, *, dropped: Mapping[str, str], fingerprint: str) -> str:
    """The model card, Markdown.

    Args:
        outcome: what the training found.
        dropped: name to reason of each feature that is not in the model.
        fingerprint: of the training rows.
    """
    trial = outcome.model.trial
    effect = trial.effect()
    control, treated = sum(trial.counts[:2]), sum(trial.counts[2:])
    candidates = [
        f"| {one.name} | {_interval(one.ranking.qini)} | {_interval(one.ranking.auuc)} |"
        for one in outcome.candidates
    ]
    features = [f"| {_cell(name)} | {share:.1%} |" for name, share in outcome.importance.items()]
    left_out = [f"| {_cell(name)} | {reason} |" for name, reason in dropped.items()]
    parts = [
        [f"# {outcome.winner.name}: who acts because of the campaign"],
        [
            f"Fitted on {treated} treated customers ({trial.treated_rate:.2%} with the outcome) and "
            f"{control} "
            f"controls ({trial.control_rate:.2%}). Data fingerprint `{fingerprint}`."
        ],
        [
            f"Contamination of the control group: {trial.contamination:.1%}; its rate without it: "
            f"{trial.corrected_rate:.2%}. Average treatment effect {_interval(effect)}."
        ],
        ["## Candidates (out of fold, 3 folds)"],
        ["| learner | Qini | AUUC |", "| --- | --- | --- |", *candidates],
        ["**Look at this first:** the Qini interval spans 0; the ranking may be nothing but chance."]
        if outcome.winner.ranking.qini.spans_zero
        else [],
        ["## Features by importance"],
        ["| feature | share |", "| --- | --- |", *features],
        ["## Features left out", "", "| feature | reason |", "| --- | --- |", *left_out] if left_out else [],
        ["## Settings"],
        [f"- {name}: {value}" for name, value in outcome.params.items()],
        [
            "Scores are causal only if chance decided who was treated. Customers of the training are scored "
            "by the model of the fold that they were not in, all others by the mean of the three."
        ],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _interval(figure: tuple[float, float, float]) -> str:
    value, lower, upper = figure
    return f"{value:.4f} ({lower:.4f} to {upper:.4f})"


def _qini(outcome: Outcome) -> bytes:
    figure, axes = _axes(
        "Qini curve, out of fold", "share of customers treated", "outcomes gained per customer"
    )
    for one in outcome.candidates:
        share, gained = curve(one.scores, outcome.classes, outcome.model.trial.weights)
        width = 2.5 if one is outcome.winner else 1.0
        axes.plot(share, gained, linewidth=width, label=f"{one.name} ({one.ranking.qini.value:.3f})")
    axes.plot([0, 1], [0, gained[-1]], color="grey", linestyle=":", linewidth=1, label="random order")
    axes.legend(loc="lower right", fontsize=8)
    return _png(figure)


def _deciles(outcome: Outcome) -> bytes:
    figure, axes = _axes("Uplift by decile, out of fold", "decile", "uplift")
    scores = outcome.winner.scores
    # Rows are in canonical order, and without their ids.
    decile = deciles(scores, [f"{row:08}" for row in range(len(scores))])
    numbers = np.unique(decile)
    axes.bar(
        numbers, [scores[decile == one].mean() for one in numbers], color="lightsteelblue", label="predicted"
    )
    for one in numbers:
        counts = np.bincount(outcome.classes[decile == one], minlength=CLASSES)
        seen = observed(counts, outcome.model.trial.weights)
        if seen is not None:
            below, above = seen.value - seen.lower_95, seen.upper_95 - seen.value
            label = "observed, 95 %" if one == numbers[0] else None
            axes.errorbar(
                [one], [seen.value], [[below], [above]], fmt="o", color="black", markersize=4, label=label
            )
    axes.axhline(0, color="grey", linewidth=1)
    axes.set_xticks(numbers)
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
