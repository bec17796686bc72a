"""From a body to a history, and from a champion to an answer: what the forecast routes share."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from abintel.checks import duplicates, future_days
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE
from abintel.problem import Fault, bad_body, pointer
from plugins.forecast.days.calendar import countries, months_after
from plugins.forecast.days.series import Rule, daily
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History
from plugins.forecast.judging.outlook import Outlook, Period, day_bounds, outlook
from plugins.forecast.judging.race import Candidate
from plugins.forecast.judging.reuse import CARRIED, NOT_JUDGED, REJUDGED
from plugins.forecast.models.naive import NAIVE_MEAN
from plugins.forecast.models.roster import Pool
from plugins.forecast.training.one_series import champion_of
from plugins.forecast.words import Subject, interpretation

LONGEST_SPAN = 20 * 366
"""Days from the first row to the last; a gap of decades is a mistyped year."""
MOST_DRIVERS = 20
COLD = "cold-start"
INTERVAL_METHOD = (
    "1,000 simulated paths: weekly errors of the backtest as an offset, a random walk and chance, with days "
    "drawn from its held-out weeks; the bounds are quantiles of each period's sum"
)

WARNINGS = {
    "carried_on": "The history only grew: the champion of the shorter one was kept and fitted anew.",
    "drivers_forecast": "The drivers' future was not sent for every day ahead; the usual week is assumed.",
    "duplicates_merged": "Several rows had the same date; they were added up.",
    "far_ahead": "The forecast reaches further ahead than the history reaches back.",
    "ignored_columns": "Columns that are no numbers or booleans in every row are not used.",
    "judged_again": "The champion had become too wrong on the days that the history grew by.",
    "short_history": "Fewer than 60 days of history: the Aggregation stands in.",
}


class Subjects(NamedTuple):
    """What a route forecasts.

    Attributes:
        column: name of the value in a row.
        analysis: the answer's ``analysis_type``.
        average: key of the mean daily forecast.
        word: for the sentence.
        rule: how outliers are found.
        pool: which models are tried.
    """

    column: str
    analysis: str
    average: str
    word: Subject
    rule: Rule
    pool: Pool = "money"


Warn = Callable[[str, str], None]
Rows = Sequence[Mapping[str, Any]]


def check(request: Any, call: Call) -> Iterator[Fault]:
    """Faults of dates, drivers and country that no schema can say."""
    yield from series_faults(request.data, request.future_drivers or (), call)
    yield from country_faults(request)


def country_faults(request: Any) -> Iterator[Fault]:
    """The country, if there is no such one."""
    if request.country is not None and request.country not in countries():
        yield Fault(
            "/country", f"{shown(request.country)} is no ISO 3166 code of a country with known holidays."
        )


def series_faults(rows: Rows, future: Rows, call: Call) -> Iterator[Fault]:
    """Faults of one series' days and drivers.

    Args:
        rows: its days, one or more.
        future: days ahead with their drivers.
        call: its clock counts.
    """
    dates = [row["date"] for row in rows]
    yield from future_days(dates, "data", "date", call)
    distinct = set(dates)
    first, last = min(distinct), max(distinct)
    if len(distinct) < 2:
        yield Fault("/data", "All rows are of one day; a forecast needs at least 2 days.")
    elif _ordinal(last) - _ordinal(first) > LONGEST_SPAN:
        message = f"The rows span {first} to {last}; send at most 20 years, and look for a mistyped year."
        yield Fault("/data", message)
    elif _ordinal(last) > datetime.date.max.toordinal() - 366 * 62:
        yield Fault("/data", f"{last} is too late for a forecast.")
    yield from _driver_faults(rows, future, last)


def _driver_faults(history_rows: Rows, future: Rows, last: str) -> Iterator[Fault]:
    for field, rows in (("data", history_rows), ("future_drivers", future)):
        for index, row in enumerate(rows):
            for key, value in row.items():
                if isinstance(value, (int, float)) and abs(value) > MAX_MAGNITUDE:
                    message = f"Input should be a number of magnitude at most {MAX_MAGNITUDE:g}."
                    yield Fault(pointer(field, index, key), message)
    for index, row in enumerate(future):
        date = row["date"]
        if date <= last:
            message = f"{date} is no day after the last one of data, {last}."
            yield Fault(pointer("future_drivers", index, "date"), message)
    yield from duplicates([row["date"] for row in future], "future_drivers", "date", "day", str)


def _ordinal(date: str) -> int:
    return datetime.date.fromisoformat(date).toordinal()


def _iso(day: int) -> str:
    return datetime.date.fromordinal(day).isoformat()


def history(request: Any, subjects: Subjects, call: Call) -> History:
    """The series of a request.

    Raises:
        Problem: 400, there are too many drivers.
    """
    return history_of(request.data, request.future_drivers, request, subjects, call.warn)


def history_of(
    rows: Rows,
    future: Rows | None,
    settings: Any,
    subjects: Subjects,
    warn: Warn,
    last: int | None = None,
) -> History:
    """A series.

    Args:
        rows: its days.
        future: the drivers' known future.
        settings: what says how gaps are filled, and whose holidays count.
        subjects: what is forecast.
        warn: takes remarks.
        last: ordinal of the day that it reaches to; None for its own last one.

    Raises:
        Problem: 400, there are too many drivers.
    """
    column = subjects.column
    names = _drivers(rows, column, warn)
    if len(names) > MOST_DRIVERS:
        message = f"The rows have {len(names)} numeric columns beside {column}; send at most {MOST_DRIVERS}."
        raise bad_body([Fault("/data", message)])
    days = np.array([_ordinal(row["date"]) for row in rows], dtype=np.int64)
    values = np.array([row[column] for row in rows], dtype=np.float64)
    drivers = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    series = daily(days, values, drivers.reshape(len(rows), len(names)), settings.fill, last)
    known = sorted(
        (_ordinal(row["date"]), [float(row[name]) for name in names])
        for row in future or ()
        if names and all(_is_number(row.get(name)) for name in names)
    )
    return History(
        series,
        names,
        settings.country,
        np.array([day for day, _ in known], dtype=np.int64),
        np.array([row for _, row in known], dtype=np.float64).reshape(len(known), len(names)),
        subjects.rule,
        subjects.pool,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def _drivers(rows: Rows, column: str, warn: Warn) -> tuple[str, ...]:
    """Names of the columns that have a number or a boolean in every row, in order of the alphabet."""
    known = {key for row in rows for key in row} - {"date", column}
    used = {key for key in known if all(_is_number(row.get(key)) for row in rows)}
    ignored = sorted(known - used)
    if ignored:
        names = ", ".join(shown(name) for name in ignored[:5])
        more = f" and {len(ignored) - 5} more" if len(ignored) > 5 else ""
        warn("ignored_columns", f"No number or boolean in every row: {names}{more}.")
    return tuple(sorted(used))


def answer(request: Any, call: Call, subjects: Subjects, endpoint: Endpoint) -> dict[str, Any]:
    """The answer of a route that forecasts one series.

    Raises:
        Problem: 400.
    """
    started = time.perf_counter()
    series = history(request, subjects, call)
    served = champion_of(series, {}, endpoint, call)
    warn_of(call.warn, series, request.forecast_period, served.info)
    ahead = outlook(served.model, series, request.forecast_period, request.granularity)
    return {
        "forecast_period": request.forecast_period,
        "forecast_result": {
            "analysis_type": subjects.analysis,
            **result(served.model, series, ahead, subjects, call),
        },
        "model_info": served.info,
        "execution_time_seconds": time.perf_counter() - started,
    }


def result(
    champion: Champion, series: History, ahead: Outlook, subjects: Subjects, call: Call
) -> dict[str, Any]:
    """What is said of one series: its champion, how good that is, the periods ahead."""
    selection = champion.selection
    known = selection.figures()
    metrics = {
        "RMSE": known.rmse,
        "MAE": known.mae,
        "R2": known.r2,
        subjects.average: ahead.daily_mean,
        "Interpretation": interpretation(
            selection.algorithm,
            known.rmse,
            known.mae,
            known.r2,
            ahead.daily_mean,
            subject=subjects.word,
            lang=call.lang,
            currency="" if subjects.word == "sales" else call.currency or "",
            judged=len(selection.candidates) > 1,
        ),
        "MAPE": known.mape,
        "sMAPE": known.smape,
        "MASE": known.mase,
        "historical_daily_mean": float(series.daily.values.mean()),
        "model_candidates": [_candidate(one) for one in selection.candidates],
    }
    return {
        "best_algorithm": selection.algorithm,
        "evaluation_metrics": {**metrics, "note": COLD}
        if selection.algorithm == NAIVE_MEAN.name
        else metrics,
        "forecast": views(ahead),
        "interval_method": INTERVAL_METHOD,
        "backtest": _backtest(champion, series),
        "cleaning": _cleaning(champion, series),
    }


def views(ahead: Outlook) -> dict[str, Any]:
    """Both lists of periods."""
    coarse = ahead.granularity == "month"
    return {
        "calendar": [_period(one, coarse) for one in ahead.calendar],
        "business": [_period(one, coarse) for one in ahead.business],
    }


def warn_of(warn: Warn, series: History, months: int, info: Mapping[str, Any]) -> None:
    """The remarks on one series and its champion."""
    if series.daily.merged:
        warn("duplicates_merged", f"{series.daily.merged} rows were added to another row of their day.")
    if info["choice"] == NOT_JUDGED:
        warn("short_history", info["note"])
    if info["choice"] in (CARRIED, REJUDGED):
        warn(info["choice"], info["note"])
    horizon = months_after(series.daily.last, months)[-1].end - 1 - series.daily.last
    if horizon > series.days:
        warn("far_ahead", f"The forecast reaches {horizon} days ahead; the history has {series.days} days.")
    unknown = horizon - int((series.future_days <= series.daily.last + horizon).sum())
    if series.names and unknown:
        warn(
            "drivers_forecast",
            f"future_drivers says nothing of {unknown} of the {horizon} days ahead; there the drivers "
            f"({', '.join(series.names)}) are taken from the usual week of the last two months.",
        )


def _period(one: Period, coarse: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"yyyy-mm": one.label}
    if not coarse:
        row["date"] = _iso(one.first)
    return {
        **row,
        "value": one.value,
        "lower_80": one.lower_80,
        "upper_80": one.upper_80,
        "lower_95": one.lower_95,
        "upper_95": one.upper_95,
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    known = one.figures
    row = {
        "algorithm": one.name,
        "RMSE": known and known.rmse,
        "MAE": known and known.mae,
        "R2": known and known.r2,
        "MAPE": known and known.mape,
        "sMAPE": known and known.smape,
        "MASE": known and known.mase,
        "score": known and known.score,
        "folds": one.folds,
        "seconds": one.seconds,
    }
    return row if one.dropped is None else {**row, "skipped": one.dropped}


def _backtest(champion: Champion, series: History) -> list[dict[str, Any]]:
    added = day_bounds(champion)
    folds = []
    for origin, path in zip(champion.origins, champion.paths, strict=True):
        low_95, low_80, high_80, high_95 = np.maximum(0.0, path + added).tolist()
        actual = series.daily.values[origin : origin + len(path)].tolist()
        days = range(series.daily.first + origin, series.daily.first + origin + len(path))
        keys = ("date", "actual", "forecast", "lower_80", "upper_80", "lower_95", "upper_95")
        columns = (map(_iso, days), actual, path.tolist(), low_80, high_80, low_95, high_95)
        rows = [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]
        folds.append({"train_days": origin, "days": rows})
    return folds


def _cleaning(champion: Champion, series: History) -> dict[str, Any]:
    return {
        "days": series.days,
        "filled_days": int(series.daily.filled.sum()),
        "duplicates_merged": series.daily.merged,
        "drivers": list(series.names),
        "log_scale": champion.selection.logs,
        "outliers": [
            {"date": _iso(series.daily.first + place), "value": float(series.daily.values[place])}
            for place in champion.outliers
        ],
    }
