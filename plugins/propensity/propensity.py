"""Propensity routes: the same model behind each, told apart by a label, a scope and their sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Served, Trainable
from abintel.faults import shown
from abintel.fields import Lang
from abintel.problem import Fault, bad_body, pointer
from plugins.propensity import factors
from plugins.propensity.classifier.design import Reading
from plugins.propensity.classifier.drift import Drift
from plugins.propensity.classifier.explain import strongest
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.classifier.training import LABELS_NEEDED, misfits, training
from plugins.propensity.schemas import TIERS, Tier

MAX_ROWS = 100_000
"""Customers per request, on every route."""
SMALL_HOLD_OUT = 100
NO_SIGNAL_AUC = 0.55
MOST_NAMED = 5
"""Drifted features that a warning names."""
NOT_ENOUGH = "not enough labelled rows to train (need ≥20 & both classes)"

WARNINGS = {
    "small_sample": "The hold-out has so few rows that roc_auc is a rough figure.",
    "leakage": "A feature alone tells the classes apart, as the outcome itself would.",
    "no_signal": "The features hardly tell the classes apart; do not act on the differences.",
    "drift": "A feature is distributed otherwise than in training; the probabilities may be off.",
    **factors.WARNING,
    "model_expired": "The stored model is too old to be served; send labelled rows to train a new one.",
    "model_damaged": "The stored model is not what was registered, and is not served; send labelled "
    "rows to train a new one.",
}

Sentences = Mapping[Lang, Mapping[Tier, str]]
"""Language to tier to what to do about a scored customer."""

UNSCORED: Mapping[Lang, str] = {
    "en": "Very low propensity – deprioritise in current cycle.",
    "es": "Propensión muy baja: sin prioridad en el ciclo actual.",
    "pt": "Propensão muito baixa: sem prioridade no ciclo atual.",
}
"""For a customer without a score, on every route."""


@dataclass(frozen=True)
class Propensity:
    """A propensity route: what it asks, and all that follows from it.

    Attributes:
        question: what label 1 means, in words, for the model card.
        label: name of the customers' label field.
        scope: names of the request's fields that say what a model is for; none: one model per tenant.
        sentences: what to do about a scored customer of a tier, by language.
        stand_in: the route whose champion scores customers for whom there is no model, if its features match.
    """

    question: str
    label: str
    scope: tuple[str, ...]
    sentences: Sentences
    stand_in: Endpoint | None = None

    def check(self, request: Any, call: Call) -> Iterator[Fault]:
        """Customers sent twice, and cut-offs that do not descend.

        Raises:
            Problem: 400, a header does not fit.
        """
        factors.asked_for(call)
        yield from duplicates([row.customer_id for row in request.customers], "customers", "customer_id")
        cut_offs = request.tier_quantiles
        for place, (upper, lower) in enumerate(pairwise(cut_offs), start=1):
            if lower >= upper:
                yield Fault(
                    pointer("tier_quantiles", place),
                    f"{shown(lower)} is not below {shown(upper)}; send four cut-offs in descending order.",
                )

    def handle(self, request: Any, call: Call) -> dict[str, Any]:
        """Scores every customer with the model that the registry serves, if it serves one."""
        served = call.models.serve(request)
        customers = request.customers
        if served.model is None:
            served = self._stood_in(served, request, call)
        if served.model is None:
            unscored = [
                _prediction(customer.customer_id, None, "Very Low", UNSCORED[call.lang])
                for customer in customers
            ]
            if factors.asked_for(call):
                unscored = [{**prediction, "top_factors": []} for prediction in unscored]
            return {
                "predictions": unscored,
                "model_info": {**served.info, "note": _no_model(served)},
            }
        reading = served.model.design.read([customer.features for customer in customers])
        if reading.absent or reading.misfits:
            raise bad_body([*_absent(reading), *misfits(reading)])
        probabilities = served.model.probability(reading.columns)
        warn_of_model(served.info, call)
        sentences = self.sentences[call.lang]
        said: dict[str, Any] = {"note": served.note} if served.note else {}
        if reading.missing:
            said["missing_features"] = reading.missing
        drifts = served.model.drifts(reading.columns)
        if drifts:
            said["drift"] = {name: drift.psi for name, drift in drifts.items()}
            warn_of_drift(drifts, call)
        predictions = [
            _prediction(customer.customer_id, probability, tier, sentences[tier])
            for customer, probability, tier in zip(
                customers,
                probabilities.tolist(),
                tiers(probabilities, request.tier_quantiles),
                strict=True,
            )
        ]
        if factors.asked_for(call):
            found = strongest(served.model, reading.columns)
            factors.warn(found, len(customers), call)
            features = [customer.features for customer in customers]
            said_of_each = factors.sentences(found, features, call.lang, "propensity")
            for prediction, reasons in zip(predictions, said_of_each, strict=True):
                prediction["top_factors"] = reasons
        return {"predictions": predictions, "model_info": {**served.info, **said}}

    def _stood_in(self, cold: Served, request: Any, call: Call) -> Served:
        """The champion of another route, where there is one and the customers have its features."""
        if self.stand_in is None:
            return cold
        other = call.models.champion(self.stand_in, request)
        if other.model is None:
            return cold
        reading = other.model.design.read([customer.features for customer in request.customers])
        if reading.absent or reading.misfits:
            return cold
        name = self.stand_in.name
        call.warn(
            "cold_campaign",
            f"There is no model for this yet: the probabilities are those of {name}, in general. "
            "Send outcomes to train one.",
        )
        note = f"{_no_model(cold)}; scored by the model of {name}"
        return Served(other.model, other.info, note)

    @property
    def trainable(self) -> Trainable:
        """How the route learns."""
        return Trainable(
            scope=lambda request: {name: getattr(request, name) for name in self.scope},
            training=partial(training, label=self.label, question=self.question),
            save=Scorer.save,
            load=Scorer.load,
            score=lambda model, rows: model.score(rows).tolist(),
            requirements=("catboost", "lightgbm", "numba", "numpy", "scikit-learn", "scipy", "xgboost"),
        )


def _no_model(served: Served) -> str:
    return NOT_ENOUGH if served.note is None else f"{NOT_ENOUGH}; {served.note}"


def tiers(probabilities: Any, cut_offs: Sequence[float]) -> list[Tier]:
    """The tier of each probability: a customer at a cut-off is in the tier above it.

    >>> tiers([0.95, 0.7, 0.1], [0.9, 0.7, 0.4, 0.2])
    ['Very High', 'High', 'Very Low']
    """
    ascending = np.asarray(cut_offs)[::-1]
    passed = np.searchsorted(ascending, np.asarray(probabilities), side="right")
    return [TIERS[len(ascending) - count] for count in passed.tolist()]


def _prediction(customer_id: str, probability: float | None, tier: Tier, sentence: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "probability": probability,
        "propensity_tier": tier,
        "interpretation": sentence,
    }


def _absent(reading: Reading) -> Iterator[Fault]:
    for name in reading.absent:
        message = f"No customer has {shown(name)}, which the model was trained with; send it."
        yield Fault("/customers", message)


def warn_of_drift(drifts: Mapping[str, Drift], call: Call) -> None:
    """Names the features that have drifted, in one warning."""
    beyond = [f"{shown(name)} (PSI {drift.psi:.2f})" for name, drift in drifts.items() if drift.beyond]
    if beyond:
        named = ", ".join(beyond[:MOST_NAMED])
        more = f" and {len(beyond) - MOST_NAMED} more" if len(beyond) > MOST_NAMED else ""
        call.warn(
            "drift",
            f"These customers differ from those that the model was trained on in {named}{more}; "
            "train anew if they are here to stay.",
        )


def warn_of_model(info: Mapping[str, Any], call: Call) -> None:
    """Says what a marketer should know of the model before relying on it."""
    if info["test_rows"] == 0:
        call.warn(
            "small_sample",
            f"Only {info['in_sample_rows']} rows have a label, fewer than {LABELS_NEEDED} of a class: the "
            "figures are rough, and the model answers this request and is not kept.",
        )
    elif info["test_rows"] < SMALL_HOLD_OUT:
        call.warn(
            "small_sample",
            f"roc_auc is judged on {info['test_rows']} held-out rows; "
            "the cross-validated figures in evaluation_metrics are steadier.",
        )
    for name in info.get("suspected_leakage", ()):
        call.warn(
            "leakage",
            f"{shown(name)} alone tells the classes apart; check that it was known before the outcome.",
        )
    for candidate in info["evaluation_metrics"]:
        if candidate["algorithm"] == info["best_algorithm"] and candidate["roc_auc"] < NO_SIGNAL_AUC:
            call.warn(
                "no_signal",
                f"The best model's cross-validated ROC-AUC is {candidate['roc_auc']:.2f}, about chance; "
                "send features that say more.",
            )
