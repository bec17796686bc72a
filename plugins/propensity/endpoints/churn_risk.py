"""Who is about to leave, why, and what to do about it? Send a snapshot of each customer, and for some whether
they left: each gets a probability of churn, the reasons behind it and an action for the retention team. Once
trained on enough outcomes, the model answers for 30 days without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Amount, Body, Count, Identifier, Integer, Label
from abintel.problem import Fault
from plugins.propensity import churn, factors
from plugins.propensity.churn_words import TEXTS, band, interpret, untrained
from plugins.propensity.remarks import WARNINGS, unscored
from plugins.propensity.schemas import PropensityModelInfo
from plugins.propensity.scoring import scored

MAX_ROWS = 250_000
ALWAYS_EXPLAINED = 5_000
"""Customers of a request that are explained without being asked for."""
NOT_ENOUGH = f"not enough labelled rows to train (need ≥{churn.LABELS_NEEDED} & both classes)"


class ChurnSnapshot(Body):
    """A customer on a day. Unknown values may be left out; the model then takes the median."""

    customer_id: Identifier = Field(
        description="Your key of the customer, once per request; hash it if you prefer."
    )
    tenure: Count = Field(description="Age of the account in days.")
    usage_frequency: Amount | None = Field(
        None, description="Sessions per week, on average of the last 12 weeks."
    )
    service_tickets: Count | None = Field(None, description="Support tickets opened in the last 90 days.")
    nps: Annotated[Integer, Field(ge=-100, le=100)] | None = Field(
        None, description="Latest Net Promoter Score, −100 to 100."
    )
    payment_events: Count | None = Field(None, description="Failed or late payments in the last 12 months.")
    churned: Label | None = Field(
        None, description="1 if the customer left, 0 if not; absent or null where that is not known."
    )


class ChurnRiskRequest(Body):
    """The customers to score, with or without their outcomes."""

    data: Annotated[list[ChurnSnapshot], Field(min_length=1)] = Field(
        description="One row per customer; a model is trained if at least 2 have `churned` 1 and 2 have 0, "
        "and is kept if at least 20 of each have."
    )


class ChurnResult(BaseModel):
    """A customer's risk."""

    customer_id: str = Field(description="As sent.")
    churn_probability: float | None = Field(
        ge=0, le=1, description="From 0, loyal, to 1, certain churn; null while there is no model."
    )
    top_factors: list[str] = Field(
        description="The features that move this probability most, at most three, strongest first, in the "
        "language of `lang`; the number is what the feature adds to the log-odds. Empty if nothing does, and "
        "beyond 5,000 customers without header `X-Explain-Features: true`."
    )
    recommended_action: str = Field(
        description="High risk from 0.60, medium from 0.25: what to do, in the language of `lang`."
    )


class ChurnMetrics(BaseModel):
    """A learner's cross-validated figures: means over the folds."""

    roc_auc: float = Field(description="Area under the ROC curve; 0.5 is chance, 1 is perfect.")
    f1: float = Field(description="F1 at probability 0.5.")
    accuracy: float = Field(description="Share of right classifications at probability 0.5.")


class ChurnDriver(BaseModel):
    """A feature that moves the risk of many customers."""

    feature: str = Field(description="Its name.")
    raises_risk_when: Literal["high", "low"] = Field(description="Whether high or low values go with churn.")
    share: float = Field(description="Its share in all that moves the customers' log-odds, 0 to 1.")


class ChurnModelInfo(PropensityModelInfo):
    """Which model answered, how good it is, and what drives churn in its training rows."""

    drivers: list[ChurnDriver] | None = Field(None, description="At most three features, strongest first.")


class ChurnRiskAnswer(Answer):
    """Every customer's risk, in request order, and the model behind it."""

    best_algorithm: str | None = Field(description="The learner that was chosen; null while there is none.")
    evaluation_metrics: dict[str, ChurnMetrics] = Field(
        description="Each learner's cross-validated figures; empty while there is no model."
    )
    interpretation: str = Field(description="How good the model is and what drives churn, in words.")
    results: list[ChurnResult] = Field(description="One per customer, in request order.")
    model_info: ChurnModelInfo = Field(description="The model that answered.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    """Customers sent twice.

    Raises:
        Problem: 400, a header does not fit.
    """
    factors.asked_for(call)
    yield from duplicates([row.customer_id for row in request.data], "data", "customer_id")


def handle(request: Any, call: Call) -> dict[str, Any]:
    customers = churn.snapshots(request.data)
    served = call.models.serve(customers)
    actions = TEXTS[call.lang].choices("action")
    if served.model is None:
        return {
            "best_algorithm": None,
            "evaluation_metrics": {},
            "interpretation": untrained(churn.LABELS_NEEDED, call.lang),
            "results": [_result(row.customer_id, None, [], actions["none"]) for row in request.data],
            "model_info": unscored(served, NOT_ENOUGH),
        }
    rows = [customer.features for customer in customers.customers]
    found = scored(
        served,
        rows,
        call,
        place=churn.ROWS,
        outcome="risk",
        explained=len(rows) <= ALWAYS_EXPLAINED or factors.asked_for(call),
        derived=churn.SPEAKS_FOR,
    )
    figures = {
        learner["algorithm"]: {name: learner[name] for name in ChurnMetrics.model_fields}
        for learner in found.info["evaluation_metrics"]
    }
    best = found.info["best_algorithm"]
    reasons = found.reasons or [[] for _ in rows]
    return {
        "best_algorithm": best,
        "evaluation_metrics": figures,
        "interpretation": interpret(
            best, figures[best], found.info["drivers"], call.lang, found.info.get("in_sample_rows")
        ),
        "results": [
            _result(row.customer_id, probability, why, actions[band(probability)])
            for row, probability, why in zip(request.data, found.probabilities, reasons, strict=True)
        ],
        "model_info": found.info,
    }


def _result(customer_id: str, probability: float | None, reasons: list[str], action: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "churn_probability": probability,
        "top_factors": reasons,
        "recommended_action": action,
    }


def example(number: int) -> dict[str, Any]:
    """Customers with tickets and failed payments leave more; the first 45 of 60 have an outcome."""
    tickets, nps, failed = number * 7 % 6, (number * 37 % 41) * 4 - 70, number * 11 % 13 // 9
    usage = round((number * 29 % 60) / 10, 1)
    row = {
        "customer_id": f"C-{1001 + number}",
        "tenure": 30 + number * 53 % 900,
        "usage_frequency": usage,
        "service_tickets": tickets,
        "nps": nps,
        "payment_events": failed,
    }
    if number < 45:
        luck = (number * 53 % 47) / 47
        row["churned"] = int(0.25 * tickets - 0.008 * nps - 0.15 * usage + 0.4 * failed + 0.6 * luck > 0.45)
    return row


def _published(customer_id: str, *values: float) -> dict[str, Any]:
    return {"customer_id": customer_id, **dict(zip((*churn.FEATURES, "churned"), values, strict=True))}


ENDPOINT = Endpoint(
    name="churn_risk",
    summary="How likely each customer is to leave, why, and what to do about it.",
    request=ChurnRiskRequest,
    response=ChurnRiskAnswer,
    handle=handle,
    check=check,
    trainable=churn.TRAINABLE,
    headers=(factors.HEADER,),
    writes_words=True,
    warnings={
        **WARNINGS,
        "small_sample": "So few rows have a label that the figures of the model are rough.",
    },
    max_rows={"data": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "churn_risk"),
    examples={
        "four_customers": {
            "data": [
                _published("C-0001", 915, 6.2, 1, 58, 0, 0),
                _published("C-0002", 310, 1.9, 4, 12, 3, 1),
                _published("C-0003", 442, 3.1, 0, 70, 0, 0),
                _published("C-0004", 95, 0.4, 6, -10, 4, 1),
            ]
        },
        "train_and_score": {"data": [example(number) for number in range(60)]},
        "not_enough_labels": {"data": [{**example(45), "churned": 1}, example(46)]},
    },
)
