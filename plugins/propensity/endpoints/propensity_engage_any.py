"""Who listens to us at all? Send for some customers whether they engaged with any past campaign, and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. There
is one model for all campaigns; once trained, it answers for 30 days without labels.
"""

from __future__ import annotations

from abintel.fields import Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.propensity import Propensity
from plugins.propensity.schemas import PropensityCustomer, PropensityRequest, customers_field, label_field


class EngageCustomer(PropensityCustomer):
    """A customer who may be contacted, whatever the campaign."""

    label_engage: Label | None = label_field("engaged with any campaign")


class PropensityEngageAnyRequest(PropensityRequest):
    """The customers who may be contacted."""

    customers: list[EngageCustomer] = customers_field()


def example(number: int) -> Drawn:
    """Customers who open mail and bought recently engage more."""
    open_rate = (number * 37 % 60) / 100
    days = number * 11 % 120
    features = {
        "email_open_rate": open_rate,
        "days_since_last_order": days,
        "campaigns_last_90d": number * 7 % 6,
        "preferred_channel": ("email", "app", "store")[number * 5 % 7 % 3],
    }
    return features, 2.2 * open_rate - 0.006 * days - 0.8


ROUTE = Propensity(
    name="propensity_engage_any",
    summary="How likely each customer is to engage with any campaign, and what to do about it.",
    question="the customer engages with any campaign",
    label="label_engage",
    scope=(),
    request=PropensityEngageAnyRequest,
    examples={
        "not_enough_labels": {
            "customers": [{"customer_id": "C-5001", "features": example(3)[0], "label_engage": 1}],
        },
        "train_and_score": {"customers": customers(5101, "label_engage", example)},
    },
)

ENDPOINT = ROUTE.endpoint
