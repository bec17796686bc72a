"""The route as a caller sees it: purchases, feature vectors, stored segments."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.metrics import silhouette_samples, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from plugins.customer.endpoints import customer_features
from plugins.segmentation.endpoints import purchasing_segmentation_dendrogram
from plugins.segmentation.endpoints.purchasing_segmentation import ENDPOINT
from tests.plugins.calls import Registry, answered, faults, golden

PURCHASES: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.examples["purchases"]))
TOO_FEW = "distinct in their figures (in single precision); clustering needs at least 3."
VECTORS: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.examples["feature_vectors"]))


def purchases(*figures: tuple[int, float, str]) -> list[dict[str, Any]]:
    return [
        {"id": f"C{place}", "frequency": orders, "amount_spent": spend, "product_types": bought.split()}
        for place, (orders, spend, bought) in enumerate(figures)
    ]


def three_kinds(count: int, seed: int = 0) -> list[dict[str, Any]]:
    chance = np.random.default_rng(seed)
    kind = chance.integers(0, 3, count)
    return purchases(
        *(
            (int(1 + chance.poisson(4 + 10 * each)), float(round(chance.gamma(9, 20 + 150 * each), 2)), "tea")
            for each in kind.tolist()
        )
    )


def raw(customers: list[dict[str, Any]]) -> Any:
    rows = [[one["frequency"], one["amount_spent"], len(set(one["product_types"]))] for one in customers]
    return np.array(rows, dtype=np.float32).astype(np.float64)


@pytest.fixture(scope="module")
def published() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    example = golden("purchasing_segmentation_customers")
    return example["request"], example["response"], answered(ENDPOINT, example["request"])


Published = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def test_published_figures(published: Published) -> None:
    _, expected, answer = published
    assert [(row["algo"], row["k"]) for row in answer["benchmark"]] == [
        (row["algo"], row["k"]) for row in expected["benchmark"]
    ]
    for row, wanted in zip(answer["benchmark"], expected["benchmark"], strict=True):
        if row["algo"] != "kmeans":
            assert row == pytest.approx(wanted, abs=1e-6)
    assert answer["best_model"] == pytest.approx(expected["best_model"], abs=1e-6)
    np.testing.assert_allclose(answer["centroids"], expected["centroids"], rtol=1e-4)
    tree = answer["dendrogram"]
    np.testing.assert_allclose(
        tree["linkage_matrix"], expected["dendrogram"]["linkage_matrix"], rtol=1e-6, atol=0
    )
    assert tree["leaf_labels"] == expected["dendrogram"]["leaf_labels"]
    assert tree["columns"] == ["child1", "child2", "distance", "sample_count"]
    assert answer["labels"] == expected["labels"]


def test_published_words_but_for_ties(published: Published) -> None:
    _, expected, answer = published
    legend = zip(
        answer["dendrogram"]["cluster_legend"], expected["dendrogram"]["cluster_legend"], strict=True
    )
    for row, wanted in legend:
        if wanted["cluster_id"] == 0:
            tops = row.pop("top_categories").split(", ")
            assert set(tops[:2]) == set(wanted.pop("top_categories").split(", ")[:2])
        assert row == wanted
    sentences = expected["interpretations_en"]
    assert answer["interpretations_en"]["1"] == sentences["1"]
    assert answer["interpretations_en"]["2"] == sentences["2"]
    assert answer["interpretations_en"]["0"].startswith("31 customers, avg spend 591, 8.8 purchases/mo. Top")


def test_kmeans_is_at_least_as_good_as_the_published_starts(published: Published) -> None:
    request, _, _ = published
    points = raw(request["customers"])
    for k in request["k_range"]:
        body = {**request, "k_range": [k], "algorithms": ["kmeans"]}
        labels = np.array(list(answered(ENDPOINT, body)["labels"].values()))
        inertia = sum(
            ((points[labels == label] - points[labels == label].mean(axis=0)) ** 2).sum()
            for label in np.unique(labels)
        )
        assert inertia <= KMeans(k, n_init=1, random_state=42).fit(points).inertia_ * (1 + 1e-9)


def test_quality_is_exact(published: Published) -> None:
    request, _, answer = published
    labels = np.array(list(answer["labels"].values()))
    samples = silhouette_samples(raw(request["customers"]), labels)
    quality = answer["quality"]
    assert quality["silhouette"] == pytest.approx(samples.mean(), abs=1e-6)
    assert quality["negative_share"] == (samples < 0).mean()
    for row in quality["clusters"]:
        assert row["silhouette"] == pytest.approx(samples[labels == row["cluster_id"]].mean(), abs=1e-6)
    assert quality["hint"] is None


@pytest.mark.parametrize("scaling", ["zscore", "zscore_onehot"])
def test_scaling(scaling: str) -> None:
    customers = PURCHASES["customers"]
    answer = answered(ENDPOINT, {**PURCHASES, "scaling": scaling, "algorithms": ["gmm"], "k_range": [3]})
    figures = [[one["frequency"], one["amount_spent"], len(one["product_types"])] for one in customers]
    points = StandardScaler().fit_transform(np.array(figures))
    if scaling == "zscore_onehot":
        slugs = list(dict.fromkeys(slug for one in customers for slug in one["product_types"]))
        indicators = [[float(slug in one["product_types"]) for slug in slugs] for one in customers]
        points = np.column_stack([points, indicators])
    labels = GaussianMixture(3, random_state=42).fit_predict(points)
    assert list(answer["labels"].values()) == labels.tolist()
    assert answer["best_model"]["silhouette"] == pytest.approx(silhouette_score(points, labels), abs=1e-6)
    for label, centroid in enumerate(answer["centroids"]):
        np.testing.assert_allclose(centroid, np.array(figures)[labels == label].mean(axis=0))


def test_dbscan_is_scikit_learns() -> None:
    customers = three_kinds(300)
    body = {"customers": customers, "algorithms": ["dbscan"], "scaling": "zscore", "dbscan_eps": 0.3}
    answer = answered(ENDPOINT, {**body, "dbscan_min_samples": 4})
    points = StandardScaler().fit_transform(
        np.array([[one["frequency"], one["amount_spent"], 1] for one in customers])
    )
    expected = DBSCAN(eps=0.3, min_samples=4).fit_predict(points)
    assert list(answer["labels"].values()) == expected.tolist()
    assert answer["best_model"]["n_clusters"] == len(set(expected.tolist()) - {-1})
    assert answer["best_model"]["k"] is None
    noise = [customer for customer, label in answer["labels"].items() if label == -1]
    assert noise
    assert len(answer["centroids"]) == answer["best_model"]["n_clusters"]
    assert "-1" not in answer["interpretations_en"]


def test_a_dbscan_that_divides_nothing_scores_minus_one(published: Published) -> None:
    assert published[2]["benchmark"][-1] == {
        "algo": "dbscan",
        "k": None,
        "silhouette": -1.0,
        "davies_bouldin": None,
    }


def test_k_from_the_number_of_distinct_customers_on_has_no_row() -> None:
    customers = purchases(*[(1, 10.0, "a"), (1, 10.0, "b"), (5, 80.0, "a"), (9, 300.0, "a")])
    answer = answered(ENDPOINT, {"customers": customers, "k_range": [2, 3, 4]})
    assert [(row["algo"], row["k"]) for row in answer["benchmark"]] == [
        *[("kmeans", 2), ("gmm", 2), ("agglo", 2), ("dbscan", None)],
    ]


@pytest.mark.parametrize(
    ("customers", "fault"),
    [
        (
            purchases((1, 10.0, "a")),
            f"1 customers, 1 of them {TOO_FEW}",
        ),
        (
            purchases(*[(2, 10.0, "a")] * 30),
            f"30 customers, 1 of them {TOO_FEW}",
        ),
    ],
)
def test_too_few_distinct_customers(customers: list[dict[str, Any]], fault: str) -> None:
    assert faults(ENDPOINT, {"customers": customers}) == [("/customers", fault)]


def test_no_row_left() -> None:
    body = {"customers": purchases((1, 1.0, "a"), (2, 50.0, "a"), (3, 9.0, "a")), "algorithms": ["agglo"]}
    assert faults(ENDPOINT, body) == [
        ("/k_range", "Each k must be below the number of distinct customers, 3."),
    ]


def test_only_noise_is_a_fault_that_says_what_to_move() -> None:
    body = {**PURCHASES, "algorithms": ["dbscan"]}
    assert faults(ENDPOINT, body) == [
        (
            "/dbscan_eps",
            "No partition: DBSCAN finds 0 clusters and leaves 12 of 12 customers as noise; "
            "change dbscan_eps, or let other algorithms try too.",
        )
    ]


def test_faults_are_named() -> None:
    doubled = [*PURCHASES["customers"], PURCHASES["customers"][0]]
    assert faults(ENDPOINT, {"customers": doubled}) == [
        ("/customers/12/id", "'C001' is already at /customers/0; send each customer once."),
    ]
    assert faults(ENDPOINT, {**PURCHASES, "scaling": "zscore", "dbscan_eps": 1.5}) == [
        ("/dbscan_eps", "1.5 standard deviations; send at most 1 with this scaling."),
    ]
    [fault] = faults(ENDPOINT, {**PURCHASES, "k_range": [1]})
    assert fault.pointer == "/k_range/0"
    [fault] = faults(ENDPOINT, {**PURCHASES, "k_range": [31]})
    assert fault.pointer == "/k_range/0"


def test_previous_labels_keep_the_ids() -> None:
    first = answered(ENDPOINT, PURCHASES)
    old = {customer: 11 - 4 * label for customer, label in first["labels"].items()}
    again = answered(ENDPOINT, {**PURCHASES, "previous_labels": {**old, "gone": 5}})
    assert again["labels"] == old
    assert again["stability"] == {"compared_customers": 12, "share_unchanged": 1.0}
    assert [row["cluster_id"] for row in again["dendrogram"]["cluster_legend"]] == sorted(set(old.values()))
    assert set(again["interpretations_en"]) == {str(label) for label in old.values()}
    assert "stability" not in first


@pytest.mark.parametrize("family", ["kmeans", "gmm", "agglo", "dbscan"])
@pytest.mark.parametrize("scaling", ["raw", "zscore", "zscore_onehot"])
def test_customers_are_assigned_to_stored_segments(family: str, scaling: str) -> None:
    body = {"customers": three_kinds(200), "algorithms": [family], "k_range": [3], "scaling": scaling}
    body["dbscan_eps"] = 60.0 if scaling == "raw" else 0.5
    registry = Registry(ENDPOINT)
    made = answered(ENDPOINT, body, registry)
    stored = made["model_info"]["segmentation_id"]
    new = answered(ENDPOINT, {"customers": body["customers"], "segmentation_id": stored}, registry)
    same = [new["labels"][customer] == label for customer, label in made["labels"].items()]
    # Ward's own members may be nearer to another centroid; the other families assign as they clustered.
    assert np.mean(same) > (0.8 if family == "agglo" else 0.98)
    assert new["dendrogram"] == {}
    assert new["centroids"] == made["centroids"]
    assert new["benchmark"] == made["benchmark"]
    one = answered(ENDPOINT, {"customers": body["customers"][:1], "segmentation_id": stored}, registry)
    assert one["labels"] == {"C0": new["labels"]["C0"]}


def test_an_unknown_segmentation() -> None:
    assert faults(ENDPOINT, {**PURCHASES, "segmentation_id": "seg-none"}) == [
        (
            "/segmentation_id",
            "'seg-none' is no segmentation of this route; leave segmentation_id out to make one.",
        )
    ]


def test_a_segmentation_that_is_no_longer_served() -> None:
    registry = Registry(ENDPOINT, "the stored model expired at 2025-01-01T00:00:00Z")
    answer = answered(ENDPOINT, {**PURCHASES, "segmentation_id": "seg-old"}, registry)
    assert set(answer["labels"].values()) == {None}
    assert answer["model_info"] == {
        "segmentation_id": "seg-old",
        "note": "the stored model expired at 2025-01-01T00:00:00Z",
    }
    answer = answered(ENDPOINT, {**VECTORS, "segmentation_id": "seg-old"}, registry)
    assert {row["cluster_id"] for row in answer["customer_labels"]} == {None}
    assert answer["best_algorithm"] is None


def test_the_id_follows_the_figures_and_the_settings_and_nobodys_name() -> None:
    def identity(**changes: Any) -> str:
        return str(answered(ENDPOINT, {**PURCHASES, **changes})["model_info"]["segmentation_id"])

    renamed = [{**one, "id": f"X{one['id']}"} for one in PURCHASES["customers"]]
    dearer = copy.deepcopy(PURCHASES["customers"])
    dearer[0]["amount_spent"] += 0.01
    assert identity() == identity(customers=renamed)
    assert (
        len({identity(), identity(customers=dearer), identity(scaling="zscore"), identity(k_range=[3])}) == 4
    )


def test_feature_vectors() -> None:
    answer = answered(ENDPOINT, VECTORS)
    figures = np.array([list(row["features"].values()) for row in VECTORS["data"]])
    points = StandardScaler().fit_transform(figures)
    for row in answer["evaluation_metrics"]:
        assert row["n_clusters"] == row["params"].get("k", row["n_clusters"])
    labels = [row["cluster_id"] for row in answer["customer_labels"]]
    assert answer["quality"]["silhouette"] == pytest.approx(silhouette_score(points, labels), abs=1e-6)
    names = {row["algorithm"] for row in answer["evaluation_metrics"]}
    assert answer["best_algorithm"] in names
    assert "DBSCAN" not in names  # it finds no partition of ten
    for cluster in answer["clusters"]:
        members = figures[np.array(labels) == cluster["cluster_id"]]
        assert cluster["size"] == len(members)
        np.testing.assert_allclose(list(cluster["centroid"].values()), members.mean(axis=0))
    assert sorted(cluster["persona_label"] for cluster in answer["clusters"])[0].startswith("high_purchase")


def test_every_combination_on_request() -> None:
    answer = answered(ENDPOINT, {**VECTORS, "full_benchmark": True})
    assert [(row["algorithm"], row["params"]["k"]) for row in answer["evaluation_metrics"]] == [
        (name, k) for name in ("KMeans", "GaussianMixture", "Agglomerative") for k in (2, 3, 4)
    ]


def test_further_numeric_features_join_in() -> None:
    body = copy.deepcopy(VECTORS)
    for place, row in enumerate(body["data"]):
        row["features"] |= {"open_tickets": place % 3, "city": "Lima"}
    answer = answered(ENDPOINT, body)
    assert "open_tickets" in answer["clusters"][0]["centroid"]
    assert "city" not in answer["clusters"][0]["centroid"]
    assert answer["warnings"] == [
        {"code": "feature_ignored", "message": "Not a number in every row, and so left out: 'city'."}
    ]
    body["data"][2]["features"]["open_tickets"] = 1e16
    assert faults(ENDPOINT, body) == [
        (
            "/data/2/features/open_tickets",
            "Input should be a number of magnitude at most 1e+15",
        )
    ]


def test_a_stored_segmentation_takes_the_mean_for_what_lacks_and_refuses_what_nobody_has() -> None:
    body = copy.deepcopy(VECTORS)
    for place, row in enumerate(body["data"]):
        row["features"]["open_tickets"] = place % 3
    registry = Registry(ENDPOINT)
    stored = answered(ENDPOINT, body, registry)["model_info"]["segmentation_id"]
    partly = copy.deepcopy(body)
    del partly["data"][0]["features"]["open_tickets"]
    answer = answered(ENDPOINT, {**partly, "segmentation_id": stored}, registry)
    assert answer["model_info"]["missing_features"] == ["open_tickets"]
    with pytest.raises(Exception, match="No customer has 'open_tickets'"):
        answered(ENDPOINT, {**VECTORS, "segmentation_id": stored}, registry)
    with pytest.raises(Exception, match="learned from feature vectors"):
        answered(ENDPOINT, {**PURCHASES, "segmentation_id": stored}, registry)


def test_the_answer_of_customer_features_is_a_body() -> None:
    orders = [
        {
            "customer_id": f"C-{place}",
            "transactions": [
                {
                    "transaction_id": f"T-{place}-{number}",
                    "date": "2025-04-01",
                    "amount": 10.0 * (1 + place % 3) ** 2 + number,
                    "product_id": "P",
                }
                for number in range(1 + 3 * (place % 3))
            ],
        }
        for place in range(12)
    ]
    features = answered(customer_features.ENDPOINT, {"today": "2025-04-24", "customers": orders})
    answer = answered(ENDPOINT, {**features, "max_clusters": 3})
    assert len(answer["customer_labels"]) == 12
    assert answer == answered(ENDPOINT, {"data": features["customers"], "max_clusters": 3})


def test_faults_of_rows_are_told_in_the_rows_own_terms() -> None:
    rows = copy.deepcopy(VECTORS["data"])
    del rows[3]["features"]["avg_ticket"]
    for body, field in (({"data": rows}, "data"), ({"customers": rows}, "customers")):
        [fault] = faults(ENDPOINT, body)
        assert fault.pointer == f"/{field}/3/features/avg_ticket"


def test_a_weak_partition_gets_the_hint_of_the_documents() -> None:
    chance = np.random.default_rng(5)
    rows = copy.deepcopy(VECTORS["data"]) * 8
    for place, row in enumerate(copy.deepcopy(rows)):
        values = chance.integers(1, 100, 6).tolist()
        features = dict(zip(row["features"], values, strict=True)) | {"loyalty_score": float(chance.random())}
        rows[place] = {"customer_id": f"C{place}", "features": features}
    answer = answered(ENDPOINT, {"data": rows, "max_clusters": 3}, lang="pt")
    assert answer["quality"]["silhouette"] < 0.35
    assert answer["quality"]["hint"] == (
        "A silhueta média está abaixo de 0,35: os segmentos se sobrepõem. "
        "Aumente max_clusters em 2 a 3. Reduza dbscan_eps em 0,05."
    )


def test_most_customers_in_one_dbscan_cluster_get_the_other_hint() -> None:
    customers = three_kinds(200)
    body = {"customers": customers, "k_range": [3], "scaling": "zscore", "dbscan_eps": 1.0}
    hint = answered(ENDPOINT, body, lang="es")["quality"]["hint"]
    assert "DBSCAN reúne a la mayoría de los clientes en un solo clúster" in hint


def test_sentences_in_three_languages() -> None:
    for lang in ("en", "es", "pt"):
        answer = answered(ENDPOINT, PURCHASES, lang=lang)
        assert set(answer[f"interpretations_{lang}"]) == {str(label) for label in answer["labels"].values()}
        assert sum(key.startswith("interpretations_") for key in answer) == 1


def test_extreme_amounts_are_clustered() -> None:
    figures = [(1, 0.0, "a"), (1, 1e15, "a"), (10**12, 0.01, "a"), (2, 1e-9, "a"), (3, 1e15, "b c")]
    for scaling in ("raw", "zscore"):
        answer = answered(ENDPOINT, {"customers": purchases(*figures), "k_range": [2, 3], "scaling": scaling})
        assert set(answer["labels"]) == {"C0", "C1", "C2", "C3", "C4"}


def test_thousands_of_segments_are_an_answer() -> None:
    customers = purchases(*[(1, round(10 + 3.7 * (place // 4), 2), "a") for place in range(8000)])
    body = {"customers": customers, "dbscan_min_samples": 3, "min_cluster_share": 0.0}
    answer = answered(ENDPOINT, body)
    assert answer["best_model"]["n_clusters"] == 2000
    again = {**body, "previous_labels": answer["labels"]}
    assert answered(ENDPOINT, again)["stability"]["share_unchanged"] == 1.0


def test_a_k_that_is_too_large_is_told_at_k_range() -> None:
    body = {"customers": purchases((1, 10.0, "a"), (5, 80.0, "a"), (9, 300.0, "a"))}
    assert [fault.pointer for fault in faults(ENDPOINT, body)] == ["/k_range"]
    assert answered(ENDPOINT, {**body, "k_range": [2]})["best_model"]["k"] == 2


def test_purchases_segments_take_no_feature_vectors() -> None:
    registry = Registry(ENDPOINT)
    stored = answered(ENDPOINT, PURCHASES, registry)["model_info"]["segmentation_id"]
    rows = copy.deepcopy(VECTORS["data"])
    for row in rows:
        row["features"] |= {"frequency": 1, "amount_spent": 2.0, "n_product_types": 1}
    with pytest.raises(Exception, match=r"/segmentation_id: .* learned from orders, spend and product types"):
        answered(ENDPOINT, {"data": rows, "segmentation_id": stored}, registry)


def test_a_further_feature_beyond_all_measure_is_a_fault_wherever_it_is() -> None:
    rows = copy.deepcopy(VECTORS["data"])
    rows[3]["features"]["extra"] = 10**400
    [fault] = faults(ENDPOINT, {"data": rows})
    assert fault.pointer == "/data/3/features/extra"


def test_as_many_features_as_help_nobody() -> None:
    rows = copy.deepcopy(VECTORS["data"])
    rows[0]["features"] |= {f"f{number}": "x" for number in range(50_000)}
    assert faults(ENDPOINT, {"data": rows}) == [
        ("/data", "More than 200 different features; send those that tell customers apart."),
    ]


def test_one_partition_has_one_score_on_both_routes_whatever_the_outlier() -> None:
    figures = [(1, spend, "a") for spend in (1e15, 1.01, 1.02, 1.05, 1.06)]
    customers = purchases(*figures)
    body = {"customers": customers, "k_range": [3], "algorithms": ["agglo"]}
    [row] = answered(ENDPOINT, body)["benchmark"]
    tree = answered(purchasing_segmentation_dendrogram.ENDPOINT, {"customers": customers})
    assert row in tree["benchmark"]


def test_advice_keeps_to_what_the_route_takes() -> None:
    chance = np.random.default_rng(5)
    rows = [
        {
            "customer_id": f"C{place}",
            "features": dict(zip(VECTORS["data"][0]["features"], values, strict=True))
            | {"loyalty_score": 0.5},
        }
        for place, values in enumerate(chance.integers(1, 100, (60, 6)).tolist())
    ]
    answer = answered(ENDPOINT, {"data": rows, "max_clusters": 30, "algorithms": ["kmeans"]})
    assert answer["quality"]["hint"] == "The mean silhouette is under 0.35: the segments overlap."
