"""Customers as feature vectors: what the routes that cluster ``customer_features``' output have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Call, Served
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE
from abintel.problem import Fault, bad_body, pointer
from plugins.segmentation.categories import Categories
from plugins.segmentation.clustering.families import NOISE, Candidate, best
from plugins.segmentation.clustering.segmentation import Clustering, Segmentation, Task, quality
from plugins.segmentation.profiles import cluster_means, persona
from plugins.segmentation.purchases import stability, worded_quality
from plugins.segmentation.schemas import SegmentFeatures
from plugins.segmentation.training import NAMES, Job, model_info, previous_vector, warn_unfitted

Floats = NDArray[np.float64]
Features = Mapping[str, Any]

SIX = tuple(SegmentFeatures.model_fields)
_SIX = frozenset(SIX)
MOST_FEATURES = 200
WARNINGS = {"feature_ignored": "A further feature is not a number in every row, and was left out."}


def sent(request: Any) -> tuple[str, Sequence[Any]] | None:
    """Name of the array and rows of a body of feature vectors, None of any other body."""
    if hasattr(request, "data"):
        return "data", request.data
    return ("customers", request.customers) if hasattr(request, "max_clusters") else None


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a feature's value is one that can be clustered."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def further(rows: Sequence[Features]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the further features: those that join in (numbers in every row), and those that cannot."""
    own = dict.fromkeys(name for features in rows for name in features if name not in _SIX)
    joining = {name: all(is_number(features.get(name)) for features in rows) for name in own}
    return tuple(name for name in own if joining[name]), tuple(name for name in own if not joining[name])


def feature_faults(rows: Sequence[Features], field: str) -> Iterator[Fault]:
    """Faults of further features: too many of them, or numbers beyond all measure."""
    names: set[str] = set()
    for features in rows:
        names.update(features)
        if len(names) > MOST_FEATURES:
            message = f"More than {MOST_FEATURES} different features; send those that tell customers apart."
            yield Fault(pointer(field), message)
            return
    for name in sorted(names - _SIX):
        for place, features in enumerate(rows):
            value = features.get(name)
            if is_number(value) and not -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:
                yield Fault(
                    pointer(field, place, "features", name),
                    f"Input should be a number of magnitude at most {MAX_MAGNITUDE:g}",
                )


def table(rows: Sequence[Features], names: Sequence[str]) -> Floats:
    """The features as columns, shape ``(n, len(names))``."""
    return np.array([[features[name] for name in names] for features in rows], dtype=np.float64)


def task(
    ids: Sequence[str],
    rows: Sequence[Features],
    request: Any,
    call: Call,
    bought: Categories | None = None,
) -> Task:
    """How to cluster feature vectors with a request's settings: z-scored.

    ``bought`` takes no part in it; it belongs to what is stored, where a summary tells of product types.
    """
    joining, ignored = further(rows)
    if ignored:
        call.warn(
            "feature_ignored",
            f"Not a number in every row, and so left out: {', '.join(shown(name) for name in ignored[:20])}.",
        )
    names = (*SIX, *joining)
    return Task(
        names=names,
        figures=table(rows, names),
        scaling="zscore",
        ks=tuple(range(2, request.max_clusters + 1)),
        families=tuple(name for name in NAMES if name in request.algorithms),
        eps=request.dbscan_eps,
        min_samples=request.dbscan_min_samples,
        bought=bought,
        previous=previous_vector(request.previous_labels, ids),
    )


def summarise(work: Task, outcome: Clustering) -> dict[str, Any]:
    """What an answer says of a clustering that is about no single customer."""
    chosen = outcome.trial.best
    if chosen is None:
        raise ValueError("a clustering has a winner")
    labels = outcome.winner.labels
    kept = labels != NOISE
    ids, place = np.unique(labels[kept], return_inverse=True)
    means = cluster_means(place, work.figures[kept])
    usual = work.figures.mean(axis=0).tolist()
    return {
        "best_algorithm": NAMES[chosen.partition.family],
        "evaluation_metrics": _best_of_each(outcome, work),
        "every_combination": [_metrics(candidate, work) for candidate in _judged(outcome)],
        "clusters": [
            {
                "cluster_id": int(label),
                "size": int(size),
                "centroid": dict(zip(work.names, mean.tolist(), strict=True)),
                "persona_label": persona(mean.tolist(), usual, work.names),
            }
            for label, size, mean in zip(ids, np.bincount(place), means, strict=True)
        ],
        "quality": quality(outcome, work),
        "stability": stability(outcome),
    }


def _judged(outcome: Clustering) -> list[Candidate]:
    return [candidate for candidate in outcome.trial.candidates if candidate.silhouette is not None]


def _best_of_each(outcome: Clustering, work: Task) -> list[dict[str, Any]]:
    rows = []
    for family in NAMES:
        winner = best([one for one in _judged(outcome) if one.partition.family == family])
        if winner is not None:
            rows.append(_metrics(winner, work))
    return rows


def _metrics(candidate: Candidate, work: Task) -> dict[str, Any]:
    partition = candidate.partition
    params = {"eps": work.eps, "min_samples": work.min_samples} if partition.k is None else {"k": partition.k}
    return {
        "algorithm": NAMES[partition.family],
        "params": params,
        "silhouette": candidate.silhouette,
        "davies_bouldin": candidate.davies_bouldin,
        "calinski_harabasz": candidate.calinski_harabasz,
        "n_clusters": partition.clusters,
    }


def answer(
    ids: Sequence[str],
    rows: Sequence[Features],
    asked: Job,
    found: Served,
    call: Call,
    *,
    field: str,
    full_benchmark: bool,
) -> dict[str, Any]:
    """The answer of 4.1.1, for customers that were clustered or assigned.

    Raises:
        Problem: 400, no customer has a feature that the stored segmentation was learned with.
    """
    info = model_info(asked, found)
    model: Segmentation | None = found.model
    if model is None:
        labels: list[Any] = [{"customer_id": customer, "cluster_id": None} for customer in ids]
        return {**_NOTHING, "customer_labels": labels, "model_info": info}
    if model.space.names[: len(SIX)] != SIX:
        message = "The segmentation was learned from orders, spend and product types; send those."
        raise bad_body([Fault("/segmentation_id", message)])
    if asked.task is None:
        figures, missing = imputed(rows, model, field)
        assigned = model.assign(model.space.points(figures))
        info = {**info, "missing_features": missing} if missing else info
    else:
        assigned = model.labels
    warn_unfitted(model, call)
    summary = model.summary
    metrics = summary["every_combination" if full_benchmark else "evaluation_metrics"]
    kept = {} if summary["stability"] is None else {"stability": summary["stability"]}
    return {
        "best_algorithm": summary["best_algorithm"],
        "evaluation_metrics": metrics,
        "clusters": summary["clusters"],
        "customer_labels": [
            {"customer_id": customer, "cluster_id": label}
            for customer, label in zip(ids, assigned.tolist(), strict=True)
        ],
        "quality": worded_quality(summary, "max_clusters", call.lang),
        **kept,
        "model_info": info,
    }


_NOTHING: Mapping[str, Any] = {
    "best_algorithm": None,
    "evaluation_metrics": [],
    "clusters": [],
    "quality": None,
}


def imputed(rows: Sequence[Features], model: Segmentation, field: str) -> tuple[Floats, list[str]]:
    """Figures for a stored segmentation, and the features that some row lacks: the mean stands in.

    Raises:
        Problem: 400, listing the features that no row has.
    """
    names = model.space.names
    figures = np.empty((len(rows), len(names)))
    missing, absent = [], []
    for column, name in enumerate(names):
        values = [features.get(name) for features in rows]
        there = [is_number(value) for value in values]
        if not any(there):
            absent.append(name)
            continue
        if not all(there):
            missing.append(name)
        mean = float(model.space.shift[column])
        figures[:, column] = [value if known else mean for value, known in zip(values, there, strict=True)]
    if absent:
        message = "No customer has {name}, which the segmentation was learned with; send it."
        raise bad_body([Fault(pointer(field), message.format(name=shown(name))) for name in absent])
    return figures, missing
