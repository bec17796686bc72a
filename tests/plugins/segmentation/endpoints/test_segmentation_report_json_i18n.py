"""The report in every language at once."""

from __future__ import annotations

import copy

import pytest

from abintel.problem import Problem
from plugins.segmentation.endpoints import purchasing_segmentation, segmentation_report_json
from plugins.segmentation.endpoints.segmentation_report_json_i18n import ENDPOINT
from tests.plugins.calls import answered, faults

JSON = segmentation_report_json.ENDPOINT


def test_every_language_at_once() -> None:
    body = dict(ENDPOINT.examples["segments"])
    reports = answered(ENDPOINT, body)["reports"]
    assert list(reports) == ["en", "es", "pt", "ja", "zh"]
    for lang, report in reports.items():
        assert report == answered(JSON, body, lang=lang)


def test_only_the_languages_that_are_asked_for() -> None:
    body = dict(ENDPOINT.examples["segments"])
    assert list(answered(ENDPOINT, body, query={"langs": "zh,en,zh"})["reports"]) == ["en", "zh"]
    for wrong in ("", "en,xx", "en zh"):
        with pytest.raises(Problem, match="langs: a list of en, es, pt, ja, zh"):
            answered(ENDPOINT, body, query={"langs": wrong})


def test_customers_alone_are_segmented_first() -> None:
    body = dict(ENDPOINT.examples["customers"])
    reports = answered(ENDPOINT, body)["reports"]
    segments = answered(purchasing_segmentation.ENDPOINT, body)
    metrics = reports["en"]["cluster_metrics"]
    assert [row["n_customers"] for row in metrics] == [
        row["n_customers"] for row in segments["dendrogram"]["cluster_legend"]
    ]
    assert reports["es"]["dendrogram_insights"]
    assert reports["en"]["raw_payload"]["customers"] == body["customers"]


def test_feature_vectors_are_segmented_too() -> None:
    body = dict(purchasing_segmentation.ENDPOINT.examples["feature_vectors"])
    report = answered(ENDPOINT, body)["reports"]["en"]
    assert sum(row["n_customers"] for row in report["cluster_metrics"]) == 10
    assert {row["top_categories"] for row in report["cluster_metrics"]} == {""}
    assert 250 <= len(report["executive_summary"].split()) <= 350


def test_feature_vectors_may_come_as_customer_features_answers_them() -> None:
    body = dict(purchasing_segmentation.ENDPOINT.examples["feature_vectors"])
    as_customers = {"customers": body["data"], "max_clusters": body["max_clusters"]}
    reports = answered(ENDPOINT, as_customers)["reports"]
    assert reports["en"]["cluster_metrics"] == answered(ENDPOINT, body)["reports"]["en"]["cluster_metrics"]


def test_labels_that_do_not_fit_are_faults_and_not_a_reason_to_segment_anew() -> None:
    sent = copy.deepcopy(dict(ENDPOINT.examples["segments"]))
    sent["labels"] = {customer: float(label) for customer, label in sent["labels"].items()}
    assert answered(ENDPOINT, sent)["reports"] == answered(ENDPOINT, ENDPOINT.example)["reports"]
    for wrong in ("x", 10**10, 2.5):
        sent["labels"]["C001"] = wrong
        assert [fault.pointer for fault in faults(ENDPOINT, sent)] == ["/labels/C001"]
    sent = {**ENDPOINT.example, "dendrogram": {"linkage_matrix": [[1, 2]]}}
    assert "/dendrogram/leaf_labels" in [fault.pointer for fault in faults(ENDPOINT, sent)]


def test_more_segments_than_anybody_reads() -> None:
    customers = [
        {"id": f"C{place}", "frequency": 1, "amount_spent": 10.0 * (place // 3), "product_types": ["a"]}
        for place in range(603)
    ]
    body = {"customers": customers, "algorithms": ["dbscan"], "dbscan_min_samples": 3}
    assert faults(ENDPOINT, body) == [
        ("/customers", "They fall into 201 segments; a report takes at most 200.")
    ]
