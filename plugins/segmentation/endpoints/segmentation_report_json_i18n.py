"""The report on our segments in every language at once. Send segments, or only customers:
they are then segmented first.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.wording import languages
from plugins.segmentation import feature_vectors
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS
from plugins.segmentation.report_bodies import BODIES, DEPTH, Report, faults
from plugins.segmentation.report_subject import report, subject
from plugins.segmentation.training import DOUBTS


class ReportsAnswer(Answer):
    """The report in every language."""

    reports: dict[str, Report] = Field(description="Code of a language (`en`, `es`, `pt`) to a whole report.")


def handle(request: Any, call: Call) -> dict[str, Any]:
    about = subject(request, call)
    return {"reports": {lang: report(about, lang, call) for lang in languages()}}


ENDPOINT = Endpoint(
    name="segmentation_report_json_i18n",
    summary="The report on the segments in every language at once.",
    request=BODIES,
    response=ReportsAnswer,
    handle=handle,
    check=faults,
    query=(DEPTH,),
    warnings={**DOUBTS, **feature_vectors.WARNINGS},
    chart=lazy("plugins.segmentation.charts", "report"),
    examples={
        "segments": {"customers": CUSTOMERS, "labels": LABELS},
        "customers": {"customers": CUSTOMERS, "k_range": [3, 4]},
    },
)
