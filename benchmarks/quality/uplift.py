"""Uplift on simulated campaigns of known effects, beside causalml's learners with LightGBM."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.routes import Route
from plugins.propensity import PLUGIN

Floats = NDArray[np.float64]

TRAINING, TEST = 3_000, 3_000
FEATURES = 6
SEEDS = 5


class Campaign(NamedTuple):
    """Customers whose probabilities are known.

    Attributes:
        features: (n, FEATURES).
        treatment, outcome: (n,) 0 or 1.
        effect: (n,) probability of the outcome when treated, less that when not.
    """

    features: Floats
    treatment: Floats
    outcome: Floats
    effect: Floats


class Score(NamedTuple):
    """How scores did on customers that no model has seen.

    Attributes:
        rank: Spearman correlation with the true effect; NaN where all effects are the same.
        captured: what treating the best-scored third gains, over what treating the truly best third gains.
        error: mean error of the average effect, absolute.
        inside: whether the interval of the average effect holds the truth; NaN without one.
    """

    rank: float
    captured: float
    error: float
    inside: float


def _linear(x: Floats) -> Floats:
    return np.clip(0.06 + 0.05 * x[:, 0], -0.1, 0.3)


def _step(x: Floats) -> Floats:
    return np.where((x[:, 0] > 0.5) & (x[:, 1] > 0), 0.25, 0.0)


def _both_signs(x: Floats) -> Floats:
    return np.where(x[:, 2] > 0, 0.12, -0.12)


def _same(x: Floats) -> Floats:
    return np.full(len(x), 0.08)


EFFECTS: dict[str, Callable[[Floats], Floats]] = {
    "linear in one feature": _linear,
    "a niche of 15 %": _step,
    "half gain, half lose": _both_signs,
    "the same for all": _same,
}


def drawn(effect: Callable[[Floats], Floats], seed: int, chosen: bool = False) -> Campaign:
    """A campaign; if ``chosen``, those who would buy anyway are treated more often."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(TRAINING + TEST, FEATURES))
    base = 0.15 + 0.5 / (1 + np.exp(-(x[:, 3] + 0.5 * x[:, 4] - 1)))
    change = effect(x)
    # The same room above and below, so that the effect is that of the design.
    base = np.clip(base, 0.13, 0.69)
    share = 1 / (1 + np.exp(-0.8 * x[:, 3])) if chosen else np.full(len(x), 0.5)
    treated = chance.random(len(x)) < share
    outcome = chance.random(len(x)) < base + treated * change
    return Campaign(x, treated.astype(float), outcome.astype(float), change)


def section(data: Path | None, quick: bool) -> str:
    """The uplift section of the page.

    Args:
        data: not needed.
        quick: whether to draw one campaign of each design instead of five.
    """
    seeds = 1 if quick else SEEDS
    lines = [
        "## Uplift\n",
        f"Simulated campaigns, {TRAINING:,} customers to learn from and {TEST:,} to score; means of {seeds}.",
        "`captured`: what treating the best-scored third gains, over the most that a third can gain.",
        "`ATE error`: of the average effect, in points. `chosen`: likely buyers were treated more often.\n",
        "| effect | model | rank correlation | captured | ATE error | ATE within 95 % |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    designs = [(name, effect, False) for name, effect in EFFECTS.items()]
    designs.append(("linear in one feature, chosen", _linear, True))
    for name, effect, chosen in designs:
        scores: dict[str, list[Score]] = {}
        for seed in range(seeds):
            campaign = drawn(effect, seed, chosen)
            for model, made in {"**abintel**": _ours(campaign), **_peers(campaign, seed)}.items():
                scores.setdefault(model, []).append(_score(campaign, *made))
        for model, each in scores.items():
            rank, captured, error, inside = np.mean(each, axis=0)
            cells = [
                "–" if np.isnan(rank) else f"{rank:.2f}",
                "–" if np.isnan(rank) else f"{captured:.0%}",
                f"{100 * error:.1f}",
                "–" if np.isnan(inside) else f"{inside:.0%}",
            ]
            lines.append(f"| {name} | {model} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


Made = tuple[Floats, float, tuple[float, float] | None]
"""Scores of the test customers, the average effect of the others, and its interval."""


def _score(campaign: Campaign, scores: Floats, average: float, interval: tuple[float, float] | None) -> Score:
    from scipy.stats import spearmanr

    effect, truth = campaign.effect[TRAINING:], float(campaign.effect[:TRAINING].mean())
    third = len(effect) // 3
    picked = effect[np.argsort(-scores, kind="stable")[:third]].sum()
    most = np.sort(effect)[-third:].sum()
    varies = np.ptp(effect) > 0
    return Score(
        float(spearmanr(scores, effect).statistic)
        if varies and np.ptp(scores) > 0
        else (0.0 if varies else np.nan),
        float(picked / most),
        abs(average - truth),
        np.nan if interval is None else float(interval[0] <= truth <= interval[1]),
    )


def _ours(campaign: Campaign) -> Made:
    rows: list[dict[str, Any]] = [
        {"id": str(row), "features": {f"x{column}": value for column, value in enumerate(features)}}
        for row, features in enumerate(campaign.features.tolist())
    ]
    for row, treatment, outcome in zip(rows[:TRAINING], campaign.treatment, campaign.outcome, strict=False):
        row.update(treatment=int(treatment), outcome=int(outcome))
    answer = Route(PLUGIN, "uplift_model").answer({"contamination": 0, "rows": rows})
    found = {row["id"]: row["uplift_score"] for row in answer["details"]}
    interval = answer["average_treatment_effect_interval"]
    return (
        np.array([found[str(row)] for row in range(TRAINING, len(rows))]),
        answer["average_treatment_effect"],
        (interval["lower_95"], interval["upper_95"]),
    )


def _peers(campaign: Campaign, seed: int) -> dict[str, Made]:
    from causalml.inference.meta import BaseDRRegressor, BaseSRegressor, BaseTRegressor, BaseXRegressor
    from lightgbm import LGBMRegressor

    known, ahead = campaign.features[:TRAINING], campaign.features[TRAINING:]
    treatment, outcome = campaign.treatment[:TRAINING].astype(int), campaign.outcome[:TRAINING]
    learner = LGBMRegressor(random_state=seed, verbose=-1, n_jobs=2)
    made = {}
    for name, kind in (
        ("S-learner", BaseSRegressor),
        ("T-learner", BaseTRegressor),
        ("X-learner", BaseXRegressor),
        ("DR-learner", BaseDRRegressor),
    ):
        model = kind(learner=learner)
        # Without a seed, the parts of the DR-learner's cross-fitting do not fit together.
        model.fit(known, treatment, outcome, **({"seed": seed} if kind is BaseDRRegressor else {}))
        average = float(np.mean(model.predict(known)))
        made[f"{name} (causalml)"] = (np.asarray(model.predict(ahead)).ravel(), average, None)
    return made
