"""From rows of transactions to one history per customer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class History(NamedTuple):
    """Recency, frequency and monetary value of n customers.

    Attributes:
        recency_days: (n,) whole days from the last transaction to today, 0 or more.
        frequency: (n,) number of transactions.
        monetary: (n,) sum of the amounts, in their currency.
    """

    recency_days: NDArray[np.int64]
    frequency: NDArray[np.int64]
    monetary: NDArray[np.float64]


def histories(
    days: NDArray[np.int64], amounts: NDArray[np.float64], sizes: NDArray[np.int64], today: int
) -> History:
    """Recency, frequency and monetary value, by the formulas of the API reference, 4.1.4.

    Args:
        days: (m,) proleptic ordinal of each transaction's date, customer after customer.
        amounts: (m,) amount of each transaction.
        sizes: (n,) number of transactions of each customer, each 1 or more; they sum to m.
        today: ordinal of the day that recency counts to. A later transaction (tomorrow's, east of the
            clock) counts as today's.
    """
    starts = np.cumsum(sizes) - sizes
    last = np.maximum.reduceat(days, starts)
    return History(np.maximum(today - last, 0), sizes, np.add.reduceat(amounts, starts))


def to_cents(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amounts of money (0 or more) at two decimals, half a cent rounding up.

    >>> to_cents(np.array([918.95 / 2, 1.005])).tolist()
    [459.48, 1.01]
    """
    # 1.005 is a little less in binary. Anything below a ten-thousandth of a cent is noise, not money.
    return np.floor(np.round(amounts * 100, 4) + 0.5) / 100
