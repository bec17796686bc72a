"""The rules of the API reference's table, at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.propensity.churn_labels import cancelled, lapsed, silent


@pytest.mark.parametrize(("days", "label"), [(0, 0), (89, 0), (90, 1), (91, 1), (5_000, 1)])
def test_reference_4_1_15_ecommerce_churns_at_90_days_of_silence(days: int, label: int) -> None:
    assert silent(np.array([738_000]), np.array([738_000 - days])).tolist() == [label]


@given(st.lists(st.integers(0, 4_000), min_size=1), st.integers(1, 3_650), st.integers(1, 3_650))
def test_a_longer_window_labels_no_more_customers(days: list[int], one: int, other: int) -> None:
    snapshot, last = np.full(len(days), 738_000), 738_000 - np.array(days)
    shorter, longer = sorted((one, other))
    assert (silent(snapshot, last, longer) <= silent(snapshot, last, shorter)).all()


def test_reference_4_1_15_saas_churns_by_cancellation() -> None:
    assert cancelled(np.array([True, False])).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("balance", "topped_up", "label"),
    [(0.0, False, 1), (-0.0, False, 1), (0.0, True, 0), (0.01, False, 0), (-5.0, False, 0), (3.0, True, 0)],
)
def test_reference_4_1_15_prepaid_churns_with_no_balance_and_no_top_up(
    balance: float, topped_up: bool, label: int
) -> None:
    assert lapsed(np.array([balance]), np.array([topped_up])).tolist() == [label]


def test_no_rows_have_no_labels() -> None:
    none = np.array([], dtype=np.int64)
    assert silent(none, none).tolist() == []
