"""What a reviewer reads before a model goes live: the model card and the training profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.classifier.calibration import Calibration
from plugins.propensity.classifier.leaks import Leaks
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import MOST_LEVELS, Category
from plugins.shared import roc


def card(
    outcome: Outcome,
    *,
    question: str,
    labels: NDArray[np.int8],
    described: Sequence[Mapping[str, Any]],
    dropped: Mapping[str, str],
    fingerprint: str,
) -> str:
    """The model card, Markdown.

    Args:
        outcome: what the training found.
        question: what label 1 means, in words.
        labels: ``(n,)`` of all labelled rows.
        described: what was made of each feature.
        dropped: name to reason of each feature that is not in the model.
        fingerprint: of the labelled rows.
    """
    winner, scorer = outcome.winner, outcome.scorer
    candidates = [
        f"| {candidate.name} | {candidate.roc_auc:.4f} ± {candidate.roc_auc_std:.4f} | {candidate.f1:.4f} "
        f"| {candidate.accuracy:.4f} | {candidate.folds} |"
        for candidate in outcome.candidates
    ]
    features = [f"| {_cell(name)} | {share:.1%} |" for name, share in scorer.importance().items()]
    bins = [
        f"| {part.rows} | {part.predicted:.4f} | {part.observed:.4f} |" for part in outcome.calibration.table
    ]
    read = [
        f"| {_cell(one['name'])} | {one['type']} | {one['made_of']} | {one['missing_share']:.1%} |"
        for one in described
    ]
    left_out = [f"| {_cell(name)} | {reason} |" for name, reason in dropped.items()]
    parts: list[Sequence[str]] = [
        [f"# {winner.name}: {question}"],
        [
            f"Fitted on {len(labels)} labelled customers, {int(labels.sum())} of them with label 1 "
            f"({labels.mean():.1%}). Data fingerprint `{fingerprint}`."
        ],
        [_held_out(outcome)],
        [f"## Candidates ({outcome.folds}-fold cross-validation)"],
        ["| learner | ROC-AUC | F1 | accuracy | folds |", "| --- | --- | --- | --- | --- |", *candidates],
        ["## Features by importance"],
        ["| feature | share |", "| --- | --- |", *features],
        ["## Features left out", "", "| feature | reason |", "| --- | --- |", *left_out] if left_out else [],
        *_looked_at_first(outcome.leaks),
        ["## How features were read"],
        ["| feature | type | made of | missing |", "| --- | --- | --- | --- |", *read],
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


def profile_table(scorer: Scorer) -> Iterator[tuple[str, str, str | int]]:
    """The training profile that drift is measured against: feature, bin, rows; their names first."""
    yield "feature", "bin", "rows"
    for feature, profile in zip(scorer.design.features, scorer.profile or (), strict=True):
        if isinstance(feature, Category):
            levels = feature.levels[:MOST_LEVELS]
            bins = ["(missing)" if level is None else level for level in levels] + ["(other)"]
        else:
            edges = [f"{edge:g}" for edge in profile.edges]
            bins = [*(f"up to {edge}" for edge in edges), f"above {edges[-1]}", "(missing)"]
        for name, rows in zip(bins, profile.counts, strict=True):
            yield feature.name, str(name), int(rows)


def _held_out(outcome: Outcome) -> str:
    lower, upper = outcome.interval
    pooled = roc.area(outcome.train_labels, outcome.winner.scores)
    together = (
        f"All out-of-fold scores together: ROC-AUC {pooled.value:.4f} "
        f"(95 % interval {pooled.lower:.4f} to {pooled.upper:.4f})."
    )
    if not len(outcome.test_labels):
        return f"Too few rows to hold any out: all figures are cross-validated. {together}"
    return (
        f"Hold-out of {len(outcome.test_labels)} rows that took no part in the choice: "
        f"ROC-AUC {outcome.roc_auc:.4f} (95 % interval {lower:.4f} to {upper:.4f}), "
        f"Brier score {outcome.brier:.4f}, log loss {outcome.log_loss:.4f}. {together}"
    )


def _looked_at_first(leaks: Leaks) -> Iterator[list[str]]:
    """A paragraph per kind of feature that gives the outcome away."""
    for names, does in (
        (leaks.suspects, "alone tells the classes apart"),
        (leaks.pair, "together tell the classes apart"),
        ([name for name, _ in leaks.one_sided], "is missing in one class only"),
    ):
        if names:
            yield [f"**Look at this first:** {', '.join(map(_cell, names))} {does}."]


def _calibrated(calibration: Calibration) -> str:
    if not calibration.helps:
        return "Probabilities are the learner's own: Platt scaling does not make them better."
    slope, intercept = calibration.platt
    return (
        f"Probabilities are calibrated by Platt scaling (slope {slope:.4f}, intercept {intercept:.4f}) "
        "on out-of-fold scores."
    )


def _cell(name: str) -> str:
    """A caller's name as the cell of a Markdown table."""
    return "`" + " ".join(name.split()).replace("`", "'").replace("|", "\\|") + "`"
