import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifetimes.datasets import load_transaction_data
from lifetimes.utils import summary_data_from_transaction_data

from plugins.clv.history.histories import Occasions, histories, occasions, order_values

Customers = list[list[tuple[int, int]]]
CUSTOMERS = st.lists(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 10**6)), min_size=1), min_size=1)


def bought(customers: Customers) -> Occasions:
    flat = np.array([row for rows in customers for row in rows])
    return occasions(flat[:, 0], flat[:, 1].astype(float), np.array([len(rows) for rows in customers]))


def test_c1001_of_the_detailed_document_4_1_5() -> None:
    values, basis = order_values(np.array([520.55, 398.40]), np.array([312.33, 210.00]))
    history = histories(occasions(np.array([0, 131]), values, np.array([2])), 194)
    assert basis == "margin"
    assert [column.tolist() for column in history] == [[0], [1], [131.0], [194.0], [188.4]]


@given(CUSTOMERS)
def test_a_history_is_what_a_loop_over_its_customer_finds(customers: Customers) -> None:
    history = histories(bought(customers), 60)
    assert history.owner.tolist() == list(range(len(customers)))
    for i, rows in enumerate(customers):
        by_day: dict[int, int] = {}
        for day, value in sorted(rows):
            by_day[day] = by_day.get(day, 0) + value
        values = list(by_day.values())
        repeat = values[1:] or values
        assert history.frequency[i] == len(by_day) - 1
        assert history.recency[i] == max(by_day) - min(by_day)
        assert history.T[i] == 60 - min(by_day)
        assert history.monetary_value[i] == pytest.approx(sum(repeat) / len(repeat), abs=1e-6)


@given(CUSTOMERS)
def test_the_order_of_a_customers_orders_changes_nothing(customers: Customers) -> None:
    turned = [rows[::-1] for rows in customers]
    for one, other in zip(histories(bought(customers), 60), histories(bought(turned), 60), strict=True):
        np.testing.assert_array_equal(one, other)


def test_lifetimes_finds_the_same() -> None:
    rows = load_transaction_data()
    rows["day"] = rows["date"].map(lambda text: np.datetime64(text[:10]).astype(int))
    rows["value"] = np.arange(len(rows)) % 97 + 1.0
    wanted = summary_data_from_transaction_data(
        rows, "id", "date", monetary_value_col="value", observation_period_end="2014-12-31"
    )
    rows = rows.sort_values("id", kind="stable")
    sizes = rows.groupby("id").size().to_numpy()
    found = histories(
        occasions(rows["day"].to_numpy(), rows["value"].to_numpy(), sizes),
        int(np.datetime64("2014-12-31").astype(int)),
    )
    np.testing.assert_array_equal(found.frequency, wanted["frequency"])
    np.testing.assert_array_equal(found.recency, wanted["recency"])
    np.testing.assert_array_equal(found.T, wanted["T"])
    repeat = found.frequency > 0
    np.testing.assert_allclose(found.monetary_value[repeat], wanted["monetary_value"][repeat], atol=1e-6)


def test_one_cost_that_lacks_makes_all_values_revenue() -> None:
    values, basis = order_values(np.array([5.0, 7.0]), np.array([1.0, np.nan]))
    assert (values.tolist(), basis) == ([5.0, 7.0], "revenue")


def test_tomorrows_order_counts_as_todays() -> None:
    history = histories(occasions(np.array([90, 101, 101]), np.array([1.0, 2.0, 3.0]), np.array([2, 1])), 100)
    assert history.recency.tolist() == [10.0, 0.0]
    assert history.T.tolist() == [10.0, 0.0]


def test_the_largest_amounts_stay_finite() -> None:
    history = histories(occasions(np.arange(3), np.full(3, 1e15), np.array([3])), 3)
    assert history.monetary_value.tolist() == [1e15]


def test_a_key_that_would_overflow_is_refused() -> None:
    with pytest.raises(ValueError, match="2 customers over"):
        occasions(np.array([0, 2**62]), np.ones(2), np.ones(2, dtype=np.int64))
