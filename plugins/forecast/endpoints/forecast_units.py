"""How many pieces of a product will be sold, and so have to be bought, in the months ahead? From its daily
sales, steady, promoted or lumpy; the model that did best on held-out days is chosen, trees and
the methods for rare demand among them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Count, Identifier
from abintel.problem import Fault
from plugins.forecast import answering
from plugins.forecast.answering import Subjects
from plugins.forecast.examples import units_example
from plugins.forecast.judging.outlook import outlook
from plugins.forecast.schemas import (
    ForecastDay,
    ForecastMetrics,
    ForecastModelInfo,
    ForecastOutcome,
    ForecastSettings,
)
from plugins.forecast.training.one_series import TRAINABLE, champion_of

SUBJECTS = Subjects("sales_quantity", "units", "average_daily_sales", "sales", "hampel", "units")
WARNINGS = {
    **answering.WARNINGS,
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

    average_daily_sales: float = Field(description="Mean day of the forecast, over the months reported.")
    note: str | None = Field(None, description="`cold-start` where the history has fewer than 30 days.")


class UnitsForecast(ForecastOutcome):
    """The sales ahead of a product."""

    product_code: str = Field(description="The product, as sent.")
    evaluation_metrics: UnitsMetrics = Field(description="How good the winner is, and how all models did.")


class ForecastUnitsAnswer(Answer):
    """A forecast of units."""

    forecast_period: int = Field(description="As sent.")
    forecasts: list[UnitsForecast] = Field(description="The product's forecast, alone in its list.")
    model_info: ForecastModelInfo = Field(description="Which champion answered.")
    execution_time_seconds: float = Field(description="Time that this call took.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from answering.check(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    started = time.perf_counter()
    series = answering.history(request, SUBJECTS, call)
    served = champion_of(series, {"product_code": request.product_code}, ENDPOINT, call)
    answering.warn_of(call.warn, series, request.forecast_period, served.info)
    ahead = outlook(served.model, series, request.forecast_period, request.granularity)
    forecast = answering.result(served.model, series, ahead, SUBJECTS, call)
    return {
        "forecast_period": request.forecast_period,
        "forecasts": [{"product_code": request.product_code, **forecast}],
        "model_info": served.info,
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
