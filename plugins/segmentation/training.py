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
from plugins.segmentation.clustering.benchmark import MANY_CUSTOMERS, Candidate
from plugins.segmentation.clustering.cluster import Clustering, NoPartition, cluster
from plugins.segmentation.clustering.cluster_ids import UNKNOWN
from plugins.segmentation.clustering.concentration import concentrated
from plugins.segmentation.clustering.partition import Ints
from plugins.segmentation.clustering.segmentation import Segmentation
from plugins.segmentation.clustering.stability import UNSTABLE, stability
from plugins.segmentation.clustering.task import Task

LEAST_CUSTOMERS = 3
"""A clustering needs at least this number of distinct customers."""

DOUBTS = {
    "lopsided": "No partition was eligible: each has fewer than two clusters, or one that is too small.",
    "skewed": "The largest values of a feature decide the clusters.",
}
WARNINGS = {
    **DOUBTS,
    "model_expired": "The stored segmentation is too old to be served; cluster again.",
    "model_damaged": "The stored segmentation is not what was registered, and is not served; cluster again.",
    "not_fitted": "A combination gave no partition of these data, and has no row.",
    "unstable": "On bootstrap samples of the customers the clusters come out differently.",
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


def doubts(task: Task, winner: Candidate) -> dict[str, Any]:
    """What makes a clustering doubtful; empty if nothing does."""
    found: dict[str, Any] = {}
    if not winner.eligible:
        found["lopsided"] = task.min_share if len(task.figures) >= MANY_CUSTOMERS else 0.0
    skewed = [] if task.scaling == "log" else [task.names[column] for column in concentrated(task.figures)]
    if skewed:
        found["skewed"] = skewed
    return found


def warn_of_doubts(found: Mapping[str, Any], call: Call, where: str = "") -> None:
    """Warns of what :func:`doubts` found; ``where`` begins each message."""
    if "lopsided" in found:
        size = f" of at least {found['lopsided']:.1%} of the customers each" if found["lopsided"] else ""
        call.warn(
            "lopsided",
            f"{where}No partition has two clusters or more{size}; the best of the others is given. "
            "Another scaling or a lower min_cluster_share may help.",
        )
    if "skewed" in found:
        names = ", ".join(map(shown, found["skewed"][:20]))
        call.warn(
            "skewed",
            f"{where}The largest values of {names} decide the clusters, and differences among the others "
            'hardly count; try scaling "log".',
        )


def warn_of(model: Segmentation, call: Call) -> None:
    """Warns of combinations that could not be fitted, and of what makes the segments doubtful."""
    for code, k in model.summary["unfitted"]:
        call.warn("not_fitted", f"{NAMES[code]} with k = {k} gives no partition of these customers.")
    warn_of_doubts(model.summary.get("doubts", {}), call)
    stable = model.summary["quality"].get("stability")
    if stable is not None and stable["ari"] < UNSTABLE:
        call.warn(
            "unstable",
            f"Clusters of bootstrap samples agree with these by an adjusted Rand index of {stable['ari']:.2f}"
            ": 1 is the same, 0 as by chance. Fewer clusters may be more stable.",
        )


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
    summary = {
        **asked.summarise(task, outcome),
        "unfitted": outcome.trial.unfitted,
        "doubts": doubts(task, winner),
    }
    measured = stability(task.points, winner.partition, eps=task.eps, min_samples=task.min_samples)
    stable = None if measured is None else measured._asdict()
    summary["quality"] = {**summary["quality"], "stability": stable}
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
            "min_cluster_share": task.min_share,
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
