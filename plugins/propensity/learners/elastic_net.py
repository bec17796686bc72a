"""Logistic loss with an elastic-net penalty, minimised to the last digits: a proximal Newton method.

    Σ ln(1 + exp(−yᵢ·ηᵢ)) + (1/C) · (ρ·‖β‖₁ + (1 − ρ)/2·‖β‖²),  η = β₀ + X·β,  y = ±1,  β₀ unpenalised

Each step minimises the quadratic model of the loss plus the penalty, by coordinate descent (Friedman, Hastie
& Tibshirani 2010, "Regularization paths for generalized linear models via coordinate descent", section 3).
What that leaves is the value of the coefficients whose signs are known, a linear system, which is solved:
one-hot columns sum to one, and coordinate descent alone would creep along that direction. One thread and a
fixed order of sums give the same rows the same bits, on any number of processors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.shared import cholesky

MOST_STEPS = 100
MOST_ROUNDS = 200
SWEEPS = 5
"""Sweeps of coordinate descent between two solutions of the linear system."""
TOLERANCE = 1e-9
"""Largest change of a coefficient, in log-odds per unit of its column, at which a minimum is reached."""
LEAST_DECREASE = 1e-4
"""Of what the quadratic model promises, a step must give this share (Armijo)."""


class Rows(NamedTuple):
    """A matrix ``(n, width)`` of which some columns hold only 0 and 1.

    Attributes:
        dense: ``(n, d)``, the other columns, in C order.
        starts: ``(n + 1,)``; ``ones[starts[i]:starts[i + 1]]`` are row i's.
        ones: which of the flag columns are 1, counted from ``d`` on.
    """

    dense: NDArray[np.float64]
    starts: NDArray[np.int64]
    ones: NDArray[np.int64]


def rows_of(
    matrix: NDArray[np.float64],
    flags: NDArray[np.bool_],
    mean: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> Rows:
    """Standardises the columns that are no flags, and finds the ones of the others.

    Args:
        matrix: ``(n, width)``.
        flags: ``(width,)``, true for columns of 0 and 1.
        mean, scale: ``(width,)``.
    """
    dense = np.ascontiguousarray((matrix[:, ~flags] - mean[~flags]) / scale[~flags])
    places = np.flatnonzero(flags)
    starts, ones = _ones(np.ascontiguousarray(matrix), places, dense.shape[1])
    return Rows(dense, starts, ones)


def minimum(
    rows: Rows, width: int, labels: NDArray[np.int8], *, strength: float, ratio: float
) -> tuple[NDArray[np.float64], float]:
    """Coefficients ``(width,)``, dense columns first, and intercept.

    Args:
        rows: ``n`` rows.
        width: columns, dense and flags.
        labels: ``(n,)`` of 0 and 1, both present.
        strength: C, the inverse of the penalty.
        ratio: ρ in [0, 1), the share of the L1 penalty.
    """
    found: NDArray[np.float64] = _newton(
        *rows, width, labels.astype(np.float64), ratio / strength, (1 - ratio) / strength
    )
    return found[:width], float(found[width])


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    matrix = np.array([[0.5, 1.0], [1.5, 0.0], [2.0, 1.0]])
    flags, none, one = columns_of_flags(matrix), np.zeros(2), np.ones(2)
    minimum(rows_of(matrix, flags, none, one), 2, np.array([0, 1, 1], dtype=np.int8), strength=1.0, ratio=0.5)


@njit(cache=True, nogil=True)
def columns_of_flags(matrix: Any) -> Any:
    """``(width,)``: whether a column holds nothing but 0 and 1."""
    rows, width = matrix.shape
    flags = np.ones(width, dtype=np.bool_)
    for row in range(rows):
        for column in range(width):
            value = matrix[row, column]
            flags[column] &= (value == 0.0) | (value == 1.0)
    return flags


@njit(cache=True, nogil=True)
def _ones(matrix: Any, places: Any, first: int) -> Any:
    rows = len(matrix)
    starts = np.zeros(rows + 1, dtype=np.int64)
    for row in range(rows):
        count = 0
        for place in places:
            count += matrix[row, place] != 0.0
        starts[row + 1] = starts[row] + count
    ones = np.empty(starts[rows], dtype=np.int64)
    for row in range(rows):
        next_one = starts[row]
        for index, place in enumerate(places):
            if matrix[row, place] != 0.0:
                ones[next_one] = first + index
                next_one += 1
    return starts, ones


@njit(cache=True, nogil=True)
def _newton(dense: Any, starts: Any, ones: Any, width: int, labels: Any, l1: float, l2: float) -> Any:
    base = labels.mean()
    weights = np.zeros(width + 1)
    weights[width] = np.log(base / (1.0 - base))
    value = _loss(dense, starts, ones, labels, weights) + _penalty(weights, l1, l2)
    for _ in range(MOST_STEPS):
        gradient, hessian = _curvature(dense, starts, ones, labels, weights)
        target = _model_minimum(gradient, hessian, weights, l1, l2)
        step = target - weights
        promised = (gradient * step).sum() + _penalty(target, l1, l2) - _penalty(weights, l1, l2)
        share, moved = 1.0, np.abs(step).max()
        while True:
            tried = weights + share * step
            now = _loss(dense, starts, ones, labels, tried) + _penalty(tried, l1, l2)
            if now <= value + LEAST_DECREASE * share * promised or share * moved < TOLERANCE:
                break
            share /= 2.0
        # A step that is taken whole keeps the exact zeros of its target.
        weights = target if share == 1.0 else tried
        value = now
        if share * moved < TOLERANCE:
            break
    return weights


@njit(cache=True, nogil=True)
def _score(dense: Any, starts: Any, ones: Any, weights: Any, row: int) -> float:
    score: float = weights[-1]
    for column in range(dense.shape[1]):
        score += weights[column] * dense[row, column]
    for place in range(starts[row], starts[row + 1]):
        score += weights[ones[place]]
    return score


@njit(cache=True, nogil=True)
def _loss(dense: Any, starts: Any, ones: Any, labels: Any, weights: Any) -> float:
    total = 0.0
    for row in range(len(labels)):
        score = _score(dense, starts, ones, weights, row)
        against = -score if labels[row] > 0.5 else score
        total += max(against, 0.0) + np.log1p(np.exp(-abs(against)))
    return total


@njit(cache=True, nogil=True)
def _penalty(weights: Any, l1: float, l2: float) -> float:
    total = 0.0
    for column in range(len(weights) - 1):
        total += l1 * abs(weights[column]) + 0.5 * l2 * weights[column] ** 2
    return total


@njit(cache=True, nogil=True)
def _curvature(dense: Any, starts: Any, ones: Any, labels: Any, weights: Any) -> Any:
    """Gradient and Hessian of the loss; the intercept is the last of both."""
    size, wide = len(weights), dense.shape[1]
    gradient, hessian = np.zeros(size), np.zeros((size, size))
    for row in range(len(labels)):
        score = _score(dense, starts, ones, weights, row)
        tail = np.exp(-abs(score))
        chance = 1.0 / (1.0 + tail) if score >= 0 else tail / (1.0 + tail)
        error = chance - labels[row]
        weight = tail / (1.0 + tail) ** 2
        gradient[size - 1] += error
        hessian[size - 1, size - 1] += weight
        for column in range(wide):
            part = weight * dense[row, column]
            gradient[column] += error * dense[row, column]
            hessian[size - 1, column] += part
            for other in range(column + 1):
                hessian[column, other] += part * dense[row, other]
        for place in range(starts[row], starts[row + 1]):
            column = ones[place]
            gradient[column] += error
            hessian[size - 1, column] += weight
            for other in range(wide):
                hessian[column, other] += weight * dense[row, other]
            for earlier in range(starts[row], place + 1):
                hessian[column, ones[earlier]] += weight
    for column in range(size):
        for other in range(column):
            hessian[other, column] = hessian[column, other]
    # A fit whose every row is certain still has an intercept to solve for.
    hessian[size - 1, size - 1] += 1e-12
    return gradient, hessian


@njit(cache=True, nogil=True)
def _model_minimum(gradient: Any, hessian: Any, weights: Any, l1: float, l2: float) -> Any:
    """Minimises gradient·(u − weights) + ½(u − weights)ᵀ·hessian·(u − weights) + penalty(u)."""
    size = len(weights)
    found = weights.copy()
    slope = gradient.copy()
    for _ in range(MOST_ROUNDS):
        moved = 0.0
        for _ in range(SWEEPS):
            moved = 0.0
            for column in range(size):
                curve = hessian[column, column]
                before = found[column]
                if column == size - 1:
                    after = before - slope[column] / curve
                else:
                    pull = curve * before - slope[column]
                    short = abs(pull) - l1
                    after = 0.0 if short <= 0.0 else np.sign(pull) * short / (curve + l2)
                if after != before:
                    found[column] = after
                    change = after - before
                    moved = max(moved, abs(change))
                    for other in range(size):
                        slope[other] += change * hessian[column, other]
        if moved < TOLERANCE / 10:
            break
        _solve_known_signs(gradient, hessian, weights, found, slope, l1, l2)
    return found


@njit(cache=True, nogil=True)
def _solve_known_signs(
    gradient: Any, hessian: Any, weights: Any, found: Any, slope: Any, l1: float, l2: float
) -> None:
    """Moves ``found`` towards the minimum over the coefficients that are not 0.

    There, a coefficient may have crossed 0, where the penalty turns: the end of the way is taken if it is
    no worse than its start; else the point where the first of them is 0.
    """
    size = len(weights)
    free = np.empty(size, dtype=np.int64)
    count = 0
    for column in range(size):
        if column == size - 1 or found[column] != 0.0:
            free[count] = column
            count += 1
    system, right = np.empty((count, count)), np.empty(count)
    for i in range(count):
        column = free[i]
        for j in range(i + 1):
            system[i, j] = hessian[column, free[j]]
        right[i] = -slope[column]
        if column != size - 1:
            system[i, i] += l2
            right[i] -= l1 * np.sign(found[column]) + l2 * found[column]
    if not cholesky.factorise(system):
        return
    cholesky.solve(system, right)
    share = 1.0
    first = -1
    bold = found.copy()
    for i in range(count):
        column = free[i]
        before = found[column]
        bold[column] = before + right[i]
        if column != size - 1 and before * bold[column] < 0.0 and -before / right[i] < share:
            share, first = -before / right[i], column
    start = 0.5 * ((slope + gradient) * (found - weights)).sum() + _penalty(found, l1, l2)
    bold_slope = _model_slope(gradient, hessian, weights, bold)
    if 0.5 * ((bold_slope + gradient) * (bold - weights)).sum() + _penalty(bold, l1, l2) <= start:
        found[:] = bold
        slope[:] = bold_slope
        return
    for i in range(count):
        found[free[i]] += share * right[i]
    if first >= 0:
        found[first] = 0.0
    slope[:] = _model_slope(gradient, hessian, weights, found)


@njit(cache=True, nogil=True)
def _model_slope(gradient: Any, hessian: Any, weights: Any, found: Any) -> Any:
    slope = gradient.copy()
    for other in range(len(weights)):
        change = found[other] - weights[other]
        if change != 0.0:
            for column in range(len(weights)):
                slope[column] += change * hessian[other, column]
    return slope
