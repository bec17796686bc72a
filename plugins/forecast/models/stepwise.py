"""Rows a week or a month apart: models that carry on the sums of the steps, dealt out evenly to the days.

A sample of such rows has each row's value spread over the days of its week or month, so that everything that
works by days works on it. These models see the steps: sums of the weeks that end with the last day, or of
calendar months.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.cadence import month_of, month_start
from plugins.forecast.models import ets
from plugins.forecast.models.model import WEEK, Model, Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Step = Literal["weekly", "monthly"]
RECENT = 6
"""Steps whose mean is carried on."""


def _number(sample: Sample, horizon: int, step: Step) -> tuple[Ints, Ints]:
    """The step of each day, from 0 for the first, and the days of each step, those ahead included."""
    n = len(sample.z)
    days = np.arange(sample.first, sample.first + n + horizon)
    if step == "weekly":
        number = (days - (sample.first + n)) // WEEK
        number -= number[0]
        return number, np.full(int(number[-1]) + 1, WEEK)
    months = month_of(days)
    own = np.arange(months[0], months[-1] + 2)
    return months - months[0], np.diff(month_start(own))


def by_steps(method: Callable[[Floats, int], Floats], step: Step, sample: Sample, horizon: int) -> Floats:
    """The days ahead by a method that carries on sums of steps, shape ``(horizon,)``."""
    n = len(sample.z)
    number, length = _number(sample, horizon, step)
    seen = int(number[n - 1]) + 1
    known = np.bincount(number[:n], minlength=seen)
    # A step that is cut at either end counts as much as its days make of a whole one.
    sums = np.bincount(number[:n], sample.z, seen) / known * length[:seen]
    ahead = method(sums, len(length) - seen)
    rates = np.concatenate([sums, ahead]) / length
    return np.asarray(rates[number[n:]])


def last(sums: Floats, steps: int) -> Floats:
    """The last sum again."""
    return np.full(steps, sums[-1])


def recent(sums: Floats, steps: int) -> Floats:
    """The mean of the last six."""
    return np.full(steps, sums[-RECENT:].mean())


def smoothed(sums: Floats, steps: int) -> Floats:
    """Exponential smoothing without a season; the mean where there are too few."""
    if len(sums) < RECENT:
        return np.full(steps, sums.mean())
    return ets.select(sums, ets.NON_SEASONAL).forecast(steps)


def year_before(sums: Floats, steps: int, period: int) -> Floats:
    """The sums of a year before, moved by what the last ones are above theirs; else the last one."""
    if len(sums) < period + RECENT:
        return last(sums, steps)
    change = (sums[-RECENT:] - sums[-RECENT - period : -period]).mean()
    return np.asarray(sums[-period:][np.arange(steps) % period] + change * (1 + np.arange(steps) // period))


def _models(step: Step) -> tuple[Model, ...]:
    def model(name: str, method: Callable[[Floats, int], Floats]) -> Model:
        return Model(name, lambda sample, horizon: by_steps(method, step, sample, horizon), series=step)

    what, period = ("week", 52) if step == "weekly" else ("month", 12)
    return (
        model(f"Last {what}", last),
        model(f"{what.title()} a year before", lambda sums, steps: year_before(sums, steps, period)),
        model(f"ETS by {what}", smoothed),
        model(f"Mean of six {what}s", recent),
    )


WEEKLY, MONTHLY = _models("weekly"), _models("monthly")
