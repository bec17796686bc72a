"""The report in three languages at once."""

from __future__ import annotations

from plugins.segmentation.endpoints import purchasing_segmentation, segmentation_report_json
from plugins.segmentation.endpoints.segmentation_report_json_i18n import ENDPOINT
from tests.plugins.calls import answered

JSON = segmentation_report_json.ENDPOINT


def test_three_languages_at_once() -> None:
    body = dict(ENDPOINT.examples["segments"])
    reports = answered(ENDPOINT, body)["reports"]
    assert list(reports) == ["en", "es", "pt"]
    for lang, report in reports.items():
        assert report == answered(JSON, body, lang=lang)


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
