"""Customers as feature vectors, as the routes that cluster the output of ``customer_features`` need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from abintel.endpoint import Call, Served
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE
from abintel.problem import Fault, bad_body, pointer
from plugins.segmentation.answers import eligibility, stability, worded_quality
from plugins.segmentation.clustering.algorithms import ALGORITHMS, NAMES
from plugins.segmentation.clustering.benchmark import Candidate, best
from plugins.segmentation.clustering.categories import Categories
from plugins.segmentation.clustering.cluster import Clustering
from plugins.segmentation.clustering.partition import NOISE, Floats, cluster_means
from plugins.segmentation.clustering.quality import quality
from plugins.segmentation.clustering.segmentation import Segmentation
from plugins.segmentation.clustering.task import Task
from plugins.segmentation.profiles import persona
from plugins.segmentation.schemas import SegmentFeatures
from plugins.segmentation.training import Job, model_info, previous_vector, warn_of

Features = Mapping[str, Any]

SIX = tuple(SegmentFeatures.model_fields)
_SIX = frozenset(SIX)
MOST_FEATURES = 200
WARNINGS = {"feature_ignored": "A further feature is not a number in every row, and was left out."}


def sent(request: Any) -> tuple[str, Sequence[Any]] | None:
    """Name of the array and its rows, if a body holds feature vectors; else None."""
    if hasattr(request, "data"):
        return "data", request.data
    return ("customers", request.customers) if hasattr(request, "max_clusters") else None


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a feature's value can be clustered."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def further(rows: Sequence[Features]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the caller's further features: those that are a number in every row, and the others."""
    names = dict.fromkeys(name for features in rows for name in features if name not in _SIX)
    numeric = {name: all(is_number(features.get(name)) for features in rows) for name in names}
    return (
        tuple(name for name in names if numeric[name]),
        tuple(name for name in names if not numeric[name]),
    )


def feature_faults(rows: Sequence[Features], field: str) -> Iterator[Fault]:
    """Faults of further features: too many of them, or numbers that are too large."""
    names: set[str] = set()
    for features in rows:
        names.update(features)
        if len(names) > MOST_FEATURES:
            message = f"More than {MOST_FEATURES} different features; send those that tell customers apart."
            yield Fault(pointer(field), message)
            return
    for name in sorted(names - _SIX):
        for row, features in enumerate(rows):
            value = features.get(name)
            if is_number(value) and not -MAX_MAGNITUDE <= value <= MAX_MAGNITUDE:
                yield Fault(
                    pointer(field, row, "features", name),
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
    """How a request wants its feature vectors clustered.

    The product types in ``bought`` are not clustered. They are part of the fingerprint, because the stored
    summary names them.
    """
    numeric, ignored = further(rows)
    if ignored:
        call.warn(
            "feature_ignored",
            f"Not a number in every row, and so left out: {', '.join(shown(name) for name in ignored[:20])}.",
        )
    names = (*SIX, *numeric)
    return Task(
        names=names,
        figures=table(rows, names),
        scaling=request.scaling,
        ks=tuple(range(2, request.max_clusters + 1)),
        algorithms=tuple(code for code in ALGORITHMS if code in request.algorithms),
        eps=request.dbscan_eps,
        min_samples=request.dbscan_min_samples,
        bought=bought,
        min_share=request.min_cluster_share,
        previous=previous_vector(request.previous_labels, ids),
    )


def summarise(work: Task, outcome: Clustering) -> dict[str, Any]:
    """What an answer says about a clustering as a whole; it names no customer."""
    winner = outcome.trial.best
    if winner is None:
        raise ValueError("a clustering has a best partition")
    labels = outcome.winner.labels
    in_cluster = labels != NOISE
    ids, cluster = np.unique(labels[in_cluster], return_inverse=True)
    means = cluster_means(cluster, work.figures[in_cluster])
    population = work.figures.mean(axis=0).tolist()
    return {
        "best_algorithm": NAMES[winner.partition.algorithm],
        "evaluation_metrics": _best_of_each(outcome, work),
        "every_combination": [_metrics(candidate, work) for candidate in outcome.trial.scored],
        "clusters": [
            {
                "cluster_id": int(label),
                "size": int(size),
                "centroid": dict(zip(work.names, mean.tolist(), strict=True)),
                "persona_label": persona(mean.tolist(), population, work.names),
            }
            for label, size, mean in zip(ids, np.bincount(cluster), means, strict=True)
        ],
        "quality": quality(outcome, work),
        "stability": stability(outcome),
    }


def _best_of_each(outcome: Clustering, work: Task) -> list[dict[str, Any]]:
    """A row for the best candidate of each algorithm."""
    scored = outcome.trial.scored
    winners = (best([each for each in scored if each.partition.algorithm == code]) for code in ALGORITHMS)
    return [_metrics(winner, work) for winner in winners if winner is not None]


def _metrics(candidate: Candidate, work: Task) -> dict[str, Any]:
    partition = candidate.partition
    params = {"eps": work.eps, "min_samples": work.min_samples} if partition.k is None else {"k": partition.k}
    return {
        **eligibility(candidate),
        "algorithm": NAMES[partition.algorithm],
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
    answering: Served,
    call: Call,
    *,
    field: str,
    full_benchmark: bool,
) -> dict[str, Any]:
    """The answer for feature vectors that were clustered or assigned.

    Raises:
        Problem: 400, no customer has a feature that the stored segmentation was learned with.
    """
    info = model_info(asked, answering)
    model: Segmentation | None = answering.model
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
    warn_of(model, call)
    summary = model.summary
    metrics = summary["every_combination" if full_benchmark else "evaluation_metrics"]
    stability_of = {} if summary["stability"] is None else {"stability": summary["stability"]}
    return {
        "best_algorithm": summary["best_algorithm"],
        "evaluation_metrics": metrics,
        "clusters": summary["clusters"],
        "customer_labels": [
            {"customer_id": customer, "cluster_id": label}
            for customer, label in zip(ids, assigned.tolist(), strict=True)
        ],
        "quality": worded_quality(summary, "max_clusters", call.lang),
        **stability_of,
        "model_info": info,
    }


_NOTHING: Mapping[str, Any] = {
    "best_algorithm": None,
    "evaluation_metrics": [],
    "clusters": [],
    "quality": None,
}


def imputed(rows: Sequence[Features], model: Segmentation, field: str) -> tuple[Floats, list[str]]:
    """Figures for a stored segmentation, and the features that some row lacks; their mean fills the gaps.

    Raises:
        Problem: 400, listing the features that no row has.
    """
    names = model.space.names
    figures = np.empty((len(rows), len(names)))
    centre = model.space.centre
    missing, absent = [], []
    for column, name in enumerate(names):
        values = [features.get(name) for features in rows]
        known = [is_number(value) for value in values]
        if not any(known):
            absent.append(name)
            continue
        if not all(known):
            missing.append(name)
        mean = float(centre[column])
        figures[:, column] = [
            value if is_known else mean for value, is_known in zip(values, known, strict=True)
        ]
    if absent:
        message = "No customer has {name}, which the segmentation was learned with; send it."
        raise bad_body([Fault(pointer(field), message.format(name=shown(name))) for name in absent])
    return figures, missing
