"""Gamma-Gamma: what an order of a customer is worth.

The orders of a customer are gamma distributed with shape p and rate ν. The rates ν are gamma distributed over
the customers, with shape q and rate v. Both are independent of how often the customer buys. The note writes γ
for v.

Fader, P. S. & Hardie, B. G. S. (2013). The gamma-gamma model of monetary value. brucehardie.com/notes/025.
Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value curves for customer base
analysis. *Journal of Marketing Research* 42(4), 415–430.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from plugins.clv.models.fitting import NotFitted, drawn, maximise

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEWEST = 3
"""Repeat buyers that three parameters need."""
_TINY = 1e-300
"""Smallest divisor: parameters that are drawn may underflow to 0."""


class GammaGamma(NamedTuple):
    """A fitted model.

    Attributes:
        p: shape of a customer's orders.
        q: shape of the rates ν.
        v: rate of the rates ν, in currency.
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
        """Models with parameters from their asymptotic distribution."""
        rows = drawn(self.parameters, self.covariance, count, chance).tolist()
        return [self._replace(p=p, q=q, v=v) for p, q, v in rows]


class _Data(NamedTuple):
    """The n repeat buyers, values scaled to a mean of 1."""

    frequencies: Floats  # (k,) distinct frequencies, ascending
    customers: Floats  # (k,) customers with each
    frequency_of: Ints  # (n,) index into frequencies
    x: Floats  # (n,) frequency
    spent: Floats  # (n,) x·m
    log_spent: float  # sum of x·log(x·m)
    log_value: float  # sum of log m


def usable(frequency: Ints | Floats, monetary_value: Floats) -> NDArray[np.bool_]:
    """Whose values the model is defined for: repeat buyers with a positive mean, shape ``(n,)``."""
    return (np.asarray(frequency) > 0) & (monetary_value > 0)


def fit(frequency: Ints | Floats, monetary_value: Floats) -> GammaGamma | NotFitted:
    """Maximum likelihood, equation 1a of the note, over the customers who are :func:`usable`.

    Args:
        frequency: (n,) repeat purchases x.
        monetary_value: (n,) their mean value m, in currency.
    """
    known = usable(frequency, monetary_value)
    x, m = np.asarray(frequency, dtype=float)[known], monetary_value[known]
    if len(x) < _FEWEST:
        return NotFitted(f"{len(x)} repeat buyers have a positive mean value; {_FEWEST} are needed.")
    scale = float(m.mean())
    m = m / scale
    if np.ptp(m) <= 1e-12:
        return NotFitted("All repeat buyers have the same mean value.")
    frequencies, frequency_of = np.unique(x, return_inverse=True)
    log_m = np.log(m)
    data = _Data(
        frequencies=frequencies,
        customers=np.bincount(frequency_of).astype(float),
        frequency_of=frequency_of.astype(np.int64),
        x=x,
        spent=x * m,
        log_spent=float((x * (log_m + np.log(x))).sum()),
        log_value=float(log_m.sum()),
    )
    best = maximise(_loss, data, np.full(3, 0.5), len(x))
    if best is None:
        return NotFitted("The likelihood of these values has no finite maximum.")
    p, q, v = best.parameters.tolist()
    # The density of a mean value scales with the unit of money to the power −1.
    likelihood = best.log_likelihood - len(x) * float(np.log(scale))
    return GammaGamma(p, q, v * scale, likelihood, best.covariance, len(x), scale)


def _loss(logs: Floats, data: _Data) -> tuple[float, Floats]:
    """Mean negative log-likelihood, equation 1a, and its gradient by the logarithms of p, q, v.

    log f = log Γ(px+q) − log Γ(px) − log Γ(q) + q·log v + px·log(xm) − log m − (px+q)·log(v + xm). The gamma
    functions are the same for all customers of one frequency.
    """
    p, q, v = parameters = np.exp(logs)
    x, customers = data.frequencies, data.customers
    n = len(data.x)
    px = p * x
    both = data.spent + v
    log_both = np.bincount(data.frequency_of, weights=np.log(both), minlength=len(x))
    total = (
        customers @ (gammaln(px + q) - gammaln(px))
        + n * (q * logs[2] - gammaln(q))
        + p * data.log_spent
        - data.log_value
        - (px + q) @ log_both
    )
    psi_both = psi(px + q)
    d_p = customers @ (x * (psi_both - psi(px))) + data.log_spent - x @ log_both
    d_q = customers @ psi_both - n * psi(q) + n * logs[2] - log_both.sum()
    d_v = n * q / v - ((p * data.x + q) / both).sum()
    return -total / n, -np.array([d_p, d_q, d_v]) / n * parameters


@njit(cache=True, nogil=True)
def draw_values(
    chance: np.random.Generator,
    bought: Floats,
    past: tuple[Floats, Floats],
    parameters: Floats,
    value: Floats,
) -> None:
    """Draws what a number of orders of each customer brings, into ``value``, (n,); a number in it stays.

    Given the past, ν is gamma (px+q, v+xm); y orders then add up to a gamma (py, ν) amount.

    Args:
        chance: the random numbers.
        bought: (n,) orders y.
        past: (n,) each: frequency x and total value x·m of the orders that the model knows of, or 0.
        parameters: p, q, v.
        value: NaN where an amount is to be drawn.
    """
    p, q, v = parameters
    x, spent = past
    for i in range(bought.size):
        if not np.isnan(value[i]):
            continue
        value[i] = 0.0
        if bought[i] > 0:
            rate = chance.standard_gamma(p * x[i] + q) / max(v + spent[i], _TINY)
            value[i] = chance.standard_gamma(p * bought[i]) / max(rate, _TINY)


def expected_value(model: GammaGamma, frequency: Ints | Floats, monetary_value: Floats) -> Floats:
    """Expected value of an order given the past, equation 5 of the note, shape ``(n,)``, in currency.

    Without a repeat purchase it is the mean over all customers. The expectation is infinite where px + q ≤ 1.
    The customer's own mean then takes its place, or, without a repeat purchase, that of the fitted customers.

    Args:
        model: the parameters.
        frequency: (n,) repeat purchases.
        monetary_value: (n,) their mean value; ignored unless :func:`usable`.

    The note's CDNOW parameters: a customer with one repeat order of 11.77, and one without a repeat order.

    >>> cdnow = GammaGamma(6.25, 3.74, 15.44, 0.0, np.eye(3), 946, 35.08)
    >>> expected_value(cdnow, np.array([1, 0]), np.array([11.77, 0.0])).round(2).tolist()
    [18.92, 35.22]
    """
    known = usable(frequency, monetary_value)
    x = np.where(known, frequency, 0.0)
    m = np.where(known, monetary_value, 0.0)
    divisor = model.p * x + model.q - 1
    finite = divisor > 1e-9
    infinite = np.where(known, m, model.mean)
    return np.where(finite, model.p * (model.v + x * m) / np.where(finite, divisor, 1.0), infinite)
