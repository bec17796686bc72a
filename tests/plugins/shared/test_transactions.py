from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugins.shared.transactions import histories, to_cents

CENT = Decimal("0.01")


def test_features_of_c1001_in_reference_4_1_2_example() -> None:
    total = np.array([520.55 + 398.40])
    assert to_cents(total).tolist() == [918.95]
    assert to_cents(total / 2).tolist() == [459.48]


@given(st.lists(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 10**6)), min_size=1), min_size=1))
def test_a_history_is_what_a_loop_over_its_customer_finds(customers: list[list[tuple[int, int]]]) -> None:
    flat = np.array([row for rows in customers for row in rows])
    history = histories(flat[:, 0], flat[:, 1].astype(float), np.array([len(r) for r in customers]), 1000)
    assert history.recency_days.tolist() == [1000 - max(day for day, _ in rows) for rows in customers]
    assert history.frequency.tolist() == [len(rows) for rows in customers]
    assert history.monetary.tolist() == [sum(amount for _, amount in rows) for rows in customers]


@given(st.integers(0, 10**13))
def test_tenths_of_cents_round_as_decimals_do(thousandths: int) -> None:
    exact = (Decimal(thousandths) / 1000).quantize(CENT, ROUND_HALF_UP)
    assert to_cents(np.array([thousandths / 1000])).tolist() == [float(exact)]


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=50))
def test_mean_of_cents_rounds_as_decimals_do(cents: list[int]) -> None:
    mean = (Decimal(sum(cents)) / 100 / len(cents)).quantize(CENT, ROUND_HALF_UP)
    total = np.add.reduce(np.array([cent / 100 for cent in cents]))
    assert to_cents(np.array([total / len(cents)])).tolist() == [float(mean)]


def test_a_transaction_after_today_leaves_recency_at_zero() -> None:
    history = histories(np.array([101]), np.array([5.0]), np.array([1]), 100)
    assert history.recency_days.tolist() == [0]


def test_the_largest_amounts_stay_finite() -> None:
    assert to_cents(np.array([0.0, 1e15, 1e36])).tolist() == [0.0, 1e15, 1e36]
