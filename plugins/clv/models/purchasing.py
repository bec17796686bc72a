"""A model of purchases and Gamma-Gamma together: purchases and value in the time to come."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories
from plugins.clv.models import gamma_gamma
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.gamma_gamma import GammaGamma
from plugins.clv.models.prediction import Prediction, prediction_of
from plugins.clv.models.roster import PURCHASE_MODELS, PurchaseModel

Floats = NDArray[np.float64]

MONTH = 365.25 / 12
"""Days."""


class Level(NamedTuple):
    """How far totals of held-out windows were off.

    Attributes:
        error: standard deviation of the logarithm of the true total over the predicted one, beyond chance.
        days: length of the windows.
        season: the same of seasons that the history is too short to show.
    """

    error: float
    days: int
    season: float = 0.0


UNKNOWN_LEVEL = Level(0.0, 1)
"""Of a model that no window could judge."""


class Purchasing(NamedTuple):
    """A fitted model of purchases and of their value.

    Attributes:
        orders: of the purchases.
        money: of the value of one; None if it cannot be fitted: every customer's own mean then counts.
        level: of its totals.
    """

    orders: PurchaseModel
    money: GammaGamma | None
    level: Level = UNKNOWN_LEVEL

    def as_json(self) -> dict[str, Any]:
        """For :func:`from_json`."""
        parts = {"orders": self.orders, "money": self.money}
        return {
            "level": list(self.level),
            **{
                name: None if model is None else {**model._asdict(), "covariance": model.covariance.tolist()}
                for name, model in parts.items()
            },
        }


def from_json(algorithm: str, stored: Any) -> Purchasing:
    """Reads what :meth:`Purchasing.as_json` gave.

    Raises:
        ValueError: it is damaged.
    """
    try:
        kind = PURCHASE_MODELS[algorithm]
        orders = kind.model(**_with_array(stored["orders"]))
        money = None if stored["money"] is None else GammaGamma(**_with_array(stored["money"]))
        error, window, season = stored["level"]
        level = Level(float(error), int(window), float(season))
        if not (0 <= level.error < math.inf and 0 <= level.season < math.inf and level.days >= 1):
            raise ValueError(algorithm)
        for model, size in ((orders, kind.parameters), (money, 3)):
            if model is None:
                continue
            parameters, covariance = model.parameters, model.covariance
            if covariance.shape != (size, size) or not np.isfinite(covariance).all():
                raise ValueError(algorithm)
            if not (np.isfinite(parameters) & (parameters > 0)).all():
                raise ValueError(algorithm)
    except (KeyError, TypeError, ValueError):
        raise ValueError("the purchasing model of model.json is damaged") from None
    return Purchasing(orders, money, level)


def _with_array(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "covariance": np.array(fields["covariance"])}


def fit(algorithms: Sequence[str], known: Histories) -> dict[str, Purchasing | NotFitted]:
    """Models of purchases by name, and Gamma-Gamma in each where it can be fitted."""

    def orders(name: str) -> PurchaseModel | NotFitted:
        return PURCHASE_MODELS[name].fit(known.frequency, known.recency, known.T)

    # The fits are independent; most of each runs compiled, without Python's lock.
    with ThreadPoolExecutor(2) as pool:
        value = pool.submit(gamma_gamma.fit, known.frequency, known.monetary_value)
        fitted = dict(zip(algorithms, pool.map(orders, algorithms), strict=True))
        money = value.result()
    return {
        name: model
        if isinstance(model, NotFitted)
        else Purchasing(model, None if isinstance(money, NotFitted) else money)
        for name, model in fitted.items()
    }


def fixed_values(model: Purchasing, known: Histories) -> Floats:
    """Value of an order that does not come from Gamma-Gamma, shape ``(n,)``; NaN where it does.

    It is the customer's own mean where Gamma-Gamma could not be fitted, and for repeat buyers without a
    positive mean: the average is no forecast for a customer who has brought a loss."""
    own = (known.frequency > 0) & (known.monetary_value <= 0)
    return np.where(own | (model.money is None), known.monetary_value, np.nan)


def predict(model: Purchasing, known: Histories, days: float | Floats) -> Prediction:
    """Expected purchases and value in the days to come.

    Args:
        model: as fitted.
        known: the histories.
        days: length of the time to come, one for all or (n,); 0 for a customer who has left.
    """
    txns = model.orders.expected_purchases(days, known.frequency, known.recency, known.T)
    return prediction_of(txns, order_value(model, known))


def order_value(model: Purchasing, known: Histories) -> Floats:
    """Expected value of an order, shape ``(n,)``, in currency."""
    per_order = fixed_values(model, known)
    if model.money is None:
        return per_order
    expected = gamma_gamma.expected_value(model.money, known.frequency, known.monetary_value)
    return np.where(np.isnan(per_order), expected, per_order)


def discount_weights(model: PurchaseModel, known: Histories, days: Floats, rate_annual: float) -> Floats:
    """What a unit of value in the days to come is worth today, shape ``(n,)``: 1 at a rate of 0.

    The expected purchases of each month are discounted from its middle.

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
        until = model.expected_purchases(ends, known.frequency, known.recency, known.T)
        middle = (np.minimum(month * MONTH, days) + ends) / 2
        discounted += (until - before) * (1 + rate_annual) ** (-middle / 365.25)
        before = until
    return np.where(before > 0, discounted / np.where(before > 0, before, 1.0), ones)
