"""Who will open, click or buy if we send them this campaign? Send last time's outcome for some customers and
the features of all: each gets a probability, a tier to filter by and a sentence that says what to do. Once
trained, a campaign's model answers for 30 days without labels. A campaign without outcomes yet is scored by
the model of propensity_engage_any, if there is one and it takes the same features.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Endpoint
from abintel.fields import Identifier, Label
from plugins.propensity.endpoints import propensity_engage_any
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.factors import HEADER
from plugins.propensity.propensity import MAX_ROWS, WARNINGS, Propensity, Sentences
from plugins.propensity.schemas import PropensityAnswer, PropensityCustomer, PropensityRequest


class CampaignCustomer(PropensityCustomer):
    """A customer who may be contacted."""

    label_respond: Label | None = Field(
        None, description="1 if the customer responded, 0 if not; absent or null where that is not known."
    )


class PropensityRespondCampaignRequest(PropensityRequest):
    """A campaign and the customers it may go to."""

    campaign_id: Identifier = Field(description="Your key of the campaign; each has its own model.")
    customers: Annotated[list[CampaignCustomer], Field(min_length=1)] = Field(
        description="Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    )


SENTENCES: Sentences = {
    "en": {
        "Very High": "Very high propensity – send first, with the full offer.",
        "High": "High propensity – include in main send.",
        "Medium": "Medium propensity – include with a lighter offer or by push.",
        "Low": "Low propensity – leave out of main send; a low-cost reminder at most.",
        "Very Low": "Very low propensity – suppress or cheaper channel.",
    },
    "es": {
        "Very High": "Propensión muy alta: enviar primero, con la oferta completa.",
        "High": "Propensión alta: incluir en el envío principal.",
        "Medium": "Propensión media: incluir con una oferta más moderada o por notificación push.",
        "Low": "Propensión baja: dejar fuera del envío principal; como mucho, un recordatorio de bajo costo.",
        "Very Low": "Propensión muy baja: excluir del envío o usar un canal más económico.",
    },
    "pt": {
        "Very High": "Propensão muito alta: enviar primeiro, com a oferta completa.",
        "High": "Propensão alta: incluir no envio principal.",
        "Medium": "Propensão média: incluir com uma oferta mais moderada ou por notificação push.",
        "Low": "Propensão baixa: deixar fora do envio principal; no máximo, um lembrete de baixo custo.",
        "Very Low": "Propensão muito baixa: excluir do envio ou usar um canal mais barato.",
    },
}


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
    question="the customer responds to the campaign",
    label="label_respond",
    scope=("campaign_id",),
    sentences=SENTENCES,
    stand_in=propensity_engage_any.ENDPOINT,
)

ENDPOINT = Endpoint(
    name="propensity_respond_campaign",
    summary="How likely each customer is to respond to a campaign, and what to do about it.",
    request=PropensityRespondCampaignRequest,
    response=PropensityAnswer,
    handle=ROUTE.handle,
    check=ROUTE.check,
    trainable=ROUTE.trainable,
    headers=(HEADER,),
    writes_words=True,
    warnings={
        **WARNINGS,
        "cold_campaign": "The campaign has no model yet; the one of propensity_engage_any has answered.",
    },
    max_rows={"customers": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "propensity"),
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
