"""What is removed from a series before a model sees it, and added to the model's forecast.

Everything is learned from the days that the model may see, so that a backtest leaks nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days import shifts
from plugins.forecast.days.effects import column_effects, year, year_effect
from plugins.forecast.days.interruptions import inside_of, interruptions
from plugins.forecast.days.patterns import numbered
from plugins.forecast.days.recurring import Event, added, learn, without
from plugins.forecast.days.series import WEEK, Rule, expected, fences
from plugins.forecast.days.trend import Damping, damped, damping_of, held, highest_level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
LONGEST = 4 * 365 + 1
"""Days that models learn from. Four years show the pattern of the year, and keep the time bounded."""
HIGHEST = 3.0
"""No day is forecast above this many times the highest day of the history."""
LOG_SLOPE, LOG_SPREAD = 0.6, 0.2
"""Logarithms are taken if the spread within weeks grows with the level by this power at least, and if the
logarithms of the levels have this standard deviation at least."""
MOST_SMEARED = 3.0
"""Factor from the median to the mean of a lognormal day of sigma 1.5: more is chance."""


class Window(NamedTuple):
    """The days that a model may see, and the columns of those ahead.

    Attributes:
        first: ordinal of the first day.
        values: shape ``(n,)``.
        columns: drivers, holidays among them, shape ``(n, k)``.
        ahead: the same of the days ahead, shape ``(horizon, k)``.
        country: whose holidays are no business days.
        events: that recur, where they are known already; None to learn them.
        even: whether the days are weeks or months spread evenly: no single day can be out of line.
    """

    first: int
    values: Floats
    columns: Floats
    ahead: Floats
    country: str | None = None
    events: tuple[Event, ...] | None = None
    even: bool = False


class Prepared(NamedTuple):
    """A window as models see it.

    Attributes:
        z: the series without events, outliers, effects, steps and year, shape ``(n,)``.
        first: ordinal of its first day.
        extra: what the effects add to the days ahead, shape ``(horizon,)``.
        logs: whether ``z`` is of logarithms.
        smear: mean of a day over the exponential of its mean logarithm (Duan 1983); 1 without logarithms.
        outliers: places of the days that are out of line, shape ``(m,)``.
        left_out: what was cut off them, over the sum of all days.
        bounds: lowest and highest value that a forecast may have, without events.
        level: the highest of the days without events and outliers, in the unit of the series.
        events: that recur.
        shift: the step that was taken off, if there was one.
        effects: what a unit of each column adds on the scale of ``z``, shape ``(k,)``.
        columns, ahead: of the days of ``z``, shape ``(n, k)``, and of those ahead, ``(horizon, k)``.
        country: whose holidays are no business days.
        damping: how trends fade.
    """

    z: Floats
    first: int
    extra: Floats
    logs: bool
    smear: float
    outliers: Ints
    left_out: float
    bounds: tuple[float, float]
    level: float
    events: tuple[Event, ...]
    shift: shifts.Shift | None
    effects: Floats
    columns: Floats
    ahead: Floats
    country: str | None
    damping: Damping

    @property
    def horizon(self) -> int:
        """How many days ahead."""
        return len(self.extra)

    def restored(self, path: Floats) -> Floats:
        """A model's days ahead in the unit of the series, never below 0, shape ``(horizon,)``.

        Args:
            path: the model's, on the scale of ``z``.

        Raises:
            ValueError: the path is not finite.
        """
        path = damped(path, self.damping, self.logs)
        path = held(path, highest_level(self.z), self.level, len(self.z), self.logs) + self.extra
        if not np.isfinite(path).all():
            raise ValueError("the forecast is not finite")
        if self.logs:
            path = (np.expm1(np.minimum(path, 700.0)) + 1) * self.smear - 1
        path = np.clip(path, *self.bounds)
        return np.asarray(np.maximum(0.0, path + self.recurring(path)))

    def recurring(self, path: Floats) -> Floats:
        """What events add to the days ahead, shape ``(horizon,)``.

        Args:
            path: the days without them.
        """
        if not self.events:
            return np.zeros(len(path))
        n = len(self.z)
        ahead = {name: own[n:] for name, own in _numbers(self).items()}
        return added(self.events, ahead, path, self.first + n)


def _numbers(window: Prepared | Window) -> dict[str, Ints]:
    """The numbers of all days, those ahead included, in each pattern."""
    days = len(window.columns) + len(window.ahead)
    return dict(numbered(window.first, days, window.country))


def wants_logs(values: Floats) -> bool:
    """Whether the spread within weeks grows with their level, so that logarithms make it constant.

    Args:
        values: shape ``(n,)``; never if one of them is zero.
    """
    weeks = len(values) // WEEK
    if weeks < 8 or values.min() <= 0:
        return False
    blocks = values[len(values) - weeks * WEEK :].reshape(weeks, WEEK)
    # Without each week's highest and lowest day: a few spikes make neither a level nor a spread.
    middle = np.sort(blocks, axis=1)[:, 1:-1]
    level, spread = middle.mean(axis=1), middle.std(axis=1)
    if spread.min() <= 0:
        return False
    x, y = np.log(level), np.log(spread)
    if x.std() < LOG_SPREAD:
        return False
    return bool(np.polyfit(x, y, 1)[0] >= LOG_SLOPE)


def calm(window: Window) -> tuple[Floats, tuple[Event, ...]]:
    """The days without the events that recur, and those events.

    Args:
        window: the days; effects of their columns are known from the days themselves.
    """
    n, values = len(window.values), window.values
    if window.even:
        return values, ()
    numbers = {name: own[:n] for name, own in _numbers(window).items()}
    effect = window.columns @ column_effects(values, window.columns).sizes
    effect -= effect.mean()
    events = window.events
    if events is None:
        events = learn(values - effect, window.first, numbers)
    if not events:
        return values, ()
    bare = values - effect
    return np.maximum(
        0.0, values - added(events, numbers, _usual_without(bare, events, numbers, window), window.first)
    ), events


def _usual_without(
    bare: Floats, events: tuple[Event, ...], numbers: dict[str, Ints], window: Window
) -> Floats:
    """What days are without events, for those that grow with the level; without such, zeros."""
    if not any(event.proportional for event in events):
        return np.zeros(len(bare))
    return expected(without(bare, np.flatnonzero(added(events, numbers, np.ones(len(bare)), window.first))))


def prepared(window: Window, rule: Rule, logs: bool, damping: str = "usual") -> Prepared:
    """Takes events, outliers, effects, a step and the year off a window.

    Args:
        window: the days.
        rule: how outliers are found.
        logs: whether to work on ``log(1 + value)``.
        damping: how trends fade, one of ``KINDS``.
    """
    skipped = max(0, len(window.values) - LONGEST)
    window = window._replace(
        first=window.first + skipped, values=window.values[skipped:], columns=window.columns[skipped:]
    )
    columns, first = window.columns, window.first
    n, horizon = len(window.values), len(window.ahead)
    values, events = calm(window)
    over = np.flatnonzero(inside_of(interruptions(values), n))
    values = without(values, over) if len(over) else values
    scale = np.log1p(values) if logs else values
    effects = column_effects(scale, columns).sizes
    bare = scale - columns @ effects
    usual = expected(bare)
    low, high = (-np.inf, np.inf) if window.even else fences(bare, usual, rule)
    z = np.clip(bare, low, high)
    outliers = np.flatnonzero((bare < low) | (bare > high))
    smear = 1.0
    if logs:
        # Models forecast the mean of z around its level; a day's mean is that of its exponential.
        rest = bare - usual
        smear = float(np.clip(np.exp(rest - (z - usual).mean()).mean(), 1.0, MOST_SMEARED))
    total = float(window.values.sum())
    cleaned = _back(z + columns @ effects, logs)
    cut = np.abs(values - cleaned)[outliers].sum()
    left_out = float(cut) / total if total > 0 else 0.0
    extra = window.ahead @ effects
    step = shifts.find(z)
    if step is not None:
        z[: step.start] += step.size
    wave = year(z, first)
    if wave is not None:
        z = z - year_effect(wave, first, n)
        extra = extra + year_effect(wave, first + n, horizon)
    bounds = (0.0, HIGHEST * float(values.max()))
    shift = step and step._replace(start=step.start + skipped)
    return Prepared(
        z, first, extra, logs, smear, outliers + skipped, left_out, bounds, highest_level(cleaned), events,
        shift, effects, columns, window.ahead, window.country, damping_of(damping, n, logs),
    )  # fmt: skip


def _back(scale: Floats, logs: bool) -> Floats:
    return np.expm1(scale) if logs else scale
