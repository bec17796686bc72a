"""The routes that forecast one series of daily money: each is one description."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Amount
from abintel.problem import Fault
from plugins.forecast import requests
from plugins.forecast.answers import forecast_of, result
from plugins.forecast.remarks import WARNINGS
from plugins.forecast.requests import Subject
from plugins.forecast.schemas import (
    AVERAGE,
    ForecastAnswer,
    ForecastDay,
    ForecastMetrics,
    ForecastResult,
    ForecastSettings,
)
from plugins.forecast.training.one_series import TRAINABLE


def money_route(
    module: str, subject: Subject, *, value: str, summary: str, examples: Mapping[str, Any]
) -> Endpoint:
    """The route ``forecast_<column>``.

    Args:
        module: name of the route's module, whose docstring opens its page.
        subject: what is forecast.
        value: what a row's value is, for the API description.
        summary: the question that the route answers, in a line.
        examples: name to a body.
    """

    def check(request: Any, call: Call) -> Iterator[Fault]:
        yield from requests.check(request, call)

    def handle(request: Any, call: Call) -> dict[str, Any]:
        started = time.perf_counter()
        forecast = forecast_of(request, call, subject, endpoint)
        return {
            "forecast_period": request.forecast_period,
            "forecast_result": {"analysis_type": subject.analysis, **result(forecast, subject, call)},
            "model_info": forecast.info,
            "execution_time_seconds": time.perf_counter() - started,
        }

    body, answer = _schemas(module, subject, value)
    endpoint = Endpoint(
        name=f"forecast_{subject.column}",
        summary=summary,
        request=body,
        response=answer,
        handle=handle,
        check=check,
        writes_words=True,
        warnings=WARNINGS,
        examples=examples,
        trainable=TRAINABLE,
        chart=lazy("plugins.forecast.charts", "series"),
    )
    return endpoint


def _schemas(module: str, subject: Subject, value: str) -> tuple[type[BaseModel], type[BaseModel]]:
    """Request and answer of a route."""
    noun = subject.column
    title = noun.title()

    # The names of fields come from the subject, so the models are made instead of written.
    def model(name: str, base: type[BaseModel], doc: str, **fields: Any) -> Any:
        return create_model(name, __base__=base, __doc__=doc, __module__=module, **fields)

    day: Any = model(
        f"{title}Day",
        ForecastDay,
        f"A day's {noun}; further numeric or boolean columns, such as `promo_day`, are drivers.",
        **{noun: (Amount, Field(description=f"{value} of the day, one currency throughout."))},
    )
    data = Field(description="The history, in any order; 60 days or more for models to be judged.")
    body = model(
        f"Forecast{title}Request",
        ForecastSettings,
        f"Daily {noun}, and how far to look ahead.",
        data=(Annotated[list[day], Field(min_length=2)], data),
    )
    metrics = model(
        f"{title}Metrics",
        ForecastMetrics,
        f"The winner's errors, and the level of its forecast of {noun}.",
        **{subject.average: (float, AVERAGE)},
    )
    quality = Field(description="How good the winner is, and how all models did.")
    outcome = model(
        f"{title}Result", ForecastResult, f"The {noun} ahead.", evaluation_metrics=(metrics, quality)
    )
    answer = model(
        f"Forecast{title}Answer",
        ForecastAnswer,
        f"A {noun} forecast.",
        forecast_result=(outcome, Field(description="The forecast and its quality.")),
    )
    return body, answer
