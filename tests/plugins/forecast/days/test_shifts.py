from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.days.shifts import find
from tests.plugins.forecast.judging.generated import KINDS, generated


@pytest.mark.parametrize("place", [40, 45, 60, 77])
def test_a_step_is_found_to_the_day(place: int) -> None:
    values = np.append(np.full(place, 10.0), np.full(120 - place, 25.0))
    values = values + np.random.default_rng(1).normal(0, 1, 120)
    step = find(values)
    assert step is not None
    assert step.start == place
    assert step.size == pytest.approx(15, abs=0.5)


@pytest.mark.parametrize(
    "values", [np.zeros(100), np.arange(100.0), np.sin(np.arange(400) / 60), np.ones(30)]
)
def test_constants_lines_waves_and_short_series_have_none(values: np.ndarray) -> None:
    assert find(values) is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "level_shift"])
def test_other_kinds_of_series_have_almost_none(kind: str) -> None:
    assert sum(find(generated(kind, seed).values) is not None for seed in range(50)) <= 2
