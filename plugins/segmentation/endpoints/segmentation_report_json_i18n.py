"""The report on our segments in every language at once. Send segments, or only customers:
they are then segmented first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint, Parameter
from abintel.problem import Fault, bad_parameter
from abintel.wording import Lang, languages
from plugins.segmentation import feature_vectors
from plugins.segmentation.endpoints.examples import CUSTOMERS, LABELS
from plugins.segmentation.report_bodies import BODIES, DEPTH, Report, faults
from plugins.segmentation.report_subject import report, subject
from plugins.segmentation.training import DOUBTS


class ReportsAnswer(Answer):
    """The report in every language that was asked for."""

    reports: dict[str, Report] = Field(description="Code of a language, such as `en`, to a whole report.")


LANGS = Parameter(
    "langs",
    "The languages to answer, separated by commas, such as `en,zh`; all of them by default.",
)


def chosen_languages(sent: str | None) -> tuple[Lang, ...]:
    """The languages of the query, in the service's order; each once.

    Raises:
        Problem: 400 for a language that the service does not write.
    """
    asked = languages() if sent is None else sent.split(",")
    if not set(asked) <= set(languages()):
        raise bad_parameter("langs", f"a list of {', '.join(languages())}, separated by commas.")
    return tuple(lang for lang in languages() if lang in asked)


def check(request: Any, call: Call) -> Iterator[Fault]:
    """The faults of the languages and of the body."""
    chosen_languages(call.query.get("langs"))
    yield from faults(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    langs = chosen_languages(call.query.get("langs"))
    about = subject(request, call)
    return {"reports": {lang: report(about, lang, call) for lang in langs}}


ENDPOINT = Endpoint(
    name="segmentation_report_json_i18n",
    summary="The report on the segments in every language at once.",
    request=BODIES,
    response=ReportsAnswer,
    handle=handle,
    check=check,
    query=(DEPTH, LANGS),
    warnings={**DOUBTS, **feature_vectors.WARNINGS},
    chart=lazy("plugins.segmentation.charts", "report"),
    examples={
        "segments": {"customers": CUSTOMERS, "labels": LABELS},
        "customers": {"customers": CUSTOMERS, "k_range": [3, 4]},
    },
)
