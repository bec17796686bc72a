"""Maximum likelihood of models with a few positive parameters, searched by their logarithms, and the
histories that models of purchases are fitted on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Loss = Callable[[Floats, Any], tuple[float, Floats]]
"""Mean negative log-likelihood and its gradient, given the logarithms of the parameters and the data."""

BOUND = 9.0
"""Largest magnitude of a logarithm: beyond e^9 these models equal their limit to four digits."""
_LEAST_PRECISION = 1 / 9
"""Of a logarithm that the data do not determine: one standard error is a factor of 20 (e³) up or down."""
_STEP = 1e-4
"""Of the central differences that give the second derivatives."""


_SAMPLE = 5_000
"""Distinct histories on which a maximum is searched before all of them correct it."""
_NEWTON_STEPS = 8
_FLAT = 1e-6
"""Largest slope of the mean loss, by a logarithm, at which a maximum is reached."""
_LARGEST_T = 10.0
"""Times are scaled so that the longest is this: the optimum then has the same size for any unit of time."""
_FEWEST_HISTORIES = 3
"""Distinct histories of repeat buyers that four parameters need to be told apart."""
_LARGEST_KEY = 2.0**53
"""Whole numbers up to here are exact in a float."""


class Purchases(NamedTuple):
    """Purchase histories, each distinct one once, times scaled."""

    x: Floats  # (k,) distinct frequencies, ascending
    customers: Floats  # (k,) customers with each
    frequency_of: Ints  # (m,) index into x of each distinct history
    t_x: Floats  # (m,)
    T: Floats  # (m,)
    weight: Floats  # (m,) customers with each history


class NotFitted(NamedTuple):
    """Why a model cannot be fitted.

    Attributes:
        reason: a sentence.
    """

    reason: str


class Maximum(NamedTuple):
    """Where the likelihood is highest.

    Attributes:
        parameters: (k,) the parameters.
        log_likelihood: of all customers there.
        covariance: (k, k) of the logarithms of the parameters.
        at_bound: whether a parameter lies at the edge of the search.
    """

    parameters: Floats
    log_likelihood: float
    covariance: Floats
    at_bound: bool


def maximise(
    loss: Loss, data: Any, start: Floats, customers: int, sample: Any | None = None
) -> Maximum | None:
    """Maximises a likelihood by L-BFGS-B.

    Args:
        loss: mean negative log-likelihood of a customer, and its gradient.
        data: second argument of the loss.
        start: (k,) logarithms to start from.
        customers: how many the mean is over.
        sample: of the data. The search and the second derivatives are taken on it, and a few Newton steps
            lead from its maximum to that of the data. None searches on all data.

    Returns:
        None if there is no finite maximum.
    """
    searched = data if sample is None else sample
    logs, lowest = _search(loss, searched, start)
    if not np.isfinite(lowest) or not np.isfinite(logs).all():
        return None
    # Observed information: central differences of the gradient, one parameter at a time.
    rows = [
        (loss(logs + step, searched)[1] - loss(logs - step, searched)[1]) / (2 * _STEP)
        for step in np.eye(len(logs)) * _STEP
    ]
    curvature = (np.array(rows) + np.array(rows).T) / 2
    if sample is not None:
        logs, lowest = _polished(loss, data, logs, curvature)
    return Maximum(
        np.exp(logs),
        -lowest * customers,
        _inverse(curvature * customers),
        bool((np.abs(logs) > BOUND - 1e-6).any()),
    )


def _search(loss: Loss, data: Any, start: Floats) -> tuple[Floats, float]:
    best = minimize(
        loss,
        start,
        args=(data,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-BOUND, BOUND)] * len(start),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    return best.x, float(best.fun)


def _polished(loss: Loss, data: Any, logs: Floats, curvature: Floats) -> tuple[Floats, float]:
    """Newton steps with the curvature of a sample; a search from there if they do not lead down."""
    lowest, slope = loss(logs, data)
    inverse = _inverse(curvature, 1e-6)
    for _ in range(_NEWTON_STEPS):
        tried = np.clip(logs - inverse @ slope, -BOUND, BOUND)
        value, there = loss(tried, data)
        if value > lowest + 1e-12:
            return _search(loss, data, logs)
        done = np.abs(there).max() < _FLAT or np.abs(tried - logs).max() < _FLAT
        logs, lowest, slope = tried, value, there
        if done:
            break
    return logs, float(lowest)


def fit_purchases(
    loss: Loss, frequency: Ints | Floats, recency: Floats, T: Floats, *, sampled: bool = False
) -> tuple[Maximum, float] | NotFitted:
    """The maximum of a likelihood of four parameters over distinct histories, and the scale of its times.

    Args:
        loss: of :class:`Purchases`.
        frequency: (n,) repeat purchases x, 0 or more.
        recency: (n,) time of the last purchase t_x, 0 to T.
        T: (n,) time observed.
        sampled: whether the search is made on a sample first.

    Returns:
        the maximum, its likelihood in the unit of the times, and what the times were multiplied by.
    """
    found = purchases(frequency, recency, T)
    if isinstance(found, NotFitted):
        return found
    data, scale = found
    best = maximise(loss, data, np.full(4, 0.1), len(frequency), sample(data) if sampled else None)
    if best is None:
        return NotFitted("The likelihood of these histories has no finite maximum.")
    # The density of x purchase times scales with the unit of time to the power −x.
    likelihood = best.log_likelihood + float(data.customers @ data.x * np.log(scale))
    return best._replace(log_likelihood=likelihood), scale


def sample(data: Purchases) -> Purchases | None:
    """Every k-th distinct history, which are sorted; None if there are few."""
    step = len(data.weight) // _SAMPLE
    if step < 2:
        return None
    frequency_of, weight = data.frequency_of[::step], data.weight[::step]
    customers = np.bincount(frequency_of, weights=weight, minlength=len(data.x)).astype(float)
    return Purchases(data.x, customers, frequency_of, data.t_x[::step], data.T[::step], weight)


def purchases(frequency: Ints | Floats, recency: Floats, T: Floats) -> tuple[Purchases, float] | NotFitted:
    """The distinct histories, and what their times are multiplied by.

    Args:
        frequency: (n,) repeat purchases x, 0 or more.
        recency: (n,) time of the last purchase t_x, 0 to T.
        T: (n,) time observed.
    """
    x, longest = np.asarray(frequency, dtype=float), float(T.max(initial=0.0))
    if not (x > 0).any():
        return NotFitted("No customer bought on more than one day.")
    if longest <= 0:
        return NotFitted("No time has passed since the first purchases.")
    scale = _LARGEST_T / longest
    data = distinct(x, np.asarray(recency, dtype=float), np.asarray(T, dtype=float), scale)
    histories = int((data.x[data.frequency_of] > 0).sum())
    if histories < _FEWEST_HISTORIES:
        return NotFitted(
            f"Repeat buyers have {histories} different histories; {_FEWEST_HISTORIES} are needed."
        )
    return data, scale


def distinct(x: Floats, t_x: Floats, T: Floats, scale: float) -> Purchases:
    """The distinct histories, with times multiplied by a scale."""
    base = T.max() + 1
    if (x.max() + 1) * base * base < _LARGEST_KEY and all((c == np.floor(c)).all() for c in (x, t_x, T)):
        # Whole days fit one key, which sorts in a tenth of the time of three columns.
        key, counts = np.unique((x * base + T) * base + t_x, return_counts=True)
        rest, t_x = np.divmod(key, base)
        x, T = np.divmod(rest, base)
    else:
        rows, counts = np.unique(np.column_stack((x, T, t_x)), axis=0, return_counts=True)
        x, T, t_x = rows.T
    frequencies, frequency_of = np.unique(x, return_inverse=True)
    weight = counts.astype(float)
    customers = np.bincount(frequency_of, weights=weight).astype(float)
    return Purchases(frequencies, customers, frequency_of.astype(np.int64), t_x * scale, T * scale, weight)


def _inverse(information: Floats, least: float = _LEAST_PRECISION) -> Floats:
    """Inverse of a symmetric matrix, with eigenvalues raised to a least one."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors / np.maximum(values, least)) @ vectors.T)


def drawn(parameters: Floats, covariance: Floats, count: int, chance: np.random.Generator) -> Floats:
    """Parameters from their asymptotic distribution, which is log-normal, shape ``(count, k)``."""
    return np.exp(chance.multivariate_normal(np.log(parameters), covariance, count, method="eigh"))
