"""Ward's tree, cut into k clusters."""

from __future__ import annotations

import heapq
from functools import partial

import numpy as np
from numba import njit

from plugins.segmentation.clustering.algorithms.algorithm import Algorithm, Attempt, Setup
from plugins.segmentation.clustering.algorithms.kmeans import nearest_centre
from plugins.segmentation.clustering.algorithms.ward_tree import linkage
from plugins.segmentation.clustering.partition import Floats, Ints, Partition, cluster_means


def ward(points: Floats, tree: Floats, k: int) -> Partition:
    """The partition that a tree over the points has with k clusters."""
    labels = cut(tree, k)
    return Partition("agglo", k, labels, {"centers": cluster_means(labels, points)})


def cut(tree: Floats, k: int) -> Ints:
    """The k clusters of a tree, numbered as scikit-learn's AgglomerativeClustering numbers them.

    Args:
        tree: (n-1, 4) of :func:`linkage`.
        k: 1 to n.

    Returns:
        (n,) labels 0 to k-1.

    Raises:
        ValueError: k is under 1 or above n.

    >>> cut(np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]]), 2).tolist()
    [0, 0, 1]
    """
    count = len(tree) + 1
    if not 1 <= k <= count:
        raise ValueError(f"k is {k}: a tree of {count} points has 1 to {count} clusters")
    # Splits the node that was merged last, k − 1 times. Nodes are negative, so that the heap's smallest entry
    # is the latest merge; scikit-learn numbers the clusters by their positions in the same heap.
    heap = [-(2 * count - 2)]
    for _ in range(k - 1):
        first, second = tree[-heap[0] - count, :2].astype(int).tolist()
        heapq.heappush(heap, -first)
        heapq.heappushpop(heap, -second)
    labels = np.full(2 * count - 1, -1, np.int64)
    labels[[-node for node in heap]] = np.arange(k)
    _hand_down(tree, labels)
    return labels[:count].copy()


@njit(cache=True, nogil=True)
def _hand_down(tree: Floats, labels: Ints) -> None:
    """Gives the labels (2n-1,) of some nodes to every node below them."""
    count = tree.shape[0] + 1
    for row in range(count - 2, -1, -1):
        if labels[count + row] >= 0:
            labels[int(tree[row, 0])] = labels[int(tree[row, 1])] = labels[count + row]


def _attempts(setup: Setup) -> list[Attempt]:
    return [Attempt(k, partial(_ward_of, setup, k)) for k in setup.ks]


def _ward_of(setup: Setup, k: int) -> Partition:
    return ward(setup.points, setup.tree(), k)


WARD = Algorithm("agglo", "Agglomerative", _attempts, nearest_centre)


def warm() -> None:
    """Compiles what :func:`linkage` and :func:`cut` run."""
    cut(linkage(np.arange(3.0)[:, None]), 2)
