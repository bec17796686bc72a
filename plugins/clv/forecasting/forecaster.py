"""A fitted forecaster: the candidates, which of them answers, and what they predict.

Files: ``model.json``, and of the trees two texts of LightGBM whose SHA-256 ``model.json`` carries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.forecasting.horizon import even_discount, poisson_wait, within
from plugins.clv.history.histories import Basis, Histories, canonical
from plugins.clv.intervals import residuals
from plugins.clv.intervals.residuals import Residuals
from plugins.clv.intervals.simulation import LEVELS, Draws, Interval, Simulation, around, draws_for, simulate
from plugins.clv.judging import levels
from plugins.clv.judging.contest import TREES, first, growth
from plugins.clv.models import purchasing
from plugins.clv.models.prediction import Prediction, prediction_of
from plugins.clv.models.purchasing import Purchasing
from plugins.clv.models.roster import BG_NBD, PURCHASE_MODELS
from plugins.clv.models.trees import Trees

Floats = NDArray[np.float64]

FORMAT = 3
"""Before it, trees predicted value apart from purchases, and no model knew the error of its totals."""
SEED = 20250424
SCORED_DAYS = 365
"""What a reviewer's rows are scored over."""
_BASES = ("margin", "revenue")
IntervalMethod = Literal["simulation", "residuals", "poisson"]


class Forecast(NamedTuple):
    """What n customers will do within their time to come.

    Attributes:
        prediction: purchases, value of one and, discounted, of all.
        intervals: around it, and around the totals.
        method: of the intervals.
        p_alive: (n,) probability of still being a customer; None without a model of purchases.
        wait: (n,) days until a purchase has been made with probability 1/2; NaN where that is never, not
            within the time to come of a customer whose leaving is known, or not within five years.
    """

    prediction: Prediction
    intervals: Simulation
    method: IntervalMethod
    p_alive: Floats | None
    wait: Floats

    def times(self, factor: float) -> Forecast:
        """The same with purchases and value multiplied, as a season does."""
        if factor == 1:
            return self
        txns, per_order, value = self.prediction
        return self._replace(
            prediction=Prediction(txns * factor, per_order, value * factor),
            intervals=Simulation(*(Interval(*(bound * factor for bound in part)) for part in self.intervals)),
        )


class Forecaster(NamedTuple):
    """The candidates, fitted.

    Attributes:
        best: name of the one that errs least.
        basis: what its money is.
        purchasing: the models of purchases that could be fitted, by name.
        trees: None where there are none.
        residuals: of the trees.
    """

    best: str
    basis: Basis
    purchasing: Mapping[str, Purchasing]
    trees: Trees | None
    residuals: Residuals | None

    def has(self, algorithm: str) -> bool:
        """Whether a candidate was fitted."""
        return self.trees is not None if algorithm == TREES else algorithm in self.purchasing

    def forecast(
        self, algorithm: str, known: Histories, days: Floats, ends: Floats, rate_annual: float
    ) -> Forecast:
        """What a candidate predicts.

        Args:
            algorithm: a candidate that was fitted.
            known: histories of n customers.
            days: (n,) time to come of each, 0 for a customer who has left.
            ends: (n,) days until a customer leaves, infinite where that is not known.
            rate_annual: discount, 0.1 for 10 % a year.
        """
        model = self.purchasing.get(algorithm)
        # Trees say nothing of being alive, and BG/NBD says it of every one-time buyer: another model counts.
        living = first(self.purchasing)
        orders = living if model is None else model.orders
        alive = None
        if orders is None or living is None:
            weight = even_discount(days, rate_annual)
        else:
            if model is not None and algorithm != BG_NBD:
                living = orders
            alive = living.p_alive(known.frequency, known.recency, known.T)
            alive = np.where(ends <= 0, 0.0, alive)
            weight = purchasing.discount_weights(orders, known, days, rate_annual)
        method: IntervalMethod
        if model is not None and living is not None and alive is not None:
            predicted, method = purchasing.predict(model, known, days), "simulation"
            bounds = _simulated(model, known, days, weight, predicted)
            predicted = predicted._replace(value=predicted.value * weight)
            wait = living.median_wait(alive, known.frequency, known.T)
        elif algorithm == TREES and self.trees is not None and self.residuals is not None:
            in_window, ratio = self.trees.predict(known), growth(orders, known, days, self.trees.days)
            predicted = prediction_of(in_window.txns * ratio, in_window.per_order)
            predicted = predicted._replace(value=predicted.value * weight)
            bounds = residuals.intervals(self.residuals, in_window, predicted, ratio, weight)
            method, wait = "residuals", poisson_wait(predicted.txns, days)
        else:
            raise ValueError(f"this forecaster has no {algorithm}")
        return Forecast(predicted, around(bounds, predicted), method, alive, within(wait, ends))

    def score(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """Value over 365 days of rows of the four figures, by the best candidate."""
        columns = [
            np.array([float(row[name]) for row in rows])
            for name in ("frequency", "recency", "T", "monetary_value")
        ]
        known = Histories(np.arange(len(rows)), *columns)
        days = np.full(len(rows), float(SCORED_DAYS))
        if self.best in self.purchasing:
            return list(purchasing.predict(self.purchasing[self.best], known, days).value.tolist())
        if self.trees is None:
            raise ValueError(f"this forecaster has no {self.best}")
        ratio = growth(first(self.purchasing), known, days, self.trees.days)
        return list((self.trees.predict(known).value * ratio).tolist())

    def save(self, folder: Path) -> None:
        """Writes the files into a folder."""
        stored = {
            "format": FORMAT,
            "best": self.best,
            "basis": self.basis,
            "purchasing": {name: model.as_json() for name, model in self.purchasing.items()},
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
                "purchasing": dict() as models,
                "trees": ensembles,
                "residuals": errors,
            } if best in (*PURCHASE_MODELS, TREES) and basis in _BASES:
                if version != FORMAT:
                    raise ValueError(f"the stored model has format {version}; this code reads {FORMAT}")
            case _:
                raise ValueError("model.json is damaged")
        forecaster = cls(
            best=best,
            basis=stored["basis"],
            purchasing={name: purchasing.from_json(name, model) for name, model in models.items()},
            trees=None if ensembles is None else Trees.load(folder, ensembles),
            residuals=None if errors is None else Residuals.from_json(errors),
        )
        if not forecaster.has(best) or (forecaster.trees is None) != (forecaster.residuals is None):
            raise ValueError("model.json is damaged")
        return forecaster


def _simulated(
    model: Purchasing, known: Histories, days: Floats, weight: Floats, predicted: Prediction
) -> Simulation:
    """Intervals by draws in canonical order, so that the order of a request changes no total."""
    order = canonical(known, days)
    back = np.argsort(order)
    drawn = simulate(
        model,
        known.at(order),
        days[order],
        Draws(draws_for(len(order)), SEED),
        None if (weight == 1).all() else weight[order],
    )
    txns, value = (Interval(*(bound[back] for bound in interval)) for interval in (drawn.txns, drawn.value))
    totals = [
        Interval(*levels.widened(np.array(interval), float(centre), model.level, LEVELS, float(days.max())))
        for interval, centre in (
            (drawn.total_txns, predicted.txns.sum()),
            (drawn.total_value, (predicted.value * weight).sum()),
        )
    ]
    return Simulation(txns, value, *totals)
