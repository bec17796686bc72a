"""Customer value: CDNOW, an online shop at three cuts, and customers drawn from three known models.

Each candidate forecasts customers from their past up to a day; what they bought afterwards is the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import lifetimes.datasets
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.clv.forecasting.forecaster import Forecaster
from plugins.clv.history.histories import NEVER, Occasions, histories, occasions
from plugins.clv.judging import contest
from plugins.clv.judging.contest import NAIVE, TREES, Data
from plugins.clv.judging.window import split
from plugins.clv.models import prediction
from plugins.clv.models.roster import PURCHASE_MODELS

Floats = NDArray[np.float64]

SETS = 30
CUSTOMERS = 1000


class Past(NamedTuple):
    """Customers up to a day, and the truth of the days after it.

    Attributes:
        bought: occasions of n customers, in canonical order.
        today: ordinal.
        days: length of the horizon.
        txns, value: (n,) what they did in it.
    """

    bought: Occasions
    today: int
    days: int
    txns: Floats
    value: Floats


class Score(NamedTuple):
    """How a candidate did.

    Attributes:
        name: of the candidate; ``abintel`` is the one that was chosen.
        txns, value: mean absolute error of purchases and of value.
        total: predicted total value over the true one, less 1.
        inside: whether the 80 % interval of the total held it; None without one.
    """

    name: str
    txns: float
    value: float
    total: float
    inside: bool | None


def section(data: Path | None, quick: bool) -> str:
    """The page's part, Markdown."""
    parts = ["## Value", "", "### CDNOW, 39 weeks ahead", "", *_table(_scores(_cdnow()))]
    if data is not None and (data / "online_retail.parquet").exists():
        cuts = list(_online_retail(data / "online_retail.parquet"))
        parts += ["", "### online_retail, three cuts, 90 days ahead", ""]
        for past in cuts:
            day = pd.Timestamp.fromordinal(past.today).date()
            parts += [f"Until {day}, {len(past.txns):,} customers:", "", *_table(_scores(past)), ""]
    parts += ["", "### Simulated customers", "", *_simulated(6 if quick else SETS)]
    return "\n".join(parts) + "\n"


def _table(scores: list[Score]) -> Iterator[str]:
    yield "| candidate | MAE of purchases | MAE of value | total | within 80 % |"
    yield "| --- | --- | --- | --- | --- |"
    for row in scores:
        name = f"**{row.name}**" if row.name.startswith("abintel") else row.name
        inside = {True: "yes", False: "no", None: "–"}[row.inside]
        yield f"| {name} | {row.txns:.3f} | {row.value:.2f} | {row.total:+.1%} | {inside} |"


def _scores(past: Past, names: tuple[str, ...] = (*PURCHASE_MODELS, TREES)) -> list[Score]:
    known, customers = histories(past.bought, past.today), len(past.txns)
    held = split(past.bought, past.today, past.days)
    if held is None:
        raise ValueError("the history is too short to judge a model")
    gone = np.full(customers, NEVER)
    outcome = contest.run(Data(past.bought, known, gone, past.today, held))
    model = Forecaster(outcome.best, "revenue", outcome.purchasing, outcome.trees, outcome.residuals)
    days, ends = np.full(customers, float(past.days)), np.full(customers, np.inf)
    truth = float(past.value.sum())
    scores = []
    for name in dict.fromkeys((outcome.best, *names)):
        if not model.has(name):
            continue
        found = model.forecast(name, known, days, ends, 0.0)
        bounds = found.intervals.total_value
        label = f"abintel ({name})" if name == outcome.best else name
        inside = bool(bounds.lower_80 <= truth <= bounds.upper_80)
        scores.append(_score(label, found.prediction, past, inside))
    if NAIVE not in names:
        scores.append(_score("past rate", prediction.naive(known, days), past, None))
    return scores


def _score(name: str, found: prediction.Prediction, past: Past, inside: bool | None) -> Score:
    return Score(
        name,
        float(np.abs(found.txns - past.txns).mean()),
        float(np.abs(found.value - past.value).mean()),
        float(found.value.sum() / past.value.sum()) - 1,
        inside,
    )


def _cdnow() -> Past:
    path = Path(lifetimes.datasets.__file__).with_name("CDNOW_sample.txt")
    rows = pd.read_csv(path, sep=r"\s+", header=None, usecols=[1, 2, 4], names=["who", "day", "value"])
    rows["day"] = pd.to_datetime(rows["day"].astype(str), format="%Y%m%d").map(pd.Timestamp.toordinal)
    return _past(rows, pd.Timestamp("1997-09-30").toordinal(), 273)


def _online_retail(path: Path) -> Iterator[Past]:
    lines = pd.read_parquet(path)
    lines = lines[(lines["customer_id"] > 0) & (lines["quantity"] > 0)]
    date = next(name for name in lines.columns if "date" in name)
    price = next(name for name in lines.columns if "price" in name)
    rows = pd.DataFrame(
        {
            "who": lines["customer_id"],
            "day": pd.to_datetime(lines[date]).dt.normalize().map(pd.Timestamp.toordinal),
            "value": lines["quantity"] * lines[price],
        }
    )
    for cut in ("2011-06-30", "2011-07-31", "2011-08-31"):
        yield _past(rows, pd.Timestamp(cut).toordinal(), 90)


def _past(rows: pd.DataFrame, today: int, days: int) -> Past:
    rows = rows[rows["day"] <= today + days]
    known = rows[rows["day"] <= today]
    # A fixed shuffle stands for the order by digest of a training.
    customers = pd.Index(np.random.default_rng(1).permutation(np.sort(known["who"].unique())))
    known = known.assign(row=customers.get_indexer(known["who"])).sort_values(["row", "day"], kind="stable")
    later = rows[(rows["day"] > today) & rows["who"].isin(customers)]
    later = later.assign(row=customers.get_indexer(later["who"]))
    visits = later.drop_duplicates(["row", "day"])
    sizes = np.bincount(known["row"], minlength=len(customers))
    return Past(
        occasions(known["day"].to_numpy(np.int64), known["value"].to_numpy(float), sizes),
        today,
        days,
        np.bincount(visits["row"], minlength=len(customers)).astype(float),
        np.bincount(later["row"], weights=later["value"], minlength=len(customers)),
    )


def _simulated(sets: int) -> Iterator[str]:
    yield f"{sets} sets of {CUSTOMERS:,} customers of each model, half a year ahead."
    yield ""
    yield "| truth | total within 80 % | mean error of the total | chosen |"
    yield "| --- | --- | --- | --- |"
    for name, lives in LIVES.items():
        runs = [_scores(_drawn(lives, seed), ())[0] for seed in range(sets)]
        inside = sum(bool(run.inside) for run in runs)
        error = float(np.mean([abs(run.total) for run in runs]))
        chosen = pd.Series([run.name for run in runs]).value_counts().to_dict()
        yield (
            f"| {name} | {inside / sets:.0%} | {error:.1%} | "
            + ", ".join(f"{label[9:-1]} {count}" for label, count in chosen.items())
            + " |"
        )


Life = Callable[[np.random.Generator, float], Iterator[float]]
"""(random numbers, time observed) to the times of a customer's purchases, the first one at 0."""


def _bg(chance: np.random.Generator, longest: float, leaves_at_once: bool = False) -> Iterator[float]:
    rate, dropout, now = chance.gamma(0.8, 1 / 60), chance.beta(0.8, 2.5), 0.0
    while now <= longest:
        yield now
        if (now > 0 or leaves_at_once) and chance.random() < dropout:
            return
        now += chance.exponential(1 / max(rate, 1e-12))


def _mbg(chance: np.random.Generator, longest: float) -> Iterator[float]:
    return _bg(chance, longest, leaves_at_once=True)


def _pareto(chance: np.random.Generator, longest: float) -> Iterator[float]:
    rate, leaving, now = chance.gamma(0.8, 1 / 60), chance.gamma(0.7, 1 / 100), 0.0
    life = chance.exponential(1 / max(leaving, 1e-12))
    while now <= min(longest, life):
        yield now
        now += chance.exponential(1 / max(rate, 1e-12))


LIVES: dict[str, Life] = {"BG/NBD": _bg, "MBG/NBD": _mbg, "Pareto/NBD": _pareto}


def _drawn(lives: Life, seed: int, horizon: int = 183) -> Past:
    chance = np.random.default_rng(seed)
    today = 739_000
    rows = []
    for who in range(CUSTOMERS):
        observed = float(np.floor(chance.uniform(180, 720)))
        worth = chance.gamma(3.74, 1 / 15.45)
        for now in lives(chance, observed + horizon):
            rows.append((who, today + int(np.floor(now - observed)), chance.gamma(6.25, 1 / worth)))
    return _past(pd.DataFrame(rows, columns=["who", "day", "value"]), today, horizon)
