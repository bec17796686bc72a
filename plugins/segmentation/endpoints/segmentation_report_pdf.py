"""The report on our segments as a PDF to pass around, with its pictures: segment sizes and revenue, spend
against frequency, and the tree. Send segments, or only customers: they are then segmented first.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from abintel.charts.drawing import png
from abintel.endpoint import Call, Document, Endpoint
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS, LINKAGE
from plugins.segmentation.report_bodies import BODIES, DEPTH, faults
from plugins.segmentation.report_subject import Subject, report, subject
from plugins.segmentation.words import TEXTS


def handle(request: Any, call: Call) -> bytes:
    from plugins.segmentation.drawing.pdf import pdf

    about = subject(request, call)
    # Another process draws. Meanwhile the fonts are read and the first pages are set.
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(pictures, about, call)
        return pdf(report(about, call.lang, call), drawn.result, call.lang, call.now)


def pictures(about: Subject, call: Call) -> dict[str, bytes]:
    """Caption to picture (PNG): sizes and revenue, spend against frequency, and the tree if there is one."""
    # Altair takes a second to import, and few requests draw.
    from plugins.segmentation.drawing import charts
    from plugins.segmentation.drawing.dendrogram import dendrogram

    lang, customers = call.lang, about.customers
    drawn: dict[str, Any] = {
        "shares": charts.sizes_and_revenue(about.clusters, lang),
        "map": charts.spend_against_frequency(
            customers.frequency, customers.spend, about.labels, lang, call.currency
        ),
    }
    if about.linkage is not None:
        drawn["tree"] = dendrogram(about.linkage, about.leaves, lang)
    return {TEXTS[lang].say(f"caption.{name}"): png(chart) for name, chart in drawn.items()}


ENDPOINT = Endpoint(
    name="segmentation_report_pdf",
    summary="The report on the segments as a PDF, with pictures.",
    request=BODIES,
    response=Document("application/pdf", "The report on A4, with its pictures and its table of figures."),
    handle=handle,
    check=faults,
    query=(DEPTH,),
    writes_words=True,
    no_chart="The PDF holds its pictures; ask segmentation_report_json for one of them.",
    examples={
        "with_dendrogram": {
            "customers": CUSTOMERS,
            "labels": LABELS,
            "dendrogram": {
                "linkage_matrix": LINKAGE,
                "leaf_labels": [customer["id"] for customer in CUSTOMERS],
            },
        },
        "customers": {"customers": CUSTOMERS, "k_range": [3, 4]},
    },
)
