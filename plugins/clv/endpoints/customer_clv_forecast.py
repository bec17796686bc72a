"""What will each customer bring? Send every order: the better of two models on your own data (BG/NBD with
Gamma-Gamma, or gradient-boosted trees) forecasts the purchases and the money of the months to come, with
intervals, for each customer and for all together. What was learned serves 30 days, also for single customers.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Body, Count, Day, Identifier, Integer, Number
from abintel.problem import Fault, pointer
from plugins.clv.answering import answering, remarks
from plugins.clv.endpoints.examples import CUSTOMERS
from plugins.clv.forecasting.forecaster import IntervalMethod
from plugins.clv.orders import ClvTransaction
from plugins.clv.tiers import HIGH_VALUE, MEDIUM_VALUE, Tier
from plugins.clv.training import TRAINABLE
from plugins.shared.orders import future_transactions

FIGURES = ("frequency", "recency", "T", "monetary_value")
Algorithm = Literal["BG_NBD_GG", "MBG_NBD_GG", "Pareto_NBD_GG", "GradientBoosting"]
Days = Annotated[float, Field(ge=0, le=4_000_000)]


class ClvForecastCustomer(Body):
    """A customer, by orders or by the four figures that `customer_clv_features` answers."""

    customer_id: Identifier = Field(description="Your key of the customer, unique in the request.")
    transactions: Annotated[list[ClvTransaction], Field(min_length=1)] | None = Field(
        None, description="The whole history; 12 to 24 months serve best. Needed unless the figures are sent."
    )
    churn_date: Day | None = Field(
        None, description="Known day of cancellation; nothing is forecast from then on. May be after today."
    )
    frequency: Count | None = Field(
        None, description="Repeat purchases; the four figures serve customers without `transactions`."
    )
    recency: Days | None = Field(None, description="Days from the first purchase to the last.")
    T: Days | None = Field(None, description="Days from the first purchase to today.")
    monetary_value: Number | None = Field(None, description="Mean value of the repeat purchases.")
    churned: bool | None = Field(
        None, description="With the figures: true forecasts nothing, as a past `churn_date` does."
    )


class ClvTierCuts(Body):
    """Lower bounds of the tiers."""

    high: Number = Field(HIGH_VALUE, description="Predicted value from which on a customer is High.")
    medium: Number = Field(MEDIUM_VALUE, description="The same of Medium; below it is Low.")


class ClvForecastRequest(Body):
    """Customers and a horizon."""

    horizon_months: Annotated[Integer, Field(ge=1, le=60)] = Field(
        description="Calendar months from `today` to forecast."
    )
    today: Day | None = Field(
        None, description="Last day of the histories; the server's date (UTC) if absent."
    )
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] | None = Field(
        None, description="Name one to get its answer even if another errs less; all compete if absent."
    )
    discount_rate_annual: Annotated[float, Field(ge=0, le=10)] = Field(
        0.0, description="0.1 discounts later value by 10 % a year; 0 does not discount."
    )
    tiers: ClvTierCuts | None = Field(None, description="Cut-offs of `clv_tier`; 1000 and 300 if absent.")
    monetary_basis: Literal["margin", "revenue"] | None = Field(
        None, description="With the figures: what `monetary_value` means; revenue if absent."
    )
    customers: Annotated[list[ClvForecastCustomer], Field(min_length=1)] = Field(
        description="The customers, each once; all by orders, or all by the four figures."
    )


class ClvForecastExplanations(BaseModel):
    """A sentence on each figure of the forecast."""

    predicted_clv: str = Field(description="What the value is of.")
    predicted_txns: str = Field(description="On the orders and their value.")
    p_alive: str = Field(description="On whether the customer is still one.")
    algorithm_used: str = Field(description="Why this algorithm.")
    clv_tier: str = Field(description="The cut-offs of the tiers.")


class ClvForecastRow(BaseModel):
    """A customer's forecast."""

    customer_id: str = Field(description="As sent.")
    predicted_clv: float = Field(description="Expected value within the horizon, discounted if asked for.")
    predicted_txns: float = Field(description="Expected orders, a mean and so fractional.")
    predicted_avg_margin: float = Field(description="Expected value of an order, in `monetary_basis`.")
    p_alive: float | None = Field(
        ge=0,
        le=1,
        description="Probability of still being a customer; BG/NBD knows no one-time buyer who left, so "
        "that MBG/NBD gives it there; null where no model of purchases was fitted.",
    )
    expected_next_purchase_date: datetime.date | None = Field(
        description="Day by which the next purchase is more likely made than not; null where that is never, "
        "after the customer's leaving, or more than five years off."
    )
    algorithm_used: Algorithm = Field(description="Equal to `best_algorithm`.")
    clv_tier: Tier = Field(description="By predicted value; never translated.")
    lower_80: float = Field(description="Value that 90 of 100 such customers exceed, at most the prediction.")
    upper_80: float = Field(description="Value that 10 of 100 exceed, at least the prediction.")
    lower_95: float = Field(description="The same, 97.5 of 100.")
    upper_95: float = Field(description="The same, 2.5 of 100.")
    interpretation: str = Field(description="The forecast as a sentence, and what to do.")
    explanations: ClvForecastExplanations = Field(description="The same, figure by figure.")


class ClvForecastTotal(BaseModel):
    """All customers together; bounds hold the doubt about the model, which the sum of theirs does not."""

    predicted_clv: float = Field(description="Sum of the customers'.")
    predicted_txns: float = Field(description="Sum of the customers' expected orders.")
    clv_lower_80: float = Field(description="Lower bound of the total value, 80 %.")
    clv_upper_80: float = Field(description="Upper bound of the total value, 80 %.")
    clv_lower_95: float = Field(description="Lower bound of the total value, 95 %.")
    clv_upper_95: float = Field(description="Upper bound of the total value, 95 %.")
    txns_lower_80: float = Field(description="Lower bound of the total of orders, 80 %.")
    txns_upper_80: float = Field(description="Upper bound of the total of orders, 80 %.")
    txns_lower_95: float = Field(description="Lower bound of the total of orders, 95 %.")
    txns_upper_95: float = Field(description="Upper bound of the total of orders, 95 %.")


class ClvBgNbd(BaseModel):
    """BG/NBD or MBG/NBD as fitted."""

    r: float = Field(description="Shape of the purchase rates.")
    alpha: float = Field(description="Rate of the purchase rates, in days.")
    a: float = Field(description="First parameter of the dropout probabilities.")
    b: float = Field(description="Second parameter of the dropout probabilities.")
    alpha_weeks: float = Field(description="`alpha` in weeks, as the literature prints it.")
    log_likelihood: float = Field(description="At the maximum, times in days.")
    at_bound: bool = Field(description="Whether the maximum lies at the edge: parameters then mean little.")


class ClvParetoNbd(BaseModel):
    """Pareto/NBD as fitted."""

    r: float = Field(description="Shape of the purchase rates.")
    alpha: float = Field(description="Rate of the purchase rates, in days.")
    s: float = Field(description="Shape of the rates of leaving.")
    beta: float = Field(description="Rate of the rates of leaving, in days.")
    alpha_weeks: float = Field(description="`alpha` in weeks, as the literature prints it.")
    log_likelihood: float = Field(description="At the maximum, times in days.")
    at_bound: bool = Field(description="Whether the maximum lies at the edge: parameters then mean little.")


class ClvGammaGamma(BaseModel):
    """Gamma-Gamma as fitted."""

    p: float = Field(description="Shape of the orders' values.")
    q: float = Field(description="Shape of the customers' rates.")
    v: float = Field(description="Rate of the customers' rates, in currency.")
    log_likelihood: float = Field(description="At the maximum.")


class ClvModelInfo(BaseModel):
    """What answered, and how good it is; a key that says nothing is absent."""

    note: str | None = Field(None, description="Why there is no stored model, or a remark on it.")
    train_rows: int | None = Field(None, description="Customers that it was fitted on.")
    held_out_days: int | None = Field(
        None, description="Length of the window that the models were judged on."
    )
    held_out_customers: int | None = Field(None, description="Customers known before that window.")
    held_out_auc: float | None = Field(
        None, description="How well the best model ranks who bought in the window: ROC-AUC, 0.5 is chance."
    )
    bg_nbd: ClvBgNbd | None = Field(None, description="Parameters; null or absent where it was not fitted.")
    mbg_nbd: ClvBgNbd | None = Field(None, description="The same of MBG/NBD.")
    pareto_nbd: ClvParetoNbd | None = Field(None, description="The same of Pareto/NBD.")
    gamma_gamma: ClvGammaGamma | None = Field(None, description="The same of the model of the money.")
    cached: bool | None = Field(None, description="Whether the model was there before this request.")
    model_version: str | None = Field(None, description="Version in the model registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it is no longer served, UTC.")
    registry: str | None = Field(None, description="State of the model registry, if it is not well.")


class ClvForecastAnswer(Answer):
    """The forecast of every customer, of all together, and the model behind them."""

    best_algorithm: Algorithm = Field(
        description="The one that answered: best on customers and on their total, or as requested."
    )
    horizon_months: int = Field(description="As sent.")
    evaluation_mae: dict[str, float] = Field(
        description="Mean absolute error of value on the held-out window, by algorithm, a model's total "
        "brought to the true one (else the one that promises too little errs least); `Naive` is the past "
        "rate going on. Of the baseline it is in-sample. Empty where nothing could be judged."
    )
    evaluation_total: dict[str, float] = Field(
        description="By how much the predicted total of the held-out window missed the true one, by "
        "algorithm: −0.1 for 10 % too little. Empty where nothing could be judged or nothing was bought."
    )
    monetary_basis: Literal["margin", "revenue"] = Field(
        description="What values mean: margin if every order has a cost, else revenue."
    )
    interval_method: IntervalMethod = Field(
        description="`simulation` from the fitted model, `residuals` of the held-out window, or `poisson` "
        "around the baseline."
    )
    total: ClvForecastTotal = Field(description="All customers together.")
    customers: list[ClvForecastRow] = Field(description="One row per customer, in request order.")
    model_info: ClvModelInfo = Field(description="The model that answered.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
    by_figures = request.customers[0].transactions is None
    for i, customer in enumerate(request.customers):
        if by_figures:
            yield from _figure_faults(customer, i)
        elif customer.transactions is None:
            yield Fault(
                pointer("customers", i, "transactions"),
                "Required, as customers[0] has them: send transactions of all customers or of none.",
            )
    if by_figures and request.algorithms is not None and set(request.algorithms) == {"GradientBoosting"}:
        yield Fault(
            "/algorithms", "GradientBoosting learns from transactions; send them, or let BG_NBD_GG answer."
        )
    if not by_figures and all(customer.transactions is not None for customer in request.customers):
        yield from future_transactions(request, call)
    if request.tiers is not None and request.tiers.high <= request.tiers.medium:
        yield Fault(
            pointer("tiers", "high"),
            f"{shown(request.tiers.high)} is not above the lower bound of Medium, "
            f"{shown(request.tiers.medium)}; send a high one above it.",
        )
    if answering.horizon_end(request.today or call.today, request.horizon_months) is None:
        yield Fault(
            "/today", f"{request.horizon_months} months after {request.today} are beyond the year 9999."
        )


def _figure_faults(customer: Any, i: int) -> Iterator[Fault]:
    lacking = [name for name in FIGURES if getattr(customer, name) is None]
    if len(lacking) == len(FIGURES):
        yield Fault(
            pointer("customers", i, "transactions"),
            "Required, and missing; send transactions, or the four figures of customer_clv_features.",
        )
        return
    for name in lacking:
        yield Fault(pointer("customers", i, name), "Required where there are no transactions, and missing.")
    if lacking:
        return
    if customer.recency > customer.T:
        yield Fault(
            pointer("customers", i, "recency"),
            f"{shown(customer.recency)} is more than T, {shown(customer.T)}; "
            "both count from the first purchase.",
        )
    elif customer.frequency == 0 and customer.recency > 0:
        yield Fault(
            pointer("customers", i, "recency"),
            f"{shown(customer.recency)} without a repeat purchase; recency counts from the first purchase to "
            "the last, so send 0.",
        )
    elif customer.frequency > 0 and customer.recency == 0:
        yield Fault(
            pointer("customers", i, "recency"),
            f"0 with a frequency of {customer.frequency}: a repeat purchase falls on a later day than the "
            "first. Recency is the days from the first order to the last, and frequency counts days.",
        )
    elif customer.frequency > customer.recency + 1:
        yield Fault(
            pointer("customers", i, "frequency"),
            f"{customer.frequency} days with an order after the first, within the {shown(customer.recency)} "
            "days of recency. Recency is the days from the first order to the last (not since the last), and "
            "frequency counts days.",
        )


ENDPOINT = Endpoint(
    name="customer_clv_forecast",
    summary="What each customer, and all together, will bring in the months to come, with intervals.",
    request=ClvForecastRequest,
    response=ClvForecastAnswer,
    handle=answering.handle,
    check=check,
    trainable=TRAINABLE,
    writes_words=True,
    warnings=remarks.WARNINGS,
    chart=lazy("plugins.clv.charts", "forecast"),
    examples={
        "baseline": {
            "horizon_months": 6,
            "today": "2025-04-24",
            "customers": [
                {
                    "customer_id": "C-1001",
                    "transactions": [
                        {"date": "2024-01-15", "amount": 250, "cost": 140},
                        {"date": "2024-05-10", "amount": 480, "cost": 270},
                    ],
                },
                {
                    "customer_id": "C-1002",
                    "transactions": [
                        {"date": "2024-02-20", "amount": 350, "cost": 220},
                        {"date": "2024-06-18", "amount": 500, "cost": 320},
                    ],
                },
            ],
        },
        "train_and_forecast": {
            "horizon_months": 12,
            "today": "2025-04-24",
            "discount_rate_annual": 0.1,
            "tiers": {"high": 800, "medium": 200},
            "customers": CUSTOMERS,
        },
        "figures": {
            "horizon_months": 12,
            "today": "2025-04-24",
            "customers": [
                {
                    "customer_id": "C-1001",
                    "frequency": 3,
                    "recency": 402.0,
                    "T": 465.0,
                    "monetary_value": 202.0,
                },
                {
                    "customer_id": "C-1002",
                    "frequency": 0,
                    "recency": 0.0,
                    "T": 418.0,
                    "monetary_value": 60.0,
                    "churned": True,
                },
            ],
        },
    },
)
