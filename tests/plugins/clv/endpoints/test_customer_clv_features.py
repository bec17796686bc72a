from typing import Any

import pytest

from plugins.clv.endpoints.customer_clv_features import ENDPOINT
from tests.plugins.calls import answered, faults, golden


def order(date: str = "2025-02-20", amount: float = 10.0, **members: Any) -> dict[str, Any]:
    return {"date": date, "amount": amount, **members}


def customer(customer_id: str, *orders: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "transactions": list(orders or [order()]), **members}


def body(*customers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"today": "2025-04-24", "customers": list(customers or [customer("C-1")]), **members}


def test_published_example() -> None:
    example = golden("customer_clv_features")
    [row] = answered(ENDPOINT, example["request"])["customers"]
    [wanted] = example["response"]["customers"]
    words = {"interpretation", "explanations"}
    assert {key: row[key] for key in row.keys() - words} == {
        key: wanted[key] for key in wanted.keys() - words
    }
    assert row.keys() == wanted.keys()
    assert row["explanations"].keys() == wanted["explanations"].keys()
    assert row["interpretation"] == wanted["interpretation"].replace(
        "1 repeat purchases", "1 repeat purchase"
    )


def test_the_batch_says_what_its_money_is() -> None:
    costed, plain = order(cost=4.0), order("2025-03-20")
    assert answered(ENDPOINT, body(customer("C-1", costed)))["monetary_basis"] == "margin"
    answer = answered(ENDPOINT, body(customer("C-1", costed), customer("C-2", plain)))
    assert answer["monetary_basis"] == "revenue"
    assert [row["monetary_value"] for row in answer["customers"]] == [10.0, 10.0]
    assert {
        "code": "partial_costs",
        "message": "1 of 2 orders have no cost: monetary_value is revenue for every customer.",
    } in answer["warnings"]


def test_orders_of_one_day_are_one_purchase() -> None:
    rows = order(amount=6.0), order("2024-01-01"), order(amount=8.0)
    [row] = answered(ENDPOINT, body(customer("C-1", *rows)))["customers"]
    assert (row["frequency"], row["monetary_value"]) == (1, 14.0)


def test_tiers() -> None:
    twice = [
        customer(f"C-{i}", order("2024-01-01"), order(amount=amount))
        for i, amount in enumerate((10.0, 20.0, 30.0))
    ]
    answer = answered(ENDPOINT, body(*twice, customer("C-9", order(amount=5.0))))
    assert [row["clv_potential_tier"] for row in answer["customers"]] == ["Medium", "Medium", "High", "Low"]


def test_churned_by_date_or_by_threshold() -> None:
    customers = (
        customer("C-1", churn_date="2025-04-24"),
        customer("C-2", churn_date="2025-04-25"),
        customer("C-3", order("2025-04-01")),
    )
    flags = [row["churned"] for row in answered(ENDPOINT, body(*customers))["customers"]]
    assert flags == [True, False, False]
    answer = answered(ENDPOINT, body(*customers, churn_threshold_days=63))
    assert [row["churned"] for row in answer["customers"]] == [True, True, False]
    answer = answered(ENDPOINT, body(*customers, churn_threshold_days=64))
    assert [row["churned"] for row in answer["customers"]] == [True, False, False]


def test_currency_and_language() -> None:
    [row, *_] = answered(ENDPOINT, ENDPOINT.example, lang="pt", currency="R$")["customers"]
    assert row["explanations"]["monetary_value"] == (
        "Margem média por pedido: R$\xa0188,40, entre os 34% superiores por valor por pedido."
    )


def test_a_short_history_and_worthless_orders_are_warned_of() -> None:
    answer = answered(ENDPOINT, body(customer("C-1", order(cost=10.0))))
    assert answer["warnings"] == [
        {
            "code": "short_history",
            "message": "The first order is 63 days old; value models want 180 days of history or more.",
        },
        {
            "code": "not_positive",
            "message": "1 of 1 customers have a monetary_value of 0 or less: "
            "Gamma-Gamma models leave them out.",
        },
    ]


def test_without_today_tomorrows_order_is_todays() -> None:
    [row] = answered(ENDPOINT, {"customers": [customer("C-1", order("2025-04-29"))]})["customers"]
    assert (row["recency"], row["T"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (
            body(customer("C-1"), customer("C-1")),
            ("/customers/1/customer_id", "'C-1' is already at /customers/0; send each customer once."),
        ),
        (
            body(customer("C-1", order("2025-04-25"))),
            (
                "/customers/0/transactions/0/date",
                "2025-04-25 is after today, 2025-04-24; send history only.",
            ),
        ),
        (
            {"customers": [customer("C-1", order("2025-04-30"))]},
            (
                "/customers/0/transactions/0/date",
                "2025-04-30 is after the server's date, 2025-04-28, by more than a day; send history only.",
            ),
        ),
    ],
)
def test_what_no_schema_can_say(sent: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(ENDPOINT, sent) == [fault]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (body(customers=[]), "/customers"),
        (body(customer("C-1", transactions=[])), "/customers/0/transactions"),
        (body(customer("C-1", order(amount=-1))), "/customers/0/transactions/0/amount"),
        (body(customer("C-1", order(cost=-1))), "/customers/0/transactions/0/cost"),
        (body(customer("C-1", churn_date="2025-02-30")), "/customers/0/churn_date"),
        (body(churn_threshold_days=0), "/churn_threshold_days"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]


def test_lines_of_one_order_are_one_purchase_on_its_first_day() -> None:
    lines = [order("2025-02-20", transaction_id="T-1"), order("2025-02-22", transaction_id="T-1")]
    apart = [order("2025-02-20", 20.0)]
    together, single = (
        answered(ENDPOINT, body(customer("C-1", *rows)))["customers"] for rows in (lines, apart)
    )
    assert together == single
