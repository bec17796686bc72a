"""What may come: purchases and value of every customer and of all together, drawn from the fitted models.

Every draw takes parameters of its own from their asymptotic distribution, then a purchase rate, a dropout
probability and a state for each customer from their distribution given the customer's past, then the
purchases and what they bring. Intervals of the draws therefore hold three doubts: about the parameters, about
the customer, and about chance itself.

Given the past, BG/NBD splits exactly: alive with P(alive), the rate then gamma (r + x, α + T) and the dropout
probability beta (a, b + x); purchases in a time t are then the lesser of a Poisson (λ t) and a geometric (p)
number. Y orders of a Gamma-Gamma customer add up to a gamma (p Y, ν), ν gamma (p x + q, v + x m).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.clv.models import bgnbd, gamma_gamma
from plugins.clv.models.bgnbd import BgNbd
from plugins.clv.models.gamma_gamma import GammaGamma

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 400
FEWEST_DRAWS = 100
_MOST_CELLS = 6_000_000
"""Customers × draws: some 0.4 s."""
LEVELS = (0.10, 0.90, 0.025, 0.975)
_MOST_PURCHASES = 1e12
_TINY = 1e-300
"""Instead of a divisor of 0, as parameters drawn from what the data leave open may come to."""


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


def draws_for(customers: int) -> int:
    """How many draws a number of customers gets: 400, for more than 15,000 fewer, at least 100.

    >>> draws_for(100), draws_for(30_000), draws_for(10**6)
    (400, 200, 100)
    """
    return max(FEWEST_DRAWS, min(DRAWS, _MOST_CELLS // max(customers, 1)))


def simulate(
    model: BgNbd,
    money: GammaGamma | None,
    frequency: Ints | Floats,
    recency: Floats,
    T: Floats,
    monetary_value: Floats,
    horizon: Floats,
    *,
    per_order: Floats,
    weight: Floats | None = None,
    draws: int,
    seed: int,
    threads: int = 2,
) -> Simulation:
    """Intervals of purchases and value in the time after T.

    Args:
        model: of the purchases.
        money: of the value of an order; None: every order brings `per_order`.
        frequency, recency, T: (n,) as in :func:`bgnbd.fit`.
        monetary_value: (n,) mean value of the repeat purchases, in currency.
        horizon: (n,) time to come of each customer, in the unit of T; 0 for one who is gone.
        per_order: (n,) fixed value of an order where it is a number; NaN leaves it to `money`.
        weight: (n,) what a unit of value counts, such as a discount; 1 if None.
        draws: how many.
        seed: of the chance.
        threads: draws at once; changes nothing but the time.

    Raises:
        ValueError: there is no `money` and a customer has no `per_order`.
    """
    if money is None and np.isnan(per_order).any():
        raise ValueError("without a Gamma-Gamma model every customer needs a value per order")
    own, *seeds = np.random.SeedSequence(seed).spawn(1 + draws)
    chance = np.random.Generator(np.random.PCG64(own))
    x, T, horizon, per_order = (
        np.ascontiguousarray(column, dtype=float) for column in (frequency, T, horizon, per_order)
    )
    spent = np.where((x > 0) & (monetary_value > 0), x * monetary_value, 0.0)
    orders = np.where(spent > 0, x, 0.0)
    models = model.draws(draws, chance)
    moneys = [None] * draws if money is None else money.draws(draws, chance)
    txns = np.empty((draws, len(x)))
    value = np.empty((draws, len(x)))

    def draw(d: int) -> None:
        drawn, priced = models[d], moneys[d]
        p, q, v = (1.0, 1.0, 1.0) if priced is None else priced.parameters
        _draw(
            np.random.Generator(np.random.PCG64(seeds[d])),
            bgnbd.p_alive(drawn, x, recency, T),
            x,
            T,
            horizon,
            orders,
            spent,
            per_order,
            np.array([drawn.r, drawn.alpha, drawn.a, drawn.b, p, q, v]),
            txns[d],
            value[d],
        )

    # Every draw has a chance of its own, so how many run at once changes nothing.
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(draw, range(draws)))
    if weight is not None:
        value *= weight
    totals = _interval(txns.sum(axis=1)), _interval(value.sum(axis=1))
    return Simulation(_interval(txns), _interval(value), *totals)


@njit(cache=True, nogil=True)
def _draw(
    chance: np.random.Generator,
    alive: Floats,
    x: Floats,
    T: Floats,
    horizon: Floats,
    orders: Floats,
    spent: Floats,
    per_order: Floats,
    parameters: Floats,
    txns: Floats,
    value: Floats,
) -> None:
    """One draw of everybody's purchases and value, into the last two arrays."""
    r, alpha, a, b, p, q, v = parameters
    for i in range(x.size):
        txns[i] = value[i] = 0.0
        if horizon[i] <= 0 or chance.random() >= alive[i]:
            continue
        mean = chance.standard_gamma(r + x[i]) / max(alpha + T[i], _TINY) * horizon[i]
        bought = float(chance.poisson(min(mean, _MOST_PURCHASES)))
        if bought > 1:  # a first purchase cannot be prevented by the dropout after it
            # The odds of a beta (a, b + x), which as a share would be 0 or 1 too soon.
            lost, kept = chance.standard_gamma(a), chance.standard_gamma(b + x[i])
            if lost > 0:
                per_purchase = max(-np.log1p(-lost / (lost + kept)), _TINY) if kept > 0 else np.inf
                bought = min(bought, max(np.ceil(chance.standard_exponential() / per_purchase), 1.0))
        txns[i] = bought
        if bought == 0:
            continue
        if np.isnan(per_order[i]):
            rate = chance.standard_gamma(p * orders[i] + q) / max(v + spent[i], _TINY)
            value[i] = chance.standard_gamma(p * bought) / max(rate, _TINY)
        else:
            value[i] = bought * per_order[i]


def warm() -> None:
    """Compiles what a first fit and a first simulation would otherwise wait for."""
    x, t_x = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 20.0, 50.0, 70.0])
    T, value = np.full(4, 90.0), np.array([5.0, 6.0, 7.0, 8.0])
    model, money = bgnbd.fit(x, t_x, T), gamma_gamma.fit(x, value)
    if isinstance(model, BgNbd) and isinstance(money, GammaGamma):
        simulate(model, money, x, t_x, T, value, T, per_order=np.full(4, np.nan), draws=2, seed=0)


def _interval(draws: Floats) -> Interval:
    """Quantiles over the draws, the first axis, linear; numpy's own take ten times as long. The draws are
    left in ascending order: of millions, a copy takes as long as sorting them."""
    draws.sort(axis=0)
    bounds = []
    for level in LEVELS:
        place = level * (len(draws) - 1)
        low = int(place)
        high = min(low + 1, len(draws) - 1)
        bounds.append(draws[low] + (place - low) * (draws[high] - draws[low]))
    return Interval(*bounds)
