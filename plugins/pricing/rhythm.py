"""The step of the rows, and whether prices followed demand."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Step = Literal["daily", "weekly", "monthly"]

LAG_DAYS = 7
_FEWEST = 20
"""Days with a week before them that a test needs."""
_SURE = 3.0
"""Standard errors. By chance, one history in 700 exceeds it."""
_SURE_IF_SLOW = 2.0
"""The same where both series move slowly: one in 40. The test is then weak, and silence does harm."""


def step(days: Ints) -> Step:
    """What a row stands for: a day, a week or a month.

    Args:
        days: ordinals of the days with rows, ascending.

    >>> step(np.arange(700, 800, 7)), step(np.arange(700, 720)), step(np.array([31, 59, 90, 120]))
    ('weekly', 'daily', 'monthly')
    """
    gaps = np.diff(days)
    if len(gaps) < 3:
        return "daily"
    weeks, months = (gaps % 7 == 0).mean(), ((gaps >= 28) & (gaps <= 31)).mean()
    if months >= 0.8:
        return "monthly"
    return "weekly" if weeks >= 0.8 and (gaps == 7).mean() >= 0.5 else "daily"


def prices_follow_demand(day: Ints, price: Floats, demand: Floats) -> bool:
    """Whether the price rises after demand was high, beyond what its own past explains.

    The log price of a day is regressed on the mean demand of the week before and on the last price (a test as
    Granger's, 1969). If both move slowly, their correlation is tested instead.

    Args:
        day, price: (n,) rows in order of time.
        demand: (n,) log units, less the effect of the price. An effect above 0 must not be removed: it may
            itself come from prices that follow demand.
    """
    log_price = np.log(price)
    days, inverse = np.unique(day, return_inverse=True)
    counts = np.bincount(inverse)
    demand, log_price = np.bincount(inverse, demand) / counts, np.bincount(inverse, log_price) / counts
    sums = np.r_[0.0, np.cumsum(demand)]
    first = np.searchsorted(days, days - LAG_DAYS)
    before = np.arange(len(days)) - first
    rows = np.flatnonzero(before > 0)
    if len(rows) < _FEWEST:
        return False
    week = (sums[rows] - sums[first[rows]]) / before[rows]
    matrix = np.column_stack([week, log_price[rows - 1], np.ones(len(rows))])
    if np.linalg.matrix_rank(matrix) < 3:
        return False
    beta = np.linalg.lstsq(matrix, log_price[rows], rcond=None)[0]
    residual = log_price[rows] - matrix @ beta
    variance = np.linalg.inv(matrix.T @ matrix)[0, 0] * (residual @ residual) / (len(rows) - 3)
    if beta[0] > max(_SURE * np.sqrt(variance), 1e-6):
        return True
    return _correlated(log_price[rows], week)


def _correlated(one: Floats, other: Floats) -> bool:
    """Whether two series correlate positively beyond what their own slow movements explain.

    The number of independent pairs is n · (1 − ρ₁ρ₂) / (1 + ρ₁ρ₂) with their first autocorrelations
    (Bartlett 1935).
    """
    correlation = float(np.corrcoef(one, other)[0, 1])
    if correlation <= 0 or correlation >= 1:
        return correlation >= 1
    slow = max(float(np.prod([np.corrcoef(each[1:], each[:-1])[0, 1] for each in (one, other)])), 0.0)
    pairs = len(one) * (1 - slow) / (1 + slow)
    return bool(pairs > 3 and correlation * np.sqrt((pairs - 2) / (1 - correlation**2)) > _SURE_IF_SLOW)
