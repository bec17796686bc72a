"""Exponential smoothing with additive errors, ETS(A, N | A | Ad, N | A), in the state space form of Hyndman,
Koehler, Ord & Snyder, Forecasting with Exponential Smoothing (2008).

The equations of ETS(A, Ad, A), with level l, slope b, season s of period m = 7 and error e:

    y[t] = l[t-1] + phi b[t-1] + s[t-m] + e[t]
    l[t] = l[t-1] + phi b[t-1] + alpha e[t]
    b[t] = phi b[t-1] + beta e[t]
    s[t] = s[t-m] + gamma e[t]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.forecast.models.model import WEEK, Model

Floats = NDArray[np.float64]
EVALUATIONS = 400
"""Of the sum of squares, in each search. A fixed number keeps the time of a fit bounded."""
PHI_LOW, PHI_HIGH = 0.8, 0.98
"""Range of the damping, as in the R package forecast."""


NONE, DAMPED, LINEAR = 0, 1, 2


class Form(NamedTuple):
    """Components of a model besides its level: a trend (``NONE``, ``DAMPED``, ``LINEAR``) and a week."""

    trend: int
    season: bool


FORMS = tuple(Form(trend, season) for season in (False, True) for trend in (NONE, DAMPED, LINEAR))
NON_SEASONAL = tuple(form for form in FORMS if not form.season)


@njit(cache=True, nogil=True)
def _unpack(point: Floats, trend: int, season: bool, out: Floats) -> None:
    """Unbounded parameters to (alpha, beta, gamma, phi), each mapped to its range by a logistic curve."""
    # The usual region: 0 < alpha < 1, 0 < beta < alpha, 0 < gamma < 1 - alpha.
    alpha = 0.9999 / (1.0 + np.exp(-point[0]))
    used = 1
    beta, phi, gamma = 0.0, 1.0, 0.0
    if trend:
        beta = alpha / (1.0 + np.exp(-point[used]))
        used += 1
        if trend == 1:
            phi = PHI_LOW + (PHI_HIGH - PHI_LOW) / (1.0 + np.exp(-point[used]))
            used += 1
    if season:
        gamma = (1.0 - alpha) / (1.0 + np.exp(-point[used]))
    out[0], out[1], out[2], out[3] = alpha, beta, gamma, phi


@njit(cache=True, nogil=True)
def _run(
    y: Floats,
    weights: Floats,
    level: float,
    slope: float,
    seasonal: Floats,
    pars: Floats,
    trend: int,
    season: bool,
    state: Floats,
) -> float:
    """The sum of squared one-step errors of a series. ``state`` receives the last level, slope and season."""
    alpha, beta, gamma, phi = pars[0], pars[1], pars[2], pars[3]
    for k in range(WEEK):
        state[2 + k] = seasonal[k]
    total = 0.0
    for t in range(len(y)):
        k = t % WEEK
        base = level + phi * slope if trend else level
        wave = state[2 + k] if season else 0.0
        error = (y[t] - base - wave) * weights[t]
        total += error * error
        level = base + alpha * error
        if trend:
            slope = phi * slope + beta * error
        if season:
            state[2 + k] = wave + gamma * error
    state[0], state[1] = level, slope
    return total


@njit(cache=True, nogil=True)
def _cost(
    point: Floats,
    y: Floats,
    weights: Floats,
    trend: int,
    season: bool,
    seasonal: Floats,
    scale: float,
    pars: Floats,
    state: Floats,
) -> float:
    """Sum of squares at a point: free parameters, then the initial level and slope in units of ``scale``."""
    _unpack(point, trend, season, pars)
    count = len(point)
    if trend:
        level, slope = point[count - 2] * scale, point[count - 1] * scale
    else:
        level, slope = point[count - 1] * scale, 0.0
    # Beyond 12 the logistic curve is flat: the penalty keeps the search from wandering there.
    penalty = 0.0
    for k in range(count):
        if abs(point[k]) > 12.0:
            penalty += abs(point[k]) - 12.0
    return _run(y, weights, level, slope, seasonal, pars, trend, season, state) * (1.0 + penalty)


@njit(cache=True, nogil=True)
def _search(
    start: Floats,
    step: Floats,
    y: Floats,
    weights: Floats,
    trend: int,
    season: bool,
    seasonal: Floats,
    scale: float,
    limit: int,
) -> tuple[Floats, float]:
    """The simplex of Nelder & Mead (1965) with a fixed number of evaluations and no randomness.

    After each step the vertices are sorted again, best first. Ties keep their order.
    """
    d = len(start)
    pars, state = np.zeros(4), np.zeros(2 + WEEK)
    simplex = np.empty((d + 1, d))
    costs = np.empty(d + 1)
    for i in range(d + 1):
        simplex[i] = start
        if i > 0:
            simplex[i, i - 1] += step[i - 1]
        costs[i] = _cost(simplex[i], y, weights, trend, season, seasonal, scale, pars, state)
    used = d + 1
    while used < limit:
        order = np.argsort(costs, kind="mergesort")
        simplex, costs = simplex[order].copy(), costs[order].copy()
        if costs[d] - costs[0] <= 1e-9 * abs(costs[0]):
            break
        centre = np.zeros(d)
        for i in range(d):
            centre += simplex[i] / d
        # Reflect the worst vertex at the centre of the others.
        mirrored = 2.0 * centre - simplex[d]
        cost = _cost(mirrored, y, weights, trend, season, seasonal, scale, pars, state)
        used += 1
        if cost < costs[0]:
            # The best so far: expand in the same direction.
            further = 3.0 * centre - 2.0 * simplex[d]
            better = _cost(further, y, weights, trend, season, seasonal, scale, pars, state)
            used += 1
            if better < cost:
                simplex[d], costs[d] = further, better
            else:
                simplex[d], costs[d] = mirrored, cost
        elif cost < costs[d - 1]:
            simplex[d], costs[d] = mirrored, cost
        else:
            # Contract towards the better of the worst vertex and its reflection; if that fails, shrink
            # all vertices towards the best.
            outside = cost < costs[d]
            nearer = 0.5 * centre + 0.5 * (mirrored if outside else simplex[d])
            better = _cost(nearer, y, weights, trend, season, seasonal, scale, pars, state)
            used += 1
            if better < min(cost, costs[d]):
                simplex[d], costs[d] = nearer, better
            else:
                for i in range(1, d + 1):
                    simplex[i] = simplex[0] + 0.5 * (simplex[i] - simplex[0])
                    costs[i] = _cost(simplex[i], y, weights, trend, season, seasonal, scale, pars, state)
                used += d
    best = np.argmin(costs)
    return simplex[best], costs[best]


class Ets(NamedTuple):
    """A fitted model.

    Attributes:
        form: its components.
        parameters: alpha, beta, gamma, phi.
        state: level, slope and the seven seasonal states after the last day; shape ``(9,)``.
        sse: sum of squared one-step errors.
        aicc: Akaike's criterion, corrected; infinite where the series is too short for it.
        n: days fitted on.
    """

    form: Form
    parameters: Floats
    state: Floats
    sse: float
    aicc: float
    n: int

    def forecast(self, horizon: int) -> Floats:
        """The days ahead, shape ``(horizon,)``."""
        steps = np.arange(1, horizon + 1)
        path = np.full(horizon, self.state[0])
        if self.form.trend:
            path = path + self.state[1] * np.cumsum(self.parameters[3] ** steps)
        if self.form.season:
            path = path + self.state[2:][(self.n + steps - 1) % WEEK]
        return path


def initial_season(y: Floats) -> Floats:
    """Weekday means of the differences to a centred moving mean of a week, with sum 0, shape ``(7,)``.

    The whole series is used, as for the best constant week. Where the week changes, gamma follows it.

    >>> initial_season(np.tile([0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0], 4)).round(6).tolist()
    [-1.0, -1.0, -1.0, -1.0, -1.0, 6.0, -1.0]
    """
    trend = np.convolve(y, np.full(WEEK, 1 / WEEK), mode="valid")
    rest = y[WEEK // 2 : WEEK // 2 + len(trend)] - trend
    phase = (np.arange(len(rest)) + WEEK // 2) % WEEK
    season = np.bincount(phase, rest, WEEK) / np.maximum(1, np.bincount(phase, minlength=WEEK))
    return np.asarray(season - season.mean())


def fit(y: Floats, form: Form, weights: Floats | None = None) -> Ets:
    """Least squares over the smoothing parameters and the initial level and slope.

    Args:
        y: shape ``(n,)``, ``n >= 2``; 14 or more for a seasonal form.
        form: which components.
        weights: factor of each day's error, 0 to 1, shape ``(n,)``.
    """
    n = len(y)
    weights = np.ones(n) if weights is None else weights
    scale = float(np.std(y)) or 1.0
    offset = float(y.mean())
    z = y - offset
    seasonal = initial_season(z) if form.season else np.zeros(WEEK)
    adjusted = z - seasonal[np.arange(n) % WEEK]
    level = float(adjusted[: 2 * WEEK].mean()) / scale
    slope = float(np.polyfit(np.arange(n), adjusted, 1)[0]) / scale if form.trend == LINEAR else 0.0
    if form.trend == LINEAR:
        level = float(adjusted.mean()) / scale - slope * (n - 1) / 2
    # Two searches, one from a slow and one from a quick level: the sum of squares often has two minima.
    searches: list[tuple[Floats, float]] = []
    for quickness in (-3.0, 0.0):
        start, step = [quickness], [1.0]
        if form.trend:
            start += [-2.0, 0.0] if form.trend == DAMPED else [-4.0]
            step += [1.0, 1.0] if form.trend == DAMPED else [1.0]
        if form.season:
            start.append(-3.0)
            step.append(1.0)
        start.append(level)
        step.append(0.3)
        if form.trend:
            start.append(slope)
            step.append(0.01)
        searches.append(
            _search(
                np.array(start),
                np.array(step),
                z,
                weights,
                form.trend,
                form.season,
                seasonal,
                scale,
                EVALUATIONS,
            )
        )
    point, _ = min(searches, key=lambda search: search[1])
    parameters, state = np.zeros(4), np.zeros(2 + WEEK)
    sse = float(_cost(point, z, weights, form.trend, form.season, seasonal, scale, parameters, state))
    state[0] += offset
    free = len(point) + 1 + (WEEK - 1 if form.season else 0)
    # The likelihood of an exact fit is infinite; its error is taken to be of the size of rounding.
    noise = max(sse / n, (1e-9 * scale) ** 2)
    aicc = n * np.log(noise) + 2 * free + 2 * free * (free + 1) / (n - free - 1) if n > free + 1 else np.inf
    return Ets(form, parameters, state, sse, float(aicc), n)


def select(y: Floats, forms: tuple[Form, ...], weights: Floats | None = None) -> Ets:
    """The fit of lowest AICc, the first of equal ones.

    >>> line = select(np.arange(20.0), NON_SEASONAL)
    >>> line.forecast(3).round(2).tolist()
    [20.0, 21.0, 22.0]
    """
    fits = [fit(y, form, weights) for form in forms]
    return min(fits, key=lambda fitted: fitted.aicc)


MODEL = Model("ETS", lambda sample, horizon: select(sample.z, FORMS).forecast(horizon))
