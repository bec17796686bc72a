"""Customers drawn from known BG/NBD and Gamma-Gamma models, and what they really did afterwards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Occasions, occasions

Floats = NDArray[np.float64]


class Population(NamedTuple):
    """Histories of n customers, and purchases and value in the time after."""

    frequency: Floats
    recency: Floats
    T: Floats
    monetary_value: Floats
    later_txns: Floats
    later_value: Floats


def population(
    count: int,
    seed: int,
    horizon: float,
    bgnbd: tuple[float, float, float, float] = (0.8, 60.0, 0.8, 2.5),
    gamma_gamma: tuple[float, float, float] = (6.25, 3.74, 15.45),
) -> Population:
    """Simulated purchase by purchase; the order of events, not the formulas under test."""
    chance = np.random.default_rng(seed)
    (r, alpha, a, b), (p, q, v) = bgnbd, gamma_gamma
    rate, dropout = chance.gamma(r, 1 / alpha, count), chance.beta(a, b, count)
    observed = np.floor(chance.uniform(180, 720, count))
    rate_of_value = chance.gamma(q, 1 / v, count)
    x, last, later = np.zeros(count), np.zeros(count), np.zeros(count)
    for i in range(count):
        now = 0.0
        while True:
            now += chance.exponential(1 / max(rate[i], 1e-12))
            if now > observed[i] + horizon:
                break
            if now <= observed[i]:
                x[i], last[i] = x[i] + 1, now
            else:
                later[i] += 1
            if chance.random() < dropout[i]:
                break
    spent = chance.gamma(np.maximum(p * x, 1e-9)) / rate_of_value
    later_value = np.where(later > 0, chance.gamma(np.maximum(p * later, 1e-9)) / rate_of_value, 0.0)
    return Population(x, last, observed, np.where(x > 0, spent / np.maximum(x, 1), 0.0), later, later_value)


class Shop(NamedTuple):
    """Occasions of n customers until today (ordinal), and what they really did in the horizon after it."""

    bought: Occasions
    today: int
    later_txns: Floats
    later_value: Floats


def shop(
    count: int,
    seed: int,
    horizon: int = 183,
    bgnbd: tuple[float, float, float, float] = (0.8, 60.0, 0.8, 2.5),
    gamma_gamma: tuple[float, float, float] = (6.25, 3.74, 15.45),
) -> Shop:
    """The same as dated orders."""
    chance = np.random.default_rng(seed)
    (r, alpha, a, b), (p, q, v) = bgnbd, gamma_gamma
    rate, dropout = chance.gamma(r, 1 / alpha, count), chance.beta(a, b, count)
    observed, rate_of_value = np.floor(chance.uniform(180, 720, count)), chance.gamma(q, 1 / v, count)
    today, rows = 739_000, []
    for i in range(count):
        now = 0.0
        while now <= observed[i] + horizon:
            rows.append((i, today + int(now - observed[i])))
            if now > 0 and chance.random() < dropout[i]:
                break
            now += chance.exponential(1 / max(rate[i], 1e-12))
    owner, day = np.array(rows).T
    value = chance.gamma(p, 1 / rate_of_value[owner])
    past = day <= today
    return Shop(
        occasions(day[past], value[past], np.bincount(owner[past], minlength=count)),
        today,
        np.bincount(owner[~past], minlength=count).astype(float),
        np.bincount(owner[~past], weights=value[~past], minlength=count),
    )
