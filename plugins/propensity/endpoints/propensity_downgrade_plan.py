"""Who is about to change to a smaller plan? Send who downgraded in the past for some customers of a plan
and the features of all: each gets a probability, a tier to filter by and a sentence that says what to do.
Once trained, the model of a pair of plans answers for 30 days without labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Label
from abintel.problem import Fault
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.factors import HEADER
from plugins.propensity.plans import PlanRequest, same_plan
from plugins.propensity.propensity import MAX_ROWS, WARNINGS, Propensity, Sentences
from plugins.propensity.schemas import PropensityAnswer, PropensityCustomer


class DowngradeCustomer(PropensityCustomer):
    """A customer of the current plan."""

    label_downgrade: Label | None = Field(
        None, description="1 if the customer downgraded, 0 if not; absent or null where that is not known."
    )


class PropensityDowngradePlanRequest(PlanRequest):
    """Two plans and the customers who may go from one down to the other."""

    customers: Annotated[list[DowngradeCustomer], Field(min_length=1)] = Field(
        description="Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    )


SENTENCES: Sentences = {
    "en": {
        "Very High": "Very high propensity – call now, before the plan is changed.",
        "High": "High propensity – offer help, and a reason to stay on the plan.",
        "Medium": "Medium propensity – show what the plan offers and is not used.",
        "Low": "Low propensity – watch usage; no offer needed.",
        "Very Low": "Very low propensity – leave alone; an offer would be wasted.",
    },
    "es": {
        "Very High": "Propensión muy alta: llamar ahora, antes de que cambie de plan.",
        "High": "Propensión alta: ofrecer ayuda y un motivo para mantener el plan.",
        "Medium": "Propensión media: mostrar lo que el plan ofrece y no se usa.",
        "Low": "Propensión baja: observar el uso; no hace falta una oferta.",
        "Very Low": "Propensión muy baja: no intervenir; una oferta se desperdiciaría.",
    },
    "pt": {
        "Very High": "Propensão muito alta: ligar agora, antes que mude de plano.",
        "High": "Propensão alta: oferecer ajuda e um motivo para manter o plano.",
        "Medium": "Propensão média: mostrar o que o plano oferece e não é usado.",
        "Low": "Propensão baixa: observar o uso; não é preciso uma oferta.",
        "Very Low": "Propensão muito baixa: não intervir; uma oferta seria desperdiçada.",
    },
}


def example(number: int) -> Drawn:
    """Who hardly uses the plan and fails to pay downgrades more."""
    usage = number * 37 % 90
    failed = number * 7 % 4
    features = {
        "months_on_current_plan": number * 11 % 24,
        "storage_usage_pct": usage,
        "failed_payments_last_90d": failed,
        "billing": ("monthly", "yearly")[number * 5 % 7 % 2],
    }
    return features, 0.2 * failed - 0.012 * usage - 0.25


ROUTE = Propensity(
    question="the customer downgrades from the one plan to the other",
    label="label_downgrade",
    scope=("current_plan", "target_plan"),
    sentences=SENTENCES,
)


def check(request: Any, call: Call) -> Iterator[Fault]:
    """The faults of every propensity route, and plans that are one."""
    yield from same_plan(request)
    yield from ROUTE.check(request, call)


ENDPOINT = Endpoint(
    name="propensity_downgrade_plan",
    summary="How likely each customer is to downgrade to a plan, and what to do about it.",
    request=PropensityDowngradePlanRequest,
    response=PropensityAnswer,
    handle=ROUTE.handle,
    check=check,
    trainable=ROUTE.trainable,
    headers=(HEADER,),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"customers": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "propensity"),
    examples={
        "not_enough_labels": {
            "current_plan": "Gold",
            "target_plan": "Silver",
            "customers": [
                {
                    "customer_id": "C-4001",
                    "features": {
                        "months_on_current_plan": 14,
                        "storage_usage_pct": 11,
                        "failed_payments_last_90d": 2,
                    },
                    "label_downgrade": 1,
                }
            ],
        },
        "train_and_score": {
            "current_plan": "Platinum",
            "target_plan": "Gold",
            "customers": customers(4101, "label_downgrade", example),
        },
    },
)
