"""What a reviewer reads before an uplift model goes live: the model card."""

from __future__ import annotations

from collections.abc import Mapping

from plugins.propensity.uplift.choice import Outcome


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


def _cell(name: str) -> str:
    """A caller's name as the cell of a Markdown table."""
    return "`" + " ".join(name.split()).replace("`", "'").replace("|", "\\|") + "`"
