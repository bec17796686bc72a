"""How many pieces of a product will be sold, and so have to be bought, in the months ahead? From its daily
sales, steady, promoted or lumpy; the model that did best on held-out days is chosen, trees and
the methods for rare demand among them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Count, Identifier
from abintel.problem import Fault
from plugins.forecast import answers, remarks, requests
from plugins.forecast.examples import units_example
from plugins.forecast.requests import Subject
from plugins.forecast.schemas import (
    AVERAGE,
    ForecastAnswer,
    ForecastDay,
    ForecastMetrics,
    ForecastOutcome,
    ForecastSettings,
)
from plugins.forecast.training.one_series import TRAINABLE

SUBJECT = Subject("sales_quantity", "units", "average_daily_sales", "sales", "hampel", "units")
WARNINGS = {
    **remarks.WARNINGS,
    "short_history": "Fewer than 30 days of history: the mean of all days stands in.",
}


class UnitsDay(ForecastDay):
    """A day's sales; further numeric or boolean columns, such as `promo`, are drivers."""

    sales_quantity: Count = Field(description="Pieces sold that day, one unit of measure throughout.")


class ForecastUnitsRequest(ForecastSettings):
    """Daily sales of a product, and how far to look ahead."""

    product_code: Identifier = Field(description="The product's code; champions are kept by it.")
    data: Annotated[list[UnitsDay], Field(min_length=2)] = Field(
        description="The product's history, in any order; 30 days or more for models to be judged."
    )


class UnitsMetrics(ForecastMetrics):
    """The winner's errors, and the level of its forecast of sales."""

    average_daily_sales: float = AVERAGE
    note: str | None = Field(None, description="`cold-start` where the history has fewer than 30 days.")


class UnitsForecast(ForecastOutcome):
    """The sales ahead of a product."""

    product_code: str = Field(description="The product, as sent.")
    evaluation_metrics: UnitsMetrics = Field(description="How good the winner is, and how all models did.")


class ForecastUnitsAnswer(ForecastAnswer):
    """A forecast of units."""

    forecasts: list[UnitsForecast] = Field(description="The product's forecast, alone in its list.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from requests.check(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    started = time.perf_counter()
    code = request.product_code
    forecast = answers.forecast_of(request, call, SUBJECT, ENDPOINT, scope={"product_code": code})
    return {
        "forecast_period": request.forecast_period,
        "forecasts": [{"product_code": code, **answers.result(forecast, SUBJECT, call)}],
        "model_info": forecast.info,
        "execution_time_seconds": time.perf_counter() - started,
    }


ENDPOINT = Endpoint(
    name="forecast_units",
    summary="How many pieces of a product will be sold: months with intervals, by the best of eleven models.",
    request=ForecastUnitsRequest,
    response=ForecastUnitsAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings=WARNINGS,
    examples={
        "sixty days": {"product_code": "38788", "forecast_period": 6, "data": units_example(60)},
        "with promotions": {
            "product_code": "38788",
            "forecast_period": 2,
            "granularity": "week",
            "data": units_example(60, promotions=True),
            "future_drivers": [{"date": "2024-03-15", "promo": True}],
        },
        "a new product": {"product_code": "A-1", "forecast_period": 3, "data": units_example(20)},
    },
    trainable=TRAINABLE,
    chart=lazy("plugins.forecast.charts", "series"),
)
