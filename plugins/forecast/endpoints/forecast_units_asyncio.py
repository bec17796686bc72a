"""How many pieces of each product of the range will be sold? Daily sales of many products in one call, each
forecast as `forecast_units` does it, by the quick models; a product that cannot be forecast says why,
and does not affect the others.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema

from abintel.answer import Answer, Warned
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Parts
from abintel.fields import Body, Identifier
from abintel.problem import Fault, ProblemFault
from abintel.progress import report
from plugins.forecast import answers, products, requests
from plugins.forecast.endpoints import forecast_units
from plugins.forecast.endpoints.forecast_units import UnitsDay, UnitsMetrics
from plugins.forecast.examples import units_example
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import made_again
from plugins.forecast.schemas import (
    BacktestFold,
    ForecastChoices,
    ForecastCleaning,
    ForecastMember,
    ForecastModelInfo,
    ForecastViews,
    FutureDriver,
)
from plugins.forecast.training import many_series, table_file

SUBJECT = forecast_units.SUBJECT._replace(pool="many")
PIECE = 20
"""Products in a piece of work."""
WARNINGS = {
    **forecast_units.WARNINGS,
    "products_failed": "Some products could not be forecast; their `error` says why.",
}


def _rows(model: type[BaseModel], **limits: int) -> Any:
    """The schema of rows that are checked per product: a bad row is an error of its product only."""
    array = {"type": "array", **limits, "items": model.model_json_schema()}
    refused = {"description": "Anything else is taken, and is an error of its product."}
    return WithJsonSchema({"anyOf": [array, {"type": "null"}, refused]})


class UnitsItem(Body):
    """A product and its daily sales."""

    product_code: Identifier = Field(description="The product's code, different in each item.")
    data: Annotated[Any, _rows(UnitsDay, minItems=2)] = Field(
        None,
        description="The product's history, rows as those of `forecast_units`; without two good days or more "
        "the product gets an error.",
    )
    future_drivers: Annotated[Any, _rows(FutureDriver)] = Field(
        None, description="The known future of the product's drivers, as in `forecast_units`."
    )


class ForecastUnitsAsyncioRequest(ForecastChoices):
    """Daily sales of many products, and how far to look ahead."""

    items: Annotated[list[UnitsItem], Field(min_length=1)] = Field(description="The products.")
    backtest: bool = Field(
        False, description="Whether each forecast has its `backtest`: tens of kilobytes a product."
    )


class ProductError(BaseModel):
    """Why a product has no forecast: the problem that `forecast_units` would answer with."""

    type: str = Field(description="`urn:abintel:problem:` and the kind of problem.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="Status code that the product alone would get.")
    detail: str = Field(description="What happened, and what to do.")
    errors: list[ProblemFault] | None = Field(None, description="The first twenty faults of its rows.")
    errors_truncated: bool | None = Field(None, description="True if it has more faults.")


class ProductForecast(BaseModel):
    """The sales ahead of one product, or its error."""

    product_code: str = Field(description="The product, as sent.")
    best_algorithm: str | None = Field(None, description="The model of the lowest error on held-out days.")
    members: list[ForecastMember] | None = Field(
        None, description="The models that the forecast is the weighted mean of."
    )
    evaluation_metrics: UnitsMetrics | None = Field(
        None, description="How good that model is, and how all did."
    )
    forecast: ForecastViews | None = Field(None, description="The product's periods ahead.")
    backtest: list[BacktestFold] | None = Field(None, description="The folds, where asked for.")
    cleaning: ForecastCleaning | None = Field(None, description="What was done to the product's rows.")
    model_info: ForecastModelInfo | None = Field(None, description="How the champion came to be.")
    warnings: list[Warned] | None = Field(None, description="Remarks on this product.")
    error: ProductError | None = Field(None, description="Why it has no forecast; then all else is absent.")


class ForecastTableInfo(BaseModel):
    """The version in which this request's champions are kept; a key that says nothing is absent."""

    series: int = Field(description="Products whose champion is kept.")
    note: str | None = Field(None, description="A remark.")
    cached: bool | None = Field(None, description="Whether the version was there before.")
    model_version: str | None = Field(None, description="The version's number in the registry.")
    trained_at: str | None = Field(None, description="When it was made, UTC.")
    expires_at: str | None = Field(None, description="When all will be judged again, UTC.")
    registry: str | None = Field(None, description="`unavailable` while nothing can be kept.")


class ForecastUnitsAsyncioAnswer(Answer):
    """Forecasts of many products."""

    forecast_period: int = Field(description="As sent.")
    forecasts: list[ProductForecast] = Field(description="One per product, in the order sent.")
    interval_method: str = Field(description="Where the intervals come from.")
    model_info: ForecastTableInfo = Field(description="Where the champions are kept.")
    execution_time_seconds: float = Field(
        description="Seconds of work on the products, over all processes that shared it."
    )


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from duplicates([item.product_code for item in request.items], "items", "product_code", "product")
    yield from requests.country_faults(request)


def split(request: Any, call: Call) -> list[bytes]:
    """Pieces of 20 products each, with the champions that earlier requests kept of them."""
    kept = many_series.kept_by(ENDPOINT, call)
    pieces = []
    for first in range(0, len(request.items), PIECE):
        items = request.items[first : first + PIECE]
        before = {item.product_code: kept[item.product_code] for item in items if item.product_code in kept}
        piece = {
            "settings": {name: getattr(request, name) for name in ForecastChoices.model_fields},
            "backtest": request.backtest,
            "first": first,
            "items": [products.as_sent(item) for item in items],
            "kept": table_file.written(before),
        }
        pieces.append(json.dumps(piece).encode())
    return pieces


def work(piece: bytes, call: Call) -> bytes:
    """The forecasts of a piece's products, and the rows of the table of champions."""
    started = time.perf_counter()
    given = json.loads(piece)
    settings = SimpleNamespace(**given["settings"], backtest=given["backtest"])
    sent = [
        products.read(product, given["first"] + position, settings, SUBJECT, call)
        for position, product in enumerate(given["items"])
    ]
    good = {product.code: product.series for product in sent if isinstance(product.series, History)}
    made, rows = many_series.champions_of(good, table_file.read(given["kept"]), call.now, report)
    done = {
        "forecasts": [
            products.answered(product, made.get(product.code), settings, SUBJECT, call) for product in sent
        ],
        "rows": table_file.written(rows),
        "days": sum(good[code].rows for code in rows),
        "seconds": time.perf_counter() - started,
    }
    return json.dumps(done, default=lambda value: value.tolist(), allow_nan=False).encode()


def join(request: Any, results: Sequence[bytes], call: Call) -> dict[str, Any]:
    """All products in the order sent, and one version for all of them."""
    done = [json.loads(result) for result in results]
    forecasts = [forecast for part in done for forecast in part["forecasts"]]
    rows = table_file.read({code: row for part in done for code, row in part["rows"].items()})
    info, others = many_series.registered(rows, sum(part["days"] for part in done), call)
    for position, item in enumerate(request.items):
        if item.product_code not in others:
            continue
        product = products.read(products.as_sent(item), position, request, SUBJECT, call)
        with contextlib.suppress(ValueError):
            if isinstance(product.series, History):
                made = made_again(product.series, others[item.product_code].kept)
                forecasts[position] = products.answered(product, made, request, SUBJECT, call)
    bad = sum("error" in forecast for forecast in forecasts)
    if bad:
        call.warn("products_failed", f"{bad} of {len(forecasts)} products could not be forecast.")
    return {
        "forecast_period": request.forecast_period,
        "forecasts": forecasts,
        "interval_method": answers.INTERVAL_METHOD,
        "model_info": info,
        "execution_time_seconds": sum(part["seconds"] for part in done),
    }


ENDPOINT = Endpoint(
    name="forecast_units_asyncio",
    summary="How many pieces of each of many products will be sold; a bad one does not affect the others.",
    request=ForecastUnitsAsyncioRequest,
    response=ForecastUnitsAsyncioAnswer,
    parts=Parts(split, work, join),
    runs_as_job=True,
    check=check,
    writes_words=True,
    warnings=WARNINGS,
    examples={
        "three products": {
            "forecast_period": 3,
            "items": [
                {"product_code": "38788", "data": units_example(40)},
                {"product_code": "A-1", "data": [{"date": "2024-03-01", "sales_quantity": 2}] * 2},
                {"product_code": "A-2", "data": units_example(20)},
            ],
        },
    },
    trainable=many_series.TRAINABLE,
    chart=lazy("plugins.forecast.charts", "products"),
)
