"""From a request's labels to a training, and from a training to what the registry keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from abintel import spreadsheet
from abintel.charts import lazy
from abintel.endpoint import Fit, Trainable, Training
from abintel.progress import report
from plugins.propensity.classifier import automl, review
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features import design
from plugins.propensity.features.description import converted, described, pooled_categories
from plugins.propensity.features.design import Design
from plugins.propensity.features.fingerprint import Labelled
from plugins.propensity.features.invented import invented
from plugins.propensity.features.refusals import (
    CUSTOMERS,
    Place,
    no_value,
    refuse_unlearnable,
    training_rows,
)
from plugins.propensity.learners.roster import DISTRIBUTIONS

PICTURES = lazy("plugins.propensity.classifier.pictures", "pictures")

LABELS_NEEDED = 20
"""Labelled rows of each class that a training needs."""


def training(
    request: Any, *, label: str, question: str, labels_needed: int = LABELS_NEEDED, place: Place = CUSTOMERS
) -> Training | None:
    """The training that the labels allow; it is kept if it has ``LABELS_NEEDED`` of each class.

    Args:
        request: has ``customers``, each with ``features`` and the label.
        label: name of the label.
        question: what label 1 means, in words.
        labels_needed: labelled rows of each class without which nothing is trained; 2 at least.
        place: where the body has what is in ``customers``, for the pointers of faults.

    Raises:
        Problem: 400, the labels suffice and the features do not, or a customer to score does not fit them:
            a request that is refused must not leave a model behind.
    """
    labelled = [customer for customer in request.customers if getattr(customer, label) is not None]
    labels = [getattr(customer, label) for customer in labelled]
    fewest = min(sum(labels), len(labels) - sum(labels))
    if fewest < labels_needed:
        return None
    rows = [customer.features for customer in labelled]
    data = training_rows(
        rows,
        labels,
        place,
        who="labelled customers",
        featureless=f"{len(rows)} customers have {label}, and none of them has a feature; "
        "send features that may explain the label.",
    )
    learned, dropped = design.learn(data.columns, data.forms, coded=True)
    dropped = dict(sorted({**dropped, **no_value(data)}.items()))
    everyone = [customer.features for customer in request.customers]
    refuse_unlearnable(learned, dropped, everyone, place, who=f"{len(rows)} labelled customers")
    fit = partial(_fit, data, learned, dropped, question)
    return Training(data.fingerprint, len(rows), fit, register=fewest >= LABELS_NEEDED)


def trainable(
    scope: Callable[[Any], Mapping[str, str]], training: Callable[[Any], Training | None]
) -> Trainable:
    """How a route of a yes-or-no outcome learns.

    Args:
        scope: what a model is for.
        training: what the labels of a request allow.
    """
    return Trainable(
        scope=scope,
        training=training,
        save=Scorer.save,
        load=Scorer.load,
        score=lambda model, rows: model.score(rows).tolist(),
        requirements=DISTRIBUTIONS,
    )


def _fit(data: Labelled, learned: Design, dropped: Mapping[str, str], question: str) -> Fit:
    outcome = automl.train(learned, data, report)
    winner, scorer = outcome.winner, outcome.scorer
    importance = scorer.importance()
    info: dict[str, Any] = {
        "best_algorithm": winner.name,
        "roc_auc": outcome.roc_auc,
        "roc_auc_interval": list(outcome.interval),
        "feature_importance": list(importance),
        "selected_features": [name for name, share in importance.items() if share > 0],
        "train_rows": len(outcome.train_labels),
        "test_rows": len(outcome.test_labels),
        "in_sample_rows": len(data.labels),
        "brier_score": outcome.calibration.brier,
        "log_loss": outcome.calibration.log_loss,
        "calibration_error": outcome.calibration.error,
        "calibrated": outcome.calibration.helps,
        "calibration_table": [part._asdict() for part in outcome.calibration.table],
        "evaluation_metrics": [
            {"algorithm": candidate.name, **candidate.figures()} for candidate in outcome.candidates
        ],
    }
    if dropped:
        info["dropped_features"] = dict(dropped)
    leaks = outcome.leaks
    if leaks.suspects:
        info["suspected_leakage"] = list(leaks.suspects)
    if leaks.one_sided:
        info["missing_in_one_class"] = dict(leaks.one_sided)
    if leaks.too_good:
        info["too_good"] = list(leaks.pair or leaks.suspects)
    info["features"] = described(data, dropped)
    if converted(data):
        info["converted_features"] = converted(data)
    pooled = pooled_categories(learned, data.columns)
    if pooled:
        info["pooled_categories"] = pooled
    fit = Fit(
        model=scorer,
        algorithm=winner.name,
        quality=winner.roc_auc,
        params=scorer.learner.params(),
        metrics={
            **(_of_hold_out(outcome) if len(outcome.test_labels) else {}),
            **{f"cv_{name}": value for name, value in winner.figures().items()},
            "cv_brier": outcome.calibration.brier,
            "cv_log_loss": outcome.calibration.log_loss,
            "cv_calibration_error": outcome.calibration.error,
        },
        candidates={candidate.name: candidate.figures() for candidate in outcome.candidates},
        features=learned.names,
        info=info,
        input_example=invented(learned),
        # Nobody reviews a model that is not kept, and drawing takes longer than fitting so few rows.
        pictures=PICTURES(outcome, {"training-profile.csv": _csv(scorer)})
        if len(outcome.test_labels)
        else {},
        card=review.card(
            outcome,
            question=question,
            labels=data.labels,
            described=info["features"],
            dropped=dropped,
            fingerprint=data.fingerprint,
        ),
    )
    report(1.0)
    return fit


def _of_hold_out(outcome: automl.Outcome) -> dict[str, float]:
    return {
        "hold_out_roc_auc": outcome.roc_auc,
        "hold_out_brier": outcome.brier,
        "hold_out_log_loss": outcome.log_loss,
    }


def _csv(scorer: Scorer) -> bytes:
    """The profile's table; names in it are the caller's, and a reviewer may open it in a spreadsheet."""
    return "".join(spreadsheet.lines(review.profile_table(scorer))).encode()
