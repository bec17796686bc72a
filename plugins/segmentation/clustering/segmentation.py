"""A finished segmentation: who is in which segment, and how a further customer is assigned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation.categories import Categories
from plugins.segmentation.clustering import space as spaces
from plugins.segmentation.clustering.assign import assign
from plugins.segmentation.clustering.families import NOISE, Benchmark, Partition, benchmark
from plugins.segmentation.clustering.space import Space
from plugins.segmentation.clustering.stable import UNKNOWN, renumber, share_kept

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_CLUSTERS = 30
"""That a request can ask for."""
EPS_STEP = 0.05
"""By which the API documents advise to lower eps."""
WEAK_SILHOUETTE = 0.35
"""Under it the API documents advise other settings."""


@dataclass(frozen=True)
class Task:
    """Customers, and how to cluster them.

    Attributes:
        names: names of the figures.
        figures: shape ``(n, len(names))``, in original units.
        scaling: ``raw``, ``zscore`` or ``zscore_onehot``.
        ks: numbers of clusters to try.
        families: families to try.
        eps, min_samples: of DBSCAN.
        bought: the customers' product types, where there are some.
        previous: cluster of each customer in the last run, ``UNKNOWN`` where there was none, or None.
    """

    names: tuple[str, ...]
    figures: Floats
    scaling: str
    ks: tuple[int, ...]
    families: tuple[str, ...]
    eps: float
    min_samples: int
    bought: Categories | None = None
    previous: Ints | None = None

    @cached_property
    def space(self) -> Space:
        """The space that the customers are clustered in."""
        return spaces.learn(self.names, self.figures, scaling=self.scaling, bought=self.bought)

    @cached_property
    def points(self) -> Floats:
        """The customers in that space, shape ``(n, d)``."""
        return self.space.points(self.figures, self.bought)

    @cached_property
    def distinct(self) -> int:
        """How many different points they are."""
        return spaces.distinct(self.points)

    @property
    def possible_ks(self) -> tuple[int, ...]:
        """The numbers of clusters that so many distinct customers can have."""
        return tuple(k for k in self.ks if k < self.distinct)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the customers' figures, in order, and of the settings; of nobody's id."""
        settings = [
            *(self.names, self.scaling, self.ks, self.families, self.eps, self.min_samples),
            self.bought.slugs if self.bought is not None else None,
        ]
        digest = hashlib.sha256(json.dumps(settings).encode())
        digest.update(np.ascontiguousarray(self.figures + 0.0).tobytes())
        for column in (self.bought.customer, self.bought.code) if self.bought is not None else ():
            digest.update(column.astype(np.int64).tobytes())
        if self.previous is not None:
            digest.update(b"previous" + self.previous.astype(np.int64).tobytes())
        return digest.hexdigest()


class Segmentation(NamedTuple):
    """A winner, ready to be stored.

    Attributes:
        space: where the customers were compared.
        family: the winner's.
        fitted: arrays that assign a further point, see :func:`plugins.segmentation.clustering.assign.assign`.
        labels: cluster of each customer it was learned from, in their order, shape ``(n,)``.
        tree: Ward's linkage matrix over them, shape ``(n - 1, 4)``.
        summary: what an answer says of it that is about no single customer; JSON-able.
    """

    space: Space
    family: str
    fitted: Mapping[str, NDArray[np.generic]]
    labels: Ints
    tree: Floats
    summary: Mapping[str, Any]

    def assign(self, points: Floats) -> Ints:
        """Clusters of further customers, shape ``(m,)`` for points of shape ``(m, d)``."""
        return assign(self.family, self.fitted, points)

    def score(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """Cluster ids of customers given as axis name to value."""
        return [float(label) for label in self.assign(self.space.points_of_rows(rows))]

    def save(self, folder: Path) -> None:
        """Writes arrays and JSON."""
        arrays: dict[str, Any] = {f"fitted_{name}": values for name, values in self.fitted.items()}
        arrays |= {"shift": self.space.shift, "scale": self.space.scale}
        np.savez(folder / "arrays.npz", labels=self.labels, tree=self.tree, **arrays)
        described = {
            "names": self.space.names,
            "types": self.space.types,
            "single": self.space.single,
            "family": self.family,
            "summary": dict(self.summary),
        }
        (folder / "segmentation.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Segmentation:
        """Reads what :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: other files than it writes.
        """
        described = json.loads((folder / "segmentation.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            space = Space(
                tuple(described["names"]),
                tuple(described["types"]),
                arrays["shift"],
                arrays["scale"],
                bool(described["single"]),
            )
            fitted = {
                name.removeprefix("fitted_"): arrays[name] for name in arrays if name.startswith("fitted_")
            }
            return cls(
                space, described["family"], fitted, arrays["labels"], arrays["tree"], described["summary"]
            )


class Clustering(NamedTuple):
    """A benchmark, and its winner with the ids that its clusters get.

    Attributes:
        trial: everything that was tried.
        winner: the winner, its labels renumbered.
        fitted: its arrays, with the clusters' ids.
        compared: customers of the last run who are here; None if none was sent.
        share_kept: share of them with the same id as then.
    """

    trial: Benchmark
    winner: Partition
    fitted: Mapping[str, NDArray[np.generic]]
    compared: int | None
    share_kept: float | None


class NoPartition(Exception):
    """Nothing that was tried divides the customers; the text says what each attempt gave."""


def cluster(task: Task, done: Callable[[float], None] = lambda share: None) -> Clustering:
    """Tries every family, and numbers the winner's clusters.

    Args:
        task: what to cluster.
        done: told how much is done, 0 to 1.

    Raises:
        NoPartition: nothing that was tried divides the customers.
    """
    trial = benchmark(
        task.points, task.possible_ks, task.families, eps=task.eps, min_samples=task.min_samples, done=done
    )
    if trial.best is None:
        raise NoPartition(_why_none(trial, len(task.points)))
    partition = trial.best.partition
    new = {int(label): int(label) for label in np.unique(partition.labels)}
    if task.previous is not None:
        new = renumber(partition.labels, task.previous)
    labels = _mapped(partition.labels, new)
    fitted = dict(partition.fitted)
    if partition.family == "dbscan":
        fitted["core_labels"] = _mapped(fitted["core_labels"].astype(np.int64), new)
    else:
        fitted["ids"] = _mapped(np.unique(partition.labels), new)
    previous = task.previous
    return Clustering(
        trial,
        partition._replace(labels=labels),
        fitted,
        None if previous is None else int((previous != UNKNOWN).sum()),
        None if previous is None else share_kept(labels, previous),
    )


def _mapped(labels: Ints, new: Mapping[int, int]) -> Ints:
    known = np.array(sorted(new))
    ids = np.array([new[label] for label in known.tolist()])
    return ids[np.searchsorted(known, labels)]


def _why_none(trial: Benchmark, customers: int) -> str:
    for candidate in trial.candidates:
        partition = candidate.partition
        if partition.family == "dbscan":
            noise = int((partition.labels == NOISE).sum())
            return (
                f"DBSCAN finds {partition.clusters} cluster{'s' * (partition.clusters != 1)} and leaves "
                f"{noise:,} of {customers:,} customers as noise"
            )
    return "none of the algorithms that were asked for divides these customers"


def quality(clustering: Clustering, task: Task) -> dict[str, Any]:
    """Exact silhouettes of the winner: overall, per cluster, how many are negative, and what is weak.

    ``weak`` holds what is (``overlap``, ``crowd``) and then what to move (``more_clusters``, ``smaller_eps``,
    or ``less_eps`` where the unit of the radius is the figures' own), as far as it can be moved.
    """
    best = clustering.trial.best
    if best is None or best.samples is None:
        raise ValueError("a clustering has a winner that was judged")
    labels, samples = clustering.winner.labels, best.samples
    ids, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place)
    sums = np.bincount(place, weights=samples)
    return {
        "silhouette": best.silhouette,
        "clusters": [
            {"cluster_id": int(label), "n_customers": int(size), "silhouette": float(total / size)}
            for label, size, total in zip(ids, sizes, sums, strict=True)
        ],
        "negative_share": float((samples < 0).mean()),
        "weak": _weak(best.silhouette or 0.0, clustering.trial, task),
    }


def _weak(silhouette: float, trial: Benchmark, task: Task) -> list[str]:
    weak = (["overlap"] if silhouette < WEAK_SILHOUETTE else []) + _crowds(trial)
    advice = []
    if "overlap" in weak and max(task.ks) + 2 <= MOST_CLUSTERS and task.families != ("dbscan",):
        advice.append("more_clusters")
    if weak and "dbscan" in task.families and (task.scaling == "raw" or task.eps > EPS_STEP):
        advice.append("less_eps" if task.scaling == "raw" else "smaller_eps")
    return weak + advice


def _crowds(trial: Benchmark) -> list[str]:
    """Whether DBSCAN put most customers into one cluster."""
    for candidate in trial.candidates:
        labels = candidate.partition.labels
        if candidate.partition.family != "dbscan":
            continue
        largest = int(np.bincount(labels[labels != NOISE], minlength=1).max())
        if 2 * largest > len(labels):
            return ["crowd"]
    return []
