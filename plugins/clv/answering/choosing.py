"""Which model answers a request, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from abintel.endpoint import Served
from plugins.clv.forecast_words import Choice
from plugins.clv.forecasting.forecaster import Forecaster
from plugins.clv.judging.contest import BG_NBD, TREES
from plugins.clv.models.fitting import NotFitted
from plugins.clv.training import Job, fit_purchasing, parameters

_INFO = (
    *("train_rows", "held_out_days", "held_out_customers", "held_out_auc", "bg_nbd", "gamma_gamma"),
    *("cached", "model_version", "trained_at", "expires_at", "registry"),
)


class Chosen(NamedTuple):
    """Which model answers.

    Attributes:
        model: None for the baseline.
        algorithm: its name.
        choice: why it answers.
        mae: by algorithm.
        reason: why BG/NBD was not fitted; None if it was, or if nothing says why.
        info: of the model, for the answer.
    """

    model: Forecaster | None
    algorithm: str
    choice: Choice
    mae: Mapping[str, float]
    reason: str | None
    info: Mapping[str, Any]


def choose(asked: Job, algorithms: list[str] | None, served: Served) -> Chosen:
    """The model that was asked for, or the one that errs least; where it was not fitted, another one.

    Args:
        asked: the customers.
        algorithms: those that the request allows.
        served: what the registry serves.
    """
    forced = algorithms[0] if algorithms is not None and len(set(algorithms)) == 1 else None
    if asked.bought is None:
        forced = BG_NBD
    note = {} if served.note is None else {"note": served.note}
    model, info = _served_or_fitted(asked, forced, served)
    reasons, mae = info.get("reasons", {}), info.get("evaluation_mae", {})
    wanted = forced or (TREES if model is None else model.best)
    if model is not None and not model.has(wanted) and forced == BG_NBD and asked.bought is not None:
        wanted = TREES
    if model is None or not model.has(wanted):
        return Chosen(
            model=None,
            algorithm=TREES,
            choice="baseline",
            mae={},
            reason=reasons.get(BG_NBD) or _why_not_fitted(asked),
            info={"cached": False, **note},
        )
    return Chosen(
        model=model,
        algorithm=wanted,
        choice=_why(wanted, forced if asked.bought is not None else None, mae),
        mae=mae,
        reason=None if model.has(BG_NBD) else reasons.get(BG_NBD),
        info={key: info[key] for key in _INFO if info.get(key) is not None} | note,
    )


def _served_or_fitted(
    asked: Job, forced: str | None, served: Served
) -> tuple[Forecaster | None, dict[str, Any]]:
    """The served model, or BG/NBD fitted for this request only, and what is known of it."""
    model, info = served.model, dict(served.info)
    if forced != BG_NBD or (model is not None and model.has(BG_NBD)) or info.get("evaluation_mae"):
        return model, info
    # There are too few customers for the registry, but BG/NBD is asked for.
    fitted = fit_purchasing(asked)
    if isinstance(fitted, NotFitted):
        return None, {"reasons": {BG_NBD: fitted.reason}}
    info = {"train_rows": len(asked.gone), "cached": False, **parameters(fitted)}
    return Forecaster(BG_NBD, asked.basis, {BG_NBD: fitted}, None, None), info


def _why(algorithm: str, forced: str | None, mae: Mapping[str, float]) -> Choice:
    judged = algorithm in mae
    if forced == algorithm:
        return "asked" if judged else "asked_unjudged"
    if not judged:
        return "only_unjudged"
    return "lowest" if {BG_NBD, TREES} <= mae.keys() else "only"


def _why_not_fitted(asked: Job) -> str | None:
    fitted = fit_purchasing(asked)
    return fitted.reason if isinstance(fitted, NotFitted) else None
