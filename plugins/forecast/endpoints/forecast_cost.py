"""What will it cost to run the business next quarter, next year? From daily cost, the months ahead, all
days and business days, with the range that they will probably fall into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Amount
from abintel.problem import Fault
from plugins.forecast import answering
from plugins.forecast.answering import WARNINGS, Subjects
from plugins.forecast.examples import daily_example
from plugins.forecast.schemas import (
    ForecastAnswer,
    ForecastDay,
    ForecastMetrics,
    ForecastResult,
    ForecastSettings,
)
from plugins.forecast.training.one_series import TRAINABLE

SUBJECTS = Subjects("cost", "generic_cost", "average_daily_cost", "cost", "iqr")


class CostDay(ForecastDay):
    """A day's cost; further numeric or boolean columns are drivers."""

    cost: Amount = Field(description="Cost of the day, one currency throughout.")


class ForecastCostRequest(ForecastSettings):
    """Daily cost, and how far to look ahead."""

    data: Annotated[list[CostDay], Field(min_length=2)] = Field(
        description="The history, in any order; 60 days or more for models to be judged."
    )


class CostMetrics(ForecastMetrics):
    """The winner's errors, and the level of its forecast of cost."""

    average_daily_cost: float = Field(description="Mean day of the forecast, over the months reported.")


class CostResult(ForecastResult):
    """The cost ahead."""

    evaluation_metrics: CostMetrics = Field(description="How good the winner is, and how all models did.")


class ForecastCostAnswer(ForecastAnswer):
    """A cost forecast."""

    forecast_result: CostResult = Field(description="The forecast and its quality.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from answering.check(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    return answering.answer(request, call, SUBJECTS, ENDPOINT)


ENDPOINT = Endpoint(
    name="forecast_cost",
    summary="What is ahead in cost: months with intervals, by the model that did best on held-out days.",
    request=ForecastCostRequest,
    response=ForecastCostAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings=WARNINGS,
    examples={
        "ninety days": {"forecast_period": 6, "data": daily_example("cost", 90, 420.0)},
        "business days of a country": {
            "forecast_period": 3,
            "country": "BR",
            "data": daily_example("cost", 75, 420.0),
        },
    },
    trainable=TRAINABLE,
    chart=lazy("plugins.forecast.charts", "series"),
)
