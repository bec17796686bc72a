"""Contributions of drivers to a forecast, and forecasts of parts that add up to the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History, columns_ahead

Floats = NDArray[np.float64]
SHARE_STEP = 2.0**-30
"""Contributions are multiples of this, so that their sum is exact in any order."""


def contributions(champion: Champion, history: History, first: int, end: int) -> Floats:
    """What each driver adds to a forecast, in per cent of its sum over the days from ``first`` to ``end``.

    A driver's effect on a day is what its value adds to the forecast of a day with all drivers at 0. On a
    logarithmic scale the day's total effect is divided in proportion to the effects on that scale by the
    logarithmic mean (LMDI: Ang 2004), which leaves no residual.

    Args:
        champion: of the history.
        history: with the future of its drivers.
        first, end: days after the history, from 0.

    Returns:
        Per cent, shape ``(drivers,)``; all 0 where nothing is forecast.
    """
    columns = columns_ahead(history, end)[first:]
    effects = columns * np.array(champion.effects)
    path = champion.ahead[first:end]
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


def reconciled(total: Floats, parts: Floats) -> Floats:
    """Parts scaled day by day to the whole; equal parts where all are 0.

    >>> reconciled(np.array([9.0, 4.0]), np.array([[1.0, 0.0], [2.0, 0.0]])).tolist()
    [[3.0, 2.0], [6.0, 2.0]]

    Args:
        total: shape ``(days,)``, never negative.
        parts: shape ``(parts, days)``, never negative.

    Returns:
        Shape ``(parts, days)``.
    """
    sums = parts.sum(axis=0)
    shares = np.where(sums > 0, parts / np.where(sums > 0, sums, 1.0), 1.0 / len(parts))
    return np.asarray(shares * total)


def on_grid(values: Floats) -> Floats:
    """Values rounded at the thirteenth digit of their sum to multiples of one power of two, so that their sum
    is exact in any order.

    Args:
        values: never negative.
    """
    total = float(values.sum())
    if total <= 0:
        return values
    step = 2.0 ** (np.frexp(total)[1] - 46)
    return np.asarray(np.round(values / step) * step)
