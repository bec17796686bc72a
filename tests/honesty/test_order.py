"""The order in which rows and members of a body stand changes no answer, but for the numbers of clusters,
what K-Means and mixtures start from, and ties, which are documented to go by first appearance."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score

from abintel.discovery import discover
from tests.contract.roster import ROSTER
from tests.honesty.bodies import SIZES, body, columns_reversed, differences, shuffled
from tests.plugins.calls import Registry, answered

ENDPOINTS = {endpoint.name: endpoint for endpoint in discover(list(ROSTER)).endpoints}
NOT_TURNED = {
    "segment_hierarchy_chart": "a tree: its rows are its branches, in their order",
    "segmentation_report_pdf": "pages",
    "propensity_respond_campaign": "as propensity_buy_product",
    "propensity_upgrade_plan": "as propensity_buy_product",
    "propensity_downgrade_plan": "as propensity_buy_product",
    "propensity_engage_any": "as propensity_buy_product",
}
TIED = (".top_categories",)
CLUSTERED = (
    *(
        "customer_segmentation",
        "purchasing_segmentation",
        "purchasing_segmentation_dendrogram",
        "segment_subsegment_explore",
    ),
)
SEEDED = ("kmeans", "gmm", "KMeans", "GaussianMixture")


def answer(route: str, sent: dict[str, Any]) -> Any:
    endpoint = ENDPOINTS[route]
    return answered(endpoint, sent, Registry(endpoint) if endpoint.trainable is not None else None)


def test_every_route_is_turned_around_or_has_a_reason_not_to_be() -> None:
    assert {*SIZES} | {*NOT_TURNED} == {*ENDPOINTS}


def routes(but: tuple[str, ...] = ()) -> list[Any]:
    """Those that are turned around; where a model is trained for it, among the long proofs."""
    return [
        pytest.param(route, marks=pytest.mark.slow if ENDPOINTS[route].trainable is not None else ())
        for route in SIZES
        if route not in but
    ]


@pytest.mark.parametrize("route", routes(but=CLUSTERED))
def test_rows_in_another_order_get_the_same_answer(route: str) -> None:
    sent = body(route)
    found = differences(answer(route, sent), answer(route, shuffled(sent)))
    assert [one for one in found if not one.path.endswith((*TIED, ".segmentation_id"))] == []


def test_rows_in_another_order_get_the_same_segments() -> None:
    sent = body("purchasing_segmentation")
    one, other = (answer("purchasing_segmentation", each) for each in (sent, shuffled(sent)))
    assert one["best_model"]["algo"] == other["best_model"]["algo"]
    ids = sorted(one["labels"])
    assert (
        adjusted_rand_score([one["labels"][each] for each in ids], [other["labels"][each] for each in ids])
        == 1
    )
    judged, again = ([row for row in each["benchmark"] if row["algo"] not in SEEDED] for each in (one, other))
    assert judged
    assert list(differences(judged, again)) == []


@pytest.mark.slow
def test_rows_in_another_order_get_the_same_customer_segments() -> None:
    sent = body("customer_segmentation")
    one, other = (answer("customer_segmentation", each) for each in (sent, shuffled(sent)))
    assert one["best_algorithm"] == other["best_algorithm"]
    labels, again = (
        {row["customer_id"]: row["cluster_id"] for row in each["customer_labels"]} for each in (one, other)
    )
    ids = sorted(labels)
    assert adjusted_rand_score([labels[each] for each in ids], [again[each] for each in ids]) == 1
    sizes, same = (
        sorted((row["size"], row["persona_label"]) for row in each["clusters"]) for each in (one, other)
    )
    assert sizes == same
    assert list(differences(one.get("stability"), other.get("stability"))) == []
    judged, same_judged = (
        [row for row in each["evaluation_metrics"] if row["algorithm"] not in SEEDED] for each in (one, other)
    )
    assert judged
    assert list(differences(judged, same_judged)) == []


def test_rows_in_another_order_get_the_same_tree() -> None:
    sent = body("purchasing_segmentation_dendrogram")
    one, other = (answer("purchasing_segmentation_dendrogram", each) for each in (sent, shuffled(sent)))
    heights, again = (sorted(row[2] for row in each["dendrogram"]["linkage_matrix"]) for each in (one, other))
    assert list(differences(heights, again)) == []
    sizes, same = (
        sorted(row["n_customers"] for row in each["dendrogram"]["cluster_legend"]) for each in (one, other)
    )
    assert sizes == same


def test_rows_in_another_order_get_the_same_parts_of_segments() -> None:
    sent = body("segment_subsegment_explore")
    one, other = (
        answer("segment_subsegment_explore", each)["subsegment_results"] for each in (sent, shuffled(sent))
    )
    assert one.keys() == other.keys()
    for parent in one:
        labels, again = one[parent]["nested_labels"], other[parent]["nested_labels"]
        assert labels.keys() == again.keys()
        ids = sorted(labels)
        agreed = adjusted_rand_score([labels[each] for each in ids], [again[each] for each in ids])
        assert agreed == pytest.approx(1), parent


@pytest.mark.parametrize("route", routes())
def test_members_in_another_order_get_the_same_answer(route: str) -> None:
    sent = body(route)
    assert list(differences(answer(route, sent), answer(route, columns_reversed(sent)))) == []
