"""How much revenue comes in next quarter, next year? From daily revenue, the months ahead, all days and
business days, with the range that they will probably fall into; the model that did best on held-out days is
chosen, and every model's errors are shown.
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
from plugins.forecast.examples import daily_example, paid_days
from plugins.forecast.schemas import (
    ForecastAnswer,
    ForecastDay,
    ForecastMetrics,
    ForecastResult,
    ForecastSettings,
)
from plugins.forecast.training.one_series import TRAINABLE

SUBJECTS = Subjects("revenue", "generic_revenue", "average_daily_revenue", "revenue", "iqr")


class RevenueDay(ForecastDay):
    """A day's revenue; further numeric or boolean columns, such as `promo_day`, are drivers."""

    revenue: Amount = Field(description="Gross revenue of the day, one currency throughout.")


class ForecastRevenueRequest(ForecastSettings):
    """Daily revenue, and how far to look ahead."""

    data: Annotated[list[RevenueDay], Field(min_length=2)] = Field(
        description="The history, in any order; 60 days or more for models to be judged."
    )


class RevenueMetrics(ForecastMetrics):
    """The winner's errors, and the level of its forecast."""

    average_daily_revenue: float = Field(description="Mean day of the forecast, over the months reported.")


class RevenueResult(ForecastResult):
    """The revenue ahead."""

    evaluation_metrics: RevenueMetrics = Field(description="How good the winner is, and how all models did.")


class ForecastRevenueAnswer(ForecastAnswer):
    """A revenue forecast."""

    forecast_result: RevenueResult = Field(description="The forecast and its quality.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from answering.check(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    return answering.answer(request, call, SUBJECTS, ENDPOINT)


ENDPOINT = Endpoint(
    name="forecast_revenue",
    summary="How much revenue is ahead: months with intervals, by the model that did best on held-out days.",
    request=ForecastRevenueRequest,
    response=ForecastRevenueAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings=WARNINGS,
    examples={
        "ninety days": {"forecast_period": 12, "data": paid_days("revenue")},
        "a few weeks": {"forecast_period": 3, "granularity": "week", "data": daily_example("revenue", 35)},
    },
    trainable=TRAINABLE,
    chart=lazy("plugins.forecast.charts", "series"),
)
