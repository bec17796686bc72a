"""BG/NBD and MBG/NBD: how often a customer buys, and whether they still do.

While alive, a customer buys at rate λ. The rates are gamma distributed over the customers, with shape r and
rate α. After each purchase the customer drops out with probability p. The probabilities are beta distributed
over the customers, with a and b. In the modified model (MBG) a customer can also drop out right after the
first purchase, so that one-time buyers may have left. To the likelihood it is BG/NBD with one more occasion
of dropping out: x + 1 of them instead of x.

The symbols are those of the first paper: x repeat purchases, t_x time of the last one, T time observed, both
since the first purchase. Times may have any unit; α has the same.

- Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). "Counting your customers" the easy way: an alternative
  to the Pareto/NBD model. *Marketing Science* 24(2), 275–284.
- Batislam, E. P., Denizel, M. & Filiztekin, A. (2007). Empirical validation and comparison of models for
  customer base analysis. *International Journal of Research in Marketing* 24(3), 201–209.
- Hoppe, D. & Wagner, U. (2007). Customer base analysis: the case for a central variant of the
  Betageometric/NBD model. *Marketing – Journal of Research and Management* 3(2), 75–90.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import expit, gammaln, hyp2f1, psi

from plugins.clv.models.fitting import NotFitted, Purchases, drawn, fit_purchases

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEAR_ONE = 1e-6
"""Distance of a from 1 within which equation 10 is 0/0."""
_BELOW_ONE = 1 - 1e-12
_LARGE_A = 100.0
"""From here on the hypergeometric series cancels; p is then nearly the same for every customer."""
_MOST_PURCHASES = 1e12
_TINY = 1e-300
"""Smallest divisor: parameters that are drawn may underflow to 0."""


class BgNbd(NamedTuple):
    """A fitted model.

    Attributes:
        r, alpha: shape and rate of the purchase rates λ; alpha in the unit of the times.
        a, b: of the dropout probabilities p.
        log_likelihood: at the maximum, in the unit of the times.
        covariance: (4, 4) of the logarithms of r, alpha, a, b: the inverse of the observed information.
        customers: how many it was fitted on.
        at_bound: whether a parameter lies at the edge of the search (customers are all alike, or nobody
            dropped out); predictions hold, parameters mean little.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Floats
    customers: int
    at_bound: bool

    @staticmethod
    def more() -> int:
        """Occasions to drop out beyond the repeat purchases."""
        return 0

    @property
    def parameters(self) -> Floats:
        """r, alpha, a, b."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def draws(self, count: int, chance: np.random.Generator) -> list[BgNbd]:
        """Models with parameters from their asymptotic distribution."""
        rows = drawn(self.parameters, self.covariance, count, chance).tolist()
        return [self._replace(r=r, alpha=alpha, a=a, b=b) for r, alpha, a, b in rows]

    def p_alive(self, frequency: Ints | Floats, recency: Floats, T: Floats) -> Floats:
        """Probability of being alive at T, shape ``(n,)``; in BG/NBD 1 without a repeat purchase.

        Fader, P. S. & Hardie, B. G. S. (2008). Computing P(alive) using the BG/NBD model.
        brucehardie.com/notes/021.

        The paper's CDNOW parameters, a customer with 2 repeat purchases, the last in week 30.43 of 38.86:

        >>> cdnow = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, np.eye(4), 2357, False)
        >>> cdnow.p_alive(np.array([2]), np.array([30.43]), np.array([38.86])).round(2).tolist()
        [0.73]
        """
        x = np.asarray(frequency, dtype=float)
        occasions = x + self.more()
        # P(alive) = 1 / (1 + a/(b+k−1) · ((α+T)/(α+t_x))^(r+x)) for k > 0 occasions to drop out.
        odds_dropped = np.log(self.a) - np.log(self.b + np.maximum(occasions, 1) - 1)
        odds_dropped += (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + recency))
        alive: Floats = expit(-np.where(occasions > 0, odds_dropped, -np.inf))
        return alive

    def expected_purchases(
        self, t: float | Floats, frequency: Ints | Floats, recency: Floats, T: Floats
    ) -> Floats:
        """E[Y(t) | x, t_x, T], equation 10: purchases in the time t after T, shape ``(n,)``.

        Args:
            t: length of the time to come, one for all or (n,), 0 or more.
            frequency, recency, T: as in :func:`fit`.

        The paper's customer 0001 of CDNOW, over the next 39 weeks:

        >>> cdnow = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, np.eye(4), 2357, False)
        >>> past = np.array([2]), np.array([30.43]), np.array([38.86])
        >>> cdnow.expected_purchases(39, *past).round(2).tolist()
        [1.23]
        """
        x = np.asarray(frequency, dtype=float)
        r, alpha, a, b = self.parameters
        b += self.more()  # given alive, p is beta (a, b + k)
        if abs(a - 1) < _NEAR_ONE:  # equation 10 is 0/0 at a = 1; a millionth further it equals the limit
            a = 1 + _NEAR_ONE
        ratio = np.asarray(t / (alpha + T))
        if a > _LARGE_A:
            expected = self._by_quadrature(ratio, x)
        else:
            # Euler's transformation of the paper's 2F1(r + x, b + x; a + b + x − 1; z). Only the third
            # argument contains x then, and large frequencies do not overflow.
            z = np.minimum(ratio / (1 + ratio), _BELOW_ONE)
            series = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
            expected = (a + b + x - 1) / (a - 1) * (1 - np.exp((1 - a) * np.log1p(ratio)) * series)
        # Nobody buys more than at the mean posterior rate without ever dropping out.
        most = (r + x) / (alpha + T) * t
        # The denominator of equation 10 is 1 / P(alive).
        return np.asarray(np.clip(expected, 0.0, most) * self.p_alive(x, recency, T))

    def _by_quadrature(self, ratio: Floats, x: Floats) -> Floats:
        """Expected purchases given alive, for a large a.

        E[(1 − (1 + p·t/(α+T))^−(r+x)) / p] with p beta (a, b+x), by Gauss-Legendre quadrature.

        Args:
            ratio: (n,) t / (alpha + T).
            x: (n,) repeat purchases.
        """
        nodes, weights = np.polynomial.legendre.leggauss(64)
        kept = (self.b + self.more() + x)[:, None]
        # Ten standard deviations of the logit of p around its mode hold all of its mass.
        width = 10 * np.sqrt(1 / self.a + 1 / kept)
        logit = np.log(self.a / kept) + width * nodes
        p = np.maximum(expit(logit), 1e-100)  # never 0: the integrand divides by p
        density = self.a * -np.logaddexp(0, -logit) - kept * np.logaddexp(0, logit)
        mass = weights * np.exp(density - density.max(axis=1, keepdims=True))
        integrand = -np.expm1(-(self.r + x)[:, None] * np.log1p(p * ratio[:, None])) / p
        return np.asarray((mass * integrand).sum(axis=1) / mass.sum(axis=1))

    def median_wait(self, alive: Floats, frequency: Ints | Floats, T: Floats) -> Floats:
        """Time after T by which a customer has bought again with probability 1/2, shape ``(n,)``.

        NaN where that is never.

        Given alive, the rate is gamma (r + x, α + T), so the wait is Lomax distributed. Its mean is infinite
        where r + x ≤ 1; its median is not.

        Args:
            alive: (n,) probability of being alive at T.
            frequency, T: as in :func:`fit`.
        """
        # P(bought by w) = alive · (1 − ((α+T)/(α+T+w))^(r+x)) = 1/2, solved for w.
        given_alive = np.where(alive > 0.5, 0.5 / np.maximum(alive, 0.5), np.nan)
        shape = self.r + np.asarray(frequency, dtype=float)
        with np.errstate(over="ignore"):
            grown = np.expm1(-np.log1p(-np.minimum(given_alive, _BELOW_ONE)) / shape)
            return np.asarray((self.alpha + T) * grown)

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
        parameters = self.parameters
        parameters[3] += self.more()
        _draw_purchases(chance, self.p_alive(x, recency, T), x, T, t, parameters, bought)
        return bought


class MbgNbd(BgNbd):
    """The modified model: a customer can drop out after the first purchase, too."""

    @staticmethod
    def more() -> int:
        return 1


def fit(frequency: Ints | Floats, recency: Floats, T: Floats, kind: type[BgNbd] = BgNbd) -> BgNbd | NotFitted:
    """Maximum likelihood, equation 6 of the paper.

    Args:
        frequency: (n,) repeat purchases x, 0 or more.
        recency: (n,) time of the last purchase t_x, 0 to T.
        T: (n,) time observed.
        kind: which of the two models.
    """
    found = fit_purchases(partial(_loss, kind.more()), frequency, recency, T)
    if isinstance(found, NotFitted):
        return found
    best, scale = found
    r, alpha, a, b = best.parameters.tolist()
    return kind(
        *(r, alpha / scale, a, b),
        *(best.log_likelihood, best.covariance, len(frequency), best.at_bound),
    )


@njit(cache=True, nogil=True)
def _rows(data: Purchases, r: float, alpha: float, log_odds: Floats) -> tuple[float, float, float, Floats]:
    """The part of equation 6 that depends on t_x and T, summed over the histories, with its derivatives.

    Args:
        data: the histories.
        r, alpha: of the model.
        log_odds: (k,) log(a / (b + k − 1)) by frequency, −∞ without an occasion to drop out.

    Returns:
        the sum, its derivatives by r and alpha, and (k,) its derivative by each entry of ``log_odds``.
    """
    total = d_r = d_alpha = 0.0
    d_odds = np.zeros(data.x.size)
    for i in range(data.frequency_of.size):
        j = data.frequency_of[i]
        w, shape = data.weight[i], r + data.x[j]
        log_T = np.log(alpha + data.T[i])
        if log_odds[j] == -np.inf:
            # δ = 0: only A₃ = (α+T)^−(r+x) is left.
            total -= w * shape * log_T
            d_r -= w * log_T
            d_alpha -= w * shape / (alpha + data.T[i])
            continue
        log_t = np.log(alpha + data.t_x[i])
        # log(A₃ + A₄) = log A₃ + log(1 + e^d), d = log(a/(b+k−1)) + (r+x)·log((α+T)/(α+t_x)); no overflow.
        d = log_odds[j] + shape * (log_T - log_t)
        small = np.exp(-abs(d))
        dropped = 1 / (1 + small) if d > 0 else small / (1 + small)  # posterior probability of A₄
        total += w * (-shape * log_T + max(d, 0.0) + np.log1p(small))
        d_r -= w * ((1 - dropped) * log_T + dropped * log_t)
        d_alpha -= w * shape * ((1 - dropped) / (alpha + data.T[i]) + dropped / (alpha + data.t_x[i]))
        d_odds[j] += w * dropped
    return total, d_r, d_alpha, d_odds


def _loss(more: int, logs: Floats, data: Purchases) -> tuple[float, Floats]:
    """Mean negative log-likelihood, equation 6, and its gradient by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = parameters = np.exp(logs)
    x, customers = data.x, data.customers
    occasions = x + more
    n = customers.sum()
    kept = b + np.maximum(occasions, 1) - 1
    log_odds = np.where(occasions > 0, np.log(a) - np.log(kept), -np.inf)
    total, d_r, d_alpha, d_odds = _rows(data, r, alpha, log_odds)
    # A₁·A₂ = Γ(r+x)·α^r / Γ(r) · Γ(a+b)·Γ(b+k) / (Γ(b)·Γ(a+b+k)), the same for all of one frequency.
    terms = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + occasions)
    terms += gammaln(b + occasions) - gammaln(b)
    total += customers @ terms + n * r * logs[1]
    d_r += customers @ (psi(r + x) - psi(r)) + n * logs[1]
    d_alpha += n * r / alpha
    both = psi(a + b) - psi(a + b + occasions)
    d_a = customers @ both + d_odds.sum() / a
    d_b = customers @ (both + psi(b + occasions) - psi(b)) - d_odds @ (1 / kept)
    return -total / n, -np.array([d_r, d_alpha, d_a, d_b]) / n * parameters


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

    Given the past, λ is gamma (r+x, α+T) and p is beta (a, b+x) for a customer who is alive (b+1+x in MBG).
    In the time t the customer makes a Poisson (λt) or a geometric (p) number of purchases, whichever is
    less."""
    r, alpha, a, b = parameters
    for i in range(x.size):
        if t[i] <= 0 or chance.random() >= alive[i]:
            continue
        mean = chance.standard_gamma(r + x[i]) / max(alpha + T[i], _TINY) * t[i]
        count = float(chance.poisson(min(mean, _MOST_PURCHASES)))
        if count > 1:  # dropout follows a purchase, so the first one always happens
            # p = dropped / (dropped + kept) of two gamma draws: as one beta draw it would round to 0 or 1.
            dropped, kept = chance.standard_gamma(a), chance.standard_gamma(b + x[i])
            if dropped > 0:
                # A geometric number is an exponential one divided by −log(1 − p), rounded up.
                rate = max(-np.log1p(-dropped / (dropped + kept)), _TINY) if kept > 0 else np.inf
                count = min(count, max(np.ceil(chance.standard_exponential() / rate), 1.0))
        bought[i] = count
