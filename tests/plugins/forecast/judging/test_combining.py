from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.judging.combining import clearly_better, combined, weights
from plugins.forecast.judging.reconciling import reconciled


def test_weights_add_up_to_one_and_go_with_the_square_of_the_error() -> None:
    shares = weights({"a": 2.0, "b": 1.0, "c": 4.0})
    assert list(shares) == ["b", "a", "c"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["b"] / shares["a"] == pytest.approx(4)
    assert weights({}) == {}


def test_a_model_without_error_takes_all_and_a_hopeless_one_is_left_out() -> None:
    assert weights({"a": 0.0, "b": 1.0}) == {"a": 1.0}
    assert list(weights({"a": 1.0, "b": 20.0})) == ["a"]


def test_the_combination_is_the_weighted_mean() -> None:
    assert combined([np.ones(3), np.zeros(3)], [0.25, 0.75]).tolist() == [0.25] * 3


def test_a_lead_in_one_week_of_many_is_not_clear() -> None:
    errors = np.random.default_rng(1).normal(0, 1, (4, 91))
    other = errors.copy()
    other[0, :7] += 5
    assert not clearly_better(errors, other)
    assert clearly_better(errors * 0.3, errors)


def test_no_part_gets_less_accurate_than_it_was_for_a_bad_total() -> None:
    random = np.random.default_rng(1)
    truth = np.array([[100.0], [3000.0]]) + np.zeros((2, 60))
    parts = truth + np.array([[10.0], [0.0]]) * random.normal(0, 1, (2, 60))
    total = truth.sum(axis=0) + random.normal(0, 500, 60)
    moved = reconciled(total, parts, 500.0, np.array([10.0, 0.0]))
    before, after = (np.sqrt(((one - truth) ** 2).mean(axis=1)) for one in (parts, moved))
    assert (after <= 1.02 * before).all()
    assert moved[1].tolist() == truth[1].tolist()


def test_a_sure_total_draws_the_parts_to_itself_and_none_falls_below_zero() -> None:
    parts = np.array([[10.0], [1.0]])
    assert reconciled(np.array([22.0]), parts, 0.0, np.array([1.0, 1.0])).sum() == pytest.approx(22)
    assert reconciled(np.array([0.0]), parts, 0.0, np.array([1.0, 5.0])).min() == 0
    assert reconciled(np.array([5.0]), parts, 0.0, np.zeros(2)).tolist() == parts.tolist()
