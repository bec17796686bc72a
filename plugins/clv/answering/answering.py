"""From the request of a forecast to its answer: which model answers, what it says, what to know of it."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call, Served
from plugins.clv.forecast_words import Choice, Setting, Writer
from plugins.clv.forecasting import forecaster
from plugins.clv.forecasting.forecaster import Forecast, Forecaster
from plugins.clv.history.histories import NEVER, Histories, histories
from plugins.clv.judging import contest
from plugins.clv.judging.contest import BG_NBD, NAIVE, TREES
from plugins.clv.models import purchasing as forecast
from plugins.clv.models.bgnbd import NotFitted
from plugins.clv.orders import SHORTEST_DAYS, read, warn_of_costs, warn_of_history, warn_of_values
from plugins.clv.orders import WARNINGS as ORDER_WARNINGS
from plugins.clv.tiers import HIGH_VALUE, MEDIUM_VALUE, TIERS, value_tiers
from plugins.clv.training import Job, canonical, parameters

FEWEST_CUSTOMERS = 500
FRESH_DAYS = 30
WARNINGS = {
    **ORDER_WARNINGS,
    "data_quality": "The customers miss something of the usual minimum: 500 of them, 180 days of history, an "
    "order in the last 30 days, some with three orders.",
    "baseline": "There is too little history to judge a model; a baseline answers.",
    "not_fitted": "A model cannot be fitted to these customers; another answers.",
    "not_judged": "The model that answers could not be judged.",
    "naive_is_better": "On the held-out window the past rate going on errs no more than the model.",
    "basis_differs": "The stored model was trained on margin and the request has revenue, or the reverse.",
    "model_expired": "The stored model is too old to be served; send the full history to train a new one.",
    "model_damaged": "The stored model is not what was registered, and is not served; send the full "
    "history to train a new one.",
}
_INFO = (
    *("train_rows", "held_out_days", "held_out_customers", "held_out_auc", "bg_nbd", "gamma_gamma"),
    *("cached", "model_version", "trained_at", "expires_at", "registry"),
)


class Chosen(NamedTuple):
    """Which model answers.

    Attributes:
        model: None for the baseline.
        algorithm: its name.
        choice: why.
        mae: by algorithm.
        reason: why another one does not answer; None if there is nothing to say.
        info: of the model, for the answer.
    """

    model: Forecaster | None
    algorithm: str
    choice: Choice
    mae: Mapping[str, float]
    reason: str | None
    info: Mapping[str, Any]


def horizon_end(today: datetime.date, months: int) -> datetime.date | None:
    """The day that many calendar months on, the month's last where it has no such day; None after 9999.

    >>> horizon_end(datetime.date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    if year > datetime.MAXYEAR:
        return None
    return datetime.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def handle(request: Any, call: Call) -> dict[str, Any]:
    today = request.today or call.today
    asked = _job(request, today, call)
    chosen = _choose(asked, request.algorithms, call.models.serve(asked))
    rate = request.discount_rate_annual
    if chosen.model is None:
        found, mae = forecaster.baseline(asked.known, asked.days, asked.ends, asked.horizon, rate)
        chosen = chosen._replace(mae={TREES: mae})
    else:
        found = chosen.model.forecast(chosen.algorithm, asked.known, asked.days, asked.ends, rate)
    _warn(asked, chosen, call)
    cuts = request.tiers
    setting = Setting(
        request.horizon_months,
        asked.basis,
        HIGH_VALUE if cuts is None else cuts.high,
        MEDIUM_VALUE if cuts is None else cuts.medium,
        chosen.algorithm,
        chosen.choice,
        chosen.mae.get(chosen.algorithm),
        rate,
        call.lang,
        call.currency or "$",  # as the published example prints it
    )
    return {
        "best_algorithm": chosen.algorithm,
        "horizon_months": request.horizon_months,
        "evaluation_mae": dict(chosen.mae),
        "monetary_basis": asked.basis,
        "interval_method": found.method,
        "total": _total(found),
        "customers": list(_rows(request.customers, asked, found, setting)),
        "model_info": chosen.info,
    }


def _job(request: Any, today: datetime.date, call: Call) -> Job:
    customers, ordinal = request.customers, today.toordinal()
    end = horizon_end(today, request.horizon_months)
    if end is None:
        raise ValueError("a horizon ends within the calendar")
    gone = np.array(
        [NEVER if one.churn_date is None else one.churn_date.toordinal() for one in customers], dtype=np.int64
    )
    horizon = end.toordinal() - ordinal
    if customers[0].transactions is not None:
        orders = read(customers)
        known = histories(orders.bought, ordinal)
        warn_of_history(call, int(known.T.max()))
        warn_of_costs(call, orders, "predicted values are")
        warn_of_values(call, known.monetary_value)
        return Job(known, orders.bought, gone, ordinal, horizon, orders.basis)
    columns = [
        np.array([getattr(one, name) for one in customers], dtype=float)
        for name in ("frequency", "recency", "T", "monetary_value")
    ]
    known = Histories(np.arange(len(customers)), columns[0].astype(np.int64), *columns[1:])
    gone = np.where([bool(one.churned) for one in customers], np.minimum(gone, ordinal), gone)
    warn_of_history(call, int(known.T.max()))
    warn_of_values(call, known.monetary_value)
    return Job(known, None, gone, ordinal, horizon, request.monetary_basis or "revenue")


def _choose(asked: Job, algorithms: list[str] | None, served: Served) -> Chosen:
    """The model that was asked for, or the better one; what is not there is stood in for."""
    forced = algorithms[0] if algorithms is not None and len(set(algorithms)) == 1 else None
    if asked.bought is None:
        forced = BG_NBD
    model, info = served.model, dict(served.info)
    said = {} if served.note is None else {"note": served.note}
    if forced == BG_NBD and (model is None or not model.has(BG_NBD)) and not info.get("evaluation_mae"):
        # Too few customers for the registry, but they were sent to be fitted.
        own = forecast.fit_purchasing(canonical(asked))
        if isinstance(own, NotFitted):
            model, info = None, {"reasons": {BG_NBD: own.reason}}
        else:
            model = Forecaster(BG_NBD, asked.basis, own, None, None)
            info = {"train_rows": len(asked.gone), "cached": False, **parameters(own)}
    reasons, mae = info.get("reasons", {}), info.get("evaluation_mae", {})
    told = {key: info[key] for key in _INFO if info.get(key) is not None} | said
    wanted = forced or (TREES if model is None else model.best)
    if model is not None and not model.has(wanted) and forced == BG_NBD and asked.bought is not None:
        wanted = TREES
    if model is None or not model.has(wanted):
        reason = reasons.get(BG_NBD) or _unfitted(asked)
        return Chosen(None, TREES, "baseline", {}, reason, {"cached": False, **said})
    choice = _why(wanted, forced if asked.bought is not None else None, mae)
    reason = reasons.get(BG_NBD) if not model.has(BG_NBD) else None
    return Chosen(model, wanted, choice, mae, reason, told)


def _why(algorithm: str, forced: str | None, mae: Mapping[str, float]) -> Choice:
    judged = algorithm in mae
    if forced == algorithm:
        return "asked" if judged else "asked_unjudged"
    if not judged:
        return "only_unjudged"
    return "lowest" if {BG_NBD, TREES} <= mae.keys() else "only"


def _unfitted(asked: Job) -> str | None:
    found = forecast.fit_purchasing(canonical(asked))
    return found.reason if isinstance(found, NotFitted) else None


def _warn(asked: Job, chosen: Chosen, call: Call) -> None:
    known = asked.known
    lacks = []
    if len(known.T) < FEWEST_CUSTOMERS:
        lacks.append(f"{len(known.T)} customers of {FEWEST_CUSTOMERS}")
    if known.T.max() < SHORTEST_DAYS:
        lacks.append(f"{known.T.max():.0f} days of history of {SHORTEST_DAYS}")
    if (known.T - known.recency).min() > FRESH_DAYS:
        lacks.append(f"no order in the last {FRESH_DAYS} days")
    if known.frequency.max() < 2:
        lacks.append("nobody with three orders")
    if lacks:
        call.warn("data_quality", f"Below the usual minimum: {', '.join(lacks)}.")
    if chosen.model is None:
        call.warn(
            "baseline",
            f"There is too little history to judge a model (it takes {contest.FEWEST_KNOWN} customers before "
            "the window that is held out, and some who came back): a baseline carries the past on, and "
            "evaluation_mae is in-sample.",
        )
    if chosen.reason is not None:
        call.warn("not_fitted", f"{BG_NBD} cannot be fitted: {chosen.reason}")
    if chosen.model is None:
        return
    mae = chosen.mae.get(chosen.algorithm)
    if mae is None:
        call.warn(
            "not_judged",
            f"{chosen.algorithm} could not be judged: "
            + (
                "without transactions nothing can be held out."
                if asked.bought is None
                else "there is too little history to hold some out."
            ),
        )
    elif NAIVE in chosen.mae and mae >= chosen.mae[NAIVE]:
        call.warn(
            "naive_is_better",
            f"On the held-out window {chosen.algorithm} errs by {mae:,.2f} per customer, the past rate going "
            f"on by {chosen.mae[NAIVE]:,.2f}: do not act on the differences.",
        )
    if chosen.model.basis != asked.basis:
        call.warn(
            "basis_differs",
            f"The stored model was trained on {chosen.model.basis}, and this request's money is "
            f"{asked.basis}: values are drawn towards another mean.",
        )


def _total(found: Forecast) -> dict[str, float]:
    bounds = {
        f"{name}_{bound}": float(value)
        for name, interval in (
            ("clv", found.intervals.total_value),
            ("txns", found.intervals.total_txns),
        )
        for bound, value in interval._asdict().items()
    }
    return {
        "predicted_clv": float(found.prediction.value.sum()) + 0.0,
        "predicted_txns": float(found.prediction.txns.sum()),
        **bounds,
    }


def _dates(wait: NDArray[np.float64], today: int) -> list[datetime.date | None]:
    """Days rounded up; NaN, and what is beyond the calendar, is None."""
    last = datetime.date.max.toordinal() - today
    return [
        None if days != days or days > last else datetime.date.fromordinal(today + int(np.ceil(days)))
        for days in wait.tolist()
    ]


def _rows(customers: Any, asked: Job, found: Forecast, setting: Setting) -> Iterator[dict[str, Any]]:
    prediction, ends, writer = found.prediction, asked.ends, Writer(setting)
    tiers = value_tiers(prediction.value, setting.high, setting.medium)
    alive = [None] * len(ends) if found.p_alive is None else found.p_alive.tolist()
    columns = (
        (prediction.value + 0.0).tolist(),
        (prediction.txns + 0.0).tolist(),
        (prediction.per_order + 0.0).tolist(),
        alive,
        _dates(found.wait, asked.today),
        tiers.tolist(),
        (ends <= 0).tolist(),
        (ends < asked.horizon).tolist(),
        *(bound.tolist() for bound in found.intervals.value),
    )
    for customer, value, txns, each, p, day, rank, gone, until, low80, up80, low95, up95 in zip(
        customers, *columns, strict=True
    ):
        tier = TIERS[rank]
        yield {
            "customer_id": customer.customer_id,
            "predicted_clv": value,
            "predicted_txns": txns,
            "predicted_avg_margin": each,
            "p_alive": p,
            "expected_next_purchase_date": day,
            "algorithm_used": setting.algorithm,
            "clv_tier": tier,
            "lower_80": low80,
            "upper_80": up80,
            "lower_95": low95,
            "upper_95": up95,
            "interpretation": writer.interpretation(customer.customer_id, value, tier),
            "explanations": writer.explanations(txns, each, p, gone, customer.churn_date, until and not gone),
        }
