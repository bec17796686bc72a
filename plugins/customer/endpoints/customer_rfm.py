"""Whom to reward, whom to nurture and whom to win back? Every customer is scored on how recently, how often
and for how much they buy, each against the rest of the base, and gets a lifecycle tier and a sentence that
says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Amount, Body, Day, Identifier, Integer
from abintel.problem import Fault, pointer
from abintel.wording import Lang, Texts
from plugins.shared import rfm
from plugins.shared.orders import add_up, future_transactions, order_numbers, transaction_columns
from plugins.shared.transactions import histories

Tier = Literal["Champion", "Loyal", "Potential", "Promising", "At-Risk"]


class RfmTransaction(Body):
    """An order."""

    date: Day = Field(description="Day of the order.")
    amount: Amount = Field(description="Value of the order, or of a line of it.")
    transaction_id: Identifier | None = Field(
        None, description="Order id; rows of a customer that share it are lines of one order."
    )


class RfmCustomer(Body):
    """A customer and their orders."""

    customer_id: Identifier = Field(description="Your key of the customer, unique in the request.")
    transactions: Annotated[list[RfmTransaction], Field(min_length=1)] = Field(
        description="The orders; 6 to 18 months are typical."
    )


class RfmTierCutOffs(Body):
    """Sums of scores that part the tiers below Champion; null where all are champions."""

    loyal: float | None = Field(None, description="From here on Loyal.")
    potential: float | None = Field(None, description="From here on Potential.")
    at_risk: float | None = Field(None, description="Up to here At-Risk.")


class RfmThresholds(Body):
    """Cut-offs between the scores, `bins` − 1 each. Send back those of a past run to score like it."""

    recency: list[float] = Field(description="Days, descending; every one exceeded costs a point.")
    frequency: list[float] = Field(description="Orders, ascending; every one exceeded gains a point.")
    monetary: list[float] = Field(description="Money, ascending; every one exceeded gains a point.")
    tier: RfmTierCutOffs | None = Field(None, description="Cut-offs of the tiers.")


class CustomerRfmRequest(Body):
    """Orders by customer."""

    bins: Annotated[Integer, Field(ge=2, le=10)] = Field(5, description="Scores per metric.")
    today: Day | None = Field(None, description="Day that recency counts to; the server's (UTC) if absent.")
    customers: Annotated[list[RfmCustomer], Field(min_length=1)] = Field(
        description="The customers, each once."
    )
    thresholds: RfmThresholds | None = Field(
        None, description="Used in place of the quantiles of these customers."
    )


class RfmScore(BaseModel):
    """A customer's standing."""

    customer_id: str = Field(description="As sent.")
    recency_days: int = Field(description="Days since the last order.")
    frequency: int = Field(description="Number of orders.")
    monetary_total: float = Field(description="Total spent.")
    recency_score: int = Field(description="1 to `bins`; the most recent score highest.")
    frequency_score: int = Field(description="1 to `bins`.")
    monetary_score: int = Field(description="1 to `bins`.")
    rfm_class: str = Field(description="The three scores in a row, such as 553.")
    rfm_total: int = Field(description="Sum of the three scores.")
    rfm_tier: Tier = Field(description="Lifecycle tier; never translated.")
    interpretation: str = Field(description="The standing as a sentence.")


class CustomerRfmAnswer(Answer):
    """Scores and tiers, and the cut-offs behind them."""

    customers: list[RfmScore] = Field(description="One row per customer, in request order.")
    thresholds: RfmThresholds = Field(description="The cut-offs used.")


def check(request: CustomerRfmRequest, call: Call) -> Iterator[Fault]:
    yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
    yield from future_transactions(request, call)
    if request.thresholds is not None:
        yield from _unusable(request.thresholds, request.bins)


def _unusable(sent: RfmThresholds, bins: int) -> Iterator[Fault]:
    """Faults of cut-offs that are too few, too many or out of order."""
    for name, order, sign in (
        ("recency", "descending", -1),
        ("frequency", "ascending", 1),
        ("monetary", "ascending", 1),
    ):
        values = getattr(sent, name)
        member = pointer("thresholds", name)
        if len(values) != bins - 1:
            yield Fault(member, f"{bins} bins take {bins - 1} cut-offs; got {len(values)}.")
        for first, second in pairwise(values):
            if sign * first > sign * second:
                yield Fault(member, f"{shown(second)} follows {shown(first)}; send them {order}.")
    if sent.tier is not None:
        member = pointer("thresholds", "tier")
        cuts = (sent.tier.at_risk, sent.tier.potential, sent.tier.loyal)
        known = [cut for cut in cuts if cut is not None]
        if len(known) not in (0, 3):
            yield Fault(member, f"Send loyal, potential and at_risk, or none of them; got {len(known)} of 3.")
        elif known != sorted(known):
            said = " ≤ ".join(map(shown, known))
            yield Fault(member, f"{said} does not hold; send at_risk ≤ potential ≤ loyal.")


def handle(request: CustomerRfmRequest, call: Call) -> dict[str, Any]:
    bins, sent = request.bins, request.thresholds
    orders = add_up(transaction_columns(request.customers), order_numbers(request.customers))
    history = histories(*orders, (request.today or call.today).toordinal())
    money = np.round(history.monetary, rfm.CUT_OFF_DECIMALS)
    if sent is None:
        cuts = list(rfm.cut_offs(np.array([history.recency_days, history.frequency, money]), bins))
    else:
        cuts = [np.array(values) for values in (sent.recency[::-1], sent.frequency, sent.monetary)]
    recency = rfm.recency_score(history.recency_days, cuts[0])
    frequency = rfm.score(history.frequency, cuts[1])
    monetary = rfm.score(money, cuts[2])
    totals = recency + frequency + monetary
    tier_cuts = _sent_tiers(sent) or rfm.tier_cut_offs(totals, bins)
    columns = (
        history.recency_days,
        history.frequency,
        money,
        recency,
        frequency,
        monetary,
        rfm.tiers(totals, bins, tier_cuts),
    )
    # Quantiles of customers who are alike say nothing; cut-offs that were sent do.
    alike = tuple(
        sent is None and bool(column.max() <= ratio * column.min())
        for column, ratio in zip(
            (history.recency_days, history.frequency, money), (1, 1, SPREAD), strict=True
        )
    )
    return {
        "customers": [
            {
                "customer_id": customer.customer_id,
                "recency_days": days,
                "frequency": orders,
                "monetary_total": spent,
                **_standing(r, f, m, tier, bins, alike, call.lang),
            }
            for customer, days, orders, spent, r, f, m, tier in zip(
                request.customers, *(column.tolist() for column in columns), strict=True
            )
        ],
        "thresholds": {
            "recency": cuts[0][::-1].tolist(),
            "frequency": cuts[1].tolist(),
            "monetary": cuts[2].tolist(),
            "tier": tier_cuts._asdict() if tier_cuts else dict.fromkeys(rfm.TierCutOffs._fields),
        },
    }


def _sent_tiers(sent: RfmThresholds | None) -> rfm.TierCutOffs | None:
    tier = sent.tier if sent else None
    if tier is None or tier.loyal is None or tier.potential is None or tier.at_risk is None:
        return None
    return rfm.TierCutOffs(tier.loyal, tier.potential, tier.at_risk)


TEXTS = Texts("customer")
SPREAD = 1.25
"""Customers spend alike if the highest total is at most so many times the lowest."""
ALIKE = 4
"""Level of a metric in which all customers are alike."""


@lru_cache(4096)  # some four times as many as two languages have in five bins
def _standing(
    recency: int,
    frequency: int,
    monetary: int,
    tier: Tier,
    bins: int,
    alike: tuple[bool, ...],
    lang: Lang,
) -> dict[str, Any]:
    """What a row says of these scores; never to be changed."""
    recent, often, much = (
        ALIKE if same else rfm.level(score, bins)
        for score, same in zip((recency, frequency, monetary), alike, strict=True)
    )
    return {
        "recency_score": recency,
        "frequency_score": frequency,
        "monetary_score": monetary,
        "rfm_class": f"{recency}{frequency}{monetary}",  # no score is 0, so the 10 of ten bins reads one way
        "rfm_total": recency + frequency + monetary,
        "rfm_tier": tier,
        "interpretation": interpret(tier, recent, often, much, lang),
    }


def interpret(tier: Tier, recency: int, frequency: int, monetary: int, lang: Lang) -> str:
    """The standing in words.

    Args:
        tier: lifecycle tier.
        recency: level of the score, 0 (lowest) to 3 (top), as :func:`rfm.level` gives it, or ``ALIKE``.
        frequency: likewise.
        monetary: likewise.
        lang: language.
    """
    words = TEXTS[lang]
    levels = (recency, frequency, monetary)
    if levels == (ALIKE,) * 3:
        return words.say("rfm.alike")
    if tier == "Champion" and ALIKE not in levels and min(recency, frequency, monetary) >= 2:
        return words.say("rfm.best")
    return words.say(
        "rfm.sentence",
        lead=words.say(f"rfm.lead.{tier}"),
        recency=words.variants("rfm.recency")[recency],
        frequency=words.variants("rfm.frequency")[frequency],
        monetary=words.variants("rfm.monetary")[monetary],
    )


def _customer(customer_id: str, *orders: tuple[str, float]) -> dict[str, Any]:
    rows = [{"date": date, "amount": amount} for date, amount in orders]
    return {"customer_id": customer_id, "transactions": rows}


ENDPOINT = Endpoint(
    name="customer_rfm",
    summary="Whom to reward, nurture or win back: recency, frequency and monetary scores and a tier.",
    request=CustomerRfmRequest,
    response=CustomerRfmAnswer,
    handle=handle,
    on_the_spot=True,
    check=check,
    writes_words=True,
    chart=lazy("plugins.customer.charts", "rfm"),
    examples={
        "orders": {
            "bins": 5,
            "today": "2025-04-24",
            "customers": [
                _customer("C-1001", ("2025-04-21", 520.55), ("2025-03-29", 310.00), ("2025-02-10", 398.40)),
                _customer("C-1002", ("2025-01-05", 120.00), ("2024-12-19", 75.90)),
                _customer(
                    "C-1003",
                    ("2025-04-23", 180.00),
                    ("2025-04-02", 165.00),
                    ("2025-03-05", 150.00),
                    ("2025-02-04", 165.00),
                ),
            ],
        },
        "earlier-thresholds": {
            "bins": 5,
            "today": "2025-05-24",
            "customers": [_customer("C-1002", ("2025-05-20", 310.00), ("2025-01-05", 120.00))],
            "thresholds": {
                "recency": [66.6, 24.2, 2.6, 1.8],
                "frequency": [2.4, 2.8, 3.2, 3.6],
                "monetary": [381.54, 567.18, 773.79, 1001.37],
                "tier": {"loyal": 8.6, "potential": 7.0, "at_risk": 4.6},
            },
        },
    },
)
