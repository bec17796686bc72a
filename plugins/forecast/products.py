"""Many products in one body: each is read, forecast and answered as if it were alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from abintel.decode import Decoder
from abintel.endpoint import Call
from abintel.fields import Body
from abintel.problem import Fault, Problem, bad_body, failed, pointer
from plugins.forecast import answers, requests
from plugins.forecast.endpoints.forecast_units import UnitsDay
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import Made
from plugins.forecast.requests import Subject, Warn
from plugins.forecast.schemas import FutureDriver

MOST_FAULTS = 20
"""Faults that the error of a product lists at most."""


class ProductHistory(Body):
    """What is sent of a product besides its code."""

    data: Annotated[list[UnitsDay], Field(min_length=2)]
    future_drivers: list[FutureDriver] | None = None


_READER = Decoder(ProductHistory)


class Product(NamedTuple):
    """A product as it was sent.

    Attributes:
        code: its code.
        series: its history, or the problem that it has.
        warnings: about it.
    """

    code: str
    series: History | Problem
    warnings: list[dict[str, str]]

    def warn(self, code: str, message: str) -> None:
        """Adds a warning."""
        self.warnings.append({"code": code, "message": message})


def as_sent(item: Any) -> dict[str, str]:
    """A product in a form that does not depend on the request: its code, and its rows as JSON."""
    sent = {"data": item.data, "future_drivers": item.future_drivers}
    try:
        body = json.dumps({name: value for name, value in sent.items() if value is not None})
    except RecursionError:
        body = ""
    return {"product_code": item.product_code, "body": body}


def read(sent: Mapping[str, str], position: int, request: Any, subject: Subject, call: Call) -> Product:
    """A product with its history, or with the problem that its rows have.

    Args:
        sent: as :func:`as_sent` gave it.
        position: of the product among the request's items.
        request: with the settings.
        subject: of the route.
        call: the call.
    """
    product = Product(sent["product_code"], failed(), [])
    try:
        series: History | Problem = _history(sent["body"], request, subject, call, product.warn)
    except Problem as problem:
        series = _moved(problem, pointer("items", position))
    return product._replace(series=series)


def _history(body: str, request: Any, subject: Subject, call: Call, warn: Warn) -> History:
    if not body:
        raise bad_body([Fault("", "The product is nested too deep.")])
    decoded = _READER.decode(body.encode())
    faults = list(requests.series_faults(decoded.data, decoded.future_drivers or (), call))
    if faults:
        raise bad_body(faults)
    return requests.history_of(decoded.data, decoded.future_drivers, request, subject, warn)


def _moved(problem: Problem, prefix: str) -> Problem:
    """A problem of a product's part of the body, with pointers from the body's root."""
    return bad_body([Fault(prefix + fault.pointer, fault.message) for fault in problem.faults])


def answered(
    product: Product, made: Made | Exception | None, request: Any, subject: Subject, call: Call
) -> dict[str, Any]:
    """A product's part of the answer: its forecast, or its error."""
    if isinstance(product.series, Problem):
        return {"product_code": product.code, "error": _error(product.series)}
    if not isinstance(made, Made):
        return {"product_code": product.code, "error": _error(failed())}
    champion = made.champion
    info: dict[str, Any] = {"choice": made.how, "judged_days": champion.judged_days, "note": made.note}
    forecast = answers.forecast_by(champion, product.series, info, request, product.warn, call.lang)
    result = answers.result(forecast, subject, call)
    del result["interval_method"]
    if not request.backtest:
        del result["backtest"]
    return {
        "product_code": product.code,
        **result,
        "model_info": _said(info),
        **({"warnings": product.warnings} if product.warnings else {}),
    }


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


def _error(problem: Problem) -> dict[str, Any]:
    document = problem.as_dict("")
    del document["request_id"]
    faults: Sequence[Any] = document.get("errors", ())
    if len(faults) > MOST_FAULTS:
        document["errors"], document["errors_truncated"] = faults[:MOST_FAULTS], True
    return document
