"""The route as a caller sees it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from plugins.propensity.endpoints.churn_label import ENDPOINT, MAX_ROWS
from tests.plugins.calls import answered, faults, golden


def labels(business_type: str, *rows: dict[str, Any], **more: Any) -> list[int]:
    answer = answered(ENDPOINT, body(business_type, *rows, **more))
    return [row["churned"] for row in answer]


def body(business_type: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = [
        {"customer_id": f"C-{place}", "snapshot_date": "2025-04-01", **row} for place, row in enumerate(rows)
    ]
    return {"business_type": business_type, "data": data, **more}


@pytest.mark.parametrize("business_type", ["ecommerce", "saas", "prepaid"])
def test_the_documented_examples_are_answered_exactly(business_type: str) -> None:
    published = golden(f"churn_label_{business_type}")
    assert ENDPOINT.examples[business_type] == published["request"]
    assert (answered(ENDPOINT, published["request"])) == published["response"]


def test_a_window_of_ones_own_moves_the_label_to_its_day() -> None:
    rows = [{"last_purchase_date": day} for day in ("2025-01-31", "2025-02-01")]
    assert labels("ecommerce", *rows, window_days=60) == [1, 0]
    assert labels("ecommerce", *rows, window_days=60.0) == [1, 0]
    assert labels("ecommerce", *rows) == [0, 0]
    assert labels("saas", {"subscription_cancelled": True}, window_days=60) == [1]


def test_a_customer_may_have_a_snapshot_on_each_of_several_days() -> None:
    snapshots = [
        {"customer_id": "C", "snapshot_date": day, "last_purchase_date": "2025-01-01"}
        for day in ("2025-03-31", "2025-04-01")
    ]
    assert labels("ecommerce", *snapshots) == [0, 1]


def test_whole_balances_and_other_fields_are_taken_as_they_come() -> None:
    rows = [
        {"balance_after_t": 0, "topped_up_within_cycle": False, "region": ["any", {"thing": None}]},
        {"balance_after_t": -2, "topped_up_within_cycle": False, "last_purchase_date": None},
    ]
    assert labels("prepaid", *rows) == [1, 0]


@pytest.mark.parametrize(
    ("business_type", "row", "missing"),
    [
        ("ecommerce", {"subscription_cancelled": True}, ["last_purchase_date"]),
        ("ecommerce", {"last_purchase_date": None}, ["last_purchase_date"]),
        ("saas", {"last_purchase_date": "2025-01-01"}, ["subscription_cancelled"]),
        ("prepaid", {}, ["balance_after_t", "topped_up_within_cycle"]),
        ("prepaid", {"balance_after_t": 0}, ["topped_up_within_cycle"]),
    ],
)
def test_each_missing_field_of_the_business_is_named_with_its_row(
    business_type: str, row: dict[str, Any], missing: list[str]
) -> None:
    whole = dict(ENDPOINT.examples[business_type]["data"][0])
    assert faults(ENDPOINT, body(business_type, whole, row)) == [
        (f"/data/1/{name}", f"{business_type} needs it in every row, and it is missing or null; send it.")
        for name in missing
    ]


def test_a_snapshot_may_be_of_tomorrow_and_no_later() -> None:
    rows = [{"snapshot_date": day, "subscription_cancelled": False} for day in ("2025-04-29", "2025-04-30")]
    assert faults(ENDPOINT, body("saas", *rows)) == [
        (
            "/data/1/snapshot_date",
            "2025-04-30 is after the server's date, 2025-04-28, by more than a day; send history only.",
        )
    ]


def test_an_order_after_the_snapshot_is_refused() -> None:
    rows = [{"last_purchase_date": day} for day in ("2025-04-01", "2025-04-02")]
    assert faults(ENDPOINT, body("ecommerce", *rows)) == [
        (
            "/data/1/last_purchase_date",
            "2025-04-02 is after the snapshot_date, 2025-04-01; send the last order up to the snapshot.",
        )
    ]
    assert labels("saas", {"subscription_cancelled": False, **rows[1]}) == [0]


def test_a_snapshot_sent_twice_is_named_with_both_places() -> None:
    row = {"customer_id": "C", "subscription_cancelled": False}
    assert faults(ENDPOINT, body("saas", row, {**row, "snapshot_date": "2025-03-01"}, row)) == [
        (
            "/data/2/customer_id",
            "'C' on 2025-04-01 is already at /data/0; send each customer and day once.",
        )
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"business_type": "bank"}, "/business_type"),
        ({"data": []}, "/data"),
        ({"window_days": 0}, "/window_days"),
        ({"window_days": 3651}, "/window_days"),
        ({"window_days": 1.5}, "/window_days"),
        ({"data": [{"customer_id": "C", "snapshot_date": "2025-02-30"}]}, "/data/0/snapshot_date"),
        (
            {"data": [{"customer_id": "C", "snapshot_date": "2025-04-01", "subscription_cancelled": 1}]},
            "/data/0/subscription_cancelled",
        ),
        (
            {"data": [{"customer_id": "C", "snapshot_date": "2025-04-01", "balance_after_t": "0"}]},
            "/data/0/balance_after_t",
        ),
    ],
)
def test_values_that_do_not_fit_are_named(change: dict[str, Any], place: str) -> None:
    whole = body("saas", {"subscription_cancelled": False})
    assert [fault.pointer for fault in faults(ENDPOINT, {**whole, **change})] == [place]


def test_it_takes_as_many_rows_as_documented() -> None:
    assert ENDPOINT.max_rows == {"data": MAX_ROWS}
    first = datetime.date(2024, 1, 1)
    days = [str(first + datetime.timedelta(days=number)) for number in range(450)]
    rows = [{"last_purchase_date": days[place % 450]} for place in range(MAX_ROWS)]
    labels = answered(ENDPOINT, body("ecommerce", *rows))
    assert sum(row["churned"] for row in labels) == sum(
        day <= "2025-01-01" for day in (days[place % 450] for place in range(MAX_ROWS))
    )
