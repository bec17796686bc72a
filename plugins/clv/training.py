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
from plugins.clv.forecasting import drift
from plugins.clv.forecasting.forecaster import SCORED_DAYS, Forecaster
from plugins.clv.history import fingerprint
from plugins.clv.history.histories import NEVER, Basis, Histories, Occasions, canonical, histories
from plugins.clv.judging import contest
from plugins.clv.judging.contest import Data, Judgement, Outcome
from plugins.clv.judging.window import Split, split
from plugins.clv.models import purchasing, trees
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.prediction import FEATURES, mean_absolute_error
from plugins.clv.models.purchasing import Purchasing
from plugins.clv.models.roster import PURCHASE_MODELS, PurchaseModel
from plugins.clv.reviewing import card

PICTURES = lazy("plugins.clv.reviewing.pictures", "pictures")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KEYS = {"BG_NBD_GG": "bg_nbd", "MBG_NBD_GG": "mbg_nbd", "Pareto_NBD_GG": "pareto_nbd"}
"""Algorithm to the key of its parameters in answers."""
UNJUDGED = 0.5
"""Quality of a model that could not be judged: that of chance, so that it never replaces a judged one."""


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


def fit_purchasing(asked: Job) -> dict[str, Purchasing | NotFitted]:
    """The models of purchases fitted on the histories, in an order that does not depend on the request's."""
    return purchasing.fit(list(PURCHASE_MODELS), asked.known.at(canonical(asked.known)))


def of_figures(asked: Job) -> Forecaster | NotFitted:
    """The models of purchases without a window to judge them on; the likeliest one answers.

    All have four parameters, so the highest likelihood is the lowest AIC.
    """
    fitted = fit_purchasing(asked)
    models = {name: model for name, model in fitted.items() if not isinstance(model, NotFitted)}
    if not models:
        return next(model for model in fitted.values() if isinstance(model, NotFitted))
    best = max(models, key=lambda name: models[name].orders.log_likelihood)
    return Forecaster(best, asked.basis, models, None, None)


def training(asked: Job) -> Training | None:
    """The training that the customers allow.

    With orders it is a contest of the candidates, with histories alone the likeliest model of purchases.
    """
    customers = len(asked.gone)
    if asked.bought is None:
        if customers < contest.FEWEST_KNOWN:
            return None
        model = of_figures(asked)
        if isinstance(model, NotFitted):
            return None
        digests = fingerprint.of_histories(asked.known, np.full(customers, NEVER))
        key = fingerprint.whole(digests, f"histories {asked.basis}")
        return Training(key, customers, partial(_of_histories, asked, model, key))
    held = split(asked.bought, asked.today, asked.horizon)
    if held is None or not contest.enough(held, asked.known):
        return None
    digests = fingerprint.of_occasions(asked.bought, asked.gone, asked.today)
    # The training depends on the horizon only through the window, and on today only through days ago.
    key = fingerprint.whole(digests, f"orders {asked.basis} {held.days}")
    return Training(key, customers, partial(_of_orders, asked, asked.bought, digests, held.days, key))


def parameters(models: Mapping[str, Purchasing]) -> dict[str, dict[str, float | bool] | None]:
    """The fitted parameters; times in days and, of alpha, as the literature prints it, in weeks."""
    money = next((model.money for model in models.values() if model.money is not None), None)
    return {
        **{KEYS[name]: _orders(models[name].orders) if name in models else None for name in PURCHASE_MODELS},
        "gamma_gamma": None
        if money is None
        else {"p": money.p, "q": money.q, "v": money.v, "log_likelihood": money.log_likelihood},
    }


def _orders(model: PurchaseModel) -> dict[str, float | bool]:
    fields = model._asdict()
    figures: dict[str, float | bool] = {}
    for name, value in fields.items():
        if name in ("covariance", "customers"):
            continue
        if name == "log_likelihood":
            figures["alpha_weeks"] = fields["alpha"] / 7
        figures[name] = value
    return figures


def _flat(models: Mapping[str, Purchasing]) -> dict[str, float | bool]:
    """:func:`parameters` in one dictionary, for the registry's page."""
    return {
        f"{part}_{name}": value
        for part, figures in parameters(models).items()
        for name, value in (figures or {}).items()
    }


def _of_orders(asked: Job, bought: Occasions, digests: NDArray[np.uint64], window: int, key: str) -> Fit:
    order = fingerprint.order(digests)
    data, held = _canonical_data(asked, bought, order, window)
    outcome = contest.run(data, report)
    judged, best = outcome.judgement, outcome.best
    model = Forecaster(best, asked.basis, outcome.purchasing, outcome.trees, outcome.residuals)
    figures = _figures(judged)
    params = {"window_days": window, "monetary_basis": asked.basis, **_flat(model.purchasing)}
    if model.trees is not None:
        params |= {"rounds": trees.ROUNDS, **trees.SETTINGS}
    fit = Fit(
        model=model,
        algorithm=best,
        quality=judged.auc.get(best, UNJUDGED),
        params=params,
        metrics={f"held_out_{name}": value for name, value in figures.get(best, {}).items()},
        candidates=figures,
        features=FEATURES,
        info={**_info(asked, model), **_held_out(outcome)},
        input_example=_invented(asked.known),
        pictures=PICTURES(held, judged, best),
        card=card.text(model, judged, figures, outcome.reasons, len(order), key),
    )
    report(1.0)
    return fit


def _canonical_data(asked: Job, bought: Occasions, order: Ints, window: int) -> tuple[Data, Split]:
    """What a contest needs, with customers in canonical order."""
    row_of = np.argsort(order)
    rows = np.argsort(row_of[bought.owner], kind="stable")
    bought = Occasions(row_of[bought.owner[rows]], bought.day[rows], bought.value[rows])
    held = split(bought, asked.today, window)
    if held is None:
        raise ValueError("a contest needs a window to hold out")
    return Data(bought, histories(bought, asked.today), asked.gone[order], asked.today, held), held


def _figures(judged: Judgement) -> dict[str, dict[str, float]]:
    """Figures of each candidate on the held-out window, by name."""
    return {
        name: {
            "mae": judged.mae[name],
            **({"total": judged.total[name]} if name in judged.total else {}),
            "mae_as_predicted": mean_absolute_error(judged.value, predicted.value),
            "auc": judged.auc[name],
            "mae_txns": mean_absolute_error(judged.txns, predicted.txns),
            "predicted_total": float(predicted.value.sum()),
            "actual_total": float(judged.value.sum()),
        }
        for name, predicted in judged.predictions.items()
    }


def _held_out(outcome: Outcome) -> dict[str, Any]:
    """What an answer says of the contest."""
    judged = outcome.judgement
    return {
        "evaluation_mae": dict(judged.mae),
        "evaluation_total": dict(judged.total),
        "held_out_days": judged.days,
        "held_out_customers": len(judged.txns),
        "held_out_auc": judged.auc.get(outcome.best),
        "reasons": dict(outcome.reasons),
    }


def _of_histories(asked: Job, model: Forecaster, key: str) -> Fit:
    return Fit(
        model=model,
        algorithm=model.best,
        quality=UNJUDGED,
        params={"monetary_basis": asked.basis, **_flat(model.purchasing)},
        metrics={"log_likelihood": model.purchasing[model.best].orders.log_likelihood},
        candidates={},
        features=FEATURES[:4],
        info={**_info(asked, model), "evaluation_mae": {}, "evaluation_total": {}, "reasons": {}},
        input_example=_invented(asked.known),
        card=card.text(model, None, {}, {}, len(asked.gone), key),
    )


def _info(asked: Job, model: Forecaster) -> dict[str, Any]:
    return {
        "best_algorithm": model.best,
        "monetary_basis": asked.basis,
        "train_rows": len(asked.gone),
        "population": drift.profile(asked.known),
        **parameters(model.purchasing),
    }


def _invented(known: Histories) -> list[Mapping[str, Any]]:
    """Two invented rows: the medians of the repeat buyers, and a new customer."""
    repeated = known.frequency > 0
    rows = repeated if repeated.any() else np.ones(len(repeated), dtype=bool)
    names = FEATURES[:4]
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
