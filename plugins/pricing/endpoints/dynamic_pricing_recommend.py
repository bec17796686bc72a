"""What should this product cost? Demand is learned from its daily sales, every candidate price is tried on
it, and the one that earns most within your guardrails wins.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Parameter
from abintel.faults import shown
from abintel.fields import Amount, Body, Count, FeatureValue, Identifier, Share
from abintel.problem import Fault, bad_body, bad_parameter
from abintel.progress import report
from plugins.pricing import demand, elasticity
from plugins.pricing.choice import Choice, Guardrails, choose, lowest
from plugins.pricing.demand import Demand
from plugins.pricing.design import Design, Sales, design, last_price, merged
from plugins.pricing.elasticity import Elasticity
from plugins.pricing.history import (
    FEWEST_ROWS,
    SEGMENT,
    Price,
    PricingDay,
    Segment,
    context_faults,
    row_faults,
    sales,
    text,
)
from plugins.pricing.words import Told, interpret

MIN_MARGIN = "X-Min-Margin-Pct"
MOST_ERROR = 0.2
"""The document asks for more history above this."""
FEWEST_HELD_OUT = 8


class PricingRequest(Body):
    """A product's daily sales, and the prices to choose from."""

    product_id: Identifier = Field(description="Your key of the product.")
    cost_per_unit: Amount = Field(description="Landed cost of a unit; 0 to maximise revenue of old stock.")
    optimize_for: Literal["profit", "revenue"] = Field(description="What to maximise.")
    candidate_prices: Annotated[list[Price], Field(min_length=1, max_length=1000)] = Field(
        description="Prices to choose from, each once; 4 to 8 near the present one serve best."
    )
    historical: Annotated[list[PricingDay], Field(min_length=FEWEST_ROWS)] = Field(
        description="Sales by day, at two prices or more, in any order."
    )
    competitor_price_current: Amount | None = Field(
        None, description="The rival's price now; the last one in `historical` if absent."
    )
    inventory_level_current: Count | None = Field(
        None, description="Units in stock now; as it was last if absent."
    )
    segment_current: Segment | None = Field(
        None, description="Channel, country and the like to price for; as it was last if absent."
    )
    context_current: dict[Identifier, FeatureValue] | None = Field(
        None,
        description="Further columns of `historical` (promo, weather) on the days to price; else as last.",
    )
    max_discount_pct: Share | None = Field(
        None, description="How far under the last price a price may be, as a fraction of it."
    )
    allow_extrapolation: bool = Field(
        False, description="Whether a price outside those in `historical` may win."
    )


class PricingOutcome(BaseModel):
    """What a price would bring on a day, the weekdays alike."""

    candidate_price: float = Field(description="As sent.")
    expected_units: float = Field(description="Expected units per day.")
    expected_revenue: float = Field(description="Price × units.")
    expected_profit: float = Field(description="(Price − cost) × units.")
    lower_80: float = Field(description="Units that a day exceeds 9 times in 10.")
    upper_80: float = Field(description="Units that a day stays under 9 times in 10.")
    lower_95: float = Field(description="Lower bound of the 95 % interval of a day's units.")
    upper_95: float = Field(description="Upper bound of the 95 % interval of a day's units.")
    extrapolated: bool | None = Field(None, description="True if the price is outside those in `historical`.")
    excluded: Literal["min_margin", "max_discount"] | None = Field(
        None, description="The guardrail that keeps the price from winning, if one does."
    )


class PricingCandidateModel(BaseModel):
    """A learner that competed."""

    algorithm: str = Field(description="Its name.")
    mape: float = Field(description="Its mean absolute percentage error on the hold-out, as a fraction.")


class PricingModelInfo(BaseModel):
    """The model of demand."""

    algorithm: str = Field(description="The learner with the least error on the last 25 % of the days.")
    mape: float = Field(description="That error, as a fraction; a day without a sale counts as one unit.")
    train_rows: int = Field(description="Rows that the winner is fitted on in the end: all.")
    hold_out_rows: int = Field(description="Rows of the last 25 % of the days.")
    candidates: list[PricingCandidateModel] = Field(description="Every learner.")


class PriceElasticity(BaseModel):
    """Percent of demand per percent of price."""

    value: float = Field(description="The estimate: −2 means 2 % less demand for a price 1 % higher.")
    lower_95: float = Field(description="Lower bound of its 95 % interval.")
    upper_95: float = Field(description="Upper bound of its 95 % interval.")


class PricingAnswer(Answer):
    """The price that earns most, and what every candidate would bring."""

    best_price: float = Field(description="The winner.")
    outcomes: list[PricingOutcome] = Field(description="One per candidate, in request order.")
    model_info: PricingModelInfo = Field(description="How demand was learned.")
    elasticity: PriceElasticity | None = Field(
        description="How demand answers to the price; null where the history does not tell it."
    )
    interpretation: str = Field(description="The recommendation as a sentence.")


def check(request: PricingRequest, call: Call) -> Iterator[Fault]:
    _min_margin(call.headers)
    rows: Any = request.historical  # open rows come as dicts
    yield from row_faults(rows, call)
    yield from context_faults(rows, request.context_current or {})
    yield from duplicates(request.candidate_prices, "candidate_prices", thing="price")


def handle(request: PricingRequest, call: Call) -> dict[str, Any]:
    rails = Guardrails(_min_margin(call.headers), request.max_discount_pct)
    history = _history(request, call)
    laid_out = design(history, _now(request), logs=("competitor_price", "inventory_level"))
    fitted = demand.fit(laid_out, done=report)
    response = elasticity.estimate(laid_out.price, laid_out.units, laid_out.controls)
    prices = np.array(request.candidate_prices, dtype=float)
    units = fitted.curve(prices, 0.0 if response is None else response.value)
    revenue, profit = prices * units, (prices - request.cost_per_unit) * units
    earned = profit if request.optimize_for == "profit" else revenue
    last = last_price(history)
    observed = float(history.price.min()), float(history.price.max())
    choice = choose(prices, earned, observed, request.cost_per_unit, last, rails, request.allow_extrapolation)
    if not choice.ranked:
        raise bad_body([Fault("/candidate_prices", _refusal(request.cost_per_unit, last, rails, choice))])
    _warn(call, request, fitted, laid_out, response, choice, units)
    return {
        "best_price": request.candidate_prices[choice.ranked[0]],
        "outcomes": _outcomes(fitted, choice, prices, units, revenue, profit),
        "model_info": {
            "algorithm": fitted.algorithm,
            "mape": round(dict(fitted.candidates)[fitted.algorithm], 4),
            "train_rows": len(history.price),
            "hold_out_rows": fitted.held_out,
            "candidates": [{"algorithm": name, "mape": round(error, 4)} for name, error in fitted.candidates],
        },
        "elasticity": None if response is None else response._asdict(),
        "interpretation": interpret(
            _told(request, history, choice, prices, earned), call.lang, call.currency
        ),
    }


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
    """The sales by day.

    Raises:
        Problem: 400 where rows of one day and price leave too few.
    """
    rows: Any = request.historical
    history = merged(sales(rows))
    double = len(rows) - len(history.price)
    if len(history.price) < FEWEST_ROWS:
        message = (
            f"Rows that differ in nothing but units_sold count as one: {len(history.price)} are left; "
            f"send {FEWEST_ROWS} or more."
        )
        raise bad_body([Fault("/historical", message)])
    if double:
        call.warn(
            "duplicates_merged",
            f"{double} of {len(rows)} rows differ from another in nothing but units_sold; units add up.",
        )
    return history


def _now(request: PricingRequest) -> dict[str, float | str | None]:
    """What is known of the days to price."""
    now: dict[str, float | str | None] = {
        "competitor_price": request.competitor_price_current,
        "inventory_level": request.inventory_level_current,
    }
    for name, value in (request.context_current or {}).items():
        texts = any(isinstance(row.get(name), str) for row in _rows(request))
        now[name] = text(value) if texts else value
    for name, value in (request.segment_current or {}).items():
        now[SEGMENT + name] = text(value)
    return now


def _rows(request: PricingRequest) -> Any:
    return request.historical


def _refusal(cost: float, last: float, rails: Guardrails, choice: Choice) -> str:
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


def _outcomes(
    fitted: Demand, choice: Choice, prices: Any, units: Any, revenue: Any, profit: Any
) -> list[dict[str, Any]]:
    bounds = (*fitted.interval(units, 0.80), *fitted.interval(units, 0.95))
    keys = (
        *("candidate_price", "expected_units", "expected_revenue", "expected_profit"),
        *("lower_80", "upper_80", "lower_95", "upper_95"),
    )
    columns = [prices, *(np.round(column, 2) + 0.0 for column in (units, revenue, profit, *bounds))]
    outcomes = [dict(zip(keys, row, strict=True)) for row in np.column_stack(columns).tolist()]
    for place, outcome in enumerate(outcomes):
        if choice.extrapolated[place]:
            outcome["extrapolated"] = True
        if choice.low_margin[place] or choice.deep_discount[place]:
            outcome["excluded"] = "min_margin" if choice.low_margin[place] else "max_discount"
    return outcomes


def _told(request: PricingRequest, history: Sales, choice: Choice, prices: Any, earned: Any) -> Told:
    best, *others = choice.ranked
    seen = history.numbers.get("competitor_price")
    sent = request.competitor_price_current
    last_seen = None if seen is None else float(seen[~np.isnan(seen)][-1])
    return Told(
        price=float(prices[best]),
        profit=request.optimize_for == "profit",
        earned=float(earned[best]),
        next_price=float(prices[others[0]]) if others else None,
        next_earned=float(earned[others[0]]) if others else None,
        competitor=last_seen if sent is None else sent,
        competitor_now=sent is not None,
        inventory=request.inventory_level_current,
    )


def _warn(
    call: Call,
    request: PricingRequest,
    fitted: Demand,
    laid_out: Design,
    response: Elasticity | None,
    choice: Choice,
    units: Any,
) -> None:
    best = choice.ranked[0]
    if choice.extrapolated[best]:
        low, high = laid_out.price.min(), laid_out.price.max()
        call.warn(
            "extrapolated",
            f"The best price lies outside the prices of the history, {low:g} to {high:g}: "
            "its demand is a guess from the elasticity.",
        )
    if fitted.held_out < FEWEST_HELD_OUT:
        call.warn(
            "small_sample",
            f"The error is measured on {fitted.held_out} rows; {FEWEST_HELD_OUT} or more tell something.",
        )
    error = dict(fitted.candidates)[fitted.algorithm]
    if error > MOST_ERROR:
        call.warn(
            "low_accuracy",
            f"The forecast of the last days was off by {error:.0%} on average; send more history.",
        )
    if response is None or response.upper_95 >= 0:
        call.warn("no_price_effect", "The history does not show that demand falls when the price rises.")
    if laid_out.unseen:
        call.warn(
            "unseen_category",
            f"Never seen in the history, and priced like all others: now's {', '.join(laid_out.unseen)}.",
        )
    stock = request.inventory_level_current
    if stock is not None and units[best] > stock:
        call.warn(
            "stock_limit",
            f"A day's demand at the best price, {units[best]:.0f} units, exceeds the stock of {stock}: "
            "a higher price may earn more.",
        )


def _day(place: int, price: float, units: int, rival: float, stock: int, channel: str) -> dict[str, Any]:
    date = datetime.date(2025, 3, 1) + datetime.timedelta(days=place)
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
    "historical": [_day(place, *row) for place, row in enumerate(_DAYS)],
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
    warnings={
        "duplicates_merged": "Rows differ in nothing but units_sold; their units were added up.",
        "extrapolated": "The best price lies outside the prices of the history.",
        "small_sample": "The error is measured on fewer than 8 rows.",
        "low_accuracy": "The forecasts of the last days were off by more than 20 %.",
        "no_price_effect": "The history does not show that demand falls when the price rises.",
        "unseen_category": "A segment or category of now is not in the history.",
        "stock_limit": "A day's demand at the best price exceeds the stock.",
    },
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
