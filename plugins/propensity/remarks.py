"""What an answer says of its model: why there is none, that it is rough, leaks, or was trained on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abintel.endpoint import Call, Served
from abintel.faults import shown
from plugins.propensity.features.drift import Drift

SMALL_HOLD_OUT = 100
NO_SIGNAL_AUC = 0.55
FEW_LABELS = 20
"""Labelled rows below which the figures of a model mean nothing."""
MOST_NAMED = 5
"""Features that a warning names."""

WARNINGS = {
    "small_sample": "The hold-out has so few rows that roc_auc is a rough figure.",
    "leakage": "A feature alone tells the classes apart, as the outcome itself would, or is missing in one "
    "class only.",
    "too_good": "The model ranks better than customers can be told apart, or one or two features are the "
    "outcome; it has probably seen what it should predict.",
    "converted_features": "Features were not used as they were sent, such as numbers or dates sent as text.",
    "sampled": "The learners were compared on a sample of the labelled rows; the best was fitted on all.",
    "pooled_categories": "Categories that are too rare to be told apart are pooled.",
    "no_signal": "The features hardly tell the classes apart; do not act on the differences.",
    "drift": "A feature is distributed differently than in training; the probabilities may be off.",
    "not_explained": "Some rows have no `top_factors`: the model is too large for so many rows, or its "
    "learner explains nothing.",
    "model_expired": "The stored model is too old to be served; send labelled rows to train a new one.",
    "model_damaged": "The stored model is not what was registered, and is not served; send labelled "
    "rows to train a new one.",
}
"""Code to meaning, of every route of a yes-or-no outcome."""


def warn_of_drift(drifts: Mapping[str, Drift], call: Call, who: str = "These customers") -> None:
    """Names the features that have drifted, in one warning.

    Args:
        drifts: of each feature, greatest first.
        call: gets the warning.
        who: the rows that were compared with the training rows.
    """
    beyond = [f"{shown(name)} (PSI {drift.psi:.2f})" for name, drift in drifts.items() if drift.beyond]
    if beyond:
        named = ", ".join(beyond[:MOST_NAMED])
        more = f" and {len(beyond) - MOST_NAMED} more" if len(beyond) > MOST_NAMED else ""
        call.warn(
            "drift",
            f"{who} differ from those that the model was trained on in {named}{more}; "
            "retrain if this shift persists.",
        )


def warn_of_model(info: Mapping[str, Any], call: Call, labels_needed: int) -> None:
    """Warns of a model that was judged on few rows, knows the outcome, or knows nothing.

    Args:
        info: of its training.
        call: gets the warnings.
        labels_needed: labelled rows of each class below which no row is held out.
    """
    if info["test_rows"] == 0:
        call.warn(
            "small_sample",
            f"Only {info['in_sample_rows']} rows have a label, fewer than {labels_needed} of a class: the "
            f"figures are {'meaningless' if info['in_sample_rows'] < FEW_LABELS else 'rough'}, and the model "
            "answers this request and is not kept.",
        )
    elif info["test_rows"] < SMALL_HOLD_OUT:
        call.warn(
            "small_sample",
            f"roc_auc is judged on {info['test_rows']} held-out rows; "
            "the cross-validated figures in evaluation_metrics are steadier.",
        )
    compared = info["train_rows"] + info["test_rows"]
    if compared < info["in_sample_rows"]:
        call.warn(
            "sampled",
            f"The learners were compared on {compared:,} of {info['in_sample_rows']:,} labelled rows; "
            "the best was fitted on all.",
        )
    for name in info.get("suspected_leakage", ()):
        call.warn(
            "leakage",
            f"{shown(name)} alone tells the classes apart; check that it was known before the outcome.",
        )
    for name, label in info.get("missing_in_one_class", {}).items():
        call.warn(
            "leakage",
            f"{shown(name)} is missing only where the label is {label}; "
            "check that it was known before the outcome.",
        )
    if "too_good" in info:
        _warn_of_too_good(info["too_good"], info["roc_auc"], call)
    if "pooled_categories" in info:
        pooled = ", ".join(f"{count:,} of {shown(name)}" for name, count in info["pooled_categories"].items())
        call.warn("pooled_categories", f"Too rare to be told apart, and pooled: {pooled}.")
    if "converted_features" in info:
        call.warn(
            "converted_features",
            f"Not used as sent: {_named(info['converted_features'])}; "
            "model_info.features says how they were read.",
        )
    for candidate in info["evaluation_metrics"]:
        if candidate["algorithm"] == info["best_algorithm"] and candidate["roc_auc"] < NO_SIGNAL_AUC:
            call.warn(
                "no_signal",
                f"The best model's cross-validated ROC-AUC is {candidate['roc_auc']:.2f}, about chance; "
                "send features that say more.",
            )


def _warn_of_too_good(names: Sequence[str], roc_auc: float, call: Call) -> None:
    """Warns of a model that has probably seen the outcome.

    Args:
        names: the one or two features that do it; empty if none is known.
        roc_auc: of the model.
        call: gets the warning.
    """
    reason = f"; {_named(names)} {'together are' if len(names) == 2 else 'is'} the outcome" if names else ""
    call.warn(
        "too_good",
        f"A ROC-AUC of {roc_auc:.3f} is better than customers can be told apart{reason}. "
        "Send only what was known before the outcome.",
    )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(shown, names[:MOST_NAMED])) + more


def unscored(served: Served, not_enough: str) -> dict[str, Any]:
    """``model_info`` where there is no model: why there is none."""
    note = not_enough if served.note is None else f"{not_enough}; {served.note}"
    return {**served.info, "note": note}
