"""The time to come: discounts, waits and ends of customers who buy at a steady rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FURTHEST = 5 * 365
"""Days within which a next purchase is named: the longest horizon."""


def even_discount(days: Floats, rate_annual: float) -> Floats:
    """What a unit of value that comes evenly over the days is worth today, shape ``(n,)``.

    The mean of e^(−δt) over the days, δ the force of interest: (1 − e^(−δ·days)) / (δ·days).

    >>> even_discount(np.array([0.0, 365.25]), 0.10).round(4).tolist()
    [1.0, 0.9538]
    """
    force = math.log1p(rate_annual) / 365.25 * days
    return np.where(force > 1e-12, -np.expm1(-force) / np.where(force > 1e-12, force, 1.0), 1.0)


def poisson_wait(txns: Floats, days: Floats) -> Floats:
    """Median days until a purchase at a steady rate, shape ``(n,)``; NaN if there is never one.

    >>> poisson_wait(np.array([2.0, 0.0]), np.array([100.0, 100.0])).round(2).tolist()
    [34.66, nan]
    """
    some = (txns > 0) & (days > 0)
    return np.where(some, math.log(2) * days / np.where(some, txns, 1.0), np.nan)


def within(wait: Floats, ends: Floats) -> Floats:
    """The waits that end before a customer leaves and within five years; NaN instead of the others."""
    with np.errstate(invalid="ignore"):
        return np.where((wait <= FURTHEST) & (wait < ends), wait, np.nan)
