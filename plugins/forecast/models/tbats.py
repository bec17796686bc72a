"""TBATS with a damped trend and the week's harmonics (De Livera, Hyndman & Snyder 2011).

No Box-Cox transformation, no ARMA errors, one season. The tests compare it with statsforecast's TBATS of
these settings. Here the likelihood is compiled and releases the GIL.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import minimize

from plugins.forecast.models.model import WEEK, Model, unless_regular

Floats = NDArray[np.float64]
LONGEST = 365
"""Days that are fitted. More days cost time and do not lower the error."""
HARMONICS = (WEEK - 1) // 2
START = np.array([0.09, 0.05, 0.999, 0.0, 0.0])
"""Alpha, beta, phi and the two gammas at which the search starts."""
SCALE = np.array([1e-2, 1e-2, 1e-2, 1e-5, 1e-5])
"""Unit of each in the search."""
PHI_LOW, PHI_HIGH = 0.8, 1.0
LARGEST_ROOT = 1.01
"""Of the transition matrix with the error substituted. Beyond 1 the influence of the first states grows."""
REFUSED = 1e20


@njit(cache=True, nogil=True)
def _pass(y: Floats, parameters: Floats, states: Floats, turn: Floats, errors: Floats) -> float:
    """Filters the series; the sum of squared one-step errors (the recursions of De Livera et al.).

    Args:
        y: shape ``(n,)``.
        parameters: alpha, beta, phi, gamma of the cosines, gamma of the sines.
        states: level, slope, the states of the cosines and of the sines, before the first day; receives
            those after the last day; shape ``(2 + 2 * harmonics,)``.
        turn: cosine and sine of each harmonic's angle, shape ``(2, harmonics)``.
        errors: receives the error of each day, shape ``(n,)``.
    """
    alpha, beta, phi = parameters[0], parameters[1], parameters[2]
    first, second = parameters[3], parameters[4]
    count = turn.shape[1]
    total = 0.0
    for t in range(len(y)):
        slope = phi * states[1]
        expected = states[0] + slope
        for k in range(count):
            expected += states[2 + k]
        error = y[t] - expected
        errors[t] = error
        total += error * error
        states[0] += slope + alpha * error
        states[1] = slope + beta * error
        for k in range(count):
            # Each harmonic is a point that turns by its angle every day.
            wave, other = states[2 + k], states[2 + count + k]
            states[2 + k] = turn[0, k] * wave + turn[1, k] * other + first * error
            states[2 + count + k] = turn[0, k] * other - turn[1, k] * wave + second * error
    return total


@njit(cache=True, nogil=True)
def _carrying(parameters: Floats, turn: Floats) -> Floats:
    """The matrix D = F - g w' of De Livera et al., which takes the states from one day to the
    next with the error substituted; square, a row per state.
    """
    alpha, beta, phi = parameters[0], parameters[1], parameters[2]
    count = turn.shape[1]
    size = 2 + 2 * count
    weights = np.zeros(size)
    weights[0], weights[1] = 1.0, phi
    weights[2 : 2 + count] = 1.0
    gains = np.empty(size)
    gains[0], gains[1] = alpha, beta
    gains[2 : 2 + count] = parameters[3]
    gains[2 + count :] = parameters[4]
    matrix = np.zeros((size, size))
    matrix[0, 0], matrix[0, 1], matrix[1, 1] = 1.0, phi, phi
    for k in range(count):
        matrix[2 + k, 2 + k] = matrix[2 + count + k, 2 + count + k] = turn[0, k]
        matrix[2 + k, 2 + count + k] = turn[1, k]
        matrix[2 + count + k, 2 + k] = -turn[1, k]
    for i in range(size):
        for j in range(size):
            matrix[i, j] -= gains[i] * weights[j]
    return matrix


@njit(cache=True, nogil=True)
def _cost(scaled: Floats, y: Floats, seed: Floats, turn: Floats, scale: Floats) -> float:
    """Twice the negative log-likelihood up to a constant; ``REFUSED`` outside the permitted region."""
    parameters = scaled * scale
    if parameters[2] < PHI_LOW or parameters[2] > PHI_HIGH:
        return REFUSED
    roots = np.linalg.eigvals(_carrying(parameters, turn).astype(np.complex128))
    if np.abs(roots).max() >= LARGEST_ROOT:
        return REFUSED
    total = _pass(y, parameters, seed.copy(), turn, np.empty(len(y)))
    return float(len(y) * np.log(total))


@njit(cache=True, nogil=True)
def _sensitivity(matrix: Floats, phi: float, n: int) -> Floats:
    """What each state before the first day adds to the error of each day, shape ``(n, states)``.

    Row t is w' D^t; the first states follow from it by least squares, as in De Livera et al..
    """
    size = len(matrix)
    rows = np.zeros((n, size))
    rows[0, 0], rows[0, 1] = 1.0, phi
    rows[0, 2 : 2 + (size - 2) // 2] = 1.0
    for t in range(1, n):
        for i in range(size):
            for j in range(size):
                rows[t, j] += rows[t - 1, i] * matrix[i, j]
    return rows


def _harmonics(y: Floats) -> int:
    """How many harmonics the weekly pattern needs, by AIC, without the mean of the two weeks before."""
    n = len(y)
    until = np.arange(1, n + 1)
    since = np.maximum(until - 2 * WEEK, 0)
    sums = np.concatenate([[0.0], np.cumsum(y)])
    rest = y - (sums[until] - sums[since]) / (until - since)
    angle = 2 * np.pi * np.arange(n)[:, None] * np.arange(1, HARMONICS + 1) / WEEK
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=2).reshape(n, 2 * HARMONICS)
    criteria = []
    for count in range(1, HARMONICS + 1):
        known = waves[:, : 2 * count]
        left = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
        criteria.append(n * np.log(left @ left / n) + 4 * count)
    return 1 + int(np.argmin(criteria))


def forecast(z: Floats, horizon: int) -> Floats:
    """The days ahead, shape ``(horizon,)``.

    Args:
        z: shape ``(n,)``; of more than a year the last year is fitted.
        horizon: how many days.
    """
    z = z[-LONGEST:]
    middle, unit = float(z.mean()), float(z.std()) or 1.0
    y = (z - middle) / unit
    # The search takes the logarithm of a sum of squares that may be zero or overflow, and continues.
    with np.errstate(all="ignore"):
        angle = np.asarray(2 * np.pi * np.arange(1, _harmonics(y) + 1) / WEEK, dtype=np.float64)
        turn = np.array([np.cos(angle), np.sin(angle)])
        states, errors = np.zeros(2 + 2 * turn.shape[1]), np.empty(len(y))
        _pass(y, START, states, turn, errors)
        known = _sensitivity(_carrying(START, turn), START[2], len(y))
        seed = np.asarray(np.linalg.lstsq(known, errors, rcond=None)[0], dtype=np.float64)
        search = minimize(
            _cost,
            START / SCALE,
            args=(y, seed, turn, SCALE),
            method="Nelder-Mead",
            options={"maxiter": 100 * len(START) ** 2},
        )
        parameters = search.x * SCALE
        states = seed.copy()
        _pass(y, parameters, states, turn, errors)
    return np.asarray(middle + unit * _ahead(states, parameters[2], angle, horizon))


def _ahead(states: Floats, phi: float, angle: Floats, horizon: int) -> Floats:
    """The expected days after the day of the states, shape ``(horizon,)``."""
    count = len(angle)
    turned = np.arange(horizon)[:, None] * angle
    waves = np.cos(turned) @ states[2 : 2 + count] + np.sin(turned) @ states[2 + count :]
    return np.asarray(states[0] + states[1] * np.cumsum(phi ** np.arange(1, horizon + 1)) + waves)


MODEL = Model("TBATS", unless_regular(lambda sample, horizon: forecast(sample.z, horizon)), slow=True)
