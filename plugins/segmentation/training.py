"""From a request to its segmentation: a new one, which is stored for 30 days, or a stored one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from abintel.endpoint import Call, Fit, Served, Trainable, Training
from abintel.faults import shown
from abintel.problem import Fault, bad_body, pointer
from abintel.progress import between, report
from plugins.segmentation import review
from plugins.segmentation.clustering.algorithms import NAMES
from plugins.segmentation.clustering.cluster import Clustering, NoPartition, cluster
from plugins.segmentation.clustering.cluster_ids import UNKNOWN
from plugins.segmentation.clustering.partition import Ints
from plugins.segmentation.clustering.segmentation import Segmentation
from plugins.segmentation.clustering.task import Task

LEAST_CUSTOMERS = 3
"""A clustering needs at least this number of distinct customers."""

WARNINGS = {
    "model_expired": "The stored segmentation is too old to be served; cluster again.",
    "model_damaged": "The stored segmentation is not what was registered, and is not served; cluster again.",
    "not_fitted": "A combination gave no partition of these data, and has no row.",
}


@dataclass(frozen=True)
class Job:
    """What a request asks of the registry.

    Attributes:
        segmentation_id: id of the segmentation that is wanted, or that this request makes.
        task: what to cluster; None if a stored segmentation answers.
        summarise: makes what answers say about the outcome as a whole; it names no customer.
    """

    segmentation_id: str
    task: Task | None
    summarise: Callable[[Task, Clustering], Mapping[str, Any]]


def job(
    segmentation_id: str | None,
    task: Callable[[], Task],
    field: str,
    summarise: Callable[[Task, Clustering], Mapping[str, Any]],
) -> Job:
    """The job of a request.

    Args:
        segmentation_id: as sent.
        task: makes the task; not called if a stored segmentation answers.
        field: name of the body's array of customers.
        summarise: see :class:`Job`.

    Raises:
        Problem: 400, there are too few distinct customers to cluster.
    """
    if segmentation_id is not None:
        return Job(segmentation_id, None, summarise)
    work = task()
    require_enough(work, field)
    return Job(f"seg-{work.fingerprint[:24]}", work, summarise)


def require_enough(task: Task, field: str) -> None:
    """Refuses a task that cannot be clustered.

    Raises:
        Problem: 400, naming the field.
    """
    if task.distinct < LEAST_CUSTOMERS:
        message = (
            f"{len(task.figures):,} customers, {task.distinct} of them distinct in their figures"
            f"{' (in single precision)' if task.space.single else ''}; "
            f"clustering needs at least {LEAST_CUSTOMERS}."
        )
        raise bad_body([Fault(pointer(field), message)])
    if not task.possible_ks and "dbscan" not in task.algorithms:
        raise bad_body([Fault("/k_range", _k_too_large(task))])


def _k_too_large(task: Task) -> str:
    return f"Each k must be below the number of distinct customers, {task.distinct}."


def clustered(task: Task) -> Clustering:
    """The outcome of a task.

    Raises:
        Problem: 400, nothing that was asked for divides the customers.
    """
    try:
        return cluster(task, report)
    except NoPartition as error:
        if not task.possible_ks and task.algorithms != ("dbscan",):
            raise bad_body([Fault("/k_range", _k_too_large(task))]) from None
        field = "/dbscan_eps" if "dbscan" in task.algorithms else "/algorithms"
        message = f"No partition: {error}; change dbscan_eps, or let other algorithms try too."
        raise bad_body([Fault(field, message)]) from None


def served(asked: Job, call: Call) -> Served:
    """The segmentation that answers: a new one, the one of an equal request, or that of the id.

    Raises:
        Problem: 400 if the tenant has none with that id.
    """
    answering = call.models.serve(asked)
    if answering.model is None and answering.note is None:
        message = (
            f"{shown(asked.segmentation_id)} is no segmentation of this route; "
            "leave segmentation_id out to make one."
        )
        raise bad_body([Fault("/segmentation_id", message)])
    return answering


def model_info(asked: Job, answering: Served) -> dict[str, Any]:
    """What an answer says about the stored model."""
    note = {"note": answering.note} if answering.note is not None else {}
    return {"segmentation_id": asked.segmentation_id, **answering.info, **note}


def warn_unfitted(model: Segmentation, call: Call) -> None:
    """Warns of combinations that have no row because they could not be fitted."""
    for code, k in model.summary["unfitted"]:
        call.warn("not_fitted", f"{NAMES[code]} with k = {k} gives no partition of these customers.")


def previous_vector(previous: Mapping[str, int] | None, ids: Sequence[str]) -> Ints | None:
    """Cluster of each customer in the last run."""
    if previous is None:
        return None
    return np.array([previous.get(customer, UNKNOWN) for customer in ids], dtype=np.int64)


def _training(asked: Job) -> Training | None:
    task = asked.task
    if task is None:
        return None
    return Training(task.fingerprint, len(task.figures), partial(_fit, asked, task))


def _fit(asked: Job, task: Task) -> Fit:
    with between(0.0, 0.95):
        outcome = clustered(task)
    winner = outcome.trial.best
    if winner is None:
        raise ValueError("a clustering has a best partition")
    summary = {**asked.summarise(task, outcome), "unfitted": outcome.trial.unfitted}
    model = Segmentation(
        space=task.space,
        algorithm=winner.partition.algorithm,
        fitted=outcome.fitted,
        labels=outcome.winner.labels,
        tree=outcome.trial.tree,
        summary=summary,
    )
    figures = {
        "silhouette": winner.silhouette or 0.0,
        "davies_bouldin": winner.davies_bouldin or 0.0,
        "calinski_harabasz": winner.calinski_harabasz or 0.0,
    }
    fit = Fit(
        model=model,
        algorithm=NAMES[winner.partition.algorithm],
        quality=figures["silhouette"],
        params={
            "k": winner.partition.k,
            "n_clusters": winner.partition.clusters,
            "scaling": task.scaling,
            "dbscan_eps": task.eps,
            "dbscan_min_samples": task.min_samples,
        },
        metrics=figures,
        candidates=review.candidates(outcome.trial),
        features=task.space.axes,
        info={},
        input_example=review.invented_rows(task),
        pictures=review.pictures(task, outcome),
        card=review.card(task, outcome),
    )
    report(1.0)
    return fit


TRAINABLE = Trainable(
    scope=lambda asked: {"segmentation_id": asked.segmentation_id},
    training=_training,
    save=Segmentation.save,
    load=Segmentation.load,
    score=Segmentation.score,
    requirements=("numba", "numpy", "scikit-learn", "scipy"),
    output="cluster_id",
    measure="silhouette",
)
