"""From a champion to an answer: what the forecast routes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from abintel.endpoint import Call, Endpoint
from abintel.wording import Lang
from plugins.forecast.days.calendar import iso
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History
from plugins.forecast.judging.outlook import Outlook, Period, day_bounds, outlook
from plugins.forecast.judging.race import Candidate
from plugins.forecast.models.naive import NAIVE_MEAN
from plugins.forecast.remarks import cleaning, warn_of
from plugins.forecast.requests import Rows, Subject, Warn, history_of
from plugins.forecast.training.one_series import champion_of
from plugins.forecast.words import interpretation

COLD = "cold-start"
INTERVAL_METHOD = (
    "1,000 simulated paths: weekly errors of the backtest as an offset, a random walk and noise, with days "
    "drawn from its held-out weeks; the bounds are quantiles of each period's sum"
)


class Forecast(NamedTuple):
    """The forecast of one series: its champion, what ``model_info`` says of it, and the periods ahead."""

    history: History
    champion: Champion
    info: Mapping[str, Any]
    outlook: Outlook


def forecast_of(
    request: Any,
    call: Call,
    subject: Subject,
    endpoint: Endpoint,
    *,
    rows: Rows | None = None,
    scope: Mapping[str, str] | None = None,
    merged: int | None = None,
) -> Forecast:
    """The forecast of a request's series, with its warnings.

    Args:
        request: of the route.
        call: the call.
        subject: what is forecast.
        endpoint: the route.
        rows: the series' days; the request's if None.
        scope: what the champion is for, besides the tenant and the route.
        merged: rows that were added to another one, where that is not every further row of a day.

    Raises:
        Problem: 400.
    """
    rows = request.data if rows is None else rows
    history = history_of(rows, request.future_drivers, request, subject, call.warn)
    if merged is not None:
        history = history._replace(daily=history.daily._replace(merged=merged))
    served = champion_of(history, scope or {}, endpoint, call)
    return forecast_by(served.model, history, served.info, request, call.warn, call.lang)


def forecast_by(
    champion: Champion, history: History, info: Mapping[str, Any], request: Any, warn: Warn, lang: Lang
) -> Forecast:
    """A champion's forecast of the periods that a request asks for, with its warnings."""
    warn_of(champion, history, info, request.forecast_period, warn, lang)
    ahead = outlook(champion, history, request.forecast_period, request.granularity)
    return Forecast(history, champion, info, ahead)


def result(forecast: Forecast, subject: Subject, call: Call) -> dict[str, Any]:
    """What an answer says of a series: its champion, how good that is, the periods ahead."""
    history, champion, ahead = forecast.history, forecast.champion, forecast.outlook
    selection = champion.selection
    known = selection.figures()
    metrics: dict[str, Any] = {
        "RMSE": known.rmse,
        "MAE": known.mae,
        "R2": known.r2,
        subject.average: ahead.daily_mean,
        "Interpretation": interpretation(
            selection.algorithm,
            known.rmse,
            known.mae,
            known.r2,
            ahead.daily_mean,
            subject=subject.word,
            lang=call.lang,
            currency=None if subject.word == "sales" else call.currency,
            judged=len(selection.candidates) > 1,
            mase=known.mase,
            mape=known.mape,
        ),
        "MAPE": known.mape,
        "sMAPE": known.smape,
        "MASE": known.mase,
        "historical_daily_mean": float(history.daily.values.mean()),
        "model_candidates": [_candidate(candidate) for candidate in selection.candidates],
    }
    if selection.algorithm == NAIVE_MEAN.name:
        metrics["note"] = COLD
    return {
        "best_algorithm": selection.algorithm,
        "members": [
            {"algorithm": name, "weight": weight}
            for name, weight in zip(selection.members, selection.weights, strict=True)
        ],
        "evaluation_metrics": metrics,
        "forecast": views(ahead),
        "interval_method": INTERVAL_METHOD,
        "backtest": _backtest(champion, history),
        "cleaning": cleaning(champion, history, ahead.months),
    }


def views(ahead: Outlook) -> dict[str, Any]:
    """Both lists of periods."""
    coarse = ahead.granularity == "month"
    return {
        "calendar": [_period(period, coarse) for period in ahead.calendar],
        "business": [_period(period, coarse) for period in ahead.business],
    }


def _period(period: Period, coarse: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"yyyy-mm": period.label}
    if not coarse:
        row["date"] = iso(period.first)
    return {
        **row,
        "value": period.value,
        "lower_80": period.lower_80,
        "upper_80": period.upper_80,
        "lower_95": period.lower_95,
        "upper_95": period.upper_95,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    known = candidate.figures
    row = {
        "algorithm": candidate.name,
        "RMSE": known and known.rmse,
        "MAE": known and known.mae,
        "R2": known and known.r2,
        "MAPE": known and known.mape,
        "sMAPE": known and known.smape,
        "MASE": known and known.mase,
        "score": known and known.score,
        "folds": candidate.folds,
        "seconds": candidate.seconds,
    }
    return row if candidate.dropped is None else {**row, "skipped": candidate.dropped}


def _backtest(champion: Champion, series: History) -> list[dict[str, Any]]:
    added = day_bounds(champion)
    folds = []
    for origin, path in zip(champion.origins, champion.paths, strict=True):
        low_95, low_80, high_80, high_95 = np.maximum(0.0, path + added).tolist()
        actual = series.daily.values[origin : origin + len(path)].tolist()
        days = range(series.daily.first + origin, series.daily.first + origin + len(path))
        keys = ("date", "actual", "forecast", "lower_80", "upper_80", "lower_95", "upper_95")
        columns = (map(iso, days), actual, path.tolist(), low_80, high_80, low_95, high_95)
        rows = [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]
        folds.append({"train_days": origin, "days": rows})
    return folds
