"""A finished segmentation: who is in which segment, and how a further customer is assigned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.feature_space import FeatureSpace
from plugins.segmentation.clustering.partition import Fitted, Floats, Ints


class Segmentation(NamedTuple):
    """A finished segmentation, ready to be stored.

    Attributes:
        space: where the customers were compared.
        algorithm: code of the algorithm that made it.
        fitted: arrays that assign a further point; see the algorithm's ``assign``.
        labels: cluster of each customer that it was learned from, in their order, shape ``(n,)``.
        tree: Ward's linkage matrix over them, shape ``(n - 1, 4)``.
        summary: what answers say about the segmentation as a whole; JSON-able.
    """

    space: FeatureSpace
    algorithm: str
    fitted: Fitted
    labels: Ints
    tree: Floats
    summary: Mapping[str, Any]

    def assign(self, points: Floats) -> Ints:
        """Clusters of further customers, shape ``(m,)`` for points of shape ``(m, d)``."""
        return ALGORITHMS[self.algorithm].assign(self.fitted, points)

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
            "logged": self.space.logged,
            "family": self.algorithm,
            "summary": dict(self.summary),
        }
        (folder / "segmentation.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Segmentation:
        """Reads what :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError: the files are not those that it writes.
        """
        described = json.loads((folder / "segmentation.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            space = FeatureSpace(
                names=tuple(described["names"]),
                types=tuple(described["types"]),
                shift=arrays["shift"],
                scale=arrays["scale"],
                single=bool(described["single"]),
                logged=tuple(described.get("logged", ())),
            )
            fitted = {
                name.removeprefix("fitted_"): arrays[name] for name in arrays if name.startswith("fitted_")
            }
            return cls(
                space=space,
                algorithm=described["family"],
                fitted=fitted,
                labels=arrays["labels"],
                tree=arrays["tree"],
                summary=described["summary"],
            )
