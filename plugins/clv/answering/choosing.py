"""Which model answers a request, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from abintel.endpoint import Served
from plugins.clv.forecast_words import Choice
from plugins.clv.forecasting.forecaster import Forecaster
from plugins.clv.judging.contest import TREES
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.roster import PURCHASE_MODELS
from plugins.clv.training import KEYS, Job, of_figures, parameters

_INFO = (
    *("train_rows", "held_out_days", "held_out_customers", "held_out_auc", *KEYS.values(), "gamma_gamma"),
    *("cached", "model_version", "trained_at", "expires_at", "registry"),
)


class Chosen(NamedTuple):
    """Which model answers.

    Attributes:
        model: None for the baseline.
        algorithm: its name.
        choice: why it answers.
        mae, total: errors on customers and on their total, by algorithm.
        reason: why no model of purchases, or the one asked for, was fitted; None if it was, or if nothing
            says why.
        info: of the model, for the answer.
        population: profile of the customers that it was trained on.
    """

    model: Forecaster | None
    algorithm: str
    choice: Choice
    mae: Mapping[str, float]
    total: Mapping[str, float]
    reason: str | None
    info: Mapping[str, Any]
    population: Mapping[str, Any] = {}


def choose(asked: Job, algorithms: list[str] | None, served: Served) -> Chosen:
    """The model that was asked for, or the one that errs least; where it was not fitted, another one.

    Args:
        asked: the customers.
        algorithms: those that the request allows.
        served: what the registry serves.
    """
    allowed = list(dict.fromkeys(algorithms)) if algorithms is not None else [*PURCHASE_MODELS, TREES]
    if asked.bought is None:
        allowed = [name for name in allowed if name != TREES]
    forced = algorithms is not None and not {*PURCHASE_MODELS, TREES} <= {*algorithms}
    note = {} if served.note is None else {"note": served.note}
    model, info = _served_or_fitted(asked, allowed if forced else None, served)
    reasons, mae, total = (info.get(key, {}) for key in ("reasons", "evaluation_mae", "evaluation_total"))
    wanted = None if model is None else _wanted(model, allowed, mae)
    if model is not None and wanted is None and asked.bought is not None and model.has(TREES):
        wanted = TREES
    if model is None or wanted is None:
        return Chosen(
            model=None,
            algorithm=TREES,
            choice="baseline",
            mae={},
            total={},
            reason=_reason(allowed, reasons) or _why_not_fitted(asked),
            info={"cached": False, **note},
        )
    asked_for = wanted in allowed and forced and asked.bought is not None
    return Chosen(
        model=model,
        algorithm=wanted,
        choice=_why(
            wanted,
            asked_for and len(allowed) == 1,
            mae,
            [name for name in (*model.purchasing, TREES) if model.has(name)],
        ),
        mae=mae,
        total=total,
        reason=None if wanted in allowed and model.purchasing else _reason(allowed, reasons),
        info={key: info[key] for key in _INFO if info.get(key) is not None} | note,
        population=info.get("population", {}),
    )


def _wanted(model: Forecaster, allowed: Sequence[str], mae: Mapping[str, float]) -> str | None:
    """The best allowed candidate that was fitted: the model's own choice, else the one that errs least."""
    if model.best in allowed:
        return model.best
    there = [name for name in allowed if model.has(name)]
    return min(there, key=lambda name: mae.get(name, math.inf), default=None)


def _served_or_fitted(
    asked: Job, allowed: Sequence[str] | None, served: Served
) -> tuple[Forecaster | None, dict[str, Any]]:
    """The served model, or models of purchases fitted for this request only, and what is known of them."""
    model, info = served.model, dict(served.info)
    if allowed is None and asked.bought is not None:
        return model, info
    purchases = [name for name in allowed or PURCHASE_MODELS if name in PURCHASE_MODELS]
    if not purchases or info.get("evaluation_mae"):
        return model, info
    if model is not None and any(model.has(name) for name in purchases):
        return model, info
    # There are too few customers for the registry, but a model of purchases is asked for.
    fitted = of_figures(asked)
    if isinstance(fitted, NotFitted):
        return None, {"reasons": dict.fromkeys(purchases, fitted.reason)}
    return fitted, {"train_rows": len(asked.gone), "cached": False, **parameters(fitted.purchasing)}


def _why(algorithm: str, forced: bool, mae: Mapping[str, float], candidates: Sequence[str]) -> Choice:
    if forced:
        return "asked" if algorithm in mae else "asked_unjudged"
    if algorithm not in mae:
        return "only_unjudged" if len(candidates) == 1 else "likeliest"
    others = [mae[name] for name in candidates if name in mae and name != algorithm]
    if not others:
        return "only"
    return "lowest" if mae[algorithm] <= min(others) else "judged"


def _reason(allowed: Sequence[str], reasons: Mapping[str, str]) -> str | None:
    """Why none of the allowed models of purchases was fitted."""
    names = [name for name in allowed if name in PURCHASE_MODELS and name in reasons]
    return f"{names[0]} cannot be fitted: {reasons[names[0]]}" if names else None


def _why_not_fitted(asked: Job) -> str | None:
    fitted = of_figures(asked)
    name = next(iter(PURCHASE_MODELS))
    return f"{name} cannot be fitted: {fitted.reason}" if isinstance(fitted, NotFitted) else None
