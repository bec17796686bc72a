import itertools
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.customer.endpoints.customer_features import ENDPOINT
from tests.plugins.calls import answered, faults, golden

ORDER_IDS = itertools.count()


def row(**members: Any) -> dict[str, Any]:
    return {
        "transaction_id": f"T-{next(ORDER_IDS)}",
        "date": "2025-04-20",
        "amount": 10,
        "product_id": "P",
        **members,
    }


def customer(*rows: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"customer_id": "C-1", "transactions": list(rows or [row()]), **members}


def body(*customers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"customers": list(customers or [customer()]), **members}


def features(*customers: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = answered(ENDPOINT, body(*customers, today="2025-04-24"), headers=headers or {})
    found: dict[str, Any] = answer["customers"][0]["features"]
    return found


def test_published_example() -> None:
    example = golden("customer_features")
    assert answered(ENDPOINT, example["request"]) == example["response"]


def test_reference_4_1_2_example_rounds_half_a_cent_up() -> None:
    found = features(customer(row(amount=520.55), row(amount=398.40)))
    assert (found["purchase_total"], found["avg_ticket"]) == (918.95, 459.48)


def test_own_features_follow_the_six_unchanged() -> None:
    found = features(customer(features={"open_tickets": 2, "share": 0.1234567}))
    assert list(found.items())[6:] == [("open_tickets", 2), ("share", 0.1234567)]
    assert isinstance(found["open_tickets"], int)


def test_a_computed_feature_wins_and_says_so() -> None:
    sent = customer(features={"purchase_total": 1.0, "x": 1.0}), customer(customer_id="C-2")
    answer = answered(ENDPOINT, body(*sent))
    assert answer["customers"][0]["features"]["purchase_total"] == 10.0
    assert answer["warnings"] == [
        {
            "code": "feature_replaced",
            "message": "`features` of the request holds purchase_total: the computed values stand instead.",
        }
    ]


def test_own_features_are_numbers() -> None:
    [fault, *_] = faults(ENDPOINT, body(customer(features={"plan": "Pro"})))
    assert fault[0] == "/customers/0/features/plan"


def test_currencies_are_converted_by_the_table() -> None:
    rows = row(currency="USD", amount=100), row(currency="EUR", amount=10), row(amount=1)
    found = features(customer(*rows), headers={"currency_conversion_table": '{"EUR": 1, "USD": 0.925}'})
    assert found["purchase_total"] == 103.5


def test_a_currency_that_the_table_lacks() -> None:
    headers = {"currency_conversion_table": '{"EUR": 1}'}
    sent = body(customer(row(currency="EUR"), row(currency="USD")))
    assert faults(ENDPOINT, sent, headers=headers) == [
        (
            "/customers/0/transactions/1/currency",
            "'USD' has no rate in header currency_conversion_table; add it.",
        )
    ]


def test_one_currency_needs_no_table() -> None:
    assert features(customer(row(currency="EUR"), row(currency="EUR"), row()))["purchase_total"] == 30.0


def test_two_currencies_need_a_table() -> None:
    sent = body(customer(row(), row(currency="EUR")), customer(row(currency="USD"), customer_id="C-2"))
    assert faults(ENDPOINT, sent) == [
        (
            "/customers/1/transactions/0/currency",
            "'USD' beside 'EUR'; send header currency_conversion_table.",
        )
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("EUR=1", '\'EUR=1\' is not a JSON object of rates, such as {"EUR": 1, "USD": 0.92}.'),
        ("[" * 100_000, f'\'{"[" * 40}…\' is not a JSON object of rates, such as {{"EUR": 1, "USD": 0.92}}.'),
        ('{"EUR": 0}', "the rate of 'EUR' is 0; send a number above 0."),
        ('{"EUR": true}', "the rate of 'EUR' is true; send a number above 0."),
        ('{"EUR": "1"}', "the rate of 'EUR' is '1'; send a number above 0."),
        ('{"EUR": NaN}', "the rate of 'EUR' is nan; send a number above 0."),
        ('{"EUR": Infinity}', "the rate of 'EUR' is inf; send a number above 0."),
    ],
)
def test_a_malformed_table(table: str, message: str) -> None:
    with pytest.raises(Problem) as refused:
        faults(ENDPOINT, body(), headers={"currency_conversion_table": table})
    assert refused.value.status == 400
    assert refused.value.detail == f"currency_conversion_table: {message}"


def test_a_customer_sent_twice() -> None:
    assert faults(ENDPOINT, body(customer(), customer(customer_id="C-2"), customer())) == [
        ("/customers/2/customer_id", "'C-1' is already at /customers/0; send each customer once.")
    ]


def test_a_transaction_after_the_today_that_was_sent() -> None:
    assert faults(ENDPOINT, body(today="2025-04-19")) == [
        (
            "/customers/0/transactions/0/date",
            "2025-04-20 is after today, 2025-04-19; send history only.",
        )
    ]


def test_without_today_tomorrow_is_today_and_no_later_day_fits() -> None:
    answer = answered(ENDPOINT, body(customer(row(date="2025-04-29"))))
    assert answer["customers"][0]["features"]["recency_days"] == 0.0
    assert faults(ENDPOINT, body(customer(row(date="2025-04-30")))) == [
        (
            "/customers/0/transactions/0/date",
            "2025-04-30 is after the server's date, 2025-04-28, by more than a day; send history only.",
        )
    ]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"customers": []}, "/customers"),
        (body(customer(transactions=[])), "/customers/0/transactions"),
        (body(customer(row(amount=-1))), "/customers/0/transactions/0/amount"),
        (body(customer(row(date="2025-02-30"))), "/customers/0/transactions/0/date"),
        (body(customer(loyalty_score=1.1)), "/customers/0/loyalty_score"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]


def test_lines_of_one_order_are_one_visit() -> None:
    lines = [row(transaction_id="T-1", amount=amount, product_id=f"P-{amount}") for amount in (30, 20, 50)]
    vector = features(customer(*lines, row(transaction_id="T-2", amount=100, date="2025-04-01")))
    assert (vector["visit_frequency"], vector["avg_ticket"], vector["product_diversity"]) == (2.0, 100.0, 4.0)
    assert (vector["purchase_total"], vector["recency_days"]) == (200.0, 4.0)


def test_an_order_id_that_two_customers_have_is_two_orders() -> None:
    both = [customer(row(transaction_id="T-1"), customer_id=name) for name in ("C-1", "C-2")]
    answer = answered(ENDPOINT, body(*both, today="2025-04-24"))
    assert [line["features"]["visit_frequency"] for line in answer["customers"]] == [1.0, 1.0]
