"""Who will open, click or buy if we send them this campaign? Send last time's outcome for some customers and
the features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, a campaign's model answers for 30 days without labels. A campaign without outcomes yet is scored by
the model of propensity_engage_any, if there is one and it takes the same features.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from abintel.faults import shown
from abintel.fields import Identifier, Response
from abintel.problem import Fault, pointer
from plugins.propensity.classifier.responses import MOST_CLASSES, response_training
from plugins.propensity.endpoints import propensity_engage_any
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.propensity import Propensity
from plugins.propensity.schemas import PropensityCustomer, PropensityRequest, customers_field


class CampaignCustomer(PropensityCustomer):
    """A customer who may be contacted."""

    label_respond: Response | None = Field(
        None,
        description="1 if the customer responded, 0 if not; or the name of what the customer did, such as "
        "`none`, `click` or `buy`. Absent or null where that is not known.",
    )


class PropensityRespondCampaignRequest(PropensityRequest):
    """A campaign and the customers it may go to."""

    campaign_id: Identifier = Field(description="Your key of the campaign; each has its own model.")
    no_response: Identifier | None = Field(
        None,
        description="Where `label_respond` is a name: the one that is no response (default: the commonest).",
    )
    customers: list[CampaignCustomer] = customers_field()


def rule(request: Any) -> Iterator[Fault]:
    """Labels of two kinds, too many names, and a `no_response` that no customer has."""
    labels = [customer.label_respond for customer in request.customers]
    known = [label for label in labels if label is not None]
    classes = {label for label in known if isinstance(label, str)}
    if not classes:
        return
    for index, label in enumerate(labels):
        if label is not None and not isinstance(label, str):
            message = f"{label} among names; send either 0 and 1, or names."
            yield Fault(pointer("customers", index, "label_respond"), message)
    if len(classes) > MOST_CLASSES:
        message = f"label_respond has {len(classes)} different names; at most {MOST_CLASSES}."
        yield Fault(pointer("customers"), message)
    if request.no_response is not None and request.no_response not in classes:
        yield Fault(pointer("no_response"), f"No customer has the label {shown(request.no_response)}.")


def example(number: int) -> Drawn:
    """Clickers and recent buyers respond more."""
    click_rate = (number * 37 % 60) / 100
    opted_in = number % 3 == 0
    purchases = number * 7 % 5
    channel = ("email", "app", "store")[number * 5 % 7 % 3]
    features = {
        "email_click_rate": click_rate,
        "sms_opt_in": int(opted_in),
        "purchases_last_90d": purchases,
        "preferred_channel": channel,
    }
    return features, 2.5 * click_rate + 0.25 * purchases + 0.2 * opted_in + 0.3 * (channel == "app") - 1.9


ROUTE = Propensity(
    name="propensity_respond_campaign",
    summary="How likely each customer is to respond to a campaign, and what to do about it.",
    question="the customer responds to the campaign",
    label="label_respond",
    scope=("campaign_id",),
    request=PropensityRespondCampaignRequest,
    rule=rule,
    stand_in=propensity_engage_any.ENDPOINT,
    training=response_training,
    examples={
        "not_enough_labels": {
            "campaign_id": "Spring-Promo-2025",
            "customers": [
                {
                    "customer_id": "C-2001",
                    "features": {"email_click_rate": 0.22, "sms_opt_in": 1, "purchases_last_90d": 3},
                    "label_respond": 0,
                }
            ],
        },
        "train_and_score": {
            "campaign_id": "Summer-Preview-2025",
            "customers": customers(3001, "label_respond", example),
        },
    },
)

ENDPOINT = ROUTE.endpoint
