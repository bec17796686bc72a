"""Maximum likelihood of models with a few positive parameters, searched by their logarithms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Loss = Callable[[Floats, Any], tuple[float, Floats]]
"""Mean negative log-likelihood and its gradient, given the logarithms of the parameters and the data."""

BOUND = 9.0
"""Largest magnitude of a logarithm: beyond e^9 these models equal their limit to four digits."""
_LEAST_PRECISION = 1 / 9
"""Of a logarithm that the data do not determine: one standard error is a factor of 20 (e³) up or down."""
_STEP = 1e-4
"""Of the central differences that give the second derivatives."""


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


def maximise(loss: Loss, data: Any, start: Floats, customers: int) -> Maximum | None:
    """Maximises a likelihood by L-BFGS-B.

    Args:
        loss: mean negative log-likelihood of a customer, and its gradient.
        data: second argument of the loss.
        start: (k,) logarithms to start from.
        customers: how many the mean is over.

    Returns:
        None if there is no finite maximum.
    """
    best = minimize(
        loss,
        start,
        args=(data,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-BOUND, BOUND)] * len(start),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    logs: Floats = best.x
    if not np.isfinite(best.fun) or not np.isfinite(logs).all():
        return None
    # Observed information: central differences of the gradient, one parameter at a time.
    rows = [
        (loss(logs + step, data)[1] - loss(logs - step, data)[1]) / (2 * _STEP)
        for step in np.eye(len(logs)) * _STEP
    ]
    return Maximum(
        np.exp(logs),
        -float(best.fun) * customers,
        _inverse(np.array(rows) * customers),
        bool((np.abs(logs) > BOUND - 1e-6).any()),
    )


def _inverse(information: Floats) -> Floats:
    """Inverse of a symmetric matrix, with eigenvalues raised to :data:`_LEAST_PRECISION`."""
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    return np.asarray((vectors / np.maximum(values, _LEAST_PRECISION)) @ vectors.T)


def drawn(parameters: Floats, covariance: Floats, count: int, chance: np.random.Generator) -> Floats:
    """Parameters from their asymptotic distribution, which is log-normal, shape ``(count, k)``."""
    return np.exp(chance.multivariate_normal(np.log(parameters), covariance, count, method="eigh"))
