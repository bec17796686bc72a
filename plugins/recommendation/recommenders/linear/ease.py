"""EASE^R: embarrassingly shallow autoencoders (Steck 2019, WWW), with the paper's symbols.

A user's row of X is predicted from the row itself by B, whose diagonal is 0. With P = (XᵀX + λI)⁻¹, the
best B is B_ij = −P_ij / P_jj (equation 8). P takes memory for n² numbers of 4 bytes: 64 MB for 4,000
items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.weights import (
    ItemWeights,
    by_source,
    gram,
    restored,
    row_weights,
    strongest,
)

Singles = NDArray[np.float32]
Numbers = NDArray[np.int32]

MOST_ITEMS = 6_000
"""Items of a catalogue; with more, EASE does not compete."""
SOLVED, SOLVED_QUICKLY = 4_000, 2_000
"""B is solved for so many of the most chosen items. The time grows with the third power of their number."""
KEPT = 200
"""Weights that each item keeps, the largest. On online_retail that ranks better than all of them."""
STRENGTHS = (50.0, 300.0)


class Settings(NamedTuple):
    """The regularisation λ."""

    regularization: float


class Ease:
    """The learner."""

    name = "EASE"
    source = "ease"
    file = "ease.npz"
    requirements: Sequence[str] = ("scipy", "threadpoolctl")

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Settings]:
        """Each λ to try; none if there are too many items."""
        if len(choices.users_by_item) > MOST_ITEMS:
            return {}
        return {f"regularization_{strength:g}": Settings(strength) for strength in STRENGTHS}

    def fit(
        self,
        choices: Choices,
        settings: Settings,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> ItemWeights:
        """Solves for B."""
        from scipy.linalg import lapack

        from plugins.recommendation.recommenders.als import ONE_THREAD

        solved = _most_chosen(choices, SOLVED_QUICKLY if quick else SOLVED)
        number = np.full(len(choices.users_by_item), -1, np.int64)
        number[solved] = np.arange(len(solved))
        products = gram(choices, number, len(solved), row_weights(choices))
        products[np.diag_indices(len(products))] += np.float32(settings.regularization)
        done(0.1)
        # G is symmetric, so its transpose is G in Fortran's order, and LAPACK can work in place.
        with ONE_THREAD:
            factor, failed = lapack.spotrf(products.T, lower=1, overwrite_a=1)
            inverse, failed_too = lapack.spotri(factor, lower=1, overwrite_c=1)
        if failed or failed_too:
            raise ArithmeticError("XᵀX + λI is not positive definite")
        done(0.9)
        found, weights = _rows(inverse.T, KEPT)
        done(1.0)
        sources = np.full((len(number), KEPT), -1, np.int32)
        sources[solved] = np.where(found >= 0, solved[found], -1)
        spread = np.zeros((len(number), KEPT), np.float32)
        spread[solved] = weights
        return by_source(sources, spread, self.source)

    def params(self, settings: Settings) -> Mapping[str, float]:
        """λ, how many weights are kept, and for how many items at most."""
        return {**settings._asdict(), "kept": KEPT, "solved": SOLVED}

    def arrays(self, model: ItemWeights) -> Mapping[str, NDArray[Any]]:
        """The weights by number of the items."""
        return model.arrays()

    def restored(self, arrays: Mapping[str, NDArray[Any]]) -> ItemWeights:
        """The model of :meth:`arrays`."""
        return restored(arrays, self.source)

    def smallest(self) -> ItemWeights:
        """A model of two items."""
        one = np.ones((2, 2), np.float32) + np.eye(2, dtype=np.float32)
        return by_source(*_rows(one, 1), self.source)


def _most_chosen(choices: Choices, count: int) -> NDArray[np.int64]:
    """The items that most users chose, ascending; of equals, the first."""
    return np.sort(np.argsort(-choices.users_by_item, kind="stable")[:count])


@njit(cache=True, nogil=True)
def _rows(upper: Singles, kept: int) -> tuple[Numbers, Singles]:
    """(n, k) the strongest sources of each item, and their weights −P_ij / P_jj.

    Args:
        upper: (n, n) P on and above the diagonal; the rest is filled in.
        kept: k.
    """
    n = len(upper)
    for i in range(n):
        for j in range(i):
            upper[i, j] = upper[j, i]
    sources, weights = np.full((n, kept), -1, np.int32), np.zeros((n, kept), np.float32)
    for j in range(n):
        column = -upper[j] / upper[j, j]  # P is symmetric: its row is its column
        column[j] = 0.0
        chosen = strongest(column, kept)
        sources[j, : chosen.size] = chosen
        weights[j, : chosen.size] = column[chosen]
    return sources, weights
