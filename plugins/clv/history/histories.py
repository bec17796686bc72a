"""From orders to the four figures of a customer that value models start from.

Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
analysis. *Journal of Marketing Research* 42(4), 415–430. Time and frequency count from the first purchase,
which is itself no repeat purchase.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Basis = Literal["margin", "revenue"]

MONEY_DECIMALS = 6
"""Decimals of a mean value: further ones come from binary fractions (398.40 − 210.00 = 188.39999…)."""
NEVER = 10**9
"""Ordinal of the day of cancellation of a customer who has not cancelled."""
_LARGEST_KEY = 2**62


class Occasions(NamedTuple):
    """Purchase occasions, k of them, by customer and then by day; orders of one day are one.

    Attributes:
        owner: (k,) index of the customer, ascending.
        day: (k,) proleptic ordinal of the day, ascending within a customer.
        value: (k,) margin or revenue of the day, in currency.
    """

    owner: Ints
    day: Ints
    value: Floats

    def at(self, rows: Ints | NDArray[np.bool_]) -> Occasions:
        """The occasions of some rows."""
        return Occasions(self.owner[rows], self.day[rows], self.value[rows])


class Histories(NamedTuple):
    """The four figures of n customers.

    Attributes:
        owner: (n,) index of the customer, ascending.
        frequency: (n,) repeat purchases: days with an order, less the first.
        recency: (n,) days from the first purchase to the last.
        T: (n,) days from the first purchase to today.
        monetary_value: (n,) mean value of the repeat purchases; where there is none, of the only one.
    """

    owner: Ints
    frequency: Ints
    recency: Floats
    T: Floats
    monetary_value: Floats

    def at(self, rows: Ints | NDArray[np.bool_]) -> Histories:
        """The histories of some customers, in the order given."""
        return Histories(
            self.owner[rows],
            self.frequency[rows],
            self.recency[rows],
            self.T[rows],
            self.monetary_value[rows],
        )


def order_values(amounts: Floats, costs: Floats) -> tuple[Floats, Basis]:
    """The value of each order: the margin if every order has a cost, else the revenue.

    Args:
        amounts: (m,) revenue, in currency.
        costs: (m,) cost of the goods, NaN where it is unknown.
    """
    if np.isnan(costs).any():
        return amounts, "revenue"
    return amounts - costs, "margin"


def occasions(days: Ints, values: Floats, sizes: Ints) -> Occasions:
    """Orders as purchase occasions: the orders of one day add up.

    Args:
        days: (m,) proleptic ordinal of each order's date, customer after customer, in any order within.
        values: (m,) value of each order.
        sizes: (n,) number of orders of each customer, each 1 or more; they sum to m.
    """
    owner = np.repeat(np.arange(len(sizes)), sizes)
    low = int(days.min())
    span = int(days.max()) - low + 1
    if len(sizes) * span > _LARGEST_KEY:
        raise ValueError(f"{len(sizes)} customers over {span} days are more than a 64-bit key can order")
    key = owner * span + (days - low)
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key, values = key[order], values[order]
    same = key[1:] == key[:-1]
    if same.any():
        # Sums of floats depend on the order of their terms. The orders of one day have none, so they are
        # sorted.
        rows = np.flatnonzero(np.concatenate(([False], same)) | np.concatenate((same, [False])))
        values = values.copy()
        values[rows] = values[rows][np.lexsort((values[rows], key[rows]))]
    starts = np.flatnonzero(np.concatenate(([True], ~same)))
    first_key = key[starts]
    return Occasions(first_key // span, first_key % span + low, np.add.reduceat(values, starts))


def histories(bought: Occasions, today: int) -> Histories:
    """Frequency, recency, T and monetary value of every customer who bought.

    Args:
        bought: at least one occasion.
        today: ordinal of the day that T counts to. A later occasion (tomorrow's, east of the clock) counts
            as today's, so that recency never exceeds T.
    """
    starts = np.flatnonzero(np.concatenate(([True], bought.owner[1:] != bought.owner[:-1])))
    ends = np.concatenate((starts[1:], [len(bought.owner)]))
    frequency = ends - starts - 1
    first = np.minimum(bought.day[starts], today)
    last = np.minimum(bought.day[ends - 1], today)
    repeated = bought.value.copy()
    repeated[starts[frequency > 0]] = 0.0
    return Histories(
        bought.owner[starts],
        frequency,
        (last - first).astype(float),
        (today - first).astype(float),
        np.round(np.add.reduceat(repeated, starts) / np.maximum(frequency, 1), MONEY_DECIMALS),
    )


def canonical(known: Histories, *others: Floats) -> NDArray[np.int64]:
    """An order of the customers that depends on their figures and on nothing else, shape ``(n,)``."""
    return np.lexsort((*others, known.monetary_value, known.T, known.recency, known.frequency))
