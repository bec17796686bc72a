"""What do our segments mean for the business? A report in words, written from the figures: summary,
comparison, marketing, channels, cross-selling, retention and next steps, in your language.
"""

from __future__ import annotations

from typing import Any

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS, LINKAGE
from plugins.segmentation.report_bodies import DEPTH, ReportAnswer, ReportRequest, faults
from plugins.segmentation.report_subject import report, subject


def handle(request: ReportRequest, call: Call) -> dict[str, Any]:
    return report(subject(request, call), call.lang, call)


ENDPOINT = Endpoint(
    name="segmentation_report_json",
    summary="What the segments mean for the business: a report in words, written from the figures.",
    request=ReportRequest,
    response=ReportAnswer,
    handle=handle,
    on_the_spot=True,
    check=faults,
    query=(DEPTH,),
    writes_words=True,
    chart=lazy("plugins.segmentation.charts", "report"),
    examples={
        "with_dendrogram": {
            "customers": CUSTOMERS,
            "labels": LABELS,
            "dendrogram": {
                "linkage_matrix": LINKAGE,
                "columns": ["child1", "child2", "distance", "sample_count"],
                "leaf_labels": [customer["id"] for customer in CUSTOMERS],
            },
        },
        "without": {"customers": CUSTOMERS, "labels": LABELS},
    },
)
