"""Gamma-Gamma: what an order of a customer is worth.

Orders of a customer are gamma distributed (shape p, rate ν of their own), the rates gamma over the customers
(shape q, rate v), apart from how often they buy.

Fader, P. S. & Hardie, B. G. S. (2013). The gamma-gamma model of monetary value. brucehardie.com/notes/025.
Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
analysis. *Journal of Marketing Research* 42(4), 415–430.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from plugins.clv.models.bgnbd import NotFitted, inverse_information

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BOUND = 9.0
_STEP = 1e-4
_FEWEST = 3


class GammaGamma(NamedTuple):
    """A fitted model.

    Attributes:
        p, q: shapes of the orders and of the rates.
        v: rate of the rates, in currency.
        log_likelihood: at the maximum.
        covariance: (3, 3) of the logarithms of p, q, v.
        customers: how many it was fitted on.
        mean: of their mean values, in currency.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    covariance: Floats
    customers: int
    mean: float

    @property
    def parameters(self) -> Floats:
        """p, q, v."""
        return np.array([self.p, self.q, self.v])

    def draws(self, count: int, chance: np.random.Generator) -> list[GammaGamma]:
        """Models with parameters from the asymptotic distribution."""
        logs = chance.multivariate_normal(np.log(self.parameters), self.covariance, count, method="eigh")
        return [self._replace(p=p, q=q, v=v) for p, q, v in np.exp(logs).tolist()]


class _Packed(NamedTuple):
    x: Floats  # the different frequencies
    customers: Floats  # how many have each
    at: Ints  # row to its frequency's place
    total: Floats  # x·m by row
    weighted: Floats  # sum of x·(log m + log x), and of log m
    rows: Floats  # x by row


def usable(frequency: Ints | Floats, monetary_value: Floats) -> NDArray[np.bool_]:
    """Who takes part: repeat buyers with a positive mean, shape ``(n,)``."""
    return (np.asarray(frequency) > 0) & (monetary_value > 0)


def fit(frequency: Ints | Floats, monetary_value: Floats) -> GammaGamma | NotFitted:
    """Maximum likelihood, equation 1a of the note; who is not :func:`usable` stays out.

    Args:
        frequency: (n,) repeat purchases x.
        monetary_value: (n,) their mean value m, in currency.
    """
    kept = usable(frequency, monetary_value)
    x, m = np.asarray(frequency, dtype=float)[kept], monetary_value[kept]
    if len(x) < _FEWEST:
        return NotFitted(f"{len(x)} repeat buyers have a positive mean value; {_FEWEST} are needed.")
    scale = float(m.mean())
    m = m / scale
    if np.ptp(m) <= 1e-12:
        return NotFitted("All repeat buyers have the same mean value.")
    different, at = np.unique(x, return_inverse=True)
    logs_m = np.log(m)
    packed = _Packed(
        different,
        np.bincount(at).astype(float),
        at.astype(np.int64),
        x * m,
        np.array([(x * (logs_m + np.log(x))).sum(), logs_m.sum()]),
        x,
    )
    found = minimize(
        _loss,
        np.full(3, 0.5),
        args=(packed,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 3,
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    logs: Floats = found.x
    if not np.isfinite(found.fun) or not np.isfinite(logs).all():
        return NotFitted("The likelihood of these values has no finite maximum.")
    steps = np.eye(3) * _STEP
    rows = [(_loss(logs + step, packed)[1] - _loss(logs - step, packed)[1]) / (2 * _STEP) for step in steps]
    covariance = inverse_information(np.array(rows) * len(x))
    p, q, v = np.exp(logs).tolist()
    likelihood = -float(found.fun) * len(x) - len(x) * float(np.log(scale))
    return GammaGamma(p, q, v * scale, likelihood, covariance, len(x), scale)


def _loss(logs: Floats, packed: _Packed) -> tuple[float, Floats]:
    """Mean negative log-likelihood and its gradient, by the logarithms of p, q, v."""
    p, q, v = parameters = np.exp(logs)
    x, customers, at = packed.x, packed.customers, packed.at
    n = len(at)
    px = p * x
    inner = packed.total + v
    log_inner = np.log(inner)
    by_x = np.bincount(at, weights=log_inner, minlength=len(x))
    total = (
        customers @ (gammaln(px + q) - gammaln(px))
        + n * (q * logs[2] - gammaln(q))
        + p * packed.weighted[0]
        - packed.weighted[1]
        - (px + q) @ by_x
    )
    psi_both = psi(px + q)
    d_p = customers @ (x * (psi_both - psi(px))) + packed.weighted[0] - x @ by_x
    d_q = customers @ psi_both - n * psi(q) + n * logs[2] - by_x.sum()
    d_v = n * q / v - ((p * packed.rows + q) / inner).sum()
    return -total / n, -np.array([d_p, d_q, d_v]) / n * parameters


def expected_value(model: GammaGamma, frequency: Ints | Floats, monetary_value: Floats) -> Floats:
    """Expected value of an order given the past, equation 5 of the note, shape ``(n,)``, in currency.

    Without a repeat purchase it is the mean over all customers. Where the expectation is infinite (q of 1 or
    less), the mean of those fitted on stands in, and the own mean for repeat buyers.

    Args:
        model: the parameters.
        frequency: (n,) repeat purchases.
        monetary_value: (n,) their mean value; counts as unknown unless :func:`usable`.
    """
    kept = usable(frequency, monetary_value)
    x = np.where(kept, frequency, 0.0)
    m = np.where(kept, monetary_value, 0.0)
    below = model.p * x + model.q - 1
    instead = np.where(kept, m, model.mean)
    finite = below > 1e-9
    return np.where(finite, model.p * (model.v + x * m) / np.where(finite, below, 1.0), instead)
