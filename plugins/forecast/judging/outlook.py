"""From a champion to the months of a request, with their bounds."""

from __future__ import annotations

import itertools
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.calendar import Month, months_after
from plugins.forecast.days.series import WEEK
from plugins.forecast.judging.champion import Champion, doubt_of_drivers, with_drivers
from plugins.forecast.judging.history import History
from plugins.forecast.judging.intervals import LEVELS, PATHS, SEED, bounds, simulated

Floats = NDArray[np.float64]
Granularity = Literal["month", "week", "day"]


class Period(NamedTuple):
    """A month, a week or a day ahead: a label, its first day, sums of its days and their bounds."""

    label: str
    first: int
    value: float
    lower_95: float
    lower_80: float
    upper_80: float
    upper_95: float


def _spans(months: list[Month], granularity: Granularity) -> list[tuple[int, int]]:
    """First day and day after the last of each period. Weeks are cut at the ends of the months."""
    if granularity == "month":
        return [(month.first, month.end) for month in months]
    first, end = months[0].first, months[-1].end
    if granularity == "day":
        return [(day, day + 1) for day in range(first, end)]
    mondays = [day for day in range(first + 1, end) if (day - 1) % WEEK == 0]
    cuts = [first, *mondays, end]
    return list(itertools.pairwise(cuts))


class Outlook(NamedTuple):
    """The periods ahead.

    Attributes:
        calendar, business: the periods, with all days or with business days counted.
        daily_mean: mean forecast of a day over the reported months.
        months: how many.
        granularity: what the periods are.
    """

    calendar: list[Period]
    business: list[Period]
    daily_mean: float
    months: int
    granularity: Granularity


def outlook(
    champion: Champion,
    history: History,
    months: int,
    granularity: Granularity,
    path: Floats | None = None,
) -> Outlook:
    """The months after that of the last day.

    Args:
        champion: of that history.
        history: of the champion.
        months: 1 to 60.
        granularity: months, weeks from Monday on, or days.
        path: the days ahead, where they are not as the champion says.
    """
    last = history.daily.last
    ahead = months_after(last, months)
    horizon = ahead[-1].end - 1 - last
    path = with_drivers(champion, history, horizon) if path is None else path[:horizon]
    doubt = doubt_of_drivers(champion, history, path, PATHS, SEED)
    drawn = path + simulated(champion.how_wrong, horizon) + doubt
    spans = _spans(ahead, granularity)
    starts = np.array([start for start, _ in spans]) - last - 1
    ends = np.array([end for _, end in spans]) - last - 1
    business = history.business(last + 1, horizon).astype(np.float64)
    labels = _month_of(ahead, spans)
    views = []
    for counted in (np.ones(horizon), business):
        flat = np.concatenate([[0.0], np.cumsum(path * counted)])
        low_95, low_80, high_80, high_95 = bounds(drawn, path, starts, ends, counted).tolist()
        values = np.maximum(0.0, flat[ends] - flat[starts]).tolist()
        days = [start for start, _ in spans]
        views.append(
            [Period(*row) for row in zip(labels, days, values, low_95, low_80, high_80, high_95, strict=True)]
        )
    first = ahead[0].first - last - 1
    return Outlook(views[0], views[1], float(path[first:].mean()), months, granularity)


def _month_of(months: list[Month], spans: list[tuple[int, int]]) -> list[str]:
    labels, month = [], 0
    for start, _ in spans:
        while start >= months[month].end:
            month += 1
        labels.append(months[month].label)
    return labels


def day_bounds(champion: Champion) -> Floats:
    """What to add to a fold's forecast for its bounds, by day ahead: 95 and 80 per cent, shape ``(4,
    days)``.
    """
    if champion.paths.size == 0:
        return np.zeros((4, 0))
    errors = simulated(champion.how_wrong, champion.paths.shape[1])
    limits = np.quantile(errors, LEVELS, axis=0)
    limits[:2], limits[2:] = np.minimum(limits[:2], 0.0), np.maximum(limits[2:], 0.0)
    return np.asarray(limits)
