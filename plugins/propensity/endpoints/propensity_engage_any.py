"""Who listens to us at all? Send for some customers whether they engaged with any past campaign, and the
features of all: each gets a probability, a tier to filter by and a sentence that says what to do. There
is one model for all campaigns; once trained, it answers for 30 days without labels.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Endpoint
from abintel.fields import Label
from plugins.propensity.endpoints.examples import Drawn, customers
from plugins.propensity.factors import HEADER
from plugins.propensity.propensity import MAX_ROWS, WARNINGS, Propensity, Sentences
from plugins.propensity.schemas import PropensityAnswer, PropensityCustomer, PropensityRequest


class EngageCustomer(PropensityCustomer):
    """A customer who may be contacted, whatever the campaign."""

    label_engage: Label | None = Field(
        None,
        description="1 if the customer engaged with any campaign, 0 if not; absent or null where not known.",
    )


class PropensityEngageAnyRequest(PropensityRequest):
    """The customers who may be contacted."""

    customers: Annotated[list[EngageCustomer], Field(min_length=1)] = Field(
        description="Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    )


SENTENCES: Sentences = {
    "en": {
        "Very High": "Very high propensity – include in every relevant send.",
        "High": "High propensity – include in main sends.",
        "Medium": "Medium propensity – send less often, with the strongest content.",
        "Low": "Low propensity – an occasional send at most.",
        "Very Low": "Very low propensity – pause sends or try another channel.",
    },
    "es": {
        "Very High": "Propensión muy alta: incluir en todos los envíos relevantes.",
        "High": "Propensión alta: incluir en los envíos principales.",
        "Medium": "Propensión media: enviar con menos frecuencia y el mejor contenido.",
        "Low": "Propensión baja: como mucho, un envío ocasional.",
        "Very Low": "Propensión muy baja: pausar los envíos o probar otro canal.",
    },
    "pt": {
        "Very High": "Propensão muito alta: incluir em todos os envios relevantes.",
        "High": "Propensão alta: incluir nos envios principais.",
        "Medium": "Propensão média: enviar com menos frequência e o melhor conteúdo.",
        "Low": "Propensão baixa: no máximo, um envio ocasional.",
        "Very Low": "Propensão muito baixa: pausar os envios ou tentar outro canal.",
    },
}


def example(number: int) -> Drawn:
    """Who opens mail and bought lately engages more."""
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
    question="the customer engages with a campaign, whichever",
    label="label_engage",
    scope=(),
    sentences=SENTENCES,
)

ENDPOINT = Endpoint(
    name="propensity_engage_any",
    summary="How likely each customer is to engage with any campaign, and what to do about it.",
    request=PropensityEngageAnyRequest,
    response=PropensityAnswer,
    handle=ROUTE.handle,
    check=ROUTE.check,
    trainable=ROUTE.trainable,
    headers=(HEADER,),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"customers": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "propensity"),
    examples={
        "not_enough_labels": {
            "customers": [{"customer_id": "C-5001", "features": example(3)[0], "label_engage": 1}],
        },
        "train_and_score": {"customers": customers(5101, "label_engage", example)},
    },
)
