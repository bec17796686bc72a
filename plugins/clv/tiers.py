"""The tiers of customers: High, Medium or Low."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tier = Literal["High", "Medium", "Low"]
TIERS: tuple[Tier, ...] = ("Low", "Medium", "High")
HIGH_PERCENTILE = 0.70
"""Top 30 %: API reference, 4.1.5."""
HIGH_VALUE = 1000.0
MEDIUM_VALUE = 300.0
"""Lower bounds of predicted value, in currency: API reference, 4.1.6."""


class Potential(NamedTuple):
    """Potential of n customers.

    Attributes:
        rank: (n,) index into :data:`TIERS`.
        cut: monetary value from which on a repeat buyer is High, in currency.
    """

    rank: NDArray[np.int64]
    cut: float


def potential(frequency: NDArray[np.int64], monetary_value: NDArray[np.float64]) -> Potential:
    """The potential of each customer.

    High: a repeat buyer at or above the 70th percentile of all monetary values (linear interpolation).
    Medium: the other repeat buyers. Low: one-time buyers.

    Args:
        frequency: (n,) repeat purchases.
        monetary_value: (n,) in currency.
    """
    cut = float(np.quantile(monetary_value, HIGH_PERCENTILE))
    # Interpolation between equal values may exceed them by a rounding error.
    high = (monetary_value >= cut) | np.isclose(monetary_value, cut, rtol=1e-12, atol=0.0)
    return Potential(np.where(frequency > 0, 1 + high, 0), cut)


def top_shares(values: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of all values that are at least as high as each one, from 1/n to 1, shape ``(n,)``.

    >>> top_shares(np.array([5, 9, 5, 1])).tolist()
    [0.75, 0.25, 0.75, 1.0]
    """
    ascending = np.sort(values)
    shares: NDArray[np.float64] = (len(values) - np.searchsorted(ascending, values, side="left")) / len(
        values
    )
    return shares


def value_tiers(
    value: NDArray[np.float64], high: float = HIGH_VALUE, medium: float = MEDIUM_VALUE
) -> NDArray[np.int64]:
    """Index into :data:`TIERS` of each predicted value, shape ``(n,)``; a bound belongs to its tier.

    Args:
        value: (n,) in currency.
        high, medium: lower bounds, the first at least the second.

    >>> [TIERS[rank] for rank in value_tiers(np.array([1000.0, 999.99, 300.0, 299.99])).tolist()]
    ['High', 'Medium', 'Medium', 'Low']
    """
    return np.where(value >= high, 2, np.where(value >= medium, 1, 0))
