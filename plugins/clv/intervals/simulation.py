"""What may come: purchases and value of every customer and of all together, drawn from the fitted models.

Each draw takes parameters from their asymptotic distribution, then each customer's rate and state from their
distribution given the customer's past, then the purchases and what they bring. So intervals of the draws hold
three uncertainties: of the parameters, of the customer, and of chance.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories
from plugins.clv.models import gamma_gamma, purchasing
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.prediction import Prediction
from plugins.clv.models.purchasing import Purchasing, fixed_values
from plugins.clv.models.roster import PURCHASE_MODELS

Floats = NDArray[np.float64]

DRAWS = 400
FEWEST_DRAWS = 100
_MOST_CELLS = 6_000_000
"""Customers × draws: some 0.4 s."""
LEVELS = (0.10, 0.90, 0.025, 0.975)
"""Quantiles of the bounds of an :class:`Interval`, in its order."""


class Interval(NamedTuple):
    """Bounds between which 80 and 95 % of the draws lie; scalars for a total, (n,) for customers."""

    lower_80: Floats
    upper_80: Floats
    lower_95: Floats
    upper_95: Floats


class Simulation(NamedTuple):
    """Intervals from the draws.

    Attributes:
        txns, value: of each customer, (n,).
        total_txns, total_value: of all together, scalars.
    """

    txns: Interval
    value: Interval
    total_txns: Interval
    total_value: Interval


class Draws(NamedTuple):
    """How to draw.

    Attributes:
        number: how many.
        seed: of the random numbers.
        threads: draws at a time; the result does not depend on it.
    """

    number: int
    seed: int
    threads: int = 2


def draws_for(customers: int) -> int:
    """How many draws a number of customers gets: 400, for more than 15,000 fewer, at least 100.

    >>> draws_for(100), draws_for(30_000), draws_for(10**6)
    (400, 200, 100)
    """
    return max(FEWEST_DRAWS, min(DRAWS, _MOST_CELLS // max(customers, 1)))


def simulate(
    model: Purchasing, known: Histories, horizon: Floats, draws: Draws, weight: Floats | None = None
) -> Simulation:
    """Intervals of purchases and value in the time after T.

    Args:
        model: as fitted.
        known: histories of n customers.
        horizon: (n,) time to come of each, in the unit of T; 0 for a customer who has left.
        draws: how to draw.
        weight: (n,) what a unit of value counts, such as a discount; 1 if None.
    """
    parameter_seed, *seeds = np.random.SeedSequence(draws.seed).spawn(1 + draws.number)
    chance = np.random.Generator(np.random.PCG64(parameter_seed))
    x, recency, T, horizon = (
        np.ascontiguousarray(column, dtype=float)
        for column in (known.frequency, known.recency, known.T, horizon)
    )
    per_order = fixed_values(model, known)
    usable = gamma_gamma.usable(x, known.monetary_value)
    valued = np.where(usable, x, 0.0), np.where(usable, x * known.monetary_value, 0.0)
    orders = model.orders.draws(draws.number, chance)
    moneys = [None] * draws.number if model.money is None else model.money.draws(draws.number, chance)
    txns = np.empty((draws.number, len(x)))
    value = np.empty((draws.number, len(x)))

    def draw(d: int) -> None:
        own = np.random.Generator(np.random.PCG64(seeds[d]))
        txns[d] = orders[d].draw_purchases(own, (x, recency, T), horizon)
        # NaN, where no value of an order is fixed, is left for Gamma-Gamma to draw.
        value[d] = txns[d] * per_order
        money = moneys[d]
        if money is not None:
            gamma_gamma.draw_values(own, txns[d], valued, money.parameters, value[d])

    # Every draw has random numbers of its own, so the number of threads changes nothing.
    with ThreadPoolExecutor(draws.threads) as pool:
        list(pool.map(draw, range(draws.number)))
    if weight is not None:
        value *= weight
    totals = _interval(txns.sum(axis=1)), _interval(value.sum(axis=1))
    return Simulation(_interval(txns), _interval(value), *totals)


def warm() -> None:
    """Compiles what a first fit and a first simulation would otherwise wait for."""
    x, t_x = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 20.0, 50.0, 70.0])
    T, value = np.full(4, 90.0), np.array([5.0, 6.0, 7.0, 8.0])
    known = Histories(np.arange(4), x.astype(np.int64), t_x, T, value)
    for model in purchasing.fit(list(PURCHASE_MODELS), known).values():
        if not isinstance(model, NotFitted):
            simulate(model, known, T, Draws(2, 0))
            model.orders.median_wait(T / T, x, T)


def _interval(draws: Floats) -> Interval:
    """Quantiles over the draws, the first axis, by linear interpolation, as NumPy's in a third of the time.

    The draws are sorted in place: a copy of millions takes as long as sorting them.
    """
    draws.sort(axis=0)
    bounds = []
    for level in LEVELS:
        position = level * (len(draws) - 1)
        below = int(position)
        above = min(below + 1, len(draws) - 1)
        bounds.append(draws[below] + (position - below) * (draws[above] - draws[below]))
    return Interval(*bounds)


def around(bounds: Simulation, predicted: Prediction) -> Simulation:
    """Intervals widened where an expectation lies outside.

    A customer who buys in one draw of twenty brings nothing in 90 % of the draws, but is expected to bring
    more."""
    centres = predicted.txns, predicted.value, predicted.txns.sum(), predicted.value.sum()
    return Simulation(
        *(
            Interval(
                lower_80=np.minimum(interval.lower_80, centre) + 0.0,
                upper_80=np.maximum(interval.upper_80, centre) + 0.0,
                lower_95=np.minimum(interval.lower_95, centre) + 0.0,
                upper_95=np.maximum(interval.upper_95, centre) + 0.0,
            )
            for interval, centre in zip(bounds, centres, strict=True)
        )
    )
