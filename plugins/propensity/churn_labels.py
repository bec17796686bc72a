"""Who has churned, by the rule of the business: silence, cancellation, or an empty and untouched balance.

API reference, section 4.1.15, table "Built-in Churn Rules".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SILENCE_DAYS = 90
"""About the median interval between two orders in retail, after the API reference."""


def silent(
    snapshot: NDArray[np.int64], last_purchase: NDArray[np.int64], window_days: int = SILENCE_DAYS
) -> NDArray[np.int8]:
    """E-commerce: 1 from the day that completes ``window_days`` without an order.

    Args:
        snapshot, last_purchase: days ``(n,)``, counted from the same day.
        window_days: days of silence.

    >>> silent(np.array([100, 100]), np.array([10, 11])).tolist()
    [1, 0]
    """
    return (snapshot - last_purchase >= window_days).astype(np.int8)


def cancelled(subscription_cancelled: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Subscriptions: 1 where cancelled, ``(n,)``."""
    return subscription_cancelled.astype(np.int8)


def lapsed(balance: NDArray[np.float64], topped_up: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Prepaid: 1 where the balance is zero, exactly, and was not topped up in the cycle.

    Args:
        balance: credit left ``(n,)``, in any currency; below zero is a debt, and no zero.
        topped_up: ``(n,)``.
    """
    empty: NDArray[np.bool_] = balance == 0
    return (empty & ~topped_up).astype(np.int8)
