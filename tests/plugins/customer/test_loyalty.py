import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plugins.customer.loyalty import DEFAULT_WEIGHTS, loyalty_index, min_max

WEIGHTS = np.array(DEFAULT_WEIGHTS)
COHORTS = st.integers(1, 8).flatmap(lambda n: arrays(float, (n, 5), elements=st.floats(0, 1e15)))


def test_income_of_han_kamber_pei_2011_example_3_4_scales_to_0_716() -> None:
    incomes = np.array([[12_000.0], [73_600.0], [98_000.0]])
    assert min_max(incomes).ravel().tolist() == pytest.approx([0, 0.716, 1], abs=5e-4)


@given(COHORTS)
def test_the_index_lies_between_0_and_1(metrics: np.ndarray) -> None:
    index = loyalty_index(metrics, WEIGHTS)
    assert np.isfinite(index).all()
    assert (index >= 0).all()
    assert (index <= 1).all()


@given(COHORTS, st.integers(0, 4))
def test_no_customer_gains_by_buying_less_or_longer_ago(metrics: np.ndarray, column: int) -> None:
    worse = metrics.copy()
    worse[0, column] = metrics[:, column].max() if column == 4 else metrics[:, column].min()
    spread = np.vstack([worse, metrics])  # the cohort keeps its range
    index = loyalty_index(np.vstack([metrics[:1], spread]), WEIGHTS)
    assert index[1] <= index[0]


def test_best_in_all_is_1_and_worst_in_all_is_0() -> None:
    metrics = np.array([[100, 10, 10, 5, 1], [50, 5, 9, 3, 30], [10, 1, 8, 1, 90]], dtype=float)
    index = loyalty_index(metrics, WEIGHTS)
    assert index[0] == 1
    assert index[2] == 0


def test_a_customer_alone_scores_1() -> None:
    assert loyalty_index(np.array([[0.0, 0, 0, 0, 400]]), WEIGHTS).tolist() == [1]


def test_weights_a_hair_above_1_do_not_lift_the_index_above_1() -> None:
    assert loyalty_index(np.ones((1, 5)), np.array([0.2, 0.2, 0.2, 0.2, 0.200001])).tolist() == [1]
