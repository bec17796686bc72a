"""From a request's labels to a training, and from a training to what the registry keeps of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from abintel import spreadsheet
from abintel.charts import lazy
from abintel.endpoint import Fit, Training
from abintel.faults import shown
from abintel.problem import Fault, bad_body, pointer
from abintel.progress import report
from plugins.propensity.classifier import automl, design, review
from plugins.propensity.classifier.design import Category, Design, Reading
from plugins.propensity.classifier.fingerprint import Labelled, Row, canonical
from plugins.propensity.classifier.scorer import Scorer

PICTURES = lazy("plugins.propensity.classifier.pictures", "pictures")

LABELS_NEEDED = 20
"""Labelled rows of each class that a training needs."""
MOST_FEATURES = 200
"""Distinct feature names in the labelled rows; bounds what one request can make the server compute."""


class Place(NamedTuple):
    """Where a body has its rows, and where a row has its features: ``/customers/0/features/plan``."""

    rows: str
    features: tuple[str, ...] = ()

    def of(self, row: int, feature: str) -> str:
        """JSON pointer of a value."""
        return pointer(self.rows, row, *self.features, feature)


CUSTOMERS = Place("customers", ("features",))


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
    names = set().union(*rows)
    if len(names) > MOST_FEATURES:
        message = f"The labelled customers have {len(names)} different features; at most {MOST_FEATURES}."
        raise bad_body([Fault(pointer(place.rows), message)])
    data = canonical(rows, labels)
    if not data.columns:
        message = (
            f"{len(rows)} customers have {label}, and none of them has a feature; "
            "send features that may explain the label."
        )
        raise bad_body([Fault(pointer(place.rows), message)])
    learned, dropped = design.learn(data.columns)
    if not learned.features:
        reasons = "; ".join(f"{shown(name)}: {reason}" for name, reason in dropped.items())
        message = (
            f"No feature of the {len(rows)} labelled customers can be learned from ({reasons}); "
            "send features that vary."
        )
        raise bad_body([Fault(pointer(place.rows), message)])
    reading = learned.read([customer.features for customer in request.customers])
    if reading.misfits:
        raise bad_body(list(misfits(reading, place)))
    fit = partial(_fit, data, learned, dropped, question)
    return Training(data.fingerprint, len(rows), fit, register=fewest >= LABELS_NEEDED)


def misfits(reading: Reading, place: Place = CUSTOMERS) -> Iterator[Fault]:
    """Texts where the model has numbers."""
    for row, name in reading.misfits:
        message = "A text, where the model was trained with numbers; send a number or null."
        yield Fault(place.of(row, name), message)


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
    if outcome.suspects:
        info["suspected_leakage"] = list(outcome.suspects)
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
        input_example=_invented(learned),
        # Nobody reviews a model that is not kept, and drawing takes longer than fitting so few rows.
        pictures=PICTURES(outcome, {"training-profile.csv": _csv(scorer)})
        if len(outcome.test_labels)
        else {},
        card=review.card(
            outcome,
            question=question,
            labels=data.labels,
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


def _invented(learned: Design) -> list[Row]:
    """Two rows of nobody: the median or commonest value of each feature, and 0 or the rarest level."""
    typical: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for feature in learned.features:
        if isinstance(feature, Category):
            levels = [level for level in feature.levels if level is not None]
            typical[feature.name], other[feature.name] = levels[0], levels[-1]
        else:
            typical[feature.name], other[feature.name] = feature.median, 0.0
    return [typical, other]


def _csv(scorer: Scorer) -> bytes:
    """The profile's table; names in it are the caller's, and a reviewer may open it in a spreadsheet."""
    return "".join(spreadsheet.lines(review.profile_table(scorer))).encode()
