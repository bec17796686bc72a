"""Segments that are stored and found again, over HTTP and against real MLflow."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pytest

from plugins.segmentation.endpoints.purchasing_segmentation import ENDPOINT
from registry.administration import Administration
from registry.names import model_name
from tests.serving import Server

ROUTE = ENDPOINT.route


def body(extra: float) -> dict[str, Any]:
    """Customers of a test's own."""
    sent = copy.deepcopy(dict(ENDPOINT.example))
    sent["customers"][0]["amount_spent"] += extra
    return sent


def post(client: httpx.Client, sent: dict[str, Any], route: str = ROUTE) -> dict[str, Any]:
    answer = client.post(route, json=sent)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def name_of(answer: dict[str, Any]) -> str:
    scope = {"segmentation_id": answer["model_info"]["segmentation_id"]}
    return model_name("acme", "purchasing_segmentation", scope)


def without_info(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "model_info"}


def test_the_same_customers_get_the_stored_segmentation_and_new_ones_are_assigned(
    acme: httpx.Client,
) -> None:
    sent = body(1.0)
    cold, warm = post(acme, sent), post(acme, sent)
    assert (cold["model_info"]["cached"], warm["model_info"]["cached"]) == (False, True)
    assert without_info(cold) == without_info(warm)
    stored = cold["model_info"]["segmentation_id"]
    new = {"id": "new", "frequency": 26, "amount_spent": 3100.0, "product_types": ["laptop"]}
    assigned = post(acme, {"customers": [new], "segmentation_id": stored})
    assert assigned["model_info"] == {**warm["model_info"], "cached": True}
    assert assigned["labels"]["new"] == cold["labels"]["C008"]
    assert assigned["centroids"] == cold["centroids"]


def test_a_tenant_knows_no_segments_but_its_own(acme: httpx.Client, other: httpx.Client) -> None:
    sent = body(2.0)
    stored = post(acme, sent)["model_info"]["segmentation_id"]
    answer = other.post(ROUTE, json={**sent, "segmentation_id": stored})
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/segmentation_id"]


def test_a_rejected_segmentation_is_not_served(acme: httpx.Client, served: Server) -> None:
    sent = body(3.0)
    made = post(acme, sent)
    stored = made["model_info"]["segmentation_id"]
    Administration(served.settings).reject(name_of(made), "1")
    answer = post(acme, {**sent, "segmentation_id": stored})
    assert answer["model_info"]["note"] == "the stored model was rejected in review"
    assert set(answer["labels"].values()) == {None}
    again = post(acme, sent)
    assert without_info(again) == without_info(made)
    assert again["model_info"]["model_version"] == "2"


def test_the_same_clustering_asked_for_by_many_at_once_is_stored_once(served: Server) -> None:
    sent = body(4.0)
    credential = served.credential("acme")
    clients = [served.client(credential) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda client: post(client, sent), clients))
    assert [answer["model_info"]["cached"] for answer in answers].count(False) == 1
    assert all(without_info(answer) == without_info(answers[0]) for answer in answers)
    assert len(Administration(served.settings).model(name_of(answers[0])).versions) == 1


def test_a_reviewer_finds_figures_pictures_and_a_model_to_try(
    acme: httpx.Client, served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = post(acme, body(5.0))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", served.settings.tracking_uri)
    client = mlflow.MlflowClient(served.settings.tracking_uri)
    version = client.get_model_version_by_alias(name_of(made), "champion")
    run = client.get_run(str(version.run_id))
    assert run.data.metrics["silhouette"] == pytest.approx(made["best_model"]["silhouette"])
    assert {"KMeans_3/silhouette", "Agglomerative_4/davies_bouldin"} <= set(run.data.metrics)
    assert run.data.params["scaling"] == "raw"
    folder = Path(client.download_artifacts(str(version.run_id), "review", str(tmp_path)))
    assert {"candidates.png", "segments.png", "model-card.md"} <= {path.name for path in folder.iterdir()}
    mlflow.set_tracking_uri(served.settings.tracking_uri)
    model = mlflow.pyfunc.load_model(f"models:/{name_of(made)}@champion")
    import pandas as pd

    frame = pd.DataFrame([{"frequency": 26.0, "amount_spent": 3100.0, "n_product_types": 1.0}])
    assert model.predict(frame).tolist() == [float(made["labels"]["C008"])]
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"C008" not in stored


def test_feature_vectors_and_orders_have_stores_of_their_own(acme: httpx.Client) -> None:
    vectors = dict(ENDPOINT.examples["feature_vectors"])
    made = post(acme, vectors)
    assigned = post(
        acme, {"data": vectors["data"][:2], "segmentation_id": made["model_info"]["segmentation_id"]}
    )
    assert assigned["customer_labels"] == made["customer_labels"][:2]
    elsewhere = acme.post(
        "/api/v1/ai/customer_segmentation",
        json={
            "customers": [
                {
                    "customer_id": "C-1",
                    "transactions": [
                        {"transaction_id": "T", "date": "2025-01-01", "amount": 5.0, "product_id": "P"}
                    ],
                }
            ],
            "segmentation_id": made["model_info"]["segmentation_id"],
        },
    )
    assert elsewhere.status_code == 400
