"""Who is ready for a bigger plan? Send who upgraded in the past for some customers of a plan and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, the model of a pair of plans answers for 30 days without labels.
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


class UpgradeCustomer(PropensityCustomer):
    """A customer of the current plan."""

    label_upgrade: Label | None = Field(
        None, description="1 if the customer upgraded, 0 if not; absent or null where that is not known."
    )


class PropensityUpgradePlanRequest(PlanRequest):
    """Two plans and the customers who may go from one up to the other."""

    customers: Annotated[list[UpgradeCustomer], Field(min_length=1)] = Field(
        description="Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    )


SENTENCES: Sentences = {
    "en": {
        "Very High": "Very high propensity – contact first, with a personal upgrade offer.",
        "High": "High propensity – push personalised upgrade offer.",
        "Medium": "Medium propensity – show what the target plan adds, in the product.",
        "Low": "Low propensity – nurture, don’t discount.",
        "Very Low": "Very low propensity – deprioritise in current cycle.",
    },
    "es": {
        "Very High": "Propensión muy alta: contactar primero, con una oferta de mejora personal.",
        "High": "Propensión alta: impulsar una oferta de mejora personalizada.",
        "Medium": "Propensión media: mostrar dentro del producto lo que añade el plan superior.",
        "Low": "Propensión baja: cultivar la relación, sin descuentos.",
        "Very Low": "Propensión muy baja: sin prioridad en el ciclo actual.",
    },
    "pt": {
        "Very High": "Propensão muito alta: contatar primeiro, com uma oferta de upgrade pessoal.",
        "High": "Propensão alta: impulsionar uma oferta de upgrade personalizada.",
        "Medium": "Propensão média: mostrar dentro do produto o que o plano superior acrescenta.",
        "Low": "Propensão baixa: cultivar o relacionamento, sem descontos.",
        "Very Low": "Propensão muito baixa: sem prioridade no ciclo atual.",
    },
}


def example(number: int) -> Drawn:
    """Who runs out of storage and has waited for long upgrades more."""
    months = number * 11 % 24
    usage = 10 + number * 37 % 90
    features = {
        "months_on_current_plan": months,
        "storage_usage_pct": usage,
        "support_tickets_last_30d": number * 7 % 5,
        "region": ("north", "south", "west")[number * 5 % 7 % 3],
    }
    return features, 0.014 * usage + 0.02 * months - 1.5


ROUTE = Propensity(
    question="the customer upgrades from the one plan to the other",
    label="label_upgrade",
    scope=("current_plan", "target_plan"),
    sentences=SENTENCES,
)


def check(request: Any, call: Call) -> Iterator[Fault]:
    """The faults of every propensity route, and plans that are one."""
    yield from same_plan(request)
    yield from ROUTE.check(request, call)


ENDPOINT = Endpoint(
    name="propensity_upgrade_plan",
    summary="How likely each customer is to upgrade to a plan, and what to do about it.",
    request=PropensityUpgradePlanRequest,
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
            "current_plan": "Silver",
            "target_plan": "Gold",
            "customers": [
                {
                    "customer_id": "C-3001",
                    "features": {
                        "months_on_current_plan": 8,
                        "storage_usage_pct": 92,
                        "support_tickets_last_30d": 4,
                    },
                    "label_upgrade": 1,
                }
            ],
        },
        "train_and_score": {
            "current_plan": "Gold",
            "target_plan": "Platinum",
            "customers": customers(3101, "label_upgrade", example),
        },
    },
)
