"""From a request's rows to a training, and from a training to what the registry keeps of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abintel.charts import lazy
from abintel.endpoint import Fit, Training
from abintel.progress import report
from abintel.reading import is_missing
from plugins.propensity.features import design
from plugins.propensity.features.design import Design
from plugins.propensity.features.fingerprint import Labelled
from plugins.propensity.features.invented import invented
from plugins.propensity.features.refusals import Place, no_value, refuse_unlearnable, training_rows
from plugins.propensity.uplift import choice, leaks, review
from plugins.propensity.uplift.adjusting import doubly_robust
from plugins.propensity.uplift.growing import CLASSES
from plugins.propensity.uplift.pooling import pool

PICTURES = lazy("plugins.propensity.uplift.pictures", "pictures")

ROWS_NEEDED = 200
ARM_NEEDED = 3
"""Rows of each arm: one for every fold."""
KEPT = 20
"""Rows of each arm and of each outcome, below which a model answers its own request and is not kept."""
ROWS = Place("rows", ("features",))


def is_labelled(row: Any) -> bool:
    """Whether a row takes part in training."""
    return row.treatment is not None and row.outcome is not None


def class_of(row: Any) -> int:
    """2 · treatment + outcome of a row that takes part."""
    return 2 * int(row.treatment) + int(row.outcome)


def lacking(request: Any) -> str | None:
    """What the rows lack for a training, None if nothing."""
    classes = [class_of(row) for row in request.rows if is_labelled(row)]
    counts = np.bincount(np.array(classes, dtype=np.intp), minlength=CLASSES)
    if len(classes) < ROWS_NEEDED:
        return f"{len(classes)} rows have treatment and outcome; at least {ROWS_NEEDED} are needed."
    for arm, name in enumerate(("control rows (treatment 0)", "treated rows (treatment 1)")):
        size = int(counts[2 * arm : 2 * arm + 2].sum())
        if size < ARM_NEEDED:
            return f"{size} {name} of {len(classes)}; at least {ARM_NEEDED} of each arm are needed."
    for outcome in (0, 1):
        if not counts[outcome::2].sum():
            return f"All {len(classes)} outcomes are {1 - outcome}; both 0 and 1 are needed."
    return None


def training(request: Any) -> Training | None:
    """The training that the rows allow.

    Raises:
        Problem: 400, the rows suffice and the features do not, or a row to score does not fit them: a request
            that is refused must not leave a model behind.
    """
    if lacking(request) is not None:
        return None
    labelled = [row for row in request.rows if is_labelled(row)]
    rows = [row.features for row in labelled]
    data = training_rows(
        rows,
        [class_of(row) for row in labelled],
        ROWS,
        who="training rows",
        featureless=f"None of the {len(rows)} training rows has a feature; "
        "send features that may tell who is moved.",
    )
    learned, dropped = design.learn(data.columns, data.forms)
    learned, rare, pooled = pool(learned, data.columns)
    dropped.update(rare, **no_value(data))
    everyone = [row.features for row in request.rows]
    refuse_unlearnable(learned, dropped, everyone, ROWS, who=f"{len(rows)} training rows")
    said: dict[str, Any] = {"dropped_features": dropped} if dropped else {}
    if pooled:
        said["pooled_categories"] = pooled
    kept = request.campaign_id is not None and _kept(data.labels)
    digest = hashlib.sha256(f"{data.fingerprint} {float(request.contamination)!r}".encode()).hexdigest()
    # Only a training looks for leaks: a request that a stored model answers does not pay for it.
    leaking = partial(_leaks, labelled)
    fit = partial(_fit, data, learned, said, leaking, float(request.contamination), digest, kept)
    return Training(digest, len(rows), fit, register=kept)


def _leaks(labelled: Sequence[Any]) -> dict[str, list[str]]:
    """Features that leak, under the keys of an answer."""
    known = [
        {
            name: None if isinstance(value, str) and is_missing(value) else value
            for name, value in row.features.items()
        }
        for row in labelled
    ]
    classes = np.array([class_of(row) for row in labelled])
    found = leaks.of(known, classes >= 2, classes % 2 == 1)
    return {f"leaks_{name}": names for name, names in found._asdict().items() if names}


def _kept(classes: NDArray[np.int8]) -> bool:
    counts = np.bincount(classes, minlength=CLASSES)
    return bool(min(counts[:2].sum(), counts[2:].sum(), counts[::2].sum(), counts[1::2].sum()) >= KEPT)


def _fit(
    data: Labelled,
    learned: Design,
    said: Mapping[str, Any],
    leaking: Callable[[], Mapping[str, list[str]]],
    contamination: float,
    digest: str,
    kept: bool,
) -> Fit:
    outcome = choice.train(learned, data.columns, data.labels.astype(np.uint8), contamination, report)
    counts = outcome.model.trial.counts
    figures = {
        one.name: {
            f"{name}{suffix}": value
            for name, estimate in (("qini", one.ranking.qini), ("auuc", one.ranking.auuc))
            for suffix, value in zip(("", "_lower_95", "_upper_95"), estimate, strict=True)
        }
        for one in outcome.candidates
    }
    info: dict[str, Any] = {
        "best_algorithm": outcome.winner.name,
        "evaluation_metrics": [{"algorithm": name, **values} for name, values in figures.items()],
        "feature_importance": list(outcome.importance),
        "train_rows": sum(counts),
        "treated_rows": counts[2] + counts[3],
        "control_rows": counts[0] + counts[1],
        "contamination": contamination,
        **said,
        **leaking(),
    }
    classes = data.labels.astype(np.uint8)
    unlike = choice.unlike(learned, data.columns, classes)
    if unlike:
        info["unlike_arms"] = unlike
        adjusted = doubly_robust(learned.matrix(data.columns), classes >= 2, classes % 2 == 1)
        if adjusted is not None:
            share = 1 - contamination
            bounds = (float(np.clip(figure / share, -1.0, 1.0)) for figure in adjusted)
            info["adjusted_effect"] = dict(zip(adjusted._fields, bounds, strict=True))
    fit = Fit(
        model=outcome.model,
        algorithm=outcome.winner.name,
        quality=outcome.winner.ranking.qini.value,
        params=outcome.params,
        metrics={
            **figures[outcome.winner.name],
            "average_treatment_effect": outcome.model.trial.effect().value,
            "treatment_cr": outcome.model.trial.treated_rate,
            "control_cr": outcome.model.trial.control_rate,
        },
        candidates=figures,
        features=learned.names,
        info=info,
        input_example=invented(learned),
        # Nobody reviews a model that is not kept.
        pictures=PICTURES(outcome) if kept else {},
        card=review.card(outcome, dropped=said.get("dropped_features", {}), fingerprint=digest),
    )
    report(1.0)
    return fit
