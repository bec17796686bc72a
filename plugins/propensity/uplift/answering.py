"""The answer of an uplift model to a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call, Served
from abintel.faults import shown
from plugins.propensity.features.design import Reading
from plugins.propensity.features.refusals import refuse_unfit
from plugins.propensity.remarks import MOST_NAMED, unscored, warn_of_drift
from plugins.propensity.uplift.contamination import Effect, observed
from plugins.propensity.uplift.deciles import deciles
from plugins.propensity.uplift.folds import NEW, digests_of
from plugins.propensity.uplift.growing import CLASSES
from plugins.propensity.uplift.model import UpliftModel
from plugins.propensity.uplift.qini import Estimate
from plugins.propensity.uplift.training import ROWS, class_of, is_labelled
from plugins.propensity.uplift.words import TEXTS, Doubt, Group, interpret

SMALL_ARM = 100
TOO_SMALL = 20
"""Rows of an arm, or of an outcome in it, below which no ranking is shown to be better than chance."""
FEW_ROWS = 30
NOT_ENOUGH = "not enough labelled rows to train (need ≥200 with both treatment & outcome variants)"

WARNINGS = {
    "qini_spans_zero": "The ranking may be chance: the interval of qini spans 0.",
    "small_sample": "An arm or an outcome has so few rows that scores and intervals are rough.",
    "unlike_arms": "Treated and control customers differ in their features; this was no random trial. "
    "The average effect is adjusted for them if that changes it.",
    "contamination": "The rates leave room for less contamination than was sent, though by chance perhaps.",
    "too_few_to_rank": "An arm, or an outcome in it, has so few rows that no ranking can be shown.",
    "leaks_arm": "A feature is present in one arm only: the campaign wrote it.",
    "leaks_outcome": "A feature tells the outcome: it was written after it.",
    "few_rows": "There are too few customers, or too few different scores, to rank them into deciles.",
    "drift": "A feature is distributed differently than in training; the scores may be off.",
    "model_expired": "The stored model is too old to be served; send rows with treatment and outcome.",
    "model_damaged": "The stored model is not what was registered, and is not served; send rows "
    "with treatment and outcome.",
}


LEAKS = {
    "leaks_arm": "present in one arm only, so that the campaign wrote it; leave it out and train again.",
    "leaks_outcome": "tells the outcome, so that it was written after it; leave it out and train again.",
}


def no_answer(rows: Sequence[Any], served: Served, call: Call) -> dict[str, Any]:
    """The answer while there is no model."""
    return {
        "average_treatment_effect": None,
        "average_treatment_effect_interval": None,
        "treatment_cr": None,
        "control_cr": None,
        "qini": None,
        "auuc": None,
        "decile_summary": [],
        "details": [{"id": row.id, "uplift_score": None, "uplift_decile": None} for row in rows],
        "interpretation": TEXTS[call.lang].say("no_model"),
        "model_info": unscored(served, NOT_ENOUGH),
    }


def answer(rows: Sequence[Any], served: Served, call: Call) -> dict[str, Any]:
    """Scores every row with a model, its training rows by the fold model that did not see them.

    Raises:
        Problem: 400, a row does not fit the model.
    """
    model: UpliftModel = served.model
    reading = model.design.read([row.features for row in rows])
    refuse_unfit(reading, ROWS)
    labelled = np.array([is_labelled(row) for row in rows])
    classes = np.array([class_of(row) if is_labelled(row) else 0 for row in rows], dtype=np.uint8)
    scores = model.effects(reading.columns, _folds(model, rows, reading, labelled, classes))
    decile = deciles(scores, [row.id for row in rows])
    summary = _summary(scores, decile, labelled, classes, model)
    few = _too_few(model)
    effect = _effect(model, served, few)
    said: dict[str, Any] = {"missing_features": reading.missing} if reading.missing else {}
    if not labelled.all():
        drifts = model.drifts({name: column[~labelled] for name, column in reading.columns.items()})
        warn_of_drift(drifts, call, "The rows without an outcome")
        said["drift"] = {name: drift.psi for name, drift in drifts.items()}
    ranking = {name: _estimate(getattr(model.ranking, name), few) for name in ("qini", "auuc")}
    _warn(model, served, summary, call)
    groups = [
        Group(
            part["decile"],
            part["mean_uplift"],
            part["n_customers"],
            part["observed_upper_95"] is not None and part["observed_upper_95"] < 0,
        )
        for part in summary
    ]
    return {
        "average_treatment_effect": round(effect.value, 4),
        "average_treatment_effect_interval": {
            "lower_95": round(effect.lower_95, 4),
            "upper_95": round(effect.upper_95, 4),
        },
        "treatment_cr": round(model.trial.treated_rate, 4),
        "control_cr": round(model.trial.control_rate, 4),
        **ranking,
        "decile_summary": summary,
        "details": [
            {"id": row.id, "uplift_score": score, "uplift_decile": number}
            for row, score, number in zip(rows, _rounded(scores), decile.tolist(), strict=True)
        ],
        "interpretation": interpret(
            model.trial.treated_rate,
            model.trial.control_rate,
            effect.value,
            groups,
            Doubt(
                by_chance=model.ranking.qini.spans_zero or bool(few),
                unlike=_adjusted(model, served) is not None,
                leaks=any(name in served.info for name in LEAKS),
            ),
            call.lang,
        ),
        "model_info": {**served.info, **said},
    }


def _folds(
    model: UpliftModel,
    rows: Sequence[Any],
    reading: Reading,
    labelled: NDArray[np.bool_],
    classes: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Fold of each row that the model was trained on, ``NEW`` for all others."""
    folds = np.full(len(rows), NEW, dtype=np.int64)
    places = np.flatnonzero(labelled)
    if places.size:
        columns = {name: column[places] for name, column in reading.columns.items()}
        digests = digests_of(columns, classes[places])
        folds[places] = model.dealt.recall(digests, [rows[place].id for place in places.tolist()])
    return folds


def _summary(
    scores: NDArray[np.float64],
    decile: NDArray[np.int64],
    labelled: NDArray[np.bool_],
    classes: NDArray[np.uint8],
    model: UpliftModel,
) -> list[dict[str, Any]]:
    found = []
    for number in np.unique(decile).tolist():
        members = decile == number
        counts = np.bincount(classes[members & labelled], minlength=CLASSES)
        seen = observed(counts, model.trial.weights)
        value, lower, upper = (None, None, None) if seen is None else (round(part, 4) for part in seen)
        found.append(
            {
                "decile": number,
                # Summed from the smallest up, so that the order of the rows does not change the last bit.
                "mean_uplift": round(float(np.sort(scores[members]).mean()), 4),
                "n_customers": int(members.sum()),
                "observed_uplift": value,
                "observed_lower_95": lower,
                "observed_upper_95": upper,
            }
        )
    return found


def _rounded(scores: NDArray[np.float64]) -> list[float]:
    """To four decimals, as published; −0 is 0."""
    return [score + 0.0 for score in np.round(scores, 4).tolist()]


def _estimate(estimate: Estimate, few: Sequence[str]) -> dict[str, float]:
    """Rounded; its interval holds 0 where nothing can be ranked."""
    found = {name: round(value, 4) for name, value in estimate._asdict().items()}
    if few:
        found |= {"lower_95": min(found["lower_95"], 0.0), "upper_95": max(found["upper_95"], 0.0)}
    return found


def _too_few(model: UpliftModel) -> list[str]:
    """Which arms and outcomes in them have too few rows."""
    without_control, with_control, without_treated, with_treated = model.trial.counts
    sizes = {
        "control rows": without_control + with_control,
        "treated rows": without_treated + with_treated,
        "control rows with outcome 1": with_control,
        "treated rows with outcome 1": with_treated,
        "control rows with outcome 0": without_control,
        "treated rows with outcome 0": without_treated,
    }
    return [f"{size} {name}" for name, size in sizes.items() if size < TOO_SMALL]


def _adjusted(model: UpliftModel, served: Served) -> Effect | None:
    """The doubly robust effect, where the plain one lies outside its interval."""
    if "adjusted_effect" not in served.info:
        return None
    adjusted = Effect(**served.info["adjusted_effect"])
    plain = model.trial.effect().value
    return None if adjusted.lower_95 <= plain <= adjusted.upper_95 else adjusted


def _effect(model: UpliftModel, served: Served, few: Sequence[str]) -> Effect:
    """The average effect, adjusted where the arms differ; its interval holds 0 where an arm is too small."""
    effect = _adjusted(model, served) or model.trial.effect()
    counts = model.trial.counts
    if min(counts[0] + counts[1], counts[2] + counts[3]) < TOO_SMALL:
        return Effect(effect.value, min(effect.lower_95, 0.0), max(effect.upper_95, 0.0))
    return effect


def _warn(model: UpliftModel, served: Served, summary: Sequence[Any], call: Call) -> None:
    """Says what a marketer should know of the model before relying on it."""
    qini, counts = model.ranking.qini, model.trial.counts
    if qini.spans_zero:
        call.warn(
            "qini_spans_zero",
            f"The 95 % interval of qini is {qini.lower_95:.3f} to {qini.upper_95:.3f} and spans 0: the "
            f"ranking may "
            "be nothing but chance; test it on a random sample before relying on it.",
        )
    sizes = {
        "treated rows": counts[2] + counts[3],
        "control rows": counts[0] + counts[1],
        "rows with outcome 1": counts[1] + counts[3],
        "rows with outcome 0": counts[0] + counts[2],
    }
    small = [f"{size} {name}" for name, size in sizes.items() if size < SMALL_ARM]
    if small:
        call.warn("small_sample", f"The model was trained on {' and '.join(small)}; its figures are rough.")
    if served.info.get("unlike_arms"):
        named = ", ".join(shown(name) for name in served.info["unlike_arms"][:MOST_NAMED])
        call.warn(
            "unlike_arms",
            f"Treated and control customers differ in {named} more than chance makes them; uplift is "
            f"causal only "
            "where chance decided who was treated. adjusted_effect is the average effect adjusted for the "
            "features (doubly robust).",
        )
    trial = model.trial
    if trial.contamination > trial.most_contamination:
        call.warn(
            "contamination",
            f"The rates leave room for a contamination of {trial.most_contamination:.2f} at most, and "
            f"{trial.contamination:g} was sent; nobody of the unexposed controls is taken to have converted.",
        )
    few = _too_few(model)
    if few:
        call.warn(
            "too_few_to_rank",
            f"The model was trained on {few[0]}; it takes {TOO_SMALL} to show that a ranking "
            "is more than chance.",
        )
    for name, says in LEAKS.items():
        if served.info.get(name):
            named = ", ".join(shown(feature) for feature in served.info[name][:MOST_NAMED])
            call.warn(name, f"{named}: {says}")
    if len(summary) == 1:
        call.warn(
            "few_rows",
            f"{summary[0]['n_customers']} customers, which is fewer than {FEW_ROWS} or nearly all of one "
            f"score, "
            "cannot be ranked into deciles; use uplift_score.",
        )
