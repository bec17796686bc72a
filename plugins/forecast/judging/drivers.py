"""Contributions of drivers to a forecast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.judging.champion import Champion, with_drivers
from plugins.forecast.judging.history import History, columns_ahead

Floats = NDArray[np.float64]
SHARE_STEP = 2.0**-30
"""Contributions are multiples of this, so that their sum is exact in any order."""


def contributions(champion: Champion, history: History, first: int, end: int) -> Floats:
    """What each driver adds to a forecast, in per cent of its sum over the days from ``first`` to ``end``.

    A driver's effect on a day is what its value adds to the forecast of a day with all drivers at their
    references: at 0, or at the end of what was observed if 0 is far from it. On a logarithmic scale the day's
    total effect is divided in proportion to the effects on that scale by the logarithmic mean (LMDI: Ang
    2004), which leaves no residual.

    Args:
        champion: of the history.
        history: with the future of its drivers.
        first, end: days after the history, from 0.

    Returns:
        Per cent, shape ``(drivers,)``; all 0 where nothing is forecast.
    """
    columns = columns_ahead(history, end)[first:]
    columns[:, columns.shape[1] - len(history.names) :] -= _references(history.daily.drivers)
    effects = columns * np.array(champion.effects)
    path = with_drivers(champion, history, end)[first:]
    if champion.selection.logs:
        with_all = 1.0 + path
        ratio = effects.sum(axis=1)
        small = np.abs(ratio) < 1e-9
        weight = np.where(small, 1.0, -np.expm1(-ratio) / np.where(small, 1.0, ratio))
        effects = effects * (with_all * weight)[:, None]
    own = effects[:, columns.shape[1] - len(history.names) :].sum(axis=0)
    total = float(path.sum())
    if total <= 0:
        return np.zeros(len(history.names))
    return np.asarray(np.round(100 * own / total / SHARE_STEP) * SHARE_STEP)


def _references(drivers: Floats) -> Floats:
    """From where each driver counts, shape ``(k,)``.

    Of an index between 980 and 1,020 nothing is known at 0: what it would be there, and what the series.

    >>> _references(np.array([[0.0, 980.0, 3.0], [1.0, 1020.0, 9.0]]))
    array([  0., 980.,   0.])
    """
    low, high = drivers.min(axis=0), drivers.max(axis=0)
    span = high - low
    return np.where(low > span, low, np.where(high < -span, high, 0.0))
