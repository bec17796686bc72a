"""What will it cost, what drives it, and where does it arise? From daily cost with its drivers (headcount,
promotions, prices), of one or of several cost centres: the months ahead of the total, of each centre so that
they add up to it, and how much of the forecast each driver accounts for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint, Served
from abintel.fields import Amount, Identifier
from abintel.problem import Fault
from plugins.forecast import answers, remarks, requests
from plugins.forecast.days.cadence import Cadence
from plugins.forecast.days.calendar import months_after
from plugins.forecast.examples import centres_example
from plugins.forecast.judging.champion import with_drivers
from plugins.forecast.judging.drivers import contributions
from plugins.forecast.judging.history import History
from plugins.forecast.judging.outlook import Outlook, Period, outlook
from plugins.forecast.judging.reconciling import on_grid, reconciled
from plugins.forecast.requests import Rows, Subject
from plugins.forecast.schemas import (
    AVERAGE,
    ForecastAnswer,
    ForecastDay,
    ForecastMetrics,
    ForecastModelInfo,
    ForecastResult,
    ForecastSettings,
    ForecastViews,
)
from plugins.forecast.training.one_series import TRAINABLE, champion_of

SUBJECT = Subject("cost", "driver_cost", "average_daily_cost", "cost", "iqr")
CENTRE = SUBJECT._replace(pool="many")
MOST_CENTRES = 50
BASELINE = "baseline"


class DrivenCostDay(ForecastDay):
    """A day's cost of a cost centre; further numeric or boolean columns are drivers."""

    cost: Amount = Field(description="Cost of the day and centre, one currency throughout.")
    cost_center: Identifier | None = Field(
        None, description="Where the cost arose; rows without one are a centre of their own."
    )


class ForecastCostImprovedRequest(ForecastSettings):
    """Daily cost with its drivers, and how far to look ahead."""

    data: Annotated[list[DrivenCostDay], Field(min_length=2)] = Field(
        description="The history, in any order, one row per day and cost centre; at most 50 centres."
    )


class DrivenCostMetrics(ForecastMetrics):
    """The winner's errors, and the level of its forecast of all cost."""

    average_daily_cost: float = AVERAGE


class DrivenCostResult(ForecastResult):
    """The cost ahead, of all centres."""

    evaluation_metrics: DrivenCostMetrics = Field(
        description="How good the winner is, and how all models did."
    )


class CostCenterForecast(BaseModel):
    """The cost ahead of a centre, moved so that all centres add up to the total."""

    cost_center: str | None = Field(description="The centre, as sent; null for the rows without one.")
    best_algorithm: str = Field(description="The model of the lowest error on the centre's held-out days.")
    RMSE: float = Field(description="Its root mean squared error a day, before that.")
    forecast: ForecastViews = Field(description="The centre's periods ahead.")
    model_info: ForecastModelInfo = Field(description="Which champion of the centre answered.")


class DriverContribution(BaseModel):
    """How much of the forecast a driver accounts for."""

    driver: str = Field(description="The column, or `baseline`: what there would be with all drivers at 0.")
    contribution_pct: float = Field(description="Per cent of the forecast; all add up to 100.")


class ForecastCostImprovedAnswer(ForecastAnswer):
    """A cost forecast by centre and driver."""

    forecast_result: DrivenCostResult = Field(description="The forecast of the total, and its quality.")
    cost_centers: list[CostCenterForecast] = Field(
        description="Each centre's share of it, by name; empty where no row names a centre."
    )
    driver_contributions: list[DriverContribution] = Field(description="The baseline, and each driver.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from requests.check(request, call)
    centres = _names(request)
    if len(centres) > MOST_CENTRES:
        yield Fault("/data", f"The rows name {len(centres)} cost centres; send at most {MOST_CENTRES}.")


def handle(request: Any, call: Call) -> dict[str, Any]:
    started = time.perf_counter()
    total = answers.forecast_of(
        request,
        call,
        SUBJECT,
        ENDPOINT,
        rows=_without_centre(request.data),
        # Rows of one day and several centres belong together: only those of one centre are merged.
        merged=len(request.data) - len({(row["date"], row.get("cost_center")) for row in request.data}),
    )
    centres, ahead = _centres(request, call, total)
    result = answers.result(total._replace(outlook=ahead), SUBJECT, call)
    return {
        "forecast_period": request.forecast_period,
        "forecast_result": {"analysis_type": SUBJECT.analysis, **result},
        "cost_centers": centres,
        "driver_contributions": _contributions(total, request.forecast_period),
        "model_info": total.info,
        "execution_time_seconds": time.perf_counter() - started,
    }


def _names(request: Any) -> list[str | None]:
    """The centres by name, that of rows without one last; none where no row names one."""
    names = {row.get("cost_center") for row in request.data}
    named = sorted(name for name in names if name is not None)
    return [*named, *([None] if None in names else [])] if named else []


def _without_centre(rows: Rows) -> list[dict[str, Any]]:
    return [{key: row[key] for key in row if key != "cost_center"} for row in rows]


def _own_forecast(
    name: str | None, last: int, cadence: Cadence, request: Any, call: Call
) -> tuple[History, Served]:
    """A centre's history up to the last day of the total's, and its champion, before reconciliation."""
    # A centre takes the whole's cadence: rent once a month is no reason to spread it over the days.
    rows = _without_centre([row for row in request.data if row.get("cost_center") == name])
    history = requests.history_of(
        rows, request.future_drivers, request, CENTRE, lambda code, message: None, last, cadence
    )
    # No name is empty: that scope is free for the rows without one.
    return history, champion_of(history, {"cost_center": name or ""}, ENDPOINT, call)


def _centres(request: Any, call: Call, total: answers.Forecast) -> tuple[list[dict[str, Any]], Outlook]:
    """The centres' part of the answer, and the total's periods as the exact sums of theirs."""
    names, ahead = _names(request), total.outlook
    if not names:
        return [], ahead
    own = [
        _own_forecast(name, total.history.daily.last, total.history.cadence, request, call) for name in names
    ]
    days = len(total.champion.ahead)
    paths = reconciled(
        with_drivers(total.champion, total.history, days),
        np.array([with_drivers(served.model, history, days) for history, served in own]),
        total.champion.selection.figures().rmse,
        np.array([served.model.selection.figures().rmse for _, served in own]),
    )
    ahead_of = [
        outlook(served.model, history, request.forecast_period, request.granularity, path)
        for (history, served), path in zip(own, paths, strict=True)
    ]
    calendar, total_calendar = _added([each.calendar for each in ahead_of], ahead.calendar)
    business, total_business = _added([each.business for each in ahead_of], ahead.business)
    ahead_of = [
        each._replace(calendar=all_days, business=workdays)
        for each, all_days, workdays in zip(ahead_of, calendar, business, strict=True)
    ]
    centres = [
        {
            "cost_center": name,
            "best_algorithm": served.model.selection.algorithm,
            "RMSE": served.model.selection.figures().rmse,
            "forecast": answers.views(each),
            "model_info": served.info,
        }
        for name, (_, served), each in zip(names, own, ahead_of, strict=True)
    ]
    return centres, ahead._replace(calendar=total_calendar, business=total_business)


def _added(parts: list[list[Period]], whole: list[Period]) -> tuple[list[list[Period]], list[Period]]:
    """The centres' periods on one grid, and the total's as their sums."""
    values = np.array([[period.value for period in part] for part in parts])
    grid = np.column_stack([on_grid(column) for column in values.T])
    return [_valued(part, row) for part, row in zip(parts, grid, strict=True)], _valued(
        whole, grid.sum(axis=0)
    )


def _valued(periods: list[Period], values: Any) -> list[Period]:
    """Periods with other values, and bounds around these."""
    return [
        period._replace(
            value=value,
            lower_95=min(period.lower_95, value),
            lower_80=min(period.lower_80, value),
            upper_80=max(period.upper_80, value),
            upper_95=max(period.upper_95, value),
        )
        for period, value in zip(periods, values.tolist(), strict=True)
    ]


def _contributions(total: answers.Forecast, months: int) -> list[dict[str, Any]]:
    history = total.history
    reported = months_after(history.daily.last, months)
    first, end = (day - history.daily.last - 1 for day in (reported[0].first, reported[-1].end))
    shares = contributions(total.champion, history, first, end).tolist()
    rows = [{"driver": BASELINE, "contribution_pct": 100.0 - sum(shares)}]
    rows += [
        {"driver": name, "contribution_pct": share} for name, share in zip(history.names, shares, strict=True)
    ]
    return rows


ENDPOINT = Endpoint(
    name="forecast_cost_improved",
    summary="What is ahead in cost, by cost centre and by driver; centres add up to the total.",
    request=ForecastCostImprovedRequest,
    response=ForecastCostImprovedAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings=remarks.WARNINGS,
    examples={
        "two centres": {
            "forecast_period": 3,
            "data": centres_example(70),
            "future_drivers": [{"date": "2024-04-01", "overtime": True}],
        },
    },
    trainable=TRAINABLE,
    chart=lazy("plugins.forecast.charts", "driven"),
)
