"""Alternating least squares on implicit feedback (Hu, Koren & Volinsky 2008), symbols as in the paper.

A user u prefers an item i (p_ui = 1) where there is a choice, with a confidence c_ui = 1 + α w_ui. The
factors of items are learned by ``implicit`` and kept. Those of a user are not: they follow from the
items that the user chose (equation 4), so each recommendation explains itself exactly (section 5).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.taste.interactions import Choices
from plugins.shared import cholesky

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

ALPHA = 4.0
"""α: a choice of weight 1 is believed five times as firmly as that nothing was chosen. Between 1 and 10 it
matters little beside the regularisation."""
SEED = 42
NOTED = (0, 1, 2, 4, 9, 14, 19, 29)
"""Rounds, counted from 0, after which the loss is computed: it costs a tenth of a round's time."""


class _OneThread:
    """Keeps BLAS to one thread while anybody fits: it would start threads for products of 50 numbers, and
    take far longer with them. Its setting is the whole process's, so the last to leave restores it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fits = 0
        self._limits: Any = None

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if self._fits == 0:
                self._limits = threadpool_limits(1, "blas")
            self._fits += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._fits -= 1
            if self._fits == 0:
                self._limits.restore_original_limits()


ONE_THREAD = _OneThread()


class ItemFactors:
    """Factors y_i of n items.

    Args:
        factors: (n, f)
        gram: (f, f) Yᵀ Y.
        regularization: λ.
    """

    def __init__(self, factors: Singles, gram: Floats, regularization: float) -> None:
        self.factors = factors
        self.gram = gram
        self.regularization = regularization
        self.across = np.ascontiguousarray(factors.T)
        lengths = np.sqrt(np.einsum("if,if->i", factors, factors, dtype=np.float64))
        self.unit = (factors / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Writes the arrays into an empty folder."""
        np.savez(
            folder / "factors.npz",
            factors=self.factors,
            gram=self.gram,
            regularization=np.array(self.regularization),
        )

    @classmethod
    def load(cls, folder: Path) -> ItemFactors:
        """Reads them back.

        Raises:
            ValueError: they do not fit together.
        """
        with np.load(folder / "factors.npz", allow_pickle=False) as stored:
            factors, gram, strength = stored["factors"], stored["gram"], stored["regularization"]
        width = factors.shape[-1] if factors.ndim == 2 else 0
        if not width or gram.shape != (width, width) or strength.shape != ():
            raise ValueError("factors.npz: the arrays do not fit together")
        if factors.dtype != np.float32 or gram.dtype != np.float64 or strength.dtype != np.float64:
            raise ValueError("factors.npz: an array is of another kind")
        if not (np.isfinite(factors).all() and np.isfinite(gram).all() and 0 < float(strength) < np.inf):
            raise ValueError("factors.npz: a figure is not finite")
        return cls(factors, gram, float(strength))

    def similar(self, item: int) -> Floats:
        """(n,) the cosine of every item's factors with one item's, 0 where negative or without factors."""
        cosines = np.zeros(len(self.unit), np.float32)
        add_products(self.unit[item], np.ascontiguousarray(self.unit.T), cosines)
        return np.clip(cosines.astype(np.float64), 0.0, 1.0)


def fit(
    choices: Choices,
    *,
    factors: int,
    iterations: int,
    regularization: float,
    losses: list[float] | None = None,
    done: Callable[[float], None] = lambda share: None,
) -> ItemFactors:
    """Learns the factors of items.

    Args:
        choices: of which at least one has a weight.
        factors: f, how many.
        iterations: rounds.
        regularization: λ, more than 0.
        losses: gets the value of equation 3 after the rounds of :data:`NOTED`, for a reviewer.
        done: told the share of the rounds that are done, by the thread that calls.
    """
    from implicit.als import AlternatingLeastSquares

    matrix = _confidences(choices)
    with ONE_THREAD:
        model = AlternatingLeastSquares(
            factors=factors,
            regularization=regularization,
            iterations=iterations,
            num_threads=1,
            random_state=SEED,
        )

        def note(iteration: int, seconds: float, loss: Any) -> None:
            if losses is not None and iteration in NOTED:
                losses.append(_loss(matrix, model.user_factors, model.item_factors, regularization))
            done((iteration + 1) / iterations)

        model.fit(matrix, show_progress=False, callback=note)
        learned = np.ascontiguousarray(model.item_factors, dtype=np.float32)
        wide = learned.astype(np.float64)
        gram = np.ascontiguousarray(wide.T @ wide)
    return ItemFactors(learned, gram, regularization)


def _confidences(choices: Choices) -> sp.csr_matrix:
    """C, of the pairs with a weight."""
    counted = choices.weights > 0
    rows = np.repeat(np.arange(choices.users), np.diff(choices.start))[counted]
    confidence = (1.0 + ALPHA * choices.weights[counted]).astype(np.float32)
    shape = (choices.users, len(choices.users_by_item))
    return sp.csr_matrix((confidence, (rows, choices.items[counted])), shape)


def weight(choices: Choices) -> float:
    """The largest singular value of C, by power iteration; more than 0 if a choice has a weight."""
    matrix = _confidences(choices).astype(np.float64)
    vector, size = np.ones(matrix.shape[1]), 0.0
    for _ in range(30):
        vector = matrix.T @ (matrix @ vector)
        size = float(np.sqrt((vector * vector).sum()))
        vector /= size
    return float(np.sqrt(size))


def _loss(matrix: Any, users: Singles, items: Singles, regularization: float) -> float:
    """Equation 3, from the choices and the products of the factors."""
    X, Y = users.astype(np.float64), items.astype(np.float64)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    squares = float(((X.T @ X) * (Y.T @ Y)).sum())
    for first in range(0, len(rows), 100_000):
        part = slice(first, first + 100_000)
        predicted = np.einsum("pf,pf->p", X[rows[part]], Y[matrix.indices[part]])
        squares += float((matrix.data[part] * (1 - predicted) ** 2 - predicted**2).sum())
    return squares + regularization * float((X**2).sum() + (Y**2).sum())


@njit(cache=True, nogil=True)
def solve_user(
    items: Ints, weights: Floats, factors: Singles, gram: Floats, regularization: float, triangle: Floats
) -> Floats:
    """A user's factors x_u = (YᵀY + Yᵀ(Cᵘ − I)Y + λI)⁻¹ Yᵀ Cᵘ p(u), equation 4.

    Args:
        items, weights: what the user chose.
        triangle: (f, f) gets the Cholesky factor of the matrix that is inverted.

    Returns:
        (f,) zeros for a user whose choices weigh nothing.
    """
    f = gram.shape[0]
    x = np.zeros(f)
    for a in range(f):
        for b in range(a + 1):
            triangle[a, b] = gram[a, b]
        triangle[a, a] += regularization
    y = np.empty(f)
    for k in range(items.size):
        if weights[k] <= 0.0:
            continue
        extra = ALPHA * weights[k]
        for a in range(f):
            y[a] = factors[items[k], a]
        for a in range(f):
            x[a] += (1.0 + extra) * y[a]
            part = extra * y[a]
            for b in range(a + 1):
                triangle[a, b] += part * y[b]
    cholesky.factorise(triangle)
    cholesky.solve(triangle, x)
    return x


@njit(cache=True, nogil=True)
def contributions(item: int, items: Ints, weights: Floats, factors: Singles, triangle: Floats) -> Floats:
    """What each choice of a user brings to the preference for an item: s_ij c_uj, section 5.

    Args:
        item: the recommended one.
        items, weights: what the user chose.
        triangle: as :func:`solve_user` left it.

    Returns:
        (choices,) which add up to the product of the user's factors and the item's.
    """
    f = triangle.shape[0]
    pulled = np.empty(f)
    for a in range(f):
        pulled[a] = factors[item, a]
    cholesky.solve(triangle, pulled)
    parts = np.zeros(items.size)
    for k in range(items.size):
        if weights[k] > 0.0:
            total = 0.0
            for a in range(f):
                total += pulled[a] * factors[items[k], a]
            parts[k] = (1.0 + ALPHA * weights[k]) * total
    return parts


@njit(cache=True, nogil=True)
def add_products(vector: Singles, across: Singles, scores: Singles) -> None:
    """Adds the product of a vector (f,) and of every column of (f, n) to ``scores``, (n,).

    One factor after the other: the sum is the same on every processor, and it is fast as no sum is carried.
    """
    block = 4096
    for first in range(0, scores.size, block):
        last = min(first + block, scores.size)
        part = scores[first:last]
        for a in range(vector.size):
            weight, row = vector[a], across[a, first:last]
            for i in range(part.size):
                part[i] += weight * row[i]
