"""Average effect, and controls who were exposed."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.propensity.uplift.contamination import Trial, newcombe, observed


def test_the_published_example_corrected() -> None:
    trial = Trial((78, 27, 38, 67), 0.15)
    assert round(trial.treated_rate, 4) == 0.6381
    assert round(trial.control_rate, 4) == 0.2571
    assert trial.effect().value == pytest.approx(67 / 105 - (27 / 105 - 0.15 * 67 / 105) / 0.85)


def test_the_weights_give_the_controls_the_corrected_rate() -> None:
    trial = Trial((78, 27, 38, 67), 0.15)
    weighted = np.array(trial.counts) * trial.weights
    assert weighted[1] / weighted[:2].sum() == pytest.approx(trial.corrected_rate)
    assert weighted[:2].sum() == pytest.approx(105)


@pytest.mark.parametrize("counts", [(0, 100, 0, 100), (100, 0, 0, 100), (100, 0, 100, 0), (90, 10, 10, 90)])
@pytest.mark.parametrize("contamination", [0.0, 0.5, 0.999])
def test_a_rate_beyond_0_or_1_is_clipped_and_weights_stay_finite(
    counts: tuple[int, int, int, int], contamination: float
) -> None:
    trial = Trial(counts, contamination)
    assert 0 <= trial.corrected_rate <= 1
    assert (trial.weights >= 0).all()
    assert np.isfinite(trial.weights).all()
    effect = trial.effect()
    assert -1 <= effect.lower_95 <= effect.value <= effect.upper_95 <= 1


def test_intervals_of_newcombe_1998_table_2() -> None:
    for treated, control, lower, upper in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ):
        found = newcombe(treated[0] / treated[1], treated[1], control[0] / control[1], control[1])
        assert found[1:] == pytest.approx((lower, upper), abs=5e-5)


def test_a_group_without_an_arm_has_no_observed_effect() -> None:
    assert observed(np.array([5, 3, 0, 0]), np.ones(4)) is None
    assert observed(np.array([0, 3, 2, 1]), np.array([1.0, 0.0, 1.0, 1.0])) is None
