"""What models predict of a customer, what trees learn from, and the forecast that any model must beat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories

Floats = NDArray[np.float64]

FEATURES = ("frequency", "recency", "T", "monetary_value", "idle", "rate", "silence")


class Prediction(NamedTuple):
    """What n customers will do.

    Attributes:
        txns: (n,) expected purchases.
        per_order: (n,) expected value of one, in currency.
        value: (n,) the product: purchases and their value are independent in these models.
    """

    txns: Floats
    per_order: Floats
    value: Floats


def prediction_of(txns: Floats, per_order: Floats) -> Prediction:
    """Purchases times the value of one."""
    return Prediction(txns, per_order, txns * per_order)


def naive(known: Histories, days: float | Floats) -> Prediction:
    """The past rate continues: repeat purchases per day of age × days, at the customer's own mean value.

    >>> known = Histories(*(np.array([figure]) for figure in (0, 3, 200.0, 300.0, 20.0)))
    >>> [column.tolist() for column in naive(known, 100.0)]
    [[1.0], [20.0], [20.0]]
    """
    txns = known.frequency / np.maximum(known.T, 1.0) * days
    return prediction_of(txns, known.monetary_value)


def features(known: Histories) -> Floats:
    """What trees learn from, shape ``(n, 7)``, as :data:`FEATURES` names it.

    The silence is the time since the last purchase in units of the customer's own mean time between two
    purchases; −1 without a repeat purchase.
    """
    idle, repeated = known.T - known.recency, (known.frequency > 0) & (known.recency > 0)
    gap = np.where(repeated, known.recency, 1.0) / np.where(repeated, known.frequency, 1)
    return np.column_stack(
        [
            known.frequency,
            known.recency,
            known.T,
            known.monetary_value,
            idle,
            (known.frequency + 1) / np.maximum(known.T, 1.0),
            np.where(repeated, idle / gap, -1.0),
        ]
    ).astype(float)


def mean_absolute_error(truth: Floats, predicted: Floats) -> float:
    """Mean distance, in the unit of both; of at least one customer."""
    return float(np.abs(truth - predicted).mean())
