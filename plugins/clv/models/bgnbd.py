"""BG/NBD: how often a customer buys, and whether they still do.

While alive, a customer buys at a rate λ of their own (gamma over the customers: r, α); after every purchase
they drop out with a probability p of their own (beta: a, b).

Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). "Counting your customers" the easy way: an alternative to
the Pareto/NBD model. *Marketing Science* 24(2), 275–284. Its symbols: x repeat purchases, t_x time of the
last, T time observed, both since the first purchase. Any unit of time will do; α comes in the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, gammaln, hyp2f1, psi

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGEST_T = 10.0
"""Times are scaled so that the longest is this, as the optimum's size then varies least."""
_BOUND = 9.0
"""Of the logarithms of the scaled parameters: beyond e^9 the model is its own limit to four digits."""
_FEWEST_KINDS = 3
"""Different histories of repeat buyers below which nothing tells four parameters apart."""
_LEAST_PRECISION = 1 / 9
"""Of a logarithm that the data leave open: a factor of 20 (e³) to either side at one standard error."""
_STEP = 1e-4
_NEAR_ONE = 1e-6
_BELOW_ONE = 1 - 1e-12
_LARGEST_KEY = 2.0**53
_LARGE_A = 100.0
"""From here on the hypergeometric series cancels; dropout is then nearly the same for everybody."""


class NotFitted(NamedTuple):
    """No model, and why.

    Attributes:
        reason: a sentence.
    """

    reason: str


class BgNbd(NamedTuple):
    """A fitted model.

    Attributes:
        r, alpha: shape and rate of the purchase rates; alpha in the unit of the times.
        a, b: of the dropout probabilities.
        log_likelihood: at the maximum, in the unit of the times.
        covariance: (4, 4) of the logarithms of r, alpha, a, b: the inverse of the observed information.
        customers: how many it was fitted on.
        at_bound: whether the maximum lies at the edge of what was searched (customers all alike, or nobody
            ever lost); predictions hold, parameters mean little.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Floats
    customers: int
    at_bound: bool

    @property
    def parameters(self) -> Floats:
        """r, alpha, a, b."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def draws(self, count: int, chance: np.random.Generator) -> list[BgNbd]:
        """Models with parameters from the asymptotic distribution: log-normal, so all positive."""
        logs = chance.multivariate_normal(np.log(self.parameters), self.covariance, count, method="eigh")
        return [self._replace(r=r, alpha=alpha, a=a, b=b) for r, alpha, a, b in np.exp(logs).tolist()]


class _Packed(NamedTuple):
    """Histories, each different one once, times scaled."""

    x: Floats  # the different frequencies
    customers: Floats  # how many have each
    at: Ints  # row to its frequency's place
    t_x: Floats
    T: Floats
    weight: Floats


def fit(frequency: Ints | Floats, recency: Floats, T: Floats) -> BgNbd | NotFitted:
    """Maximum likelihood, equation 6 of the paper.

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
    packed = _pack(x, np.asarray(recency, dtype=float), np.asarray(T, dtype=float), scale)
    kinds = int((packed.x[packed.at] > 0).sum())
    if kinds < _FEWEST_KINDS:
        return NotFitted(f"Repeat buyers have {kinds} different histories; {_FEWEST_KINDS} are needed.")
    found = minimize(
        _loss,
        np.full(4, 0.1),
        args=(packed,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * 4,
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    logs: Floats = found.x
    if not np.isfinite(found.fun) or not np.isfinite(logs).all():
        return NotFitted("The likelihood of these histories has no finite maximum.")
    r, alpha, a, b = np.exp(logs).tolist()
    # The density of x purchases at times scales with the unit of time to the power −x.
    likelihood = -float(found.fun) * len(x) + float(x.sum() * np.log(scale))
    at_bound = bool((np.abs(logs) > _BOUND - 1e-6).any())
    return BgNbd(r, alpha / scale, a, b, likelihood, _covariance(logs, packed, len(x)), len(x), at_bound)


def _pack(x: Floats, t_x: Floats, T: Floats, scale: float) -> _Packed:
    """The different histories, with times multiplied by a scale."""
    base = T.max() + 1
    if (x.max() + 1) * base * base < _LARGEST_KEY and all((c == np.floor(c)).all() for c in (x, t_x, T)):
        # Whole days fit one key, which sorts in a tenth of the time of three columns.
        key, counts = np.unique((x * base + T) * base + t_x, return_counts=True)
        rest, t_x = np.divmod(key, base)
        x, T = np.divmod(rest, base)
    else:
        rows, counts = np.unique(np.column_stack((x, T, t_x)), axis=0, return_counts=True)
        x, T, t_x = rows.T
    different, at = np.unique(x, return_inverse=True)
    weight = counts.astype(float)
    customers = np.bincount(at, weights=weight).astype(float)
    return _Packed(different, customers, at.astype(np.int64), t_x * scale, T * scale, weight)


@njit(cache=True, nogil=True)
def _rows(
    x: Floats, at: Ints, t_x: Floats, T: Floats, weight: Floats, r: float, alpha: float, dropped: Floats
) -> tuple[float, float, float, Floats]:
    """What the rows add to the log-likelihood and to its derivatives: the bracket of equation 6.

    ``dropped`` is log(a / (b + x − 1)) by frequency; returned last is the weight of the dropped by frequency.
    """
    total = d_r = d_alpha = 0.0
    gone = np.zeros(x.size)
    for i in range(at.size):
        j = at[i]
        w, shape = weight[i], r + x[j]
        log_T = np.log(alpha + T[i])
        if x[j] == 0:
            total -= w * shape * log_T
            d_r -= w * log_T
            d_alpha -= w * shape / (alpha + T[i])
            continue
        log_t = np.log(alpha + t_x[i])
        ahead = dropped[j] + shape * (log_T - log_t)
        small = np.exp(-abs(ahead))
        share = 1 / (1 + small) if ahead > 0 else small / (1 + small)
        total += w * (-shape * log_T + max(ahead, 0.0) + np.log1p(small))
        d_r -= w * ((1 - share) * log_T + share * log_t)
        d_alpha -= w * shape * ((1 - share) / (alpha + T[i]) + share / (alpha + t_x[i]))
        gone[j] += w * share
    return total, d_r, d_alpha, gone


def _loss(logs: Floats, packed: _Packed) -> tuple[float, Floats]:
    """Mean negative log-likelihood and its gradient, by the logarithms of r, alpha, a, b."""
    r, alpha, a, b = parameters = np.exp(logs)
    x, customers = packed.x, packed.customers
    n = customers.sum()
    lost = b + np.maximum(x, 1) - 1
    total, d_r, d_alpha, gone = _rows(
        x, packed.at, packed.t_x, packed.T, packed.weight, r, alpha, np.log(a) - np.log(lost)
    )
    terms = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + x) + gammaln(b + x) - gammaln(b)
    total += customers @ terms + n * r * logs[1]
    d_r += customers @ (psi(r + x) - psi(r)) + n * logs[1]
    d_alpha += n * r / alpha
    both = psi(a + b) - psi(a + b + x)
    d_a = customers @ both + gone.sum() / a
    d_b = customers @ (both + psi(b + x) - psi(b)) - gone @ (1 / lost)
    return -total / n, -np.array([d_r, d_alpha, d_a, d_b]) / n * parameters


def _covariance(logs: Floats, packed: _Packed, customers: int) -> Floats:
    """Inverse of the information, by differences of the gradient; what the data leave open stays finite."""
    steps = np.eye(len(logs)) * _STEP
    rows = [(_loss(logs + step, packed)[1] - _loss(logs - step, packed)[1]) / (2 * _STEP) for step in steps]
    return inverse_information(np.array(rows) * customers)


def inverse_information(information: Floats) -> Floats:
    """Covariance of logarithms of parameters, directions without information held to a standard error of 3.

    Args:
        information: (k, k) second derivatives of the negative log-likelihood, by differences.
    """
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    return np.asarray((vectors / np.maximum(values, _LEAST_PRECISION)) @ vectors.T)


def _log_dropped(model: BgNbd, x: Floats, t_x: Floats, T: Floats) -> Floats:
    """Logarithm of the odds of having dropped out at the last purchase; −∞ without a repeat purchase."""
    lost = np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    ahead = lost + (model.r + x) * (np.log(model.alpha + T) - np.log(model.alpha + t_x))
    return np.where(x > 0, ahead, -np.inf)


def p_alive(model: BgNbd, frequency: Ints | Floats, recency: Floats, T: Floats) -> Floats:
    """Probability of being alive at T, shape ``(n,)``; 1 without a repeat purchase, as the model has it.

    Fader, P. S. & Hardie, B. G. S. (2008). Computing P(alive) using the BG/NBD model.
    brucehardie.com/notes/021.
    """
    alive: Floats = expit(-_log_dropped(model, np.asarray(frequency, dtype=float), recency, T))
    return alive


def expected_purchases(
    model: BgNbd, t: float | Floats, frequency: Ints | Floats, recency: Floats, T: Floats
) -> Floats:
    """E[Y(t) | x, t_x, T], equation 10: purchases in the time t after T, shape ``(n,)``.

    Args:
        model: the parameters.
        t: length of the time to come, one for all or (n,), 0 or more.
        frequency, recency, T: as in :func:`fit`.
    """
    x = np.asarray(frequency, dtype=float)
    r, alpha, a, b = model.parameters
    if abs(a - 1) < _NEAR_ONE:  # 0/0 at exactly 1; the limit differs by a millionth from its neighbour
        a = 1 + _NEAR_ONE
    ratio = np.asarray(t / (alpha + T))
    if a > _LARGE_A:
        expected = _by_quadrature(model, ratio, x)
    else:
        # Euler's transformation of the paper's 2F1(r + x, b + x; a + b + x − 1; z): x is left in the third
        # argument only, which large frequencies cannot overflow.
        z = np.minimum(ratio / (1 + ratio), _BELOW_ONE)
        series = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
        expected = (a + b + x - 1) / (a - 1) * (1 - np.exp((1 - a) * np.log1p(ratio)) * series)
    # No customer buys more than at the mean posterior rate without ever dropping out.
    most = (r + x) / (alpha + T) * t
    return np.asarray(np.clip(expected, 0.0, most) * p_alive(model, x, recency, T))


def _by_quadrature(model: BgNbd, ratio: Floats, x: Floats) -> Floats:
    """The same given alive, for a large a: E[(1 − (1 + p·t/(α+T))^−(r+x)) / p], p ~ Beta(a, b + x).

    Args:
        model: the parameters.
        ratio: (n,) t / (alpha + T).
        x: (n,) repeat purchases.
    """
    nodes, weights = np.polynomial.legendre.leggauss(64)
    kept = (model.b + x)[:, None]
    width = 10 * np.sqrt(1 / model.a + 1 / kept)
    logit = np.log(model.a / kept) + width * nodes
    p = np.maximum(expit(logit), 1e-100)  # not 0, by which the last line but one divides
    density = model.a * -np.logaddexp(0, -logit) - kept * np.logaddexp(0, logit)
    mass = weights * np.exp(density - density.max(axis=1, keepdims=True))
    lost = -np.expm1(-(model.r + x)[:, None] * np.log1p(p * ratio[:, None])) / p
    return np.asarray((mass * lost).sum(axis=1) / mass.sum(axis=1))


def next_purchase(model: BgNbd, frequency: Ints | Floats, T: Floats, probability: float = 0.5) -> Floats:
    """Time after T by which a customer who is alive has bought again with a probability, shape ``(n,)``.

    The rate given the past is gamma (r + x, alpha + T), so the wait is Lomax. Its mean is infinite where
    r + x ≤ 1; its median is not.

    Args:
        model: the parameters.
        frequency, T: as in :func:`fit`.
        probability: 0 to below 1; the median by default.
    """
    shape = model.r + np.asarray(frequency, dtype=float)
    with np.errstate(over="ignore"):
        return np.asarray((model.alpha + T) * np.expm1(-np.log1p(-probability) / shape))
