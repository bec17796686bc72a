"""The facts of the report: the metrics of each cluster and the merges of the hierarchy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_CLUSTERS = 200
"""A tree over more clusters is not put into words: :func:`tree_of` gives None."""

_MIXED = -1


class Cluster(NamedTuple):
    """A cluster as the metrics table shows it.

    Args:
        cluster_id: the label; -1 is DBSCAN's noise, the customers that fit no segment.
        n_customers: customers, 1 or more.
        avg_spend: mean spend of a customer, 2 decimals.
        avg_frequency: mean purchases of a customer in the window, 2 decimals.
        top_categories: the leading categories, best first, 0 to 3, as they were sent.
        share_revenue_pct: part of all revenue, 0 to 100; 0 for all clusters if nobody spent.
        per_order: spend of an order, which is all spend over all orders; None if it is not known.
        median_spend: median spend, 2 decimals, if one customer pulls the mean; else None.
        median_frequency: the same of the purchases.
    """

    cluster_id: int
    n_customers: int
    avg_spend: float
    avg_frequency: float
    top_categories: tuple[str, ...]
    share_revenue_pct: float
    per_order: float | None = None
    median_spend: float | None = None
    median_frequency: float | None = None

    @property
    def typical_spend(self) -> float:
        """What words about its level of spend follow: the mean, or the median if one customer pulls it."""
        return self.avg_spend if self.median_spend is None else self.median_spend

    @property
    def typical_frequency(self) -> float:
        """The same of the purchases."""
        return self.avg_frequency if self.median_frequency is None else self.median_frequency

    @property
    def basket(self) -> float:
        """Spend of an order; from the means if that of all orders is not known."""
        if self.per_order is not None:
            return self.per_order
        return self.avg_spend / self.avg_frequency if self.avg_frequency else 0.0


class Merge(NamedTuple):
    """A merge of the hierarchy: two groups of cluster ids, and its height over the greatest, 0 to 1."""

    group_a: tuple[int, ...]
    group_b: tuple[int, ...]
    relative_height: float


class Tree(NamedTuple):
    """The hierarchy over the clusters.

    Args:
        merges: the merges in order of height. If `follows` is False they merge the main branches: a cluster's
            main branch holds only its customers, and more than half of them.
        follows: whether every cluster is one whole branch of the tree, as any cut of it gives.
    """

    merges: tuple[Merge, ...]
    follows: bool


def tree_of(linkage: NDArray[np.float64], labels: NDArray[np.int64]) -> Tree | None:
    """The merges above the clusters.

    A branch is pure if all its customers are of one cluster. Labels follow the tree if each cluster is a
    single pure branch. The merges are then the k - 1 nodes above the branches: after a cut at a height, the
    last k - 1 rows of the linkage.

    Args:
        linkage: (n - 1, 4) as SciPy gives it: two children, the height, the count.
        labels: (n,) cluster ids in the order of the leaves.

    Returns:
        None if nothing true can be said: no leaves, shapes that do not match, children that are not earlier
        nodes, or more than :data:`MOST_CLUSTERS` clusters. One cluster has no merges.
    """
    n = len(labels)
    if n == 0 or linkage.shape != (n - 1, 4):
        return None
    ids, codes = np.unique(labels, return_inverse=True)
    if len(ids) > MOST_CLUSTERS:
        return None
    children = linkage[:, :2].astype(np.int64)
    if n > 1 and ((children < 0) | (children >= np.arange(n, 2 * n - 1)[:, None])).any():
        return None
    pairs = list(zip(children[:, 0].tolist(), children[:, 1].tolist(), strict=True))
    pure, sizes, mixed = _purity(pairs, codes.tolist())
    if not mixed:
        return Tree((), follows=True)

    main, branches = _main_branches(pairs, mixed, pure, sizes, np.bincount(codes).tolist())
    heights = linkage[:, 2]
    greatest = float(heights.max())
    groups: dict[int, tuple[int, ...]] = {node: (int(ids[code]),) for code, node in main.items()}
    merges: list[Merge] = []
    for node in mixed:
        left, right = pairs[node - n]
        group_a, group_b = groups.get(left, ()), groups.get(right, ())
        if group_a and group_b:
            relative = float(heights[node - n]) / greatest if greatest > 0 else 0.0
            merges.append(Merge(group_a, group_b, relative))
            groups[node] = tuple(sorted(group_a + group_b))
        elif group_a or group_b:
            groups[node] = group_a or group_b
    merges.sort(key=lambda merge: merge.relative_height)
    return Tree(tuple(merges), follows=branches == len(ids))


def _purity(pairs: list[tuple[int, int]], codes: list[int]) -> tuple[list[int], list[int], list[int]]:
    """The cluster of each node (or mixed), the leaves of the pure nodes, and the mixed nodes in order."""
    n = len(codes)
    pure, sizes, mixed = codes + [_MIXED] * len(pairs), [1] * (n + len(pairs)), []
    for node, (left, right) in enumerate(pairs, n):
        code = pure[left]
        if code == pure[right] and code != _MIXED:
            pure[node] = code
            sizes[node] = sizes[left] + sizes[right]
        else:
            mixed.append(node)
    return pure, sizes, mixed


def _main_branches(
    pairs: list[tuple[int, int]], mixed: list[int], pure: list[int], sizes: list[int], totals: list[int]
) -> tuple[dict[int, int], int]:
    """The pure branch with more than half of each cluster that has one, and the number of pure branches."""
    n = len(pairs) + 1
    main: dict[int, int] = {}
    branches = 0
    for node in mixed:
        for child in pairs[node - n]:
            code = pure[child]
            if code != _MIXED:
                branches += 1
                if 2 * sizes[child] > totals[code]:
                    main[code] = child
    return main, branches
