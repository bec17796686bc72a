"""Whether a few customers decide where the others are."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.segmentation.clustering.concentration import concentrated

CHANCE = np.random.default_rng(17)


@pytest.mark.parametrize(
    ("column", "is_skewed"),
    [
        (CHANCE.normal(100, 15, 300), False),
        (CHANCE.exponential(40, 300), False),
        (CHANCE.poisson(6, 300).astype(float), False),
        (np.append(CHANCE.normal(100, 15, 200), 5e6), True),
        (np.append(CHANCE.normal(100, 15, 60), [4e5, 5e5]), True),
        (CHANCE.lognormal(4, 1.6, 500), True),
        (CHANCE.zipf(1.6, 400).clip(max=1e9).astype(float), True),
        (np.full(80, 7.0), False),
        (np.append(np.zeros(100), 1e15), True),
        (np.append(CHANCE.normal(0, 1, 200), 900.0), False),  # negative somewhere: no money, no count
        (np.append(np.zeros(199), 1.0), False),  # a flag
        (np.append(CHANCE.normal(100, 15, 48), 5e6), False),  # 49 customers
        (np.append(CHANCE.normal(100, 15, 49), 5e6), True),
    ],
)
def test_a_feature_is_skewed_if_few_hold_its_spread(column: np.ndarray, is_skewed: bool) -> None:
    figures = np.column_stack([np.arange(len(column), dtype=float), column])
    assert concentrated(figures) == ([1] if is_skewed else [])
