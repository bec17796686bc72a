"""A fitted forecaster: the candidates, which of them answers, and what they say of customers.

Files: ``model.json``, and of the trees two texts of LightGBM whose SHA-256 ``model.json`` carries.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Basis, Histories
from plugins.clv.intervals import residuals
from plugins.clv.intervals.residuals import Residuals
from plugins.clv.intervals.simulation import Interval, Simulation, draws_for, simulate
from plugins.clv.judging.contest import BG_NBD, TREES, growth
from plugins.clv.models import bgnbd
from plugins.clv.models import purchasing as forecast
from plugins.clv.models import trees as boosting
from plugins.clv.models.bgnbd import BgNbd
from plugins.clv.models.gamma_gamma import GammaGamma
from plugins.clv.models.purchasing import Prediction, Purchasing
from plugins.clv.models.trees import Trees

Floats = NDArray[np.float64]

FORMAT = 1
SEED = 20250424
SCORED_DAYS = 365
"""What a reviewer's rows are scored over."""
FURTHEST = 5 * 365
"""Days within which a next purchase is named: the longest horizon."""
_BASES = ("margin", "revenue")
IntervalMethod = Literal["simulation", "residuals", "poisson"]


class Forecast(NamedTuple):
    """What n customers will do within their time to come.

    Attributes:
        prediction: purchases, value of one and, discounted, of all.
        intervals: around it, and around the totals.
        method: how they were found.
        p_alive: (n,) probability of still being a customer; None without BG/NBD.
        wait: (n,) days until a purchase is more likely made than not; NaN where that is never, or not within
            the time to come of a customer who is known to leave, or within five years.
    """

    prediction: Prediction
    intervals: Simulation
    method: IntervalMethod
    p_alive: Floats | None
    wait: Floats


class Forecaster(NamedTuple):
    """The candidates, fitted.

    Attributes:
        best: name of the one that errs least.
        basis: what its money is.
        purchasing: BG/NBD and Gamma-Gamma, None where they could not be fitted.
        trees: None where there are none.
        residuals: of the trees.
    """

    best: str
    basis: Basis
    purchasing: Purchasing | None
    trees: Trees | None
    residuals: Residuals | None

    def has(self, algorithm: str) -> bool:
        """Whether a candidate is there."""
        return (self.purchasing if algorithm == BG_NBD else self.trees) is not None

    def forecast(
        self, algorithm: str, known: Histories, days: Floats, ends: Floats, rate_annual: float
    ) -> Forecast:
        """What a candidate says.

        Args:
            algorithm: one that is there.
            known: histories of n customers.
            days: (n,) time to come of each, 0 for who is gone.
            ends: (n,) days until a customer leaves, infinite where that is not known.
            rate_annual: discount, 0.1 for 10 % a year.
        """
        orders = None if self.purchasing is None else self.purchasing.orders
        alive = None
        if orders is None:
            weight = even_discount(days, rate_annual)
        else:
            alive = bgnbd.p_alive(orders, known.frequency, known.recency, known.T)
            alive = np.where(ends <= 0, 0.0, alive)
            weight = forecast.discount_weights(orders, known, days, rate_annual)
        method: IntervalMethod
        if algorithm == BG_NBD and self.purchasing is not None and alive is not None:
            found, method = forecast.predict_purchasing(self.purchasing, known, days), "simulation"
            bounds = _simulated(self.purchasing, known, days, weight)
            found = found._replace(value=found.value * weight)
            wait = _wait(self.purchasing.orders, alive, known)
        elif algorithm == TREES and self.trees is not None and self.residuals is not None:
            window, ratio = self.trees.predict(known), growth(orders, known, days, self.trees.days)
            value = window.value * ratio * weight
            found, method = Prediction(window.txns * ratio, window.per_order, value), "residuals"
            bounds = residuals.intervals(self.residuals, window, found, ratio, weight)
            wait = _poisson_wait(found.txns, days)
        else:
            raise ValueError(f"this forecaster has no {algorithm}")
        return Forecast(found, around(bounds, found), method, alive, _within(wait, ends))

    def score(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """Value over 365 days of rows of the four figures, by the best candidate."""
        columns = [
            np.array([float(row[name]) for row in rows])
            for name in ("frequency", "recency", "T", "monetary_value")
        ]
        known = Histories(np.arange(len(rows)), *columns)
        days = np.full(len(rows), float(SCORED_DAYS))
        if self.best == BG_NBD and self.purchasing is not None:
            return list(forecast.predict_purchasing(self.purchasing, known, days).value.tolist())
        if self.trees is None:
            raise ValueError(f"this forecaster has no {self.best}")
        orders = None if self.purchasing is None else self.purchasing.orders
        ratio = growth(orders, known, days, self.trees.days)
        return list((self.trees.predict(known).value * ratio).tolist())

    def save(self, folder: Path) -> None:
        """Writes the files into a folder."""
        purchasing = None
        if self.purchasing is not None:
            purchasing = {
                "orders": _plain(self.purchasing.orders),
                "money": None if self.purchasing.money is None else _plain(self.purchasing.money),
            }
        stored = {
            "format": FORMAT,
            "best": self.best,
            "basis": self.basis,
            "purchasing": purchasing,
            "trees": None if self.trees is None else self.trees.save(folder),
            "residuals": None if self.residuals is None else self.residuals.as_json(),
        }
        text = json.dumps(stored, ensure_ascii=True, allow_nan=False, indent=1)
        (folder / "model.json").write_text(text, encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> Forecaster:
        """Reads the files that :meth:`save` wrote.

        Raises:
            ValueError: a file is missing or damaged, or of a later format.
        """
        try:
            stored = json.loads((folder / "model.json").read_text(encoding="ascii"))
        except (OSError, ValueError, RecursionError):
            raise ValueError("model.json is missing or damaged") from None
        match stored:
            case {
                "format": int(version),
                "best": str(best),
                "basis": str(basis),
                "purchasing": purchasing,
                "trees": trees,
                "residuals": errors,
            } if best in (BG_NBD, TREES) and basis in _BASES:
                if version != FORMAT:
                    raise ValueError(f"the stored model has format {version}; this code reads {FORMAT}")
            case _:
                raise ValueError("model.json is damaged")
        found = cls(
            best,
            stored["basis"],
            None if purchasing is None else _purchasing(purchasing),
            None if trees is None else Trees.load(folder, trees),
            None if errors is None else Residuals.from_json(errors),
        )
        if not found.has(best) or (found.trees is None) != (found.residuals is None):
            raise ValueError("model.json is damaged")
        return found


def baseline(
    known: Histories, days: Floats, ends: Floats, horizon: int, rate_annual: float
) -> tuple[Forecast, float]:
    """What is said where no model can be: the past goes on; and its in-sample error.

    Intervals let each customer's rate be gamma distributed as (x + 1/2) purchases allow, and the purchases
    be Poisson.

    Args:
        known: histories of n customers.
        days, ends, rate_annual: as in :meth:`Forecaster.forecast`.
        horizon: length of the time that the error is of.
    """
    base = boosting.baseline(known, days, horizon)
    weight = even_discount(days, rate_annual)
    found = base.prediction._replace(value=base.prediction.value * weight)
    order = boosting.canonical(known)
    chance = np.random.default_rng(SEED)
    shape = (draws_for(len(order)), len(order))
    factor = chance.gamma(known.frequency[order] + 0.5, size=shape) / (known.frequency[order] + 0.5)
    txns = chance.poisson(np.minimum(found.txns[order] * factor, 1e12)).astype(float)
    value = txns * (found.per_order * weight)[order]
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    parts = [Interval(*np.quantile(draws, _LEVELS, axis=0)) for draws in (txns, value)]
    totals = [Interval(*np.quantile(draws.sum(axis=1), _LEVELS)) for draws in (txns, value)]
    each = [Interval(*(bound[back] for bound in part)) for part in parts]
    bounds = around(Simulation(each[0], each[1], totals[0], totals[1]), found)
    wait = _within(_poisson_wait(found.txns, days), ends)
    return Forecast(found, bounds, "poisson", None, wait), base.mae


_LEVELS = (0.10, 0.90, 0.025, 0.975)


def even_discount(days: Floats, rate_annual: float) -> Floats:
    """What a unit of value that comes evenly over the days is worth today, shape ``(n,)``."""
    force = math.log1p(rate_annual) / 365.25 * days
    return np.where(force > 1e-12, -np.expm1(-force) / np.where(force > 1e-12, force, 1.0), 1.0)


def around(bounds: Simulation, found: Prediction) -> Simulation:
    """The same, widened where an expectation lies outside: of who buys in one draw of twenty, 90 % of the
    draws bring nothing, and the expectation is more than nothing."""
    centres = found.txns, found.value, found.txns.sum(), found.value.sum()
    return Simulation(
        *(
            Interval(
                *(
                    (np.minimum if name.startswith("lower") else np.maximum)(bound, centre) + 0.0
                    for name, bound in interval._asdict().items()
                )
            )
            for interval, centre in zip(bounds, centres, strict=True)
        )
    )


def _simulated(model: Purchasing, known: Histories, days: Floats, weight: Floats) -> Simulation:
    """Drawn in canonical order, so that the order of a request changes no total."""
    order = boosting.canonical(known, days)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    past = known.at(order)
    drawn = simulate(
        model.orders,
        model.money,
        past.frequency,
        past.recency,
        past.T,
        past.monetary_value,
        days[order],
        per_order=forecast.fixed_values(model, past),
        weight=None if (weight == 1).all() else weight[order],
        draws=draws_for(len(order)),
        seed=SEED,
    )
    txns, value = (Interval(*(bound[back] for bound in interval)) for interval in (drawn.txns, drawn.value))
    return drawn._replace(txns=txns, value=value)


def _wait(orders: BgNbd, alive: Floats, known: Histories) -> Floats:
    """Days until a purchase has been made with a probability of one half, NaN where it never is."""
    share = np.where(alive > 0.5, 0.5 / np.maximum(alive, 0.5), np.nan)
    shape = orders.r + known.frequency
    with np.errstate(over="ignore"):
        return np.asarray(
            (orders.alpha + known.T) * np.expm1(-np.log1p(-np.minimum(share, 1 - 1e-12)) / shape)
        )


def _poisson_wait(txns: Floats, days: Floats) -> Floats:
    """The same at a steady rate."""
    some = (txns > 0) & (days > 0)
    return np.where(some, math.log(2) * days / np.where(some, txns, 1.0), np.nan)


def _within(wait: Floats, ends: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where((wait <= FURTHEST) & (wait < ends), wait, np.nan)


def _plain(model: BgNbd | GammaGamma) -> dict[str, Any]:
    return {**model._asdict(), "covariance": model.covariance.tolist()}


def _purchasing(stored: Any) -> Purchasing:
    try:
        orders = BgNbd(**{**stored["orders"], "covariance": np.array(stored["orders"]["covariance"])})
        money = stored["money"]
        money = (
            None if money is None else GammaGamma(**{**money, "covariance": np.array(money["covariance"])})
        )
        for model, size in ((orders, 4), (money, 3)):
            if model is None:
                continue
            parameters, covariance = model.parameters, model.covariance
            whole = covariance.shape == (size, size) and np.isfinite(covariance).all()
            if not whole or not (np.isfinite(parameters) & (parameters > 0)).all():
                raise ValueError
    except (KeyError, TypeError, ValueError):
        raise ValueError("the purchasing model of model.json is damaged") from None
    return Purchasing(orders, money)
