"""The report as a PDF."""

from __future__ import annotations

import io

import pypdf

from plugins.segmentation.endpoints import segmentation_report_json
from plugins.segmentation.endpoints.examples import VECTORS
from plugins.segmentation.endpoints.segmentation_report_pdf import ENDPOINT
from tests.plugins.calls import answered, document
from tests.plugins.segmentation.endpoints.test_segmentation_report_json import EXAMPLE, SECTIONS

JSON = segmentation_report_json.ENDPOINT


def test_the_pdf_holds_the_report_and_its_pictures() -> None:
    pdf = document(ENDPOINT, ENDPOINT.example, lang="es")
    assert pdf == document(ENDPOINT, ENDPOINT.example, lang="es")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    report = answered(JSON, {**ENDPOINT.example}, lang="es")
    for section in SECTIONS:
        for sentence in report[section].split("\n")[0].split(". ")[:1]:
            assert " ".join(sentence.split()[:6]) in text
    assert sum(len(page.images) for page in reader.pages) == 3
    plain = {"customers": EXAMPLE["customers"], "labels": EXAMPLE["labels"]}
    pages = pypdf.PdfReader(io.BytesIO(document(ENDPOINT, plain))).pages
    assert sum(len(page.images) for page in pages) == 2


def test_the_pdf_of_customers_alone() -> None:
    assert document(ENDPOINT, ENDPOINT.examples["customers"]).startswith(b"%PDF-")


def test_a_remark_on_features_does_not_keep_the_pdf_from_being_written() -> None:
    rows = [{**row, "features": {**row["features"], "city": "Lima"}} for row in VECTORS]
    assert document(ENDPOINT, {"data": rows, "max_clusters": 3}).startswith(b"%PDF-")
