"""What should this product cost? Demand is learned from its daily sales and computed for every candidate
price. The price that earns most within your guardrails wins.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Parameter
from abintel.faults import shown
from abintel.problem import Fault, bad_body, bad_parameter
from abintel.progress import report
from plugins.pricing.choice import Choice, Guardrails, choose, lowest
from plugins.pricing.demand import contest
from plugins.pricing.design import Sales, design, last_price, merged
from plugins.pricing.history import FEWEST_ROWS, SEGMENT, context_faults, row_faults, sales, text
from plugins.pricing.priced import Priced
from plugins.pricing.rhythm import prices_follow_demand
from plugins.pricing.schemas import PricingAnswer, PricingRequest
from plugins.pricing.warnings import WARNINGS, warn
from plugins.pricing.words import TEXTS, Told, interpret

MIN_MARGIN = "X-Min-Margin-Pct"


def check(request: PricingRequest, call: Call) -> Iterator[Fault]:
    _min_margin(call.headers)
    rows: Any = request.historical  # rows with free columns are decoded as dicts
    yield from row_faults(rows, call)
    yield from context_faults(rows, request.context_current or {})
    yield from duplicates(request.candidate_prices, "candidate_prices", thing="price")


def handle(request: PricingRequest, call: Call) -> dict[str, Any]:
    history = _history(request, call)
    priced = _priced(request, history, Guardrails(_min_margin(call.headers), request.max_discount_pct))
    warn(call, priced, request)
    return {
        "best_price": request.candidate_prices[priced.choice.ranked[0]],
        "outcomes": _outcomes(priced),
        "model_info": {
            "algorithm": priced.contest.algorithm,
            "mape": round(priced.contest.error, 4),
            "train_rows": len(history.price),
            "hold_out_rows": priced.contest.held_out,
            "sold_out_rows": int(priced.design.sold_out.sum()),
            "cadence": priced.design.step,
            "candidates": [
                {"algorithm": name, "mape": round(error, 4)} for name, error in priced.contest.candidates
            ],
        },
        "elasticity": None if priced.elasticity is None else priced.elasticity._asdict(),
        "interpretation": interpret(_told(request, history, priced), call.lang, call.currency),
    }


def _priced(request: PricingRequest, history: Sales, rails: Guardrails) -> Priced:
    """Demand at every candidate price, and the candidates that may win.

    Raises:
        Problem: 400 if the guardrails exclude every candidate.
    """
    columns = design(history, _now(request), logs=("competitor_price", "inventory_level"))
    fitted = contest.fit(columns, done=report)
    effect = fitted.demand.line.elasticity
    prices = np.array(request.candidate_prices, dtype=float)
    units = fitted.demand.curve(prices)
    revenue, profit = prices * units, (prices - request.cost_per_unit) * units
    last = last_price(history)
    choice = choose(
        prices,
        profit if request.optimize_for == "profit" else revenue,
        (float(history.price.min()), float(history.price.max())),
        request.cost_per_unit,
        last,
        rails,
        request.allow_extrapolation,
    )
    if not choice.ranked:
        raise bad_body([Fault("/candidate_prices", _refusal(request.cost_per_unit, last, rails, choice))])
    follows = prices_follow_demand(columns.day, columns.price, fitted.demand.at_one_price())
    return Priced(columns, fitted, effect, prices, units, revenue, profit, choice, follows)


def _min_margin(headers: Mapping[str, str]) -> float | None:
    """The header of section 4.2.8, a fraction.

    Raises:
        Problem: 400 for anything else.
    """
    sent = headers.get(MIN_MARGIN.lower())
    if sent is None:
        return None
    try:
        margin = float(sent)
    except ValueError:
        margin = -1.0
    if not 0 <= margin < 1:
        message = f"a fraction of the price from 0 to less than 1, such as 0.25; got {shown(sent)}."
        raise bad_parameter(MIN_MARGIN, message)
    return margin


def _history(request: PricingRequest, call: Call) -> Sales:
    """The sales by day; equal rows are merged.

    Raises:
        Problem: 400 if too few rows are left.
    """
    rows: Any = request.historical  # rows with free columns are decoded as dicts
    history = merged(sales(rows))
    duplicates = len(rows) - len(history.price)
    if len(history.price) < FEWEST_ROWS:
        message = (
            f"Rows that differ in nothing but units_sold count as one: {len(history.price)} are left; "
            f"send {FEWEST_ROWS} or more."
        )
        raise bad_body([Fault("/historical", message)])
    if duplicates:
        words = TEXTS[call.lang]
        call.warn(
            "duplicates_merged",
            words.say("warning.duplicates_merged", some=duplicates, all=len(rows)),
        )
    return history


def _now(request: PricingRequest) -> dict[str, float | str | None]:
    """The columns whose values on the days to price are sent."""
    rows: Any = request.historical
    now: dict[str, float | str | None] = {
        "competitor_price": request.competitor_price_current,
        "inventory_level": request.inventory_level_current,
    }
    for name, value in (request.context_current or {}).items():
        texts = any(isinstance(row.get(name), str) for row in rows)
        now[name] = text(value) if texts else value
    for name, value in (request.segment_current or {}).items():
        now[SEGMENT + name] = text(value)
    return now


def _refusal(cost: float, last: float, rails: Guardrails, choice: Choice) -> str:
    """Why no candidate price is allowed."""
    margin, discount = lowest(cost, last, rails)
    reasons = []
    if margin is not None and choice.low_margin.any():
        reasons.append(
            f"the minimum margin of {rails.margin:g} (at a cost of {cost:g}, {margin:.2f} or more)"
        )
    if discount is not None and choice.deep_discount.any():
        reasons.append(
            f"max_discount_pct of {rails.discount:g} (the last price is {last:g}: {discount:.2f} or more)"
        )
    return f"No candidate keeps {' and '.join(reasons)}; send higher prices."


def _outcomes(priced: Priced) -> list[dict[str, Any]]:
    demand, choice = priced.contest.demand, priced.choice
    bounds_80, bounds_95 = demand.interval(priced.units, 0.80), demand.interval(priced.units, 0.95)
    figures = (priced.units, priced.revenue, priced.profit, *bounds_80, *bounds_95)
    keys = (
        *("candidate_price", "expected_units", "expected_revenue", "expected_profit"),
        *("lower_80", "upper_80", "lower_95", "upper_95"),
    )
    columns = [priced.prices, *(np.round(column, 2) + 0.0 for column in figures)]
    outcomes = [dict(zip(keys, row, strict=True)) for row in np.column_stack(columns).tolist()]
    for number, outcome in enumerate(outcomes):
        if choice.extrapolated[number]:
            outcome["extrapolated"] = True
        if choice.low_margin[number] or choice.deep_discount[number]:
            outcome["excluded"] = "min_margin" if choice.low_margin[number] else "max_discount"
    return outcomes


def _told(request: PricingRequest, history: Sales, priced: Priced) -> Told:
    """What the sentence says."""
    best, *others = priced.choice.ranked
    earned = priced.profit if request.optimize_for == "profit" else priced.revenue
    competitor = request.competitor_price_current
    in_history = history.numbers.get("competitor_price")
    if competitor is None and in_history is not None:
        competitor = float(in_history[~np.isnan(in_history)][-1])
    return Told(
        price=float(priced.prices[best]),
        profit=request.optimize_for == "profit",
        earned=float(earned[best]),
        next_price=float(priced.prices[others[0]]) if others else None,
        next_earned=float(earned[others[0]]) if others else None,
        competitor=competitor,
        competitor_now=request.competitor_price_current is not None,
        inventory=request.inventory_level_current,
        step=priced.design.step,
        sure=not (priced.no_effect or priced.follows),
        loses=priced.loses,
        outside=priced.outside,
    )


def _day(number: int, price: float, units: int, rival: float, stock: int, channel: str) -> dict[str, Any]:
    date = datetime.date(2025, 3, 1) + datetime.timedelta(days=number)
    return {
        "date": date.isoformat(),
        "price": price,
        "units_sold": units,
        "competitor_price": rival,
        "inventory_level": stock,
        "segment": {"channel": channel, "country": "BR"},
    }


_DAYS = (
    *((99.0, 38, 95.0, 180, "web"), (99.0, 41, 96.0, 170, "web"), (89.0, 55, 95.0, 165, "web")),
    *((89.0, 52, 94.0, 150, "mobile"), (79.0, 78, 95.0, 240, "web"), (79.0, 81, 96.0, 210, "mobile")),
    *((99.0, 43, 99.0, 190, "web"), (109.0, 28, 101.0, 180, "store"), (109.0, 27, 102.0, 210, "store")),
    *((109.0, 25, 103.0, 200, "store"), (89.0, 58, 97.0, 170, "mobile"), (99.0, 40, 95.0, 150, "mobile")),
)
_BODY: dict[str, Any] = {
    "product_id": "SKU-123",
    "cost_per_unit": 50.0,
    "optimize_for": "profit",
    "candidate_prices": [79.0, 89.0, 99.0, 109.0],
    "historical": [_day(number, *row) for number, row in enumerate(_DAYS)],
    "competitor_price_current": 94.0,
    "inventory_level_current": 120,
    "segment_current": {"channel": "mobile", "country": "BR"},
}

ENDPOINT = Endpoint(
    name="dynamic_pricing_recommend",
    summary="Which price earns most: demand learned from daily sales, tried on every candidate price.",
    request=PricingRequest,
    response=PricingAnswer,
    handle=handle,
    check=check,
    headers=(
        Parameter(
            MIN_MARGIN,
            "Least margin, (price − cost) / price, that a price must keep to win; a fraction.",
            {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        ),
    ),
    writes_words=True,
    warnings=WARNINGS,
    chart=lazy("plugins.pricing.charts", "price"),
    examples={
        "profit": _BODY,
        "revenue": {
            **_BODY,
            "optimize_for": "revenue",
            "candidate_prices": [69.0, 79.0, 89.0],
            "max_discount_pct": 0.25,
        },
    },
)
