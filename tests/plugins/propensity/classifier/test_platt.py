"""Platt scaling corrects scale and offset, and keeps ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from plugins.propensity.classifier.platt import Platt, fit


def test_scores_that_are_thrice_too_bold_are_divided_by_three() -> None:
    chance = np.random.default_rng(7)
    truth = chance.normal(size=50_000)
    labels = (chance.random(50_000) < expit(truth)).astype(np.int8)
    found = fit(3 * truth + 1.5, labels)
    assert found.slope == pytest.approx(1 / 3, rel=0.02)
    assert found.intercept == pytest.approx(-0.5, abs=0.03)


def test_scores_that_say_the_opposite_give_everybody_the_base_rate() -> None:
    labels = np.array([0, 0, 0, 1], dtype=np.int8)
    found = fit(np.array([2.0, 1.0, 0.5, -1.0]), labels)
    # Platt's targets: (3 · 1/5 + 2/3) / 4
    assert found.probability(np.array([-9.0, 0.0, 9.0])) == pytest.approx([(3 / 5 + 2 / 3) / 4] * 3)
    assert found.slope == 0.0


def test_perfect_separation_stays_short_of_certainty() -> None:
    labels = np.repeat([0, 1], 20).astype(np.int8)
    found = fit(np.repeat([-1.0, 1.0], 20), labels)
    assert found.probability(np.array([1.0])) == pytest.approx([21 / 22], abs=1e-4)
    assert logit(21 / 22) == pytest.approx(found.slope + found.intercept, abs=1e-3)


@given(st.floats(0, 1e6), st.floats(-1e6, 1e6), st.lists(st.floats(allow_nan=False), min_size=2, max_size=20))
def test_probabilities_are_probabilities_and_keep_the_order(
    slope: float, intercept: float, scores: list[float]
) -> None:
    ordered = np.sort(np.array(scores))
    found = Platt(slope, intercept).probability(ordered)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()
