"""Names of segments by their spend and their frequency."""

from __future__ import annotations

import pytest

from plugins.segmentation.endpoints import segmentation_report_json, segmentation_report_pdf
from plugins.segmentation.report.compose import segment_names
from plugins.segmentation.report.facts import Cluster
from tests.plugins.calls import answered, document
from tests.plugins.segmentation.drawing.test_pdf import text_of

CLUSTERS = [
    Cluster(-1, 5, 9000.0, 1.0, (), 10.0),
    Cluster(0, 60, 100.0, 9.0, (), 10.0),
    Cluster(2, 40, 900.0, 1.0, (), 70.0),
    Cluster(7, 20, 420.0, 6.0, (), 10.0),
]


@pytest.mark.parametrize(
    ("lang", "names"),
    [
        ("en", ["Low spenders, frequent", "High spenders, rare", "Average customers"]),
        ("es", ["Gasto bajo, frecuentes", "Gasto alto, esporádicos", "Clientes medios"]),
        ("pt", ["Gasto baixo, frequentes", "Gasto alto, esporádicos", "Clientes médios"]),
    ],
)
def test_a_name_per_segment_and_none_for_the_outliers(lang: str, names: list[str]) -> None:
    assert segment_names(CLUSTERS, lang) == dict(zip(["0", "2", "7"], names, strict=True))


def test_the_report_and_the_pdf_have_them() -> None:
    body = dict(segmentation_report_json.ENDPOINT.examples["without"])
    names = answered(segmentation_report_json.ENDPOINT, body)["segment_names"]
    assert set(names) == {str(label) for label in body["labels"].values()}
    printed = text_of(document(segmentation_report_pdf.ENDPOINT, body))
    assert all(name.split(",")[0] in printed for name in names.values())
