from typing import Any

import pytest

from plugins.customer.endpoints.customer_loyalty import ENDPOINT
from plugins.customer.loyalty import METRICS
from tests.plugins.calls import answered, faults


def customer(customer_id: str, *values: float, **features: Any) -> dict[str, Any]:
    metrics = values or (100, 10, 10, 5, 1)
    return {"customer_id": customer_id, "features": dict(zip(METRICS, metrics, strict=True)) | features}


COHORT = [
    customer("best", 100, 10, 10, 5, 0),
    customer("half", 50, 5, 5, 2.5, 50),
    customer("worst", 0, 0, 0, 0, 100),
]


def test_the_documented_example_orders_its_customers_and_summarises_them() -> None:
    assert answered(ENDPOINT, ENDPOINT.example) == {
        "customers": [
            {"customer_id": "C-1001", "loyalty_score": 1.0, "segment": "Platinum"},
            {"customer_id": "C-1002", "loyalty_score": 0.3254, "segment": "Bronze"},
            {"customer_id": "C-1003", "loyalty_score": 0.6494, "segment": "Silver"},
            {"customer_id": "C-1004", "loyalty_score": 0.0477, "segment": "At-Risk"},
        ],
        "summary": {
            "mean_score": 0.5056,
            "median_score": 0.4874,
            "top_decile_threshold": 0.8948,
            "segment_counts": {"Platinum": 1, "Silver": 1, "Bronze": 1, "At-Risk": 1},
        },
    }


def test_the_default_weights_are_those_of_the_example() -> None:
    without = {"customers": ENDPOINT.example["customers"]}
    assert answered(ENDPOINT, without) == answered(ENDPOINT, ENDPOINT.example)


def test_a_customer_at_the_middle_of_every_range_scores_a_half() -> None:
    answer = answered(ENDPOINT, {"customers": COHORT})
    assert [row["loyalty_score"] for row in answer["customers"]] == [1.0, 0.5, 0.0]
    assert [row["segment"] for row in answer["customers"]] == ["Platinum", "Silver", "At-Risk"]


def test_own_tiers_replace_the_default_ones() -> None:
    answer = answered(ENDPOINT, {"customers": COHORT, "segment_thresholds": {"B": 0.1, "A": 0.5}})
    assert [row["segment"] for row in answer["customers"]] == ["A", "A", "At-Risk"]
    assert list(answer["summary"]["segment_counts"].items()) == [("A", 2), ("At-Risk", 1)]


def test_a_tier_of_ones_own_may_be_called_at_risk() -> None:
    answer = answered(ENDPOINT, {"customers": COHORT, "segment_thresholds": {"A": 0.9, "At-Risk": 0.4}})
    assert answer["summary"]["segment_counts"] == {"A": 1, "At-Risk": 2}


def test_a_score_on_a_bound_reaches_it_whatever_the_float_sum() -> None:
    # 0.25 + 0.3 + 0.1 + 0.15 + 0.2·0.25 is 0.8500000000000001 or 0.85 by the order of the sum
    rows = [customer("C-1", 9, 9, 9, 9, 75), customer("C-2", 0, 0, 0, 0, 100), customer("C-3", 0, 0, 0, 0, 0)]
    answer = answered(ENDPOINT, {"customers": rows})
    assert answer["customers"][0] == {"customer_id": "C-1", "loyalty_score": 0.85, "segment": "Platinum"}


def test_features_of_other_routes_are_ignored() -> None:
    rows = [customer("C-1", loyalty_score=0.3, plan="Pro")]
    assert answered(ENDPOINT, {"customers": rows})["customers"][0]["loyalty_score"] == 1.0


def test_weights_that_do_not_sum_to_1() -> None:
    weights = dict.fromkeys(METRICS, 0.3)
    assert faults(ENDPOINT, {"customers": COHORT, "weights": weights}) == [
        ("/weights", "The five weights sum to 1.5; they must sum to 1.")
    ]


@pytest.mark.parametrize(("last", "fits"), [(0.200001, True), (0.199999, True), (0.200002, False)])
def test_weights_may_be_a_millionth_off(last: float, fits: bool) -> None:
    weights = dict(zip(METRICS, (0.2, 0.2, 0.2, 0.2, last), strict=True))
    assert (faults(ENDPOINT, {"customers": COHORT, "weights": weights}) == []) is fits


def test_all_five_weights_are_needed() -> None:
    assert faults(ENDPOINT, {"customers": COHORT, "weights": {"purchase_total": 1}}) == [
        (f"/weights/{name}", "Required, and missing.") for name in METRICS[1:]
    ]


def test_two_tiers_with_one_bound() -> None:
    bounds = {"A": 0.5, "B": 0.2, "C": 0.5}
    assert faults(ENDPOINT, {"customers": COHORT, "segment_thresholds": bounds}) == [
        ("/segment_thresholds/C", "0.5 is the lower bound of 'A' already; give each its own.")
    ]


def test_a_customer_sent_twice() -> None:
    assert faults(ENDPOINT, {"customers": [customer("C-1"), customer("C-1")]}) == [
        ("/customers/1/customer_id", "'C-1' is already at /customers/0; send each customer once.")
    ]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"customers": []}, "/customers"),
        ({"customers": COHORT, "segment_thresholds": {}}, "/segment_thresholds"),
        ({"customers": COHORT, "segment_thresholds": {"A": 1.5}}, "/segment_thresholds/A"),
        ({"customers": [customer("C-1", recency_days=-1)]}, "/customers/0/features/recency_days"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]
