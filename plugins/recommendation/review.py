"""What a reviewer sees of learned factors: a card, and two curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plugins.recommendation.taste import als
from plugins.recommendation.taste.holdout import Judged, K, Trial
from plugins.recommendation.taste.interactions import Choices

_WIDE, _HIGH, _EDGE = 560, 280, 48
_COLOURS = ("#1f5fa8", "#b3541e")


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
    use = "items that resemble one" if alike else "items for a user"
    density = len(choices.items) / max(choices.users * len(choices.users_by_item), 1)
    counts = np.sort(choices.users_by_item)[::-1]
    tenth = counts[: max(len(counts) // 10, 1)].sum() / max(counts.sum(), 1)
    rows = [
        _row(f"λ = {strength:g}{', chosen' if strength == trial.chosen else ''}", judged)
        for strength, judged in trial.tried.items()
    ]
    tested = [
        _row(name, judged)
        for name, judged in (("this model", trial.winner), ("popularity", trial.popular))
        if judged is not None
    ]
    head = "| {} | precision@10 | hit rate@10 | NDCG@10 | lift@10 | coverage | users |\n" + "| --- " * 7 + "|"
    return "\n".join(
        [
            f"# ALS, {use}",
            "",
            f"Learned from {choices.rows:,} interactions, {len(choices.items):,} pairs of {choices.users:,} "
            f"users and {choices.chosen_items:,} of {len(choices.users_by_item):,} items ({density:.2%} of "
            f"all pairs). The most chosen tenth of the items has {tenth:.0%} of the pairs. "
            f"Fingerprint `{fingerprint[:16]}`.",
            "",
            "A fifth of the pairs was held out for the test, another to choose λ.",
            "",
            head.format("test"),
            *tested,
            "",
            head.format("validation"),
            *rows,
            "",
            "Look at this first: a precision near popularity's means that tastes hardly differ, or that "
            "there is too little of each user. The files hold factors of items by number, "
            "and no key of anybody's.",
        ]
    )


def _row(name: str, judged: Judged) -> str:
    return (
        f"| {name} | {judged.precision[-1]:.4f} | {judged.hit_rate:.4f} | {judged.ndcg:.4f} "
        f"| {judged.lift:.2f} | {judged.coverage:.1%} | {judged.users:,} |"
    )


def pictures(trial: Trial) -> dict[str, bytes]:
    """File name to SVG: precision by the length of the list, and the loss of the final fit."""
    drawn = {
        "loss.svg": _curves(
            "Loss of the final fit",
            "round",
            [float(place + 1) for place in als.NOTED[: len(trial.losses)]],
            {"loss": trial.losses},
        )
    }
    if trial.winner is not None and trial.popular is not None:
        drawn["precision.svg"] = _curves(
            "Precision on held-out choices",
            "items recommended",
            [float(k) for k in range(1, K + 1)],
            {"this model": trial.winner.precision.tolist(), "popularity": trial.popular.precision.tolist()},
        )
    return drawn


def _curves(title: str, axis: str, x: Sequence[float], lines: dict[str, list[float]]) -> bytes:
    """A line chart as SVG."""
    highest = max((max(y) for y in lines.values()), default=0.0) or 1.0
    right, bottom = _WIDE - _EDGE, _HIGH - _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_HIGH}" '
        f'viewBox="0 0 {_WIDE} {_HIGH}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="white"/>',
        f'<text x="{_EDGE}" y="22" font-size="14">{title}</text>',
        f'<path d="M{_EDGE},{_EDGE} V{bottom} H{right}" fill="none" stroke="#555"/>',
        f'<text x="{right}" y="{_HIGH - 12}" text-anchor="end">{axis}: {x[0]:g} to {x[-1]:g}</text>',
        f'<text x="{_EDGE}" y="{_EDGE - 6}">{highest:.4g}</text>',
    ]
    for number, (name, y) in enumerate(lines.items()):
        points = " ".join(
            f"{_EDGE + (place - x[0]) / max(x[-1] - x[0], 1) * (right - _EDGE):.1f},"
            f"{bottom - max(value, 0) / highest * (bottom - _EDGE):.1f}"
            for place, value in zip(x, y, strict=True)
        )
        colour = _COLOURS[number]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{right}" y="{22 + 16 * number}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>"]).encode()
