"""Propensity routes: one description each, from which the endpoint follows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint, Served, Training
from abintel.faults import shown
from abintel.problem import Fault, pointer
from abintel.wording import Lang, Texts
from plugins.propensity import factors
from plugins.propensity.classifier import responses
from plugins.propensity.classifier.responses import Responses
from plugins.propensity.classifier.training import trainable, training
from plugins.propensity.features.refusals import CUSTOMERS
from plugins.propensity.remarks import WARNINGS, unscored
from plugins.propensity.schemas import TIERS, PropensityAnswer, Tier
from plugins.propensity.scoring import scored

MAX_ROWS = 100_000
"""Customers per request, on every route."""
NOT_ENOUGH = "not enough labelled rows to train (need ≥20 & both classes)"

TEXTS = Texts("propensity")


class Wider(NamedTuple):
    """A request as the wider model takes it."""

    name: str
    customers: Sequence[Any]


def no_more_faults(request: Any) -> Iterator[Fault]:
    """The check of a route that has no rule of its own."""
    return iter(())


@dataclass(frozen=True)
class Propensity:
    """A propensity route.

    Attributes:
        name: of the endpoint.
        summary: of the endpoint.
        question: what label 1 means, in words, for the model card.
        label: name of the customers' label field.
        scope: names of the request's fields that say what a model is for; none: one model per tenant.
        request: pydantic model of the body.
        examples: bodies that run, by name.
        rule: faults of the route's own fields.
        stand_in: the route whose champion scores customers for whom there is no model, if its features match.
        training: what the labels of a request allow.
        wider: name of the request's field that says what a wider model is for, which answers where there is
            none of the scope; empty if the route has none.
    """

    name: str
    summary: str
    question: str
    label: str
    scope: tuple[str, ...]
    request: Any
    examples: Mapping[str, Mapping[str, Any]]
    rule: Callable[[Any], Iterator[Fault]] = no_more_faults
    stand_in: Endpoint | None = None
    training: Callable[..., Training | None] = training
    wider: str = ""

    @property
    def endpoint(self) -> Endpoint:
        """The route."""
        return Endpoint(
            name=self.name,
            summary=self.summary,
            request=self.request,
            response=PropensityAnswer,
            handle=self.handle,
            check=self.check,
            trainable=dataclasses.replace(
                trainable(
                    scope=self._scope_of,
                    training=partial(self.training, label=self.label, question=self.question),
                ),
                save=responses.save,
                load=responses.load,
                score=responses.score,
            ),
            headers=(factors.HEADER,),
            writes_words=True,
            warnings=self._warnings,
            max_rows={"customers": MAX_ROWS},
            chart=lazy("plugins.propensity.charts", "propensity"),
            examples=self.examples,
        )

    def _scope_of(self, request: Any) -> Mapping[str, str]:
        if isinstance(request, Wider):
            return {self.wider: request.name}
        return {name: getattr(request, name) for name in self.scope}

    @property
    def _warnings(self) -> Mapping[str, str]:
        if self.wider:
            wide = "The product has no model yet; the one of its category has answered."
            return {**WARNINGS, "category_model": wide}
        if self.stand_in is None:
            return WARNINGS
        cold = f"The campaign has no model yet; the one of {self.stand_in.name} has answered."
        return {**WARNINGS, "cold_campaign": cold}

    def sentences(self, lang: Lang) -> Mapping[str, str]:
        """Tier to what to do about a scored customer."""
        return TEXTS[lang].choices(self.name)

    def check(self, request: Any, call: Call) -> Iterator[Fault]:
        """Faults of the route's own fields, customers sent twice, and cut-offs that do not descend.

        Raises:
            Problem: 400, a header does not fit.
        """
        factors.asked_for(call)
        yield from self.rule(request)
        ids = [customer.customer_id for customer in request.customers]
        yield from duplicates(ids, "customers", "customer_id")
        for index, (upper, lower) in enumerate(pairwise(request.tier_quantiles), start=1):
            if lower >= upper:
                yield Fault(
                    pointer("tier_quantiles", index),
                    f"{shown(lower)} is not below {shown(upper)}; send four cut-offs in descending order.",
                )

    def handle(self, request: Any, call: Call) -> dict[str, Any]:
        """Scores every customer with the model that the registry serves, if it serves one."""
        explained = factors.asked_for(call)
        served = call.models.serve(request)
        served = self._widened(served, request, call)
        if served.model is None:
            served = self._stood_in(served, request, call)
        ids = [customer.customer_id for customer in request.customers]
        if served.model is None:
            nothing: dict[str, Any] = {"top_factors": []} if explained else {}
            unrated = [
                _prediction(id_, None, "Very Low", TEXTS[call.lang].say("unscored")) | nothing for id_ in ids
            ]
            return {"predictions": unrated, "model_info": unscored(served, NOT_ENOUGH)}
        rows = [customer.features for customer in request.customers]
        by_class = None
        if isinstance(served.model, Responses):
            by_class = served.model.by_class
            served = dataclasses.replace(served, model=served.model.scorer)
        found = scored(served, rows, call, place=CUSTOMERS, outcome="propensity", explained=explained)
        sentences = self.sentences(call.lang)
        predictions = [
            _prediction(id_, probability, tier, sentences[tier])
            for id_, probability, tier in zip(
                ids, found.probabilities, tiers(found.probabilities, request.tier_quantiles), strict=True
            )
        ]
        if found.reasons is not None:
            for prediction, reasons in zip(predictions, found.reasons, strict=True):
                prediction["top_factors"] = reasons
        if by_class is not None:
            parts = by_class(rows, found.probabilities)
            for prediction, probabilities in zip(predictions, parts, strict=True):
                prediction["probabilities"] = probabilities
        return {"predictions": predictions, "model_info": found.info}

    def _widened(self, served: Served, request: Any, call: Call) -> Served:
        """The scope's own model, or the wider one if the scope has none. Labels train both."""
        name = getattr(request, self.wider) if self.wider else None
        if name is None:
            return served
        wide = call.models.serve(Wider(name, request.customers))
        if served.model is not None or wide.model is None:
            return served
        reading = wide.model.design.read([customer.features for customer in request.customers])
        if reading.absent or reading.misfits:
            return served
        call.warn(
            "category_model",
            f"There is no model of {shown(getattr(request, self.scope[0]))} yet: the probabilities are those "
            f"of its category, {shown(name)}. Send labels to train one.",
        )
        return wide

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
        note = f"{unscored(cold, NOT_ENOUGH)['note']}; scored by the model of {name}"
        return Served(other.model, other.info, note)


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
