"""Body and answer of the pricing route."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.fields import Amount, Body, Count, FeatureValue, Identifier, Share
from plugins.pricing.history import FEWEST_ROWS, Price, PricingDay, Segment


class PricingRequest(Body):
    """A product's daily sales, and the prices to choose from."""

    product_id: Identifier = Field(description="Your key of the product.")
    cost_per_unit: Amount = Field(
        description="Landed cost of a unit; 0 to maximise the revenue of old stock."
    )
    optimize_for: Literal["profit", "revenue"] = Field(description="What to maximise.")
    candidate_prices: Annotated[list[Price], Field(min_length=1, max_length=1000)] = Field(
        description="Prices to choose from, each once; 4 to 8 near the present price work best."
    )
    historical: Annotated[list[PricingDay], Field(min_length=FEWEST_ROWS)] = Field(
        description="Sales by day, at two prices or more, in any order."
    )
    competitor_price_current: Amount | None = Field(
        None, description="The rival's price now; if absent, the last one in `historical`."
    )
    inventory_level_current: Count | None = Field(
        None, description="Units in stock now; if absent, the last value in `historical`."
    )
    segment_current: Segment | None = Field(
        None,
        description="Channel, country and other context to price for; if absent, the last values.",
    )
    context_current: dict[Identifier, FeatureValue] | None = Field(
        None,
        description="Present values of further columns (promo, weather); if absent, the last values.",
    )
    max_discount_pct: Share | None = Field(
        None, description="How far below the last price a price may be, as a fraction of it."
    )
    allow_extrapolation: bool = Field(
        False, description="Whether a price beyond those in `historical` may win."
    )


class PricingOutcome(BaseModel):
    """What a price would bring per day, averaged over the weekdays; or per week or month, see `cadence`."""

    candidate_price: float = Field(description="As sent.")
    expected_units: float = Field(description="Expected units per day, or other step of the rows.")
    expected_revenue: float = Field(description="Price × units.")
    expected_profit: float = Field(description="(Price − cost) × units.")
    lower_80: float = Field(description="Lower bound of the 80 % interval of a day's units.")
    upper_80: float = Field(description="Upper bound of the 80 % interval of a day's units.")
    lower_95: float = Field(description="Lower bound of the 95 % interval of a day's units.")
    upper_95: float = Field(description="Upper bound of the 95 % interval of a day's units.")
    extrapolated: bool | None = Field(None, description="True if the price is beyond those in `historical`.")
    excluded: Literal["min_margin", "max_discount"] | None = Field(
        None, description="The guardrail that excludes the price, if one does."
    )


class PricingCandidateModel(BaseModel):
    """A learner that competed."""

    algorithm: str = Field(description="Its name.")
    mape: float = Field(description="Its mean absolute percentage error on the held-out days, as a fraction.")


class PricingModelInfo(BaseModel):
    """The model of demand."""

    algorithm: str = Field(
        description="`LogLog`, the line of the elasticity; or the learner that gives the level of demand, if "
        "its errors on the last 25 % of the days are lower beyond chance."
    )
    mape: float = Field(description="That error, as a fraction; a day without a sale counts as one unit.")
    train_rows: int = Field(description="Rows that the winner is finally fitted to: all.")
    hold_out_rows: int = Field(description="Rows of the last 25 % of the days.")
    sold_out_rows: int = Field(description="Rows whose stock ran out: units are a lower bound of demand.")
    cadence: Literal["daily", "weekly", "monthly"] = Field(
        description="What a row stands for, by the days between rows; expected figures are of one such step."
    )
    candidates: list[PricingCandidateModel] = Field(description="The line, and every learner.")


class PriceElasticity(BaseModel):
    """The change of demand in percent when the price rises by one percent."""

    value: float = Field(description="The estimate: −2 means 2 % less demand for a price 1 % higher.")
    lower_95: float = Field(description="Lower bound of its 95 % interval.")
    upper_95: float = Field(description="Upper bound of its 95 % interval.")


class PricingAnswer(Answer):
    """The price that earns most, and what every candidate would bring."""

    best_price: float = Field(description="The winner.")
    outcomes: list[PricingOutcome] = Field(description="One per candidate, in request order.")
    model_info: PricingModelInfo = Field(description="How demand was learned.")
    elasticity: PriceElasticity | None = Field(
        description="How demand responds to the price, and the slope of the expected units (at most 0); null "
        "if the history does not determine it."
    )
    interpretation: str = Field(description="The recommendation as a sentence.")
