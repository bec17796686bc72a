"""From the request of a forecast to its answer."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call
from plugins.clv.answering.choosing import choose
from plugins.clv.answering.remarks import warn
from plugins.clv.forecast_words import Setting, Writer
from plugins.clv.forecasting import baseline
from plugins.clv.forecasting.forecaster import Forecast
from plugins.clv.forecasting.season import factor
from plugins.clv.history.histories import NEVER, Histories, histories
from plugins.clv.judging.contest import TREES
from plugins.clv.orders import read, warn_of_costs, warn_of_history, warn_of_values
from plugins.clv.tiers import HIGH_VALUE, MEDIUM_VALUE, TIERS, value_tiers
from plugins.clv.training import Job


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
    asked = _job(request, request.today or call.today, call)
    chosen = choose(asked, request.algorithms, call.models.serve(asked))
    rate = request.discount_rate_annual
    if chosen.model is None:
        forecast, mae = baseline.forecast(asked.known, asked.days, asked.ends, asked.horizon, rate)
        chosen = chosen._replace(mae={TREES: mae})
    else:
        forecast = chosen.model.forecast(chosen.algorithm, asked.known, asked.days, asked.ends, rate)
    season = 1.0 if asked.bought is None else factor(asked.bought, asked.today, asked.horizon)
    forecast = forecast.times(season)
    warn(asked, chosen, season, call)
    cuts = request.tiers
    setting = Setting(
        months=request.horizon_months,
        basis=asked.basis,
        high=HIGH_VALUE if cuts is None else cuts.high,
        medium=MEDIUM_VALUE if cuts is None else cuts.medium,
        algorithm=chosen.algorithm,
        choice=chosen.choice,
        mae=chosen.mae.get(chosen.algorithm),
        rate_annual=rate,
        lang=call.lang,
        currency=call.currency or "$",  # as the published example prints it
    )
    return {
        "best_algorithm": chosen.algorithm,
        "horizon_months": request.horizon_months,
        "evaluation_mae": dict(chosen.mae),
        "evaluation_total": dict(chosen.total),
        "monetary_basis": asked.basis,
        "interval_method": forecast.method,
        "total": _total(forecast),
        "customers": list(_rows(request.customers, asked, forecast, setting)),
        "model_info": chosen.info,
    }


def _job(request: Any, today: datetime.date, call: Call) -> Job:
    """The customers of a request, of orders or of figures; warns of what they lack."""
    customers, ordinal = request.customers, today.toordinal()
    end = horizon_end(today, request.horizon_months)
    if end is None:
        raise ValueError("a horizon ends within the calendar")
    horizon = end.toordinal() - ordinal
    dates = [customer.churn_date for customer in customers]
    gone = np.array([NEVER if date is None else date.toordinal() for date in dates], dtype=np.int64)
    if customers[0].transactions is not None:
        orders = read(customers)
        known = histories(orders.bought, ordinal)
        warn_of_history(call, int(known.T.max()))
        warn_of_costs(call, orders, "predicted values are")
        warn_of_values(call, known.monetary_value)
        return Job(known, orders.bought, gone, ordinal, horizon, orders.basis)
    columns = [
        np.array([getattr(customer, name) for customer in customers], dtype=float)
        for name in ("frequency", "recency", "T", "monetary_value")
    ]
    known = Histories(np.arange(len(customers)), columns[0].astype(np.int64), *columns[1:])
    churned = [bool(customer.churned) for customer in customers]
    gone = np.where(churned, np.minimum(gone, ordinal), gone)
    warn_of_history(call, int(known.T.max()))
    warn_of_values(call, known.monetary_value)
    return Job(known, None, gone, ordinal, horizon, request.monetary_basis or "revenue")


def _total(forecast: Forecast) -> dict[str, float]:
    bounds = {
        f"{name}_{bound}": float(value)
        for name, interval in (
            ("clv", forecast.intervals.total_value),
            ("txns", forecast.intervals.total_txns),
        )
        for bound, value in interval._asdict().items()
    }
    return {
        "predicted_clv": float(forecast.prediction.value.sum()) + 0.0,
        "predicted_txns": float(forecast.prediction.txns.sum()),
        **bounds,
    }


def _dates(wait: NDArray[np.float64], today: int) -> list[datetime.date | None]:
    """The days on which waits end, rounded up; None for NaN, and beyond the calendar."""
    last = datetime.date.max.toordinal() - today
    return [
        None if days != days or days > last else datetime.date.fromordinal(today + int(np.ceil(days)))
        for days in wait.tolist()
    ]


def _rows(customers: Any, asked: Job, forecast: Forecast, setting: Setting) -> Iterator[dict[str, Any]]:
    prediction, ends, writer = forecast.prediction, asked.ends, Writer(setting)
    tiers = value_tiers(prediction.value, setting.high, setting.medium)
    alive = [None] * len(ends) if forecast.p_alive is None else forecast.p_alive.tolist()
    columns = (
        (prediction.value + 0.0).tolist(),
        (prediction.txns + 0.0).tolist(),
        (prediction.per_order + 0.0).tolist(),
        alive,
        _dates(forecast.wait, asked.today),
        tiers.tolist(),
        (ends <= 0).tolist(),
        ((ends > 0) & (ends < asked.horizon)).tolist(),
        np.where(ends > 0, asked.known.T - asked.known.recency, np.inf).tolist(),
    )
    bounds = zip(*(bound.tolist() for bound in forecast.intervals.value), strict=True)
    for customer, (value, txns, each, p, day, rank, gone, leaves, idle), interval in zip(
        customers, zip(*columns, strict=True), bounds, strict=True
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
            **dict(zip(forecast.intervals.value._fields, interval, strict=True)),
            "interpretation": writer.interpretation(customer.customer_id, value, tier, idle),
            "explanations": writer.explanations(txns, each, p, gone, customer.churn_date, leaves),
        }
