"""A forest of uplift trees (causalml's UpliftRandomForestClassifier with the KL criterion), stored as arrays.

Our own code grows the trees (``growing.py``): it respects the weights of control rows, releases Python's
lock, and takes a thirtieth of the library's time, which pays for more trees. A leaf's rates are drawn
towards those of the nodes above it, so that a small leaf does not predict 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.propensity.uplift.growing import CLASSES, Rows, Rules, grow
from plugins.shared import trees
from plugins.shared.splitmix import below
from plugins.shared.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

MOST_BINS = 64
MANY_ROWS = 5000
SEED = 42


class Bins(NamedTuple):
    """How the columns of a matrix are cut.

    Attributes:
        edges: per column, ascending upper bounds of its bins; the last bin has none.
        binned: ``(width, n)`` bin of each row.
    """

    edges: tuple[Floats, ...]
    binned: Bytes

    @classmethod
    def cut(cls, matrix: Floats) -> Bins:
        """Cuts a matrix ``(n, width)`` at quantiles, between values that occur; few values: between all."""
        edges = []
        binned = np.empty(matrix.shape[::-1], dtype=np.uint8)
        for column, values in enumerate(matrix.T):
            known, counts = np.unique(values, return_counts=True)
            if len(known) > MOST_BINS:
                passed = np.cumsum(counts) * MOST_BINS // len(values)
                last = np.flatnonzero(np.diff(passed, append=MOST_BINS + 1))
                upper = last[last < len(known) - 1]
            else:
                upper = np.arange(len(known) - 1)
            middle = known[upper] + (known[upper + 1] - known[upper]) / 2
            # Between two adjacent floats there is no middle: the lower one is the edge.
            edges.append(np.where(middle < known[upper + 1], middle, known[upper]))
            binned[column] = np.searchsorted(edges[-1], values, side="left")
        return cls(tuple(edges), binned)

    @property
    def sizes(self) -> Ints:
        """``(width,)`` bins of each column."""
        return np.array([len(edges) + 1 for edges in self.edges])


class Size(NamedTuple):
    """How large a forest is, and the limits of its splits.

    Attributes:
        trees: how many.
        part: share of the rows that each is grown on, drawn without replacement (Wager & Athey 2018).
        rules: of each.
    """

    trees: int
    part: float
    rules: Rules


def size_for(rows: int, width: int) -> Size:
    """The size for a number of training rows and columns."""
    leaf = int(np.clip(rows // 67, 15, 300))
    rules = Rules(
        depth=8,
        leaf=leaf,
        arm=max(5, leaf // 4),
        prior=leaf / 4,
        features=max(min(width, 20), width // 3),
    )
    return Size(200, 0.3 if rows >= MANY_ROWS else 0.5, rules)


class UpliftForest(NamedTuple):
    """The trees, and what their splits are worth.

    Attributes:
        trees: ``value`` is the treated less the control rate of a node.
        gain: ``(width,)`` sum of the splits' worth.
    """

    trees: Trees
    gain: Floats

    @classmethod
    def tasks(
        cls, bins: Bins, rows: Ints, classes: Bytes, weights: Floats, size: Size
    ) -> list[Callable[[], Any]]:
        """A task per tree; :meth:`assemble` makes the forest of their results.

        Args:
            bins: of a matrix of ``n`` rows.
            rows: ``(s,)`` rows to fit on.
            classes: ``(n,)`` 2 · treatment + outcome.
            weights: ``(4,)`` weight of each class.
            size: of the forest.
        """
        kept = Rows(np.ascontiguousarray(bins.binned[:, rows]), bins.sizes, classes[rows], weights)
        return [partial(_tree, kept, size, (SEED << 16) + 2 * tree) for tree in range(size.trees)]

    @classmethod
    def assemble(cls, bins: Bins, grown: list[Any]) -> UpliftForest:
        """The forest of grown trees."""
        feature = np.concatenate([tree.feature for tree in grown])
        cut = np.concatenate([tree.cut for tree in grown])
        threshold = np.zeros(len(feature))
        for column, edges in enumerate(bins.edges):
            splits = feature == column
            threshold[splits] = edges[cut[splits]]
        drawn = np.concatenate([tree.drawn for tree in grown])
        joined = trees.joined(
            sizes=np.array([len(tree.feature) for tree in grown]),
            feature=feature,
            threshold=threshold,
            left=np.concatenate([tree.left for tree in grown]),
            right=np.concatenate([tree.right for tree in grown]),
            value=drawn[:, 1] - drawn[:, 0],
        )
        gain = np.concatenate([tree.gain for tree in grown])[~joined.leaves]
        by_column = np.bincount(feature[~joined.leaves], weights=gain, minlength=len(bins.edges))
        return cls(joined, by_column.astype(np.float64))

    def effect(self, matrix: Floats) -> Floats:
        """Mean over the trees of the leaf's uplift, ``(n,)``, of a matrix ``(n, width)``."""
        return self.trees.sums(matrix, single=False) / len(self.trees.roots)

    def save(self, path: Path) -> None:
        """Writes the arrays as ``.npz``."""
        trees.save(path, self.trees, value="uplift", gain=self.gain)

    @classmethod
    def load(cls, path: Path, width: int) -> UpliftForest:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        read, others = trees.load(path, width, value="uplift", per_column=("gain",))
        if (np.abs(read.value) > 1).any():
            raise ValueError(f"{path.name} is damaged: an uplift is not between −1 and 1")
        return cls(read, others["gain"])

    @staticmethod
    def params(size: Size) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return {
            "trees": size.trees,
            **{f"tree_{name}": value for name, value in size.rules._asdict().items()},
            "rows_per_tree": size.part,
            "bins": MOST_BINS,
            "criterion": "KL",
        }


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    matrix = np.arange(16.0).reshape(-1, 1)
    bins = Bins.cut(matrix)
    classes = (np.arange(16) % CLASSES).astype(np.uint8)
    size = Size(1, 1.0, Rules(2, 1, 1, 1.0, 1))
    tasks = UpliftForest.tasks(bins, np.arange(16), classes, np.ones(CLASSES), size)
    UpliftForest.assemble(bins, [task() for task in tasks]).effect(matrix)


def _tree(rows: Rows, size: Size, seed: int) -> Any:
    count = len(rows.classes)
    return grow(rows, _part(count, max(1, round(size.part * count)), seed), size.rules, seed + 1)


@njit(cache=True, nogil=True)
def _part(rows: int, wanted: int, seed: int) -> Ints:
    """``(wanted,)`` different rows of so many, ascending, so that memory is read in order."""
    state = np.array([seed], np.uint64)
    order = np.arange(rows)
    # Fisher-Yates, stopped after the rows that are wanted.
    for drawn in range(wanted):
        other = drawn + below(state, rows - drawn)
        order[drawn], order[other] = order[other], order[drawn]
    return np.sort(order[:wanted])
