"""Compiled parts of alternating least squares (Hu, Koren & Volinsky 2008), with the paper's symbols."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.causes import note_causes
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking
from plugins.shared import cholesky

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

ALPHA = 4.0
"""α of equation 1: a choice of weight 1 has five times the confidence of no choice. Between 1 and 10 it
matters little compared with the regularisation."""


class Factors(NamedTuple):
    """What the kernels need of a model.

    Attributes:
        by_item: (n, f) the factors Y.
        by_factor: (f, n) the same, transposed.
        gram: (f, f) YᵀY.
        regularization: λ.
    """

    by_item: Singles
    by_factor: Singles
    gram: Floats
    regularization: float


@njit(cache=True, nogil=True)
def solve_user(items: Ints, weights: Floats, model: Factors, triangle: Floats) -> Floats:
    """A user's factors x_u = (YᵀY + Yᵀ(Cᵘ − I)Y + λI)⁻¹ YᵀCᵘp(u), equation 4.

    Args:
        items: the user's choices.
        weights: their weights.
        model: the item factors.
        triangle: (f, f) receives the Cholesky factor of the matrix that is inverted.

    Returns:
        (f,) zeros if no choice has a weight.
    """
    f = model.gram.shape[0]
    x = np.zeros(f)
    # YᵀY + λI is the same for all users. Only lower triangles are computed.
    for a in range(f):
        for b in range(a + 1):
            triangle[a, b] = model.gram[a, b]
        triangle[a, a] += model.regularization
    y = np.empty(f)
    for k in range(items.size):
        if weights[k] <= 0.0:
            continue
        extra = ALPHA * weights[k]  # c_ui − 1
        for a in range(f):
            y[a] = model.by_item[items[k], a]
        for a in range(f):
            x[a] += (1.0 + extra) * y[a]  # YᵀCᵘp(u)
            part = extra * y[a]
            for b in range(a + 1):
                triangle[a, b] += part * y[b]  # Yᵀ(Cᵘ − I)Y
    cholesky.factorise(triangle)
    cholesky.solve(triangle, x)
    return x


@njit(cache=True, nogil=True)
def contributions(item: int, items: Ints, weights: Floats, by_item: Singles, triangle: Floats) -> Floats:
    """What each of a user's choices contributes to the preference for an item: s_ij·c_uj of section 5.

    Args:
        item: the recommended item i.
        items: the user's choices j.
        weights: their weights.
        by_item: (n, f) the item factors.
        triangle: as :func:`solve_user` left it: the Cholesky factor of (Wᵘ)⁻¹.

    Returns:
        (choices,) contributions; their sum is the product of the user's and the item's factors.
    """
    f = triangle.shape[0]
    # Wᵘy_i is computed once for the item; s_ij = y_iᵀWᵘy_j is then a product for each choice.
    solved = np.empty(f)
    for a in range(f):
        solved[a] = by_item[item, a]
    cholesky.solve(triangle, solved)
    parts = np.zeros(items.size)
    for k in range(items.size):
        if weights[k] > 0.0:
            similarity = 0.0
            for a in range(f):
                similarity += solved[a] * by_item[items[k], a]
            parts[k] = (1.0 + ALPHA * weights[k]) * similarity
    return parts


@njit(cache=True, nogil=True)
def solve_users(users: Ints, choices: Choices, model: Factors) -> tuple[Floats, Floats]:
    """(m, f) the factors of users, and (m, f, f) what :func:`contributions` needs of each."""
    f = model.gram.shape[0]
    vectors, triangles = np.empty((users.size, f)), np.empty((users.size, f, f))
    for u in range(users.size):
        own = slice(choices.start[users[u]], choices.start[users[u] + 1])
        vectors[u] = solve_user(choices.items[own], choices.weights[own], model, triangles[u])
    return vectors, triangles


@njit(cache=True, nogil=True)
def explain(users: Ints, choices: Choices, by_item: Singles, triangles: Floats, out: Ranking) -> None:
    for u in range(users.size):
        span = slice(choices.start[users[u]], choices.start[users[u] + 1])
        own, weights = choices.items[span], choices.weights[span]
        for k in range(out.items.shape[1]):
            if out.scores[u, k] > 0.0:
                contributed = contributions(out.items[u, k], own, weights, by_item, triangles[u])
                note_causes(own, contributed, out.causes[u, k], out.parts[u, k])


@njit(cache=True, nogil=True)
def products(vectors: Singles, by_factor: Singles) -> Singles:
    """(m, n) products of vectors (m, f) and columns (f, n).

    One factor after the other: the sum is then the same on every processor, and fast, as no sum is carried
    from one step to the next. Items are taken in blocks that fit in the cache.
    """
    n, block = by_factor.shape[1], 4096
    result = np.zeros((vectors.shape[0], n), np.float32)
    for u in range(vectors.shape[0]):
        for first in range(0, n, block):
            last = min(first + block, n)
            part = result[u, first:last]
            for a in range(vectors.shape[1]):
                weight, row = vectors[u, a], by_factor[a, first:last]
                for i in range(part.size):
                    part[i] += weight * row[i]
    return result
