"""Who is about to change to a smaller plan? Send who downgraded in the past for some customers of a plan
and the features of all: each gets a probability, a tier to filter by and a sentence that says what to do.
Once trained, the model of a pair of plans answers for 30 days without labels.
"""

from __future__ import annotations

from abintel.fields import Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.plans import PlanRequest, same_plan
from plugins.propensity.propensity import Propensity
from plugins.propensity.schemas import PropensityCustomer, customers_field, label_field


class DowngradeCustomer(PropensityCustomer):
    """A customer of the current plan."""

    label_downgrade: Label | None = label_field("downgraded")


class PropensityDowngradePlanRequest(PlanRequest):
    """Two plans and the customers who may go from one down to the other."""

    customers: list[DowngradeCustomer] = customers_field()


def example(number: int) -> Drawn:
    """Customers who hardly use the plan, or fail to pay, downgrade more."""
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
    name="propensity_downgrade_plan",
    summary="How likely each customer is to downgrade to a plan, and what to do about it.",
    question="the customer downgrades from the current plan to the target plan",
    label="label_downgrade",
    scope=("current_plan", "target_plan"),
    request=PropensityDowngradePlanRequest,
    rule=same_plan,
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

ENDPOINT = ROUTE.endpoint
