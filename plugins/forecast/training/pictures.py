"""Pictures of a champion for the reviewer, with the same panels as those of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from abintel.charts.drawing import Drawings
from abintel.charts.kinds import Bar, height, ranked
from abintel.charts.palette import BLUE, GREY
from abintel.charts.theme import finished
from abintel.wording import figure
from plugins.forecast.charts import TEXTS, ahead, held_out
from plugins.forecast.days.calendar import iso
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History
from plugins.forecast.judging.outlook import day_bounds, outlook

MONTHS = 12
MOST_HISTORY = 120
MOST_DAYS = 200
"""Held-out days that are drawn at most. More look the same and take longer."""
ENGLISH = TEXTS["en"]


def pictures(history: History, champion: Champion) -> Drawings:
    """File name to SVG: the forecast, the backtest, the candidates."""
    return Drawings(_charts(history, champion))


def _charts(history: History, champion: Champion) -> Iterator[tuple[str, Any]]:
    yield "forecast.svg", _forecast(history, champion)
    yield "backtest.svg", _backtest(history, champion)
    yield "candidates.svg", _candidates(champion)


def bars(counts: Sequence[tuple[str, int]], title: str) -> bytes:
    """How many there are of each, as an SVG."""
    rows = [Bar(name, count, f"{count:,}") for name, count in counts]
    drawing = ranked(rows, "Number", whole=True)
    [picture] = Drawings([("", finished(drawing, title, [], 110 + height(len(rows)), "en"))]).values()
    return picture


def _forecast(history: History, champion: Champion) -> Any:
    sums: dict[str, float] = {}
    daily = history.daily
    for day, value in enumerate(daily.values.tolist()):
        month = iso(daily.first + day)[:7]
        sums[month] = sums.get(month, 0.0) + value
    known = [{"x": f"{month}-01T00:00:00Z", "y": total} for month, total in sums.items()][-MOST_HISTORY:]
    periods = [
        {**month._asdict(), "date": iso(month.first)}
        for month in outlook(champion, history, MONTHS, "month").calendar
    ]
    drawing = ahead(known, True, periods, "Sum of the month", "Month", "%Y-%m", ENGLISH)
    said = ["The last month of the history may not be complete (hollow point)."]
    return finished(
        drawing, f"{champion.selection.algorithm}: {ENGLISH.say('ahead').lower()}", said, 420, "en"
    )


def _backtest(history: History, champion: Champion) -> Any:
    added = day_bounds(champion)
    days, folds = [], []
    for fold, (origin, path) in enumerate(zip(champion.origins, champion.paths, strict=True)):
        _, low, high, _ = np.maximum(0.0, path + added).tolist()
        actual = history.daily.values[origin : origin + len(path)].tolist()
        folds.append(iso(history.daily.first + origin))
        for step, (seen, forecast, lower, upper) in enumerate(
            zip(actual, path.tolist(), low, high, strict=True)
        ):
            day = iso(history.daily.first + origin + step)
            days.append(
                {
                    "date": day,
                    "actual": seen,
                    "forecast": forecast,
                    "lower_80": lower,
                    "upper_80": upper,
                    "fold": fold,
                }
            )
    drawing = held_out(days[-MOST_DAYS:], folds, "Per day", ENGLISH)
    return finished(drawing, ENGLISH.say("backtest"), [], 400, "en")


def _candidates(champion: Champion) -> Any:
    rows = [
        Bar(
            candidate.name,
            candidate.figures.score,
            figure(candidate.figures.score, "en") + (" (newest fold)" if candidate.dropped else ""),
            "champion" if candidate.name == champion.selection.algorithm else "candidate",
        )
        for candidate in champion.selection.candidates
        if candidate.figures
    ]
    shades = {"champion": BLUE, "candidate": GREY}
    drawing = ranked(rows, "0.6 RMSE of all days and 0.4 of business days", groups=shades)
    return finished(drawing, "Error of each model on held-out days", [], 140 + height(len(rows)), "en")
