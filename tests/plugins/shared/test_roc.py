"""The interval of an area under the curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from plugins.shared.roc import area


def drawn(ones: int, zeros: int, seed: int, decimals: int = 9) -> tuple[Any, Any]:
    chance = np.random.default_rng(seed)
    labels = np.array([1] * ones + [0] * zeros, dtype=np.int8)
    return labels, np.round(chance.normal(size=ones + zeros) + 0.8 * labels, decimals)


@pytest.mark.parametrize("decimals", [9, 0], ids=["distinct", "tied"])
def test_it_is_delong_delong_and_clarke_pearson_1988_equations_4_to_7(decimals: int) -> None:
    labels, scores = drawn(13, 21, seed=1, decimals=decimals)
    ones, zeros = scores[labels == 1], scores[labels == 0]
    psi = (ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros)
    variance = psi.mean(axis=1).var(ddof=1) / 13 + psi.mean(axis=0).var(ddof=1) / 21
    value = psi.mean()
    reach = 1.959963984540054 * np.sqrt(variance) / (value * (1 - value))
    expected = [value, expit(logit(value) - reach), expit(logit(value) + reach)]
    assert list(area(labels, scores)) == pytest.approx(expected)
    assert value == pytest.approx(roc_auc_score(labels, scores))


def test_it_agrees_with_the_bootstrap() -> None:
    labels, scores = drawn(150, 250, seed=2)
    chance = np.random.default_rng(3)
    drawings = []
    for _ in range(2_000):
        rows = np.concatenate([chance.integers(0, 150, 150), chance.integers(150, 400, 250)])
        drawings.append(area(labels[rows], scores[rows]).value)
    found = area(labels, scores)
    np.testing.assert_allclose(found[1:], np.quantile(drawings, [0.025, 0.975]), atol=0.008)


def test_it_covers_the_true_area_in_about_95_of_100_samples() -> None:
    truth = 0.7141962  # of normal scores 0.8 apart: the normal distribution at 0.8 / √2
    found = [area(*drawn(30, 40, seed)) for seed in range(1_000)]
    assert 0.93 < np.mean([one.lower <= truth <= one.upper for one in found]) < 0.97


def test_classes_that_are_parted_wholly_leave_an_interval_open() -> None:
    labels = np.array([0, 0, 1, 1], dtype=np.int8)
    assert area(labels, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx((1.0, np.sqrt(0.025), 1.0))
    assert area(labels, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx((0.0, 0.0, 1 - np.sqrt(0.025)))


def test_a_single_row_of_a_class_says_nothing() -> None:
    labels = np.array([1, 0, 0], dtype=np.int8)
    assert area(labels, np.array([2.0, 1.0, 3.0])) == (0.5, 0.0, 1.0)
