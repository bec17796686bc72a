"""From the served model and a request's features to probabilities, their reasons and ``model_info``.

Every route of a yes-or-no outcome answers through :func:`scored`; a route adds its own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from abintel.endpoint import Call, Served
from plugins.propensity import factors
from plugins.propensity.classifier.explain import strongest
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.classifier.training import LABELS_NEEDED
from plugins.propensity.features.columns import Row
from plugins.propensity.features.refusals import Place, refuse_unfit
from plugins.propensity.remarks import warn_of_drift, warn_of_model


class Scored(NamedTuple):
    """What the model says of ``n`` customers.

    Attributes:
        probabilities: ``n`` calibrated probabilities of label 1.
        reasons: ``n`` lists of what moves each score; None if nobody asked.
        info: ``model_info`` of the answer.
    """

    probabilities: list[float]
    reasons: list[list[str]] | None
    info: dict[str, Any]


def scored(
    served: Served,
    rows: Sequence[Row],
    call: Call,
    *,
    place: Place,
    outcome: factors.Outcome,
    explained: bool,
    derived: Mapping[str, str] | None = None,
) -> Scored:
    """Scores rows with a served model, and warns of what limits the scores.

    Args:
        served: has a model.
        rows: features of ``n`` customers.
        call: gets the warnings.
        place: of the rows in the body.
        outcome: what the score is of, for the reasons.
        explained: whether to give reasons.
        derived: feature to the sent feature that it is computed from. Only the latter is told.

    Raises:
        Problem: 400, the rows do not fit the model.
    """
    model: Scorer = served.model
    own = derived or {}
    reading = model.design.read(rows)
    refuse_unfit(reading, place, own)
    probabilities = model.probability(reading.columns).tolist()
    warn_of_model(served.info, call, LABELS_NEEDED)
    info = dict(served.info)
    if served.note:
        info["note"] = served.note
    missing = [name for name in reading.missing if name not in own]
    if missing:
        info["missing_features"] = missing
    drifts = {name: drift for name, drift in model.drifts(reading.columns).items() if name not in own}
    if drifts:
        info["drift"] = {name: drift.psi for name, drift in drifts.items()}
        warn_of_drift(drifts, call)
    reasons: list[list[str]] | None = None
    if explained:
        strong = strongest(model, reading.columns, own)
        if strong is None:
            factors.warn_unexplained(model.algorithm, call)
            reasons = [[] for _ in rows]
        else:
            factors.warn(strong, len(rows), call)
            reasons = factors.sentences(strong, rows, call.lang, outcome)
    return Scored(probabilities, reasons, info)
