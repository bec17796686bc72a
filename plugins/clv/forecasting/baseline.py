"""The forecast where no model can be judged: past rates continue, with Poisson intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.clv.forecasting.forecaster import SEED, Forecast
from plugins.clv.forecasting.horizon import even_discount, poisson_wait, within
from plugins.clv.history.histories import Histories, canonical
from plugins.clv.intervals.simulation import LEVELS, Interval, Simulation, around, draws_for
from plugins.clv.models import baseline

Floats = NDArray[np.float64]


def forecast(
    known: Histories, days: Floats, ends: Floats, horizon: int, rate_annual: float
) -> tuple[Forecast, float]:
    """What is predicted without a model, and its in-sample error.

    The rate of each customer is gamma distributed as x + 1/2 purchases allow, and the purchases are Poisson.

    Args:
        known: histories of n customers.
        days, ends, rate_annual: as in :meth:`~plugins.clv.forecasting.forecaster.Forecaster.forecast`.
        horizon: length of the time that the error is of.
    """
    base = baseline.fit(known, days, horizon)
    weight = even_discount(days, rate_annual)
    predicted = base.prediction._replace(value=base.prediction.value * weight)
    order = canonical(known)
    chance = np.random.default_rng(SEED)
    shape = (draws_for(len(order)), len(order))
    factor = chance.gamma(known.frequency[order] + 0.5, size=shape) / (known.frequency[order] + 0.5)
    txns = chance.poisson(np.minimum(predicted.txns[order] * factor, 1e12)).astype(float)
    value = txns * (predicted.per_order * weight)[order]
    back = np.argsort(order)
    each = [Interval(*np.quantile(draws, LEVELS, axis=0)[:, back]) for draws in (txns, value)]
    totals = [Interval(*np.quantile(draws.sum(axis=1), LEVELS)) for draws in (txns, value)]
    bounds = around(Simulation(each[0], each[1], totals[0], totals[1]), predicted)
    wait = within(poisson_wait(predicted.txns, days), ends)
    return Forecast(predicted, bounds, "poisson", None, wait), base.mae
