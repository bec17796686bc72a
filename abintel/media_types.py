"""Media types and content negotiation."""

from __future__ import annotations

from collections.abc import Sequence

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
TABLE_FORMS = (
    "application/octet-stream",
    CSV,
    JSON,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""How files of rows may be labelled. Their bytes say what they are."""


def chosen_form(accept: str, forms: Sequence[str]) -> str | None:
    """The media type that an ``Accept`` header prefers (RFC 9110, section 12.5.1); None if it accepts none.

    >>> chosen_form("text/csv, */*;q=0.1", (JSON, CSV)), chosen_form("", (JSON, CSV))
    ('text/csv', 'application/json')
    """
    weights = accept_weights(accept) if accept.strip() else {"*/*": 1.0}
    best: tuple[float, bool] = (0.0, False)
    choice = None
    for form in forms:
        named = form in weights
        weight = next(
            (weights[name] for name in (form, f"{form.partition('/')[0]}/*", "*/*") if name in weights), 0.0
        )
        if weight > 0 and (weight, named) > best:
            best, choice = (weight, named), form
    return choice


def media_type(content_type: str) -> str:
    """A ``Content-Type`` without its parameters.

    >>> media_type("text/CSV; charset=utf-8")
    'text/csv'
    """
    return content_type.partition(";")[0].strip().lower()


def accept_weights(accept: str) -> dict[str, float]:
    """The media types of an ``Accept`` header with their weights (RFC 9110, section 12.4.2)."""
    weights = {}
    for offer in accept.lower().split(","):
        name, *parameters = (part.strip() for part in offer.split(";"))
        weights[name] = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weights[name] = float(parameter[2:])
                except ValueError:
                    weights[name] = 0.0
    return weights
