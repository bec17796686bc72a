"""What a reviewer reads about a learned recommender: figures and a model card."""

from __future__ import annotations

import numpy as np

from plugins.recommendation.recommenders.holdout import Candidate, Judged, Trial
from plugins.recommendation.recommenders.interactions import Choices


def figures(judged: Judged) -> dict[str, float]:
    """Figures of a ranking, by name."""
    return {
        "precision_at_10": float(judged.precision[-1]),
        "hit_rate_at_10": judged.hit_rate,
        "ndcg_at_10": judged.ndcg,
        "coverage": judged.coverage,
        "lift_at_10": judged.lift,
    }


def card(choices: Choices, trial: Trial, fingerprint: str, *, alike: bool) -> str:
    """The model card, Markdown."""
    purpose = "similar items" if alike else "items for a user"
    density = len(choices.items) / max(choices.users * len(choices.users_by_item), 1)
    counts = np.sort(choices.users_by_item)[::-1]
    tenth = counts[: max(len(counts) // 10, 1)].sum() / max(counts.sum(), 1)
    rows = [
        _row(f"{label(candidate)}{', chosen' if candidate == trial.chosen else ''}", judged)
        for candidate, judged in trial.tried.items()
    ]
    tested = [
        _row(name, judged)
        for name, judged in (("this model", trial.winner), ("popularity", trial.popular))
        if judged is not None
    ]
    head = "| {} | precision@10 | hit rate@10 | NDCG@10 | lift@10 | coverage | users |\n" + "| --- " * 7 + "|"
    return "\n".join(
        [
            f"# {trial.chosen.learner.name}, {purpose}",
            "",
            f"Learned from {choices.rows:,} interactions, {len(choices.items):,} pairs of {choices.users:,} "
            f"users and {choices.chosen_items:,} of {len(choices.users_by_item):,} items ({density:.2%} of "
            f"all pairs). The most chosen tenth of the items has {tenth:.0%} of the pairs. "
            f"Fingerprint `{fingerprint[:16]}`.",
            "",
            "A fifth of the pairs was held out: the latest ones if rows carry times. Half of the users chose "
            "the model (validation), the other half judged it (test).",
            "",
            head.format("test"),
            *tested,
            "",
            head.format("validation"),
            *rows,
            "",
            "Compare the precision with that of popularity first: if they are close, tastes hardly differ, "
            "or there are too few choices per user. The files hold arrays by item number, and no ids.",
        ]
    )


def label(candidate: Candidate) -> str:
    """A candidate's name for a reviewer."""
    return f"{candidate.learner.name}, {candidate.name.replace('_', ' ')}"


def _row(name: str, judged: Judged) -> str:
    return (
        f"| {name} | {judged.precision[-1]:.4f} | {judged.hit_rate:.4f} | {judged.ndcg:.4f} "
        f"| {judged.lift:.2f} | {judged.coverage:.1%} | {judged.users:,} |"
    )
