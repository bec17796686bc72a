"""Alternating least squares for implicit feedback (Hu, Koren & Volinsky 2008), with the paper's symbols.

A user u prefers an item i (p_ui = 1) if u chose i. The confidence in this is c_ui = 1 + α·w_ui, where w_ui is
the weight of the choice. The library ``implicit`` learns the item factors, and only those are kept. A user's
factors follow from the user's choices (equation 4), so every recommendation can be explained exactly
(section 5).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from plugins.recommendation.recommenders.als_kernels import ALPHA, Factors, explain, products, solve_users
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking, Scores

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

SEED = 42
SHARES = (0.05, 0.12, 0.25, 0.45)
"""λ to try, as shares of the largest singular value of C: a direction of taste that weighs less than about λ
is not learned. The library's default of 0.01 learns noise, and then popularity ranks better."""
QUICK_ROUNDS = 8
"""Rounds of a quick fit."""
LOSS_ROUNDS = (1, 2, 3, 5, 10, 15, 20, 30)
"""Rounds after which the loss is computed, which takes a tenth of the time of a round."""


class Size(NamedTuple):
    """How many factors are learned, in how many rounds."""

    factors: int
    iterations: int


FOR_USERS, FOR_ITEMS = Size(50, 30), Size(30, 20)


class Settings(NamedTuple):
    """Size, and the regularisation λ."""

    factors: int
    iterations: int
    regularization: float


class ItemFactors:
    """The learned factors of n items.

    Args:
        factors: (n, f) Y.
        gram: (f, f) YᵀY.
        regularization: λ, more than 0.
    """

    source = "als"

    def __init__(self, factors: Singles, gram: Floats, regularization: float) -> None:
        self.factors = factors
        self.gram = gram
        self.regularization = regularization
        self._factors = Factors(factors, np.ascontiguousarray(factors.T), gram, regularization)
        lengths = np.sqrt(np.einsum("if,if->i", factors, factors, dtype=np.float64))
        self.vectors = (factors / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)

    def user_factors(self, choices: Choices, users: Ints) -> Singles:
        """(m, f) the factors of users (m,)."""
        return solve_users(users, choices, self._factors)[0].astype(np.float32)

    def scores(self, choices: Choices, users: Ints) -> Scores:
        """Predicted preferences xᵤᵀ·y_i of users (m,) for all items."""
        vectors, triangles = solve_users(users, choices, self._factors)
        return Scores(products(vectors.astype(np.float32), self._factors.by_factor), triangles)

    def explain(self, choices: Choices, users: Ints, scores: Scores, ranking: Ranking) -> None:
        """Fills in what each of the user's choices contributes to a score (section 5)."""
        explain(users, choices, self._factors.by_item, scores.state, ranking)

    def similarities(self, items: Ints) -> Singles:
        """(m, n) cosines of the factors of items (m,) and of every item; 0 for an item without factors."""
        cosines: Singles = products(self.vectors[items], self._unit_by_factor)
        return cosines

    @functools.cached_property
    def _unit_by_factor(self) -> Singles:
        return np.ascontiguousarray(self.vectors.T)


class AlternatingLeastSquares:
    """The learner.

    Args:
        for_users: size of a model that recommends items to users.
        for_items: size of a model that finds similar items.
    """

    name = "ALS"
    source = ItemFactors.source
    file = "factors.npz"
    requirements: Sequence[str] = ("implicit", "scipy", "threadpoolctl")

    def __init__(self, for_users: Size = FOR_USERS, for_items: Size = FOR_ITEMS) -> None:
        self._for_users = for_users
        self._for_items = for_items

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Settings]:
        """A model size with each λ to try."""
        size = self._for_items if alike else self._for_users
        largest = largest_singular_value(choices)
        return {
            f"regularization_{share * largest:g}": Settings(*size, regularization=share * largest)
            for share in SHARES
        }

    def fit(
        self,
        choices: Choices,
        settings: Settings,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> ItemFactors:
        """Learns item factors; ``losses`` receives equation 3 after the rounds of :data:`LOSS_ROUNDS`."""
        from implicit.als import AlternatingLeastSquares as Library

        rounds = QUICK_ROUNDS if quick else settings.iterations
        matrix = confidences(choices)
        with ONE_THREAD:
            model = Library(
                factors=settings.factors,
                regularization=settings.regularization,
                iterations=rounds,
                num_threads=1,
                random_state=SEED,
            )

            def after_round(iteration: int, seconds: float, loss: Any) -> None:
                if losses is not None and iteration + 1 in LOSS_ROUNDS:
                    losses[iteration + 1] = _loss(
                        matrix, model.user_factors, model.item_factors, settings.regularization
                    )
                done((iteration + 1) / rounds)

            model.fit(matrix, show_progress=False, callback=after_round)
            factors = np.ascontiguousarray(model.item_factors, dtype=np.float32)
            in_double = factors.astype(np.float64)
            gram = np.ascontiguousarray(in_double.T @ in_double)
        return ItemFactors(factors, gram, settings.regularization)

    def params(self, settings: Settings) -> Mapping[str, float]:
        """The settings, and the constants of every fit."""
        return {**settings._asdict(), "alpha": ALPHA, "seed": SEED}

    def arrays(self, model: ItemFactors) -> Mapping[str, NDArray[Any]]:
        """Item factors by number, their Gram matrix, and λ."""
        return {
            "factors": model.factors,
            "gram": model.gram,
            "regularization": np.array(model.regularization),
        }

    def restored(self, arrays: Mapping[str, NDArray[Any]]) -> ItemFactors:
        """The model of :meth:`arrays`.

        Raises:
            ValueError: shapes, types or values are impossible.
        """
        factors, gram, strength = arrays["factors"], arrays["gram"], arrays["regularization"]
        width = factors.shape[-1] if factors.ndim == 2 else 0
        if not width or gram.shape != (width, width) or strength.shape != ():
            raise ValueError("the arrays do not fit together")
        if factors.dtype != np.float32 or gram.dtype != np.float64 or strength.dtype != np.float64:
            raise ValueError("an array is of another kind")
        if not (np.isfinite(factors).all() and np.isfinite(gram).all() and 0 < float(strength) < np.inf):
            raise ValueError("a figure is not finite")
        return ItemFactors(factors, gram, float(strength))

    def smallest(self) -> ItemFactors:
        """A model of two items."""
        return ItemFactors(np.ones((2, 2), np.float32), np.ones((2, 2)), 1.0)


class _OneThread:
    """Keeps BLAS to one thread during fits: with more, products of 50 numbers take far longer.

    The setting is the whole process's, so the last fit to finish restores it.
    """

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


def confidences(choices: Choices) -> sp.csr_matrix:
    """C of the paper, (m, n), where a choice has a weight."""
    weighted = choices.weights > 0
    users = np.repeat(np.arange(choices.users), np.diff(choices.start))[weighted]
    confidence = (1.0 + ALPHA * choices.weights[weighted]).astype(np.float32)
    shape = (choices.users, len(choices.users_by_item))
    return sp.csr_matrix((confidence, (users, choices.items[weighted])), shape)


def largest_singular_value(choices: Choices) -> float:
    """That of C, by 30 steps of power iteration on CᵀC; more than 0 if a choice has a weight."""
    matrix = confidences(choices).astype(np.float64)
    vector, length = np.ones(matrix.shape[1]), 0.0
    for _ in range(30):
        vector = matrix.T @ (matrix @ vector)
        length = float(np.sqrt((vector * vector).sum()))
        vector /= length
    return float(np.sqrt(length))


def _loss(matrix: Any, users: Singles, items: Singles, regularization: float) -> float:
    """Equation 3, without a sum over all pairs.

    A pair without a choice (c = 1, p = 0) costs (xᵀy)². All pairs together cost Σ (XᵀX ∘ YᵀY). For the pairs
    with a choice, that is exchanged for c·(1 − xᵀy)².
    """
    X, Y = users.astype(np.float64), items.astype(np.float64)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    squares = float(((X.T @ X) * (Y.T @ Y)).sum())
    for first in range(0, len(rows), 100_000):
        part = slice(first, first + 100_000)
        predicted = np.einsum("pf,pf->p", X[rows[part]], Y[matrix.indices[part]])
        squares += float((matrix.data[part] * (1 - predicted) ** 2 - predicted**2).sum())
    return squares + regularization * float((X**2).sum() + (Y**2).sum())
