from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.days.effects import column_effects


def random(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_a_driver_has_its_coefficient_on_any_scale(scale: float) -> None:
    hours = random().normal(10, 3, 300) * scale
    [effect] = column_effects(500 + 100 * hours / scale + random(2).normal(0, 20, 300), hours[:, None]).sizes
    assert effect * scale == pytest.approx(100, rel=0.03)


def test_a_driver_that_follows_the_week_has_its_own_coefficient_not_the_weeks() -> None:
    weekday = np.arange(300) % 7 < 5
    hours = 8.0 * weekday + random().normal(0, 1, 300)
    [effect] = column_effects(500 + 100 * hours + 300 * weekday, hours[:, None]).sizes
    assert effect == pytest.approx(100, rel=0.02)


def test_collinear_constant_and_one_hot_columns_share_what_there_is() -> None:
    hours = random().normal(10, 3, 200)
    columns = np.column_stack([hours, 2 * hours, np.full(200, 3.0)])
    effects = column_effects(100 * hours + random(2).normal(0, 10, 200), columns).sizes
    assert effects[2] == 0
    assert effects[0] + 2 * effects[1] == pytest.approx(100, rel=0.02)
    groups = np.eye(3)[random(3).integers(0, 3, 200)]
    effects = column_effects(100 + groups @ [0, 50, 100] + random(4).normal(0, 10, 200), groups).sizes
    assert np.diff(effects) == pytest.approx([50, 50], abs=8)


def test_a_flag_keeps_its_effect_and_a_few_outliers_do_not_bend_it() -> None:
    flag = (random().random(200) < 0.1).astype(float)
    values = 1000 + 600 * flag + random(2).normal(0, 30, 200)
    values[[20, 90, 150]] += 5000
    [effect] = column_effects(values, flag[:, None]).sizes
    assert effect == pytest.approx(600, rel=0.1)
