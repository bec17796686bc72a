"""Pictures of answers: negotiation, drawing and response headers."""

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
"""The usual ``Accept`` headers, which ask for no picture."""
_HEADERS = {
    # An SVG that is opened as a page may contain text from callers, and must not run scripts.
    SVG: {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
}
WARNINGS = "X-Warnings"
_NO_DRAWING = "This server draws no pictures: altair and vl-convert-python are not installed."
_NO_CHART = "This route has no picture."


def forms(endpoint: Endpoint) -> Sequence[str]:
    """The picture media types of a route."""
    return PICTURES if endpoint.chart is not None else ()


def requested(accept: str, endpoint: Endpoint, own: str) -> str | None:
    """The picture media type that an ``Accept`` header prefers, None if it prefers the route's own media
    type.

    A header that accepts neither gets the route's own media type, unless it asks for some picture.

    Raises:
        Problem: 406, the route has no picture, or not in the requested media type.
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
    """Whether the drawing libraries are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("altair", "vl_convert"))


def draw(endpoint: Endpoint, request: Any, content: bytes, call: Call, form: str) -> bytes:
    """Draws the picture of an answer.

    Args:
        endpoint: an endpoint with a chart.
        request: the decoded request.
        content: the answer as JSON.
        call: the call, for language and currency.
        form: media type of the picture.
    """
    if endpoint.chart is None:
        raise LookupError("this endpoint has no chart")
    chart = endpoint.chart(request, orjson.loads(content), Reader(call.lang, call.currency))
    return drawing.draw(chart, form)


def headers(form: str, call: Call) -> dict[str, str]:
    """Response headers of a picture. They carry the codes of the answer's warnings."""
    codes = ", ".join(dict.fromkeys(warning["code"] for warning in call.warnings))
    return {**security_headers(form), **({WARNINGS: codes} if codes else {})}


def security_headers(form: str) -> dict[str, str]:
    """Headers that prevent scripts in a picture."""
    return _HEADERS.get(form, {})


def is_compressible(form: str) -> bool:
    """Whether gzip makes a picture smaller."""
    return form in (SVG, VEGA_LITE)
