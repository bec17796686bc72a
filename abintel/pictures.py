"""Pictures in place of JSON: who asks for one, which routes have one, and how it is sent."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import orjson

from abintel.charts import PICTURES, SVG, VEGA_LITE, Reader, drawing
from abintel.endpoint import Call, Endpoint
from abintel.media_types import JSON, chosen_form
from abintel.problem import Problem

_USUAL = {"", "*/*", JSON}
"""What nearly everybody accepts, and needs no look."""
_HEADERS = {
    # An SVG that is opened as a page may hold what callers sent; it is text, and is to stay so.
    SVG: {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
}
WARNINGS = "X-Warnings"
_NO_DRAWING = "This server draws no pictures: altair and vl-convert-python are not installed."
_NO_CHART = "This route has no picture."


def forms(endpoint: Endpoint) -> Sequence[str]:
    """The pictures in which a route's answer comes."""
    return PICTURES if endpoint.chart is not None else ()


def asked_for(accept: str, endpoint: Endpoint, own: str) -> str | None:
    """The picture that an ``Accept`` prefers over the route's own media type, None if it prefers that.

    An ``Accept`` that allows neither is answered with the route's own, as ever, unless it asks for some
    picture.

    Raises:
        Problem: 406, there is no picture, or none in that form.
    """
    if accept in _USUAL:
        return None
    choice = chosen_form(accept, (own, *forms(endpoint)))
    if choice == own:
        return None
    if choice is not None:
        if not installed():
            raise Problem(406, "not-acceptable", _NO_DRAWING)
        return choice
    names = [offer.partition(";")[0].strip().lower() for offer in accept.split(",")]
    if not any(name.startswith(("image/", "application/vnd.vega")) for name in names):
        return None
    if endpoint.chart is None:
        raise Problem(406, "not-acceptable", endpoint.no_chart or _NO_CHART)
    raise Problem(406, "not-acceptable", f"The picture comes as {', '.join(PICTURES)}; ask for one of these.")


def installed() -> bool:
    """Whether what draws is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("altair", "vl_convert"))


def drawn(endpoint: Endpoint, request: Any, content: bytes, call: Call, form: str) -> bytes:
    """The picture of an answer.

    Args:
        endpoint: which has a chart.
        request: as its handler saw it.
        content: the answer as it would be sent.
        call: for whom.
        form: of the picture.
    """
    if endpoint.chart is None:
        raise LookupError("this endpoint has no chart")
    chart = endpoint.chart(request, orjson.loads(content), Reader(call.lang, call.currency))
    return drawing.draw(chart, form)


def headers(form: str, call: Call) -> dict[str, str]:
    """Headers of a picture: the answer's warnings have no other place in it."""
    codes = ", ".join(dict.fromkeys(warning["code"] for warning in call.warnings))
    return {**protection(form), **({WARNINGS: codes} if codes else {})}


def protection(form: str) -> dict[str, str]:
    """Headers that keep a picture from being more than one."""
    return _HEADERS.get(form, {})


def packs(form: str) -> bool:
    """Whether gzip makes it smaller."""
    return form in (SVG, VEGA_LITE)
