"""Segments of shops in which a few customers buy far more than the others."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from plugins.segmentation.endpoints import (
    purchasing_segmentation_dendrogram,
    segment_subsegment_explore,
    segmentation_report_json_i18n,
)
from plugins.segmentation.endpoints.purchasing_segmentation import ENDPOINT
from tests.plugins.calls import Registry, answered, faults

ONE_KIND = ((100, 20, 4),) * 3
KINDS = ((100, 20, 4), (600, 100, 13), (2500, 200, 31))
"""Mean spend, its spread and mean orders of three kinds of customers."""
QUICK = {"algorithms": ["kmeans", "agglo", "dbscan"], "k_range": [2, 3, 4]}


def customer(number: int, frequency: float, spend: float) -> dict[str, Any]:
    figures = {"frequency": max(1, int(frequency)), "amount_spent": round(float(spend), 2)}
    return {"id": f"C{number:04}", **figures, "product_types": ["tea"]}


def groups(count: int, whales: tuple[float, ...] = (), kinds: Any = KINDS) -> list[dict[str, Any]]:
    """Three kinds of customers, and after them whales, ``count`` in all."""
    chance = np.random.default_rng(1)
    ordinary = [
        customer(number, chance.normal(often, 1.5), max(1.0, chance.normal(mean, spread)))
        for number in range(count - len(whales))
        for mean, spread, often in [kinds[(0, 0, 1, 1, 2)[number % 5]]]
    ]
    return ordinary + [customer(len(ordinary) + number, 12, spend) for number, spend in enumerate(whales)]


def lognormal(count: int, seed: int = 2) -> list[dict[str, Any]]:
    chance = np.random.default_rng(seed)
    frequency, spend = chance.lognormal(1, 0.8, count), chance.lognormal(4, 1.5, count)
    return [customer(number, *pair) for number, pair in enumerate(zip(frequency, spend, strict=True))]


def codes(answer: Any) -> set[str]:
    return {warning["code"] for warning in answer.get("warnings") or []}


def row_of(answer: Any, algo: str) -> Any:
    return next(row for row in answer["benchmark"] if row["algo"] == algo)


@pytest.mark.parametrize("whales", [(5e6,), (5e6, 4e6), (5e6, 2e5, 1e5)])
def test_logarithms_find_the_groups_that_a_whale_hides(whales: tuple[float, ...]) -> None:
    answer = answered(ENDPOINT, {"customers": groups(203, whales), "scaling": "log", **QUICK})
    sizes = Counter(answer["labels"].values())
    assert min(sizes.values()) >= 5
    assert max(sizes.values()) <= 0.75 * 203
    assert codes(answer) == set()
    assert answer["quality"]["stability"]["ari"] >= 0.8


def test_z_scores_beside_a_whale_are_lopsided_and_name_the_scaling_to_try() -> None:
    body = {"customers": groups(201, (5e6,)), "scaling": "zscore", "algorithms": ["kmeans"]}
    answer = answered(ENDPOINT, {**body, "k_range": [3, 4]})
    assert {"lopsided", "skewed"} <= codes(answer)
    skewed = next(warning for warning in answer["warnings"] if warning["code"] == "skewed")
    assert "'amount_spent'" in skewed["message"]
    assert 'scaling "log"' in skewed["message"]
    assert [row["eligible"] for row in answer["benchmark"]] == [False, False]
    assert answer["best_model"]["silhouette"] == max(row["silhouette"] for row in answer["benchmark"])


@pytest.mark.parametrize("count", [60, 199, 201])
def test_one_cluster_and_its_noise_never_wins(count: int) -> None:
    customers = groups(count, (5e6,), ONE_KIND)
    answer = answered(ENDPOINT, {"customers": customers, "scaling": "zscore", "dbscan_eps": 1.0, **QUICK})
    one_cluster = row_of(answer, "dbscan")
    assert one_cluster["eligible"] is False
    assert one_cluster["silhouette"] >= answer["best_model"]["silhouette"]
    assert answer["best_model"]["n_clusters"] >= 2
    assert "lopsided" not in codes(answer) or count >= 200


def test_if_nothing_else_was_asked_for_it_is_the_answer_and_said() -> None:
    body = {"customers": groups(60, (5e6,), ONE_KIND), "scaling": "zscore", "dbscan_eps": 1.0}
    answer = answered(ENDPOINT, {**body, "algorithms": ["dbscan"]})
    assert answer["best_model"]["n_clusters"] == 1
    assert "lopsided" in codes(answer)


@pytest.mark.parametrize(("count", "few_are_told"), [(199, False), (200, True), (201, True)])
def test_small_clusters_are_ineligible_from_two_hundred_customers_on(count: int, few_are_told: bool) -> None:
    body = {"customers": groups(count, (5e6,)), "algorithms": ["kmeans"], "k_range": [2]}
    answer = answered(ENDPOINT, body)
    [row] = answer["benchmark"]
    assert row.get("eligible", True) is not few_are_told
    assert ("lopsided" in codes(answer)) is few_are_told
    everyone = answered(ENDPOINT, {**body, "min_cluster_share": 0.0})
    assert "lopsided" not in codes(everyone)


def test_an_eligible_partition_wins_over_a_higher_silhouette() -> None:
    customers = groups(240, (4e4, 4.1e4))
    answer = answered(ENDPOINT, {"customers": customers, "algorithms": ["kmeans"], "k_range": [2, 3]})
    tolerant = {"customers": customers, "algorithms": ["kmeans"], "k_range": [2, 3], "min_cluster_share": 0}
    assert min(Counter(answered(ENDPOINT, tolerant)["labels"].values()).values()) == 2
    eligible = [row for row in answer["benchmark"] if row.get("eligible", True)]
    if eligible:
        assert min(Counter(answer["labels"].values()).values()) >= 0.02 * 240
    else:
        assert "lopsided" in codes(answer)


def test_heavy_tails() -> None:
    customers = lognormal(500)
    raw = answered(ENDPOINT, {"customers": customers, **QUICK})
    assert "skewed" in codes(raw)
    logs = answered(ENDPOINT, {"customers": customers, "scaling": "log", **QUICK})
    assert codes(logs) <= {"unstable"}
    assert max(Counter(logs["labels"].values()).values()) <= 375


def test_stability_from_fifty_customers_on_and_said_if_it_is_low() -> None:
    body = {"algorithms": ["kmeans"], "k_range": [3]}
    assert answered(ENDPOINT, {"customers": groups(49), **body})["quality"]["stability"] is None
    good = answered(ENDPOINT, {"customers": groups(50), **body})
    stable = good["quality"]["stability"]
    assert stable["lower"] <= stable["ari"] <= stable["upper"]
    assert "unstable" not in codes(good)
    # A round cloud may be cut in any direction.
    cloud = np.random.default_rng(6).normal((50, 500), (9, 90), (60, 2))
    customers = [customer(number, *pair) for number, pair in enumerate(cloud.tolist())]
    answer = answered(
        ENDPOINT, {"customers": customers, "algorithms": ["kmeans"], "k_range": [3], "scaling": "zscore"}
    )
    assert answer["quality"]["stability"]["ari"] < 0.6
    assert "unstable" in codes(answer)


def test_one_column_is_constant_or_all_are_equal() -> None:
    constant = [{**each, "frequency": 3} for each in groups(210)]
    answer = answered(ENDPOINT, {"customers": constant, "scaling": "log", **QUICK})
    assert answer["best_model"]["n_clusters"] >= 2
    equal = [customer(number, 3, 50.0) for number in range(210)]
    [fault] = faults(ENDPOINT, {"customers": equal, "scaling": "log", **QUICK})
    assert fault.pointer == "/customers"


def vectors(customers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": each["id"],
            "features": {
                "purchase_total": each["amount_spent"],
                "visit_frequency": each["frequency"],
                "avg_ticket": each["amount_spent"] / each["frequency"],
                "product_diversity": 1 + number % 4,
                "loyalty_score": 0.5,
                "recency_days": 3 * (number % 40),
            },
        }
        for number, each in enumerate(customers)
    ]


def test_feature_vectors_take_logarithms_too() -> None:
    data = vectors(groups(120, (5e6,)))
    body = {"data": data, "max_clusters": 3, "algorithms": ["kmeans"]}
    plain, logs = answered(ENDPOINT, body), answered(ENDPOINT, {**body, "scaling": "log"})
    assert plain == answered(ENDPOINT, {**body, "scaling": "zscore"})
    assert plain["quality"]["silhouette"] != logs["quality"]["silhouette"]
    assert "skewed" in codes(plain)
    assert "skewed" not in codes(logs)
    [fault] = faults(ENDPOINT, {**body, "scaling": "raw"})
    assert fault.pointer == "/scaling"


def test_new_customers_are_assigned_in_logarithms() -> None:
    registry = Registry(ENDPOINT)
    body = {"data": vectors(groups(120, (5e6,))), "max_clusters": 3, "algorithms": ["kmeans"]}
    made = answered(ENDPOINT, {**body, "scaling": "log"}, registry)
    stored = made["model_info"]["segmentation_id"]
    again = answered(ENDPOINT, {**body, "segmentation_id": stored}, registry)
    assert again["customer_labels"] == made["customer_labels"]


def test_a_gap_is_filled_with_a_typical_value() -> None:
    rows = vectors(groups(120, (5e6,)))
    for number, row in enumerate(rows):
        row["features"]["points"] = float(10 + number)
    registry = Registry(ENDPOINT)
    body = {"data": rows, "max_clusters": 3, "algorithms": ["kmeans"], "scaling": "log"}
    stored = answered(ENDPOINT, body, registry)["model_info"]["segmentation_id"]
    del rows[0]["features"]["points"]
    answer = answered(ENDPOINT, {**body, "segmentation_id": stored}, registry)
    assert answer["model_info"]["missing_features"] == ["points"]
    assert answer["customer_labels"][0]["cluster_id"] is not None


def test_other_routes_say_so_too() -> None:
    customers = groups(201, (5e6,))
    tree = answered(purchasing_segmentation_dendrogram.ENDPOINT, {"customers": customers})
    assert {"lopsided", "skewed"} <= codes(tree)
    labels = {each["id"]: 0 for each in customers}
    parts = answered(
        segment_subsegment_explore.ENDPOINT, {"customers": customers, "labels": labels, "k_range": [2]}
    )
    assert {"lopsided", "skewed"} <= codes(parts)
    assert parts["warnings"][0]["message"].startswith("Inside cluster 0: ")
    reports = answered(segmentation_report_json_i18n.ENDPOINT, {"customers": customers, **QUICK})
    assert {"lopsided", "skewed"} <= codes(reports)
