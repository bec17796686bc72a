"""Who buys because of the campaign, who would have bought anyway, and whom does it put off? Send who was
treated, who was not, and what became of them: every customer gets the difference that contact makes, and a
decile to target or to leave alone. With a campaign_id the model answers for 30 days, for new customers too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Trainable
from abintel.fields import Body, FeatureValue, Identifier, Label
from abintel.problem import Fault
from plugins.propensity.uplift.answering import WARNINGS, answer, no_answer
from plugins.propensity.uplift.contamination import Trial
from plugins.propensity.uplift.model import UpliftModel
from plugins.propensity.uplift.training import class_of, is_labelled, lacking, training

MAX_ROWS = 100_000


class UpliftRow(Body):
    """A customer, treated or not."""

    id: Identifier = Field(description="Your key of the customer, once per request; returned as sent.")
    treatment: Label | None = Field(
        None,
        description="1 if the customer received the campaign, 0 if not, null if neither is known: the row is "
        "scored and takes no part in training.",
    )
    outcome: Label | None = Field(
        None,
        description="1 if the customer converted, 0 if not, null if not known: the row is scored and "
        "takes no "
        "part in training.",
    )
    features: dict[Identifier, FeatureValue] = Field(
        description="Feature name to a number, a category (text), a boolean or null; only what was known "
        "before "
        "the campaign."
    )


class UpliftModelRequest(Body):
    """A campaign's customers, both those who received it and those who did not."""

    campaign_id: Identifier | None = Field(
        None,
        description="Your key of the campaign: its model is kept for 30 days, and scores rows without "
        "treatment "
        "and outcome. Without it the model answers this request only.",
    )
    contamination: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="Share of the control customers who were exposed to the campaign by accident."
    )
    rows: Annotated[list[UpliftRow], Field(min_length=1)] = Field(
        description="Customers to score; at least 200 of them with treatment and outcome, of both arms "
        "and both "
        "outcomes (with `campaign_id`: or the campaign's stored model answers)."
    )


class UpliftDecile(BaseModel):
    """A tenth of the customers by score."""

    decile: int = Field(ge=1, le=10, description="1 has the lowest uplift, 10 the highest.")
    mean_uplift: float = Field(description="Mean score: conversions that contact adds per customer.")
    n_customers: int = Field(
        ge=1, description="Customers in it; at least 15, or it is merged with a neighbour."
    )
    observed_uplift: float | None = Field(
        description="Treated less control rate of its rows with an outcome; null where an arm is missing."
    )
    observed_lower_95: float | None = Field(description="Lower bound of `observed_uplift`.")
    observed_upper_95: float | None = Field(description="Upper bound of `observed_uplift`.")


class UpliftDetail(BaseModel):
    """One customer's score."""

    id: str = Field(description="As sent.")
    uplift_score: float | None = Field(
        ge=-1,
        le=1,
        description="P(outcome | treated) − P(outcome | not treated), by a model that has not seen the "
        "row; null "
        "while there is no model.",
    )
    uplift_decile: int | None = Field(
        ge=1, le=10, description="Decile of the score among the request's rows."
    )


class UpliftInterval(BaseModel):
    """A 95 % interval."""

    lower_95: float = Field(description="Lower bound.")
    upper_95: float = Field(description="Upper bound.")


class UpliftAdjusted(UpliftInterval):
    """An effect and its 95 % interval."""

    value: float = Field(description="The effect.")


class UpliftEstimate(BaseModel):
    """A figure of the ranking and its bootstrap interval."""

    value: float = Field(description="The figure.")
    lower_95: float = Field(description="Lower bound of 95 %.")
    upper_95: float = Field(description="Upper bound of 95 %.")


class UpliftCandidate(BaseModel):
    """A learner's out-of-fold figures."""

    algorithm: str = Field(description="Name of the learner.")
    qini: float = Field(description="Qini coefficient; 0 is a random order.")
    qini_lower_95: float = Field(description="Lower bound of `qini`.")
    qini_upper_95: float = Field(description="Upper bound of `qini`.")
    auuc: float = Field(description="Area under the uplift curve, in conversions per customer.")
    auuc_lower_95: float = Field(description="Lower bound of `auuc`.")
    auuc_upper_95: float = Field(description="Upper bound of `auuc`.")


class UpliftModelInfo(BaseModel):
    """Which model scored, and how good it is; keys without a value are absent."""

    note: str | None = Field(None, description="Why there is no score.")
    best_algorithm: str | None = Field(None, description="The learner with the higher Qini.")
    evaluation_metrics: list[UpliftCandidate] | None = Field(
        None, description="Figures of both learners over the same three folds."
    )
    feature_importance: list[str] | None = Field(
        None, description="The model's features, those that move the score most first."
    )
    train_rows: int | None = Field(None, description="Rows with treatment and outcome.")
    treated_rows: int | None = Field(None, description="Of these, treated.")
    control_rows: int | None = Field(None, description="Of these, not treated.")
    contamination: float | None = Field(None, description="As it was when the model was trained.")
    dropped_features: dict[str, str] | None = Field(
        None, description="Features that no model could use, each with the reason."
    )
    pooled_categories: dict[str, int] | None = Field(
        None,
        description="Feature to how many of its categories were too rare to have a column, and are pooled.",
    )
    unlike_arms: list[str] | None = Field(
        None,
        description="Features in which treated and control customers differ more than by chance.",
    )
    adjusted_effect: UpliftAdjusted | None = Field(
        None, description="Where the arms differ: the doubly robust average effect, which the answer gives."
    )
    leaks_arm: list[str] | None = Field(None, description="Features that are present in one arm only.")
    leaks_outcome: list[str] | None = Field(None, description="Features that tell the outcome.")
    missing_features: list[str] | None = Field(
        None, description="The model's features that some customer lacks; imputed as in training."
    )
    drift: dict[str, float] | None = Field(
        None,
        description="Population stability index of each feature against the training rows, greatest first.",
    )
    cached: bool | None = Field(None, description="Whether the model was stored before this request.")
    model_version: str | None = Field(None, description="Version in the model registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it stops being served, UTC.")
    registry: str | None = Field(None, description="State of the model registry, if it has a problem.")


class UpliftModelAnswer(Answer):
    """What the campaign changes on average, and for each customer."""

    average_treatment_effect: float | None = Field(
        description="Treated less control rate, the latter corrected for `contamination`; of the training "
        "rows. Where the arms differ it is adjusted for their features (`adjusted_effect`)."
    )
    average_treatment_effect_interval: UpliftInterval | None = Field(
        description="Its interval; null while there is no model."
    )
    treatment_cr: float | None = Field(description="Conversion rate of the treated, as observed.")
    control_cr: float | None = Field(description="Conversion rate of the controls, as observed.")
    qini: UpliftEstimate | None = Field(
        description="Qini coefficient of the scores: 0 is a random order, 1 the best that there could be."
    )
    auuc: UpliftEstimate | None = Field(
        description="Area under the uplift curve; a random order has half of the average effect."
    )
    decile_summary: list[UpliftDecile] = Field(description="The deciles, lowest uplift first.")
    details: list[UpliftDetail] = Field(description="One per row, in request order.")
    interpretation: str = Field(description="The figures in sentences, in the language of `lang`.")
    model_info: UpliftModelInfo = Field(description="The model that scored.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    """Customers sent twice, a contamination that the rates rule out, and rows that cannot train where there
    is no stored model to ask.
    """
    yield from duplicates([row.id for row in request.rows], "rows", "id")
    if request.contamination and lacking(request) is None:
        classes = [class_of(row) for row in request.rows if is_labelled(row)]
        trial = Trial(tuple(np.bincount(classes, minlength=4).tolist()), request.contamination)
        if trial.ruled_out:
            yield Fault(
                "/contamination",
                f"{request.contamination:g} is ruled out by the rates ({trial.treated_rate:.2%} treated, "
                f"{trial.control_rate:.2%} control): at most {trial.most_contamination:.2f} of the controls "
                "can have been exposed.",
            )
    if request.campaign_id is None:
        missing = lacking(request)
        if missing is not None:
            yield Fault(
                "/rows", f"{missing} Send more, or the campaign_id of a campaign with a stored model."
            )


def handle(request: Any, call: Call) -> dict[str, Any]:
    served = call.models.serve(request)
    if served.model is None:
        return no_answer(request.rows, served, call)
    return answer(request.rows, served, call)


def rows(count: int = 240) -> list[dict[str, Any]]:
    """Invented customers: the offer moves those who bought one to three times, and puts off all others."""
    luck = random.Random(2025)
    found = []
    for number in range(count):
        age, purchases = luck.randint(20, 64), luck.randint(0, 5)
        country = luck.choice(("BR", "US", "UK", "CA"))
        treated = luck.randint(0, 1)
        chance = 0.2 + 0.04 * purchases + treated * (0.5 if 1 <= purchases <= 3 else -0.1)
        found.append(
            {
                "id": f"C-{number + 1:03}",
                "treatment": treated,
                "outcome": int(luck.random() < chance),
                "features": {"age": age, "country": country, "prior_purchases": purchases},
            }
        )
    return found


ENDPOINT = Endpoint(
    name="uplift_model",
    summary="What a campaign changes for each customer, and which deciles to target or to leave alone.",
    request=UpliftModelRequest,
    response=UpliftModelAnswer,
    handle=handle,
    check=check,
    trainable=Trainable(
        scope=lambda request: {"campaign_id": request.campaign_id or ""},
        training=training,
        save=UpliftModel.save,
        load=UpliftModel.load,
        score=lambda model, rows: np.asarray(model.score(rows)).tolist(),
        requirements=("lightgbm", "numba", "numpy", "scipy"),
        output="uplift",
        measure="qini",
    ),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"rows": MAX_ROWS},
    chart=lazy("plugins.propensity.charts", "uplift"),
    examples={
        "a_finished_campaign": {"contamination": 0.15, "rows": rows()},
        "a_campaign_to_come_back_to": {
            "campaign_id": "Winback-2025",
            "rows": [
                *rows(),
                {
                    "id": "C-NEW",
                    "treatment": None,
                    "outcome": None,
                    "features": {"age": 33, "prior_purchases": 2},
                },
            ],
        },
    },
)
