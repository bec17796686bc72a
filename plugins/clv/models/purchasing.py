"""The value of the time to come: the candidates that predict it, and how they are judged.

The past is cut at a day. What was known until then is history, what came after is the truth that a candidate
has to predict; so no candidate sees the future, and the winner predicts from all of the history.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories, Occasions, histories
from plugins.clv.models import bgnbd, gamma_gamma
from plugins.clv.models.bgnbd import BgNbd, NotFitted
from plugins.clv.models.gamma_gamma import GammaGamma

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HELD_OUT = 1 / 3
"""Most of the observed time that is held out."""
MONTH = 365.25 / 12
FEATURES = ("frequency", "recency", "T", "monetary_value", "idle", "rate", "silence")


class Split(NamedTuple):
    """Histories of the n customers known on the day of the cut, and what they did after it.

    Attributes:
        history: until the day of the cut, included.
        txns: (n,) purchases after it.
        value: (n,) what they brought, in currency.
        days: length of the time after it.
    """

    history: Histories
    txns: Floats
    value: Floats
    days: int


class Purchasing(NamedTuple):
    """BG/NBD and Gamma-Gamma together.

    Attributes:
        orders: the model of the purchases.
        money: of their value; None where it cannot be fitted: then every customer's own mean counts.
    """

    orders: BgNbd
    money: GammaGamma | None


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


def split(bought: Occasions, today: int, horizon_days: int) -> Split | None:
    """The past cut so that the horizon, or a third of the observed time if that is less, is held out.

    Args:
        bought: all occasions.
        today: ordinal of the last day of the observation.
        horizon_days: length of the time to forecast, 1 or more.

    Returns:
        None if less than a day can be held out.
    """
    span = today - int(bought.day.min())
    days = min(horizon_days, math.floor(span * HELD_OUT))
    if days < 1:
        return None
    cut = today - days
    before = bought.day <= cut
    known = histories(Occasions(bought.owner[before], bought.day[before], bought.value[before]), cut)
    later, customers = ~before, int(bought.owner.max()) + 1
    txns = np.bincount(bought.owner[later], minlength=customers).astype(float)
    value = np.bincount(bought.owner[later], weights=bought.value[later], minlength=customers).astype(float)
    return Split(known, txns[known.owner], value[known.owner], days)


def fit_purchasing(known: Histories) -> Purchasing | NotFitted:
    """BG/NBD, and Gamma-Gamma where it can be fitted."""
    orders = bgnbd.fit(known.frequency, known.recency, known.T)
    if isinstance(orders, NotFitted):
        return orders
    money = gamma_gamma.fit(known.frequency, known.monetary_value)
    return Purchasing(orders, None if isinstance(money, NotFitted) else money)


def fixed_values(model: Purchasing, known: Histories) -> Floats:
    """Value of an order that no model draws, shape ``(n,)``; NaN leaves it to Gamma-Gamma.

    The own mean where Gamma-Gamma could not be fitted, and of repeat buyers without a positive mean: who
    brought a loss so far is not taken to bring the average.
    """
    own = (known.frequency > 0) & (known.monetary_value <= 0)
    return np.where(own | (model.money is None), known.monetary_value, np.nan)


def predict_purchasing(model: Purchasing, known: Histories, days: float | Floats) -> Prediction:
    """Expected purchases and value in the days to come.

    Args:
        model: as fitted.
        known: the histories.
        days: length of the time to come, one for all or (n,); 0 for who is gone.
    """
    txns = bgnbd.expected_purchases(model.orders, days, known.frequency, known.recency, known.T)
    per_order = fixed_values(model, known)
    if model.money is not None:
        drawn = gamma_gamma.expected_value(model.money, known.frequency, known.monetary_value)
        per_order = np.where(np.isnan(per_order), drawn, per_order)
    return Prediction(txns, per_order, txns * per_order)


def naive(known: Histories, days: float | Floats) -> Prediction:
    """The past rate goes on: repeat purchases per day of age × days to come, at the own mean value."""
    txns = known.frequency / np.maximum(known.T, 1.0) * days
    return Prediction(txns, known.monetary_value, txns * known.monetary_value)


def features(known: Histories) -> Floats:
    """What trees learn from, shape ``(n, 7)``, as :data:`FEATURES` names it.

    The silence is the time since the last purchase in units of the customer's own mean time between two; −1
    without a repeat purchase.
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


def discount_weights(model: BgNbd, known: Histories, days: Floats, rate_annual: float) -> Floats:
    """What a unit of value in the days to come is worth today, shape ``(n,)``: 1 at a rate of 0.

    Each month's expected purchases are discounted from its middle.

    Args:
        model: of the purchases.
        known: the histories.
        days: (n,) length of the time to come.
        rate_annual: 0.1 for 10 % a year, 0 or more.
    """
    ones = np.ones(len(days))
    longest = float(days.max(initial=0.0))
    if rate_annual == 0 or longest <= 0:
        return ones
    months = max(math.ceil(longest / MONTH), 1)
    before, discounted = np.zeros(len(days)), np.zeros(len(days))
    for month in range(months):
        ends = np.minimum((month + 1) * MONTH, days)
        until = bgnbd.expected_purchases(model, ends, known.frequency, known.recency, known.T)
        middle = (np.minimum(month * MONTH, days) + ends) / 2
        discounted += (until - before) * (1 + rate_annual) ** (-middle / 365.25)
        before = until
    return np.where(before > 0, discounted / np.where(before > 0, before, 1.0), ones)
