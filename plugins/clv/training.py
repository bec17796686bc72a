"""From the customers of a request to a training, and from a training to what the registry keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.charts import lazy
from abintel.endpoint import Fit, Trainable, Training
from abintel.progress import report
from plugins.clv.forecasting.forecaster import SCORED_DAYS, Forecaster
from plugins.clv.history import fingerprint
from plugins.clv.history.histories import NEVER, Basis, Histories, Occasions, histories
from plugins.clv.judging import contest
from plugins.clv.judging.contest import BG_NBD, Data
from plugins.clv.models import purchasing as forecast
from plugins.clv.models import trees as boosting
from plugins.clv.models.bgnbd import NotFitted
from plugins.clv.models.purchasing import Purchasing
from plugins.clv.reviewing import card as review

PICTURES = lazy("plugins.clv.reviewing.pictures", "pictures")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNJUDGED = 0.5
"""Quality of a model that could not be judged: that of chance, so that it takes no judged one's place."""


@dataclass(frozen=True)
class Job:
    """The customers of a request, n of them in its order.

    Attributes:
        known: their histories.
        bought: their occasions; None where only the histories were sent.
        gone: (n,) ordinal of the day of cancellation, :data:`NEVER` where there is none.
        today: ordinal.
        horizon: days to forecast.
        basis: what the money is.
    """

    known: Histories
    bought: Occasions | None
    gone: Ints
    today: int
    horizon: int
    basis: Basis

    @property
    def ends(self) -> Floats:
        """Days until each customer leaves, shape ``(n,)``; infinite where that is not known."""
        return np.where(self.gone >= NEVER, np.inf, (self.gone - self.today).astype(float))

    @property
    def days(self) -> Floats:
        """Days to forecast of each customer, shape ``(n,)``."""
        return np.clip(self.ends, 0.0, float(self.horizon))


def canonical(asked: Job) -> Histories:
    """The histories in an order of their own."""
    return asked.known.at(boosting.canonical(asked.known))


def training(asked: Job) -> Training | None:
    """The training that the customers allow: with orders, a contest of the candidates; with figures alone,
    BG/NBD."""
    customers = len(asked.gone)
    if asked.bought is None:
        if customers < contest.FEWEST_KNOWN:
            return None
        found = forecast.fit_purchasing(canonical(asked))
        if isinstance(found, NotFitted):
            return None
        digests = fingerprint.of_histories(asked.known, np.full(customers, NEVER))
        key = fingerprint.whole(digests, f"histories {asked.basis}")
        return Training(key, customers, partial(_of_histories, asked, found, key))
    held = forecast.split(asked.bought, asked.today, asked.horizon)
    if held is None or not contest.enough(held, asked.known):
        return None
    digests = fingerprint.of_occasions(asked.bought, asked.gone, asked.today)
    # Of the horizon only the window matters, and of the day only how long ago things were.
    key = fingerprint.whole(digests, f"orders {asked.basis} {held.days}")
    return Training(key, customers, partial(_of_orders, asked, digests, held.days, key))


def parameters(purchasing: Purchasing | None) -> dict[str, dict[str, float | bool] | None]:
    """The fitted parameters, alpha in days and, as the literature prints it, in weeks."""
    if purchasing is None:
        return {"bg_nbd": None, "gamma_gamma": None}
    orders, money = purchasing
    return {
        "bg_nbd": {
            "r": orders.r,
            "alpha": orders.alpha,
            "a": orders.a,
            "b": orders.b,
            "alpha_weeks": orders.alpha / 7,
            "log_likelihood": orders.log_likelihood,
            "at_bound": orders.at_bound,
        },
        "gamma_gamma": None
        if money is None
        else {"p": money.p, "q": money.q, "v": money.v, "log_likelihood": money.log_likelihood},
    }


def _params(purchasing: Purchasing | None) -> dict[str, float | bool]:
    """The same flat, for the registry's page."""
    return {
        name if name != "log_likelihood" else f"{model}_log_likelihood": value
        for model, figures in parameters(purchasing).items()
        for name, value in (figures or {}).items()
    }


def _of_orders(asked: Job, digests: NDArray[np.uint64], window: int, key: str) -> Fit:
    bought = asked.bought
    if bought is None:
        raise ValueError("a contest needs orders")
    order = fingerprint.order(digests)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    rows = np.argsort(place[bought.owner], kind="stable")
    bought = Occasions(place[bought.owner[rows]], bought.day[rows], bought.value[rows])
    held = forecast.split(bought, asked.today, window)
    if held is None:
        raise ValueError("a contest needs a window to hold out")
    data = Data(bought, histories(bought, asked.today), asked.gone[order], asked.today, held)
    outcome = contest.run(data, report)
    judged, best = outcome.judgement, outcome.best
    model = Forecaster(best, asked.basis, outcome.purchasing, outcome.trees, outcome.residuals)
    params: dict[str, Any] = {
        "window_days": window,
        "monetary_basis": asked.basis,
        **_params(model.purchasing),
    }
    if model.trees is not None:
        params |= {"rounds": boosting.ROUNDS, **boosting.SETTINGS}
    figures = {
        name: {
            "mae": judged.mae[name],
            "mae_as_predicted": forecast.mean_absolute_error(judged.value, found.value),
            "auc": judged.auc[name],
            "mae_txns": forecast.mean_absolute_error(judged.txns, found.txns),
            "predicted_total": float(found.value.sum()),
            "actual_total": float(judged.value.sum()),
        }
        for name, found in judged.predictions.items()
    }
    info = {
        **_info(asked, model),
        "evaluation_mae": dict(judged.mae),
        "held_out_days": judged.days,
        "held_out_customers": len(judged.txns),
        "held_out_auc": judged.auc.get(best),
        "reasons": dict(outcome.reasons),
    }
    fit = Fit(
        model=model,
        algorithm=best,
        quality=judged.auc.get(best, UNJUDGED),
        params=params,
        metrics={f"held_out_{name}": value for name, value in figures.get(best, {}).items()},
        candidates=figures,
        features=forecast.FEATURES,
        info=info,
        input_example=_invented(asked.known),
        pictures=PICTURES(held, judged, best),
        card=review.card(model, judged, figures, outcome.reasons, len(order), key),
    )
    report(1.0)
    return fit


def _of_histories(asked: Job, found: Purchasing, key: str) -> Fit:
    model = Forecaster(BG_NBD, asked.basis, found, None, None)
    return Fit(
        model=model,
        algorithm=BG_NBD,
        quality=UNJUDGED,
        params={"monetary_basis": asked.basis, **_params(found)},
        metrics={"log_likelihood": found.orders.log_likelihood},
        candidates={},
        features=forecast.FEATURES[:4],
        info={**_info(asked, model), "evaluation_mae": {}, "reasons": {}},
        input_example=_invented(asked.known),
        card=review.card(model, None, {}, {}, len(asked.gone), key),
    )


def _info(asked: Job, model: Forecaster) -> dict[str, Any]:
    return {
        "best_algorithm": model.best,
        "monetary_basis": asked.basis,
        "train_rows": len(asked.gone),
        **parameters(model.purchasing),
    }


def _invented(known: Histories) -> list[Mapping[str, Any]]:
    """Two rows of nobody: the medians of those who came back, and somebody new."""
    came = known.frequency > 0
    rows = came if came.any() else np.ones(len(came), dtype=bool)
    names = forecast.FEATURES[:4]
    typical = {name: float(np.median(getattr(known, name)[rows])) for name in names}
    new = {**dict.fromkeys(names, 0.0), "T": 30.0, "monetary_value": typical["monetary_value"]}
    return [typical, new]


TRAINABLE = Trainable(
    scope=lambda asked: {},
    training=training,
    save=Forecaster.save,
    load=Forecaster.load,
    score=Forecaster.score,
    requirements=("lightgbm", "numba", "numpy", "scipy"),
    output=f"value_{SCORED_DAYS}_days",
)
