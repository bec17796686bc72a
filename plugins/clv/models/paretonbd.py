"""Pareto/NBD: how often a customer buys, and how long they stay.

While alive, a customer buys at a rate λ of their own (gamma over the customers: r, α). They leave after an
exponential lifetime with a rate μ of their own (gamma: s, β), whether they bought before or not.

Schmittlein, D. C., Morrison, D. G. & Colombo, R. (1987). Counting your customers: who are they and what will
they do next? *Management Science* 33(1), 1–24. The likelihood is written as in Fader, P. S. & Hardie, B. G.
S. (2005), "A note on deriving the Pareto/NBD model and related expressions", brucehardie.com/notes/009. Its
symbols: x repeat purchases, t_x time of the last, T time observed, both since the first purchase.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from plugins.clv.models.fitting import NotFitted, Purchases, drawn, fit_purchases

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DEPTH = 30.0
"""Where exp(−q z) is below 1e-13 the integral ends."""


def _rule(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    at, weights = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weights / 2


_FINE, _COARSE = _rule(12), _rule(6)
"""For the likelihood (relative error below 1e-6) and for draws (below 1e-3)."""
_LONGEST_WAIT = 5 * 365.0
_WAIT_STEPS = 80
_MOST_PURCHASES = 1e12
_TINY = 1e-300


class ParetoNbd(NamedTuple):
    """A fitted model.

    Attributes:
        r, alpha: shape and rate of the purchase rates λ; alpha in the unit of the times.
        s, beta: the same of the rates μ of leaving.
        log_likelihood: at the maximum, in the unit of the times.
        covariance: (4, 4) of the logarithms of r, alpha, s, beta: the inverse of the observed information.
        customers: how many it was fitted on.
        at_bound: whether a parameter lies at the edge of the search (customers are all alike, or nobody
            left); predictions hold, parameters mean little.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    covariance: Floats
    customers: int
    at_bound: bool

    @property
    def parameters(self) -> Floats:
        """r, alpha, s, beta."""
        return np.array([self.r, self.alpha, self.s, self.beta])

    def draws(self, count: int, chance: np.random.Generator) -> list[ParetoNbd]:
        """Models with parameters from their asymptotic distribution."""
        rows = drawn(self.parameters, self.covariance, count, chance).tolist()
        return [self._replace(r=r, alpha=alpha, s=s, beta=beta) for r, alpha, s, beta in rows]

    def p_alive(self, frequency: Ints | Floats, recency: Floats, T: Floats) -> Floats:
        """Probability of being alive at T, shape ``(n,)``.

        The CDNOW parameters of Fader & Hardie, a customer with 2 repeat purchases, the last in week 30.43 of
        38.86:

        >>> cdnow = ParetoNbd(0.553, 10.578, 0.606, 11.669, -9595.0, np.eye(4), 2357, False)
        >>> cdnow.p_alive(np.array([2]), np.array([30.43]), np.array([38.86])).round(3).tolist()
        [0.869]
        """
        x = np.asarray(frequency, dtype=float)
        return np.asarray(_alive(x, recency, T, self.parameters, *_FINE))

    def expected_purchases(
        self, t: float | Floats, frequency: Ints | Floats, recency: Floats, T: Floats
    ) -> Floats:
        """Purchases in the time t after T, equation 41 of the note, shape ``(n,)``.

        Args:
            t: length of the time to come, one for all or (n,), 0 or more.
            frequency, recency, T: as in :func:`fit`.

        The same customer of CDNOW, over the next 39 weeks:

        >>> cdnow = ParetoNbd(0.553, 10.578, 0.606, 11.669, -9595.0, np.eye(4), 2357, False)
        >>> past = np.array([2]), np.array([30.43]), np.array([38.86])
        >>> cdnow.expected_purchases(39, *past).round(3).tolist()
        [1.455]
        """
        x = np.asarray(frequency, dtype=float)
        growth = np.log1p(t / (self.beta + T))
        # (1 − ((β+T)/(β+T+t))^(s−1)) / (s−1), whose limit at s = 1 is the logarithm.
        power = self.s - 1
        lived = -np.expm1(-power * growth) / power if abs(power) > 1e-8 else growth
        given_alive = (self.r + x) * (self.beta + T) / (self.alpha + T) * lived
        return np.asarray(given_alive * self.p_alive(x, recency, T))

    def median_wait(self, alive: Floats, frequency: Ints | Floats, T: Floats) -> Floats:
        """Time after T by which a customer has bought again with probability 1/2, shape ``(n,)``.

        NaN where that is never, or not within five years of days.

        Args:
            alive: (n,) probability of being alive at T.
            frequency, T: as in :func:`fit`.
        """
        x = np.asarray(frequency, dtype=float)
        return np.asarray(_median_wait(np.ascontiguousarray(alive), x, T, self.parameters))

    def draw_purchases(
        self, chance: np.random.Generator, past: tuple[Floats, Floats, Floats], t: Floats
    ) -> Floats:
        """One draw of every customer's purchases in the time t after T, shape ``(n,)``.

        Args:
            chance: the random numbers.
            past: frequency, recency and T, each (n,).
            t: (n,) time to come; 0 for a customer who has left.
        """
        x, recency, T = past
        bought = np.zeros(len(x))
        alive = _alive(x, recency, T, self.parameters, *_COARSE)
        _draw_purchases(chance, alive, x, T, t, self.parameters, bought)
        return bought


def fit(frequency: Ints | Floats, recency: Floats, T: Floats) -> ParetoNbd | NotFitted:
    """Maximum likelihood.

    Args:
        frequency: (n,) repeat purchases x, 0 or more.
        recency: (n,) time of the last purchase t_x, 0 to T.
        T: (n,) time observed.
    """
    found = fit_purchases(_loss, frequency, recency, T, sampled=True)
    if isinstance(found, NotFitted):
        return found
    best, scale = found
    r, alpha, s, beta = best.parameters.tolist()
    return ParetoNbd(
        *(r, alpha / scale, s, beta / scale),
        *(best.log_likelihood, best.covariance, len(frequency), best.at_bound),
    )


def _loss(logs: Floats, data: Purchases) -> tuple[float, Floats]:
    """Mean negative log-likelihood and its gradient, by the logarithms of r, α, s, β."""
    r, alpha, s, beta = parameters = np.exp(logs)
    x, customers = data.x, data.customers
    n = customers.sum()
    total, gradient = _rows(data, parameters, *_FINE)
    total += customers @ (gammaln(r + x) - gammaln(r)) + n * (r * logs[1] + s * logs[3])
    gradient[0] += customers @ (psi(r + x) - psi(r)) + n * logs[1]
    gradient[1] += n * r / alpha
    gradient[2] += n * logs[3]
    gradient[3] += n * s / beta
    return -total / n, -gradient / n * parameters


@njit(cache=True, nogil=True)
def _rows(data: Purchases, parameters: Floats, nodes: Floats, weights: Floats) -> tuple[float, Floats]:
    """What the histories add to the log-likelihood, and its derivatives by r, α, s, β.

    Up to factors that do not depend on the row, the likelihood is (equation 17 of the note)

        (α+T)^−(r+x) (β+T)^−s  +  s ∫ from t_x to T of (α+y)^−(r+x) (β+y)^−(s+1) dy

    The first term is a customer who is alive at T, the second one who left at y. With q = r + x + s and, for
    α ≤ β, z = ln((α+y) / (α+t_x)) the integral becomes

        (α+t_x)^−q ∫ from 0 to z(T) of exp(−q z) · ((α+y) / (β+y))^(s+1) dz

    an exponential times a smooth bounded factor; for α > β the same holds with α and β, and s + 1 and r + x,
    exchanged. Gauss-Legendre with 12 nodes replaces the Gaussian hypergeometric function (relative error
    below 1e-6); the range ends where the exponential is below 1e-13. Derivatives are taken under the
    integral.
    """
    r, alpha, s, beta = parameters
    smaller, apart = min(alpha, beta), abs(alpha - beta)
    total = 0.0
    gradient = np.zeros(4)
    t_x, T = data.t_x, data.T
    for i in range(T.size):
        shape = r + data.x[data.frequency_of[i]]
        q = shape + s
        log_a, log_b = np.log(alpha + T[i]), np.log(beta + T[i])
        log_alive = -shape * log_a - s * log_b
        log_first = np.log(smaller + t_x[i])
        length = min((log_a if alpha <= beta else log_b) - log_first, _DEPTH / q)
        power = s + 1 if alpha <= beta else shape
        # The bounded factor is taken relative to its largest value, at the end: alone it could underflow.
        log_end = log_first + length
        largest_factor = power * (log_end - np.log(np.exp(log_end) + apart))
        # Sums over the nodes: the integrand, and its products with ln(α+y), ln(β+y), 1/(α+y) and 1/(β+y).
        mass = by_r = by_s = by_alpha = by_beta = 0.0
        for k in range(nodes.size):
            z = length * nodes[k]
            log_near = log_first + z
            near = np.exp(log_near)
            far = near + apart
            log_far = np.log(far)
            part = weights[k] * np.exp(power * (log_near - log_far) - largest_factor - q * z)
            mass += part
            if alpha <= beta:
                by_r += part * log_near
                by_s += part * log_far
                by_alpha += part / near
                by_beta += part / far
            else:
                by_r += part * log_far
                by_s += part * log_near
                by_alpha += part / far
                by_beta += part / near
        log_left = np.log(s * length * mass) + largest_factor - q * log_first if length > 0 else -np.inf
        largest = max(log_alive, log_left)
        both = largest + np.log(np.exp(log_alive - largest) + np.exp(log_left - largest))
        here = np.exp(log_alive - both)
        gone = 1 - here
        w = data.weight[i]
        total += w * both
        if mass > 0:
            by_r, by_s, by_alpha, by_beta = by_r / mass, by_s / mass, by_alpha / mass, by_beta / mass
        gradient[0] -= w * (here * log_a + gone * by_r)
        gradient[1] -= w * shape * (here / (alpha + T[i]) + gone * by_alpha)
        gradient[2] += w * (gone / s - here * log_b - gone * by_s)
        gradient[3] -= w * (here * s / (beta + T[i]) + gone * (s + 1) * by_beta)
    return total, gradient


@njit(cache=True, nogil=True)
def _alive(x: Floats, t_x: Floats, T: Floats, parameters: Floats, nodes: Floats, weights: Floats) -> Floats:
    """P(alive at T) of each customer: the first term of the likelihood over both, as in :func:`_rows`."""
    r, alpha, s, beta = parameters
    smaller, apart = min(alpha, beta), abs(alpha - beta)
    alive = np.empty(x.size)
    for i in range(x.size):
        shape = r + x[i]
        q = shape + s
        log_a, log_b = np.log(alpha + T[i]), np.log(beta + T[i])
        log_first = np.log(smaller + t_x[i])
        length = min((log_a if alpha <= beta else log_b) - log_first, _DEPTH / q)
        power = s + 1 if alpha <= beta else shape
        log_end = log_first + length
        largest_factor = power * (log_end - np.log(np.exp(log_end) + apart))
        mass = 0.0
        for k in range(nodes.size):
            z = length * nodes[k]
            log_near = log_first + z
            log_far = np.log(np.exp(log_near) + apart)
            mass += weights[k] * np.exp(power * (log_near - log_far) - largest_factor - q * z)
        # Odds of having left: the second term over the first.
        log_odds = np.log(s * length * mass) + largest_factor if length > 0 else -np.inf
        alive[i] = 1 / (1 + np.exp(log_odds + shape * log_a + s * log_b - q * log_first))
    return alive


@njit(cache=True, nogil=True)
def _median_wait(alive: Floats, x: Floats, T: Floats, parameters: Floats) -> Floats:
    """Solves alive · P(bought by w) = 1/2 for w, by steps of z = ln(1 + w / (α+T)).

    Given alive, the next purchase comes at y, and before the customer leaves, with density
    (r+x) / (α+T+y) · ((α+T) / (α+T+y))^(r+x) · ((β+T) / (β+T+y))^s.
    """
    r, alpha, s, beta = parameters
    wait = np.full(x.size, np.nan)
    for i in range(x.size):
        if alive[i] <= 0.5:
            continue
        shape, age = r + x[i], alpha + T[i]
        step = np.log1p(_LONGEST_WAIT / age) / _WAIT_STEPS
        bought = 0.0
        for k in range(_WAIT_STEPS):
            # Within a step the first two factors are integrated exactly, the third is taken at its middle.
            still = (beta + T[i]) / (beta + T[i] + age * np.expm1((k + 0.5) * step))
            share, start = alive[i] * still**s, np.exp(-shape * k * step)
            gained = share * (start - np.exp(-shape * (k + 1) * step))
            if bought + gained >= 0.5:
                wait[i] = age * np.expm1(-np.log(start - (0.5 - bought) / share) / shape)
                break
            bought += gained
    return wait


@njit(cache=True, nogil=True)
def _draw_purchases(
    chance: np.random.Generator,
    alive: Floats,
    x: Floats,
    T: Floats,
    t: Floats,
    parameters: Floats,
    bought: Floats,
) -> None:
    """Draws the purchases of each customer into ``bought``, (n,), which is 0 before.

    Given the past, λ is gamma (r+x, α+T) and μ gamma (s, β+T) for a customer who is alive. The customer buys
    a Poisson number of times at rate λ until the time t ends, or an exponential lifetime of rate μ.
    """
    r, alpha, s, beta = parameters
    for i in range(x.size):
        if t[i] <= 0 or chance.random() >= alive[i]:
            continue
        rate = chance.standard_gamma(r + x[i]) / max(alpha + T[i], _TINY)
        leaving = chance.standard_gamma(s) / max(beta + T[i], _TINY)
        lived = min(t[i], chance.standard_exponential() / max(leaving, _TINY))
        bought[i] = chance.poisson(min(rate * lived, _MOST_PURCHASES))
