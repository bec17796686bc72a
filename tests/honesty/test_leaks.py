"""Learners that are given noise say so: nothing of the held-out rows, or of the labels, has leaked."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.propensity.classifier.automl import Outcome
from tests.plugins.propensity.classifier.models import trained

SEEDS = 3
ROWS = 600


def of_noise(seed: int) -> Outcome:
    """Five features, one a category of many levels, and labels that have nothing to do with them."""
    chance = np.random.default_rng(seed)
    rows = [
        {
            **{f"x{place}": float(value) for place, value in enumerate(chance.normal(size=4))},
            "town": f"t{chance.integers(0, 60)}",
        }
        for _ in range(ROWS)
    ]
    return trained(rows, chance.permutation(np.arange(ROWS) % 2).tolist())


@pytest.mark.slow
def test_shuffled_labels_give_every_learner_an_area_of_a_half() -> None:
    areas: dict[str, list[float]] = {}
    for seed in range(SEEDS):
        for one in of_noise(seed).candidates:
            areas.setdefault(one.name, []).append(one.roc_auc)
    assert len(areas) >= 4
    means = {name: float(np.mean(values)) for name, values in areas.items()}
    assert all(abs(mean - 0.5) <= 0.05 for mean in means.values()), means
