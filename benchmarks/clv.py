"""Customer value: our summary, fits and expectations beside lifetimes; whole routes are in ``make bench``.

``OPENBLAS_NUM_THREADS=1 python benchmarks/clv.py``, which is how the server runs, prints the table: medians
of pairs within one run, on 60,000 invented customers with some 500,000 orders over two years. Intervals have
no counterpart: lifetimes gives none.
"""

from __future__ import annotations

import datetime
import gc
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories, histories, occasions
from plugins.clv.intervals.simulation import Draws, draws_for, simulate
from plugins.clv.models import bgnbd, gamma_gamma
from plugins.clv.models.bgnbd import BgNbd
from plugins.clv.models.gamma_gamma import GammaGamma
from plugins.clv.models.purchasing import Purchasing

CUSTOMERS = 60_000
DAYS = 730
HORIZON = 180.0
PAIRS = 3
TODAY = datetime.date(2025, 4, 24)


class Orders(NamedTuple):
    """Days (ordinals) and amounts, customer after customer, and how many each has."""

    days: NDArray[np.int64]
    amounts: NDArray[np.float64]
    sizes: NDArray[np.int64]


def invented() -> Orders:
    """Customers of a BG/NBD and a Gamma-Gamma model, the same in every run."""
    chance = np.random.default_rng(20250424)
    rate, dropout = chance.gamma(1.2, 1 / 43.0, CUSTOMERS), chance.beta(0.8, 8.0, CUSTOMERS)
    observed = chance.integers(180, DAYS, CUSTOMERS)
    buyers, now = np.arange(CUSTOMERS), np.zeros(CUSTOMERS)
    owners, days = [buyers], [-observed]
    while buyers.size:
        now = now + chance.exponential(1 / rate[buyers])
        bought = now <= observed[buyers]
        owners.append(buyers[bought])
        days.append(np.floor(now[bought]).astype(np.int64) - observed[buyers[bought]])
        stay = bought & (chance.random(buyers.size) >= dropout[buyers])
        buyers, now = buyers[stay], now[stay]
    owner, day = np.concatenate(owners), np.concatenate(days)
    order = np.argsort(owner, kind="stable")
    amounts = chance.gamma(6.0, 1 / chance.gamma(3.7, 1 / 15.0, CUSTOMERS)[owner])
    return Orders(day[order] + TODAY.toordinal(), np.round(amounts[order], 2), np.bincount(owner))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def row(name: str, ours: Callable[[], object], theirs: Callable[[], object] | None = None) -> None:
    """A line of the table."""
    ours()  # compiles
    pairs = [(timed(ours), timed(theirs) if theirs else 0.0) for _ in range(PAIRS)]
    one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
    other = f"{two:,.0f} ms | {two / one:.0f}" if theirs else "– | –"
    print(f"| {name} | {one:,.0f} ms | {other} |", flush=True)


def main() -> None:
    warnings.simplefilter("ignore")  # lifetimes, on today's pandas
    orders = invented()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as the server has it
    x, t_x, T, m = histories(occasions(*orders), TODAY.toordinal())[1:]
    model, money = bgnbd.fit(x, t_x, T), gamma_gamma.fit(x, m)
    assert isinstance(model, BgNbd)
    assert isinstance(money, GammaGamma)
    table = pd.DataFrame(
        {
            "id": np.repeat(np.arange(CUSTOMERS), orders.sizes),
            "date": pd.to_datetime(orders.days - datetime.date(1970, 1, 1).toordinal(), unit="D"),
            "amount": orders.amounts,
        }
    )
    repeat = x > 0
    their_model, their_money = BetaGeoFitter().fit(x, t_x, T), GammaGammaFitter().fit(x[repeat], m[repeat])
    print(f"{CUSTOMERS:,} customers, {len(orders.days):,} orders; Python {platform.python_version()}")
    print("\n| work | ours | lifetimes | ratio |\n| --- | --- | --- | --- |")
    row(
        "frequency, recency, T, value",
        lambda: histories(occasions(*orders), TODAY.toordinal()),
        lambda: summary_data_from_transaction_data(
            table, "id", "date", "amount", observation_period_end=TODAY
        ),
    )
    row("BG/NBD fit", lambda: bgnbd.fit(x, t_x, T), lambda: BetaGeoFitter().fit(x, t_x, T))
    row(
        "Gamma-Gamma fit",
        lambda: gamma_gamma.fit(x, m),
        lambda: GammaGammaFitter().fit(x[repeat], m[repeat]),
    )
    row(
        "expected purchases",
        lambda: model.expected_purchases(HORIZON, x, t_x, T),
        lambda: their_model.conditional_expected_number_of_purchases_up_to_time(HORIZON, x, t_x, T),
    )
    row(
        "expected value",
        lambda: gamma_gamma.expected_value(money, x, m),
        lambda: their_money.conditional_expected_average_profit(x, m),
    )
    known, horizon = Histories(np.arange(CUSTOMERS), x, t_x, T, m), np.full(CUSTOMERS, HORIZON)
    draws = Draws(draws_for(CUSTOMERS), 1)
    row(
        f"intervals, {draws.number} draws",
        lambda: simulate(Purchasing(model, money), known, horizon, draws),
    )


if __name__ == "__main__":
    main()
