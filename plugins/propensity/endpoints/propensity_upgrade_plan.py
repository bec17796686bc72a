"""Who is ready for a bigger plan? Send who upgraded in the past for some customers of a plan and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, the model of a pair of plans answers for 30 days without labels.
"""

from __future__ import annotations

from abintel.fields import Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.plans import PlanRequest, same_plan
from plugins.propensity.propensity import Propensity
from plugins.propensity.schemas import PropensityCustomer, customers_field, label_field


class UpgradeCustomer(PropensityCustomer):
    """A customer of the current plan."""

    label_upgrade: Label | None = label_field("upgraded")


class PropensityUpgradePlanRequest(PlanRequest):
    """Two plans and the customers who may go from one up to the other."""

    customers: list[UpgradeCustomer] = customers_field()


def example(number: int) -> Drawn:
    """Customers who run out of storage, and long-standing ones, upgrade more."""
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
    name="propensity_upgrade_plan",
    summary="How likely each customer is to upgrade to a plan, and what to do about it.",
    question="the customer upgrades from the current plan to the target plan",
    label="label_upgrade",
    scope=("current_plan", "target_plan"),
    request=PropensityUpgradePlanRequest,
    rule=same_plan,
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

ENDPOINT = ROUTE.endpoint
