"""Rolling origin: how good each model is on days that it has not seen, and which one is the best."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.preparation import Prepared, Window, prepared, wants_logs
from plugins.forecast.days.series import MANY_ZEROS, WEEK, Rule
from plugins.forecast.judging.errors import Figures, figures, weekly_step
from plugins.forecast.zoo import arima
from plugins.forecast.zoo.roster import (
    ARIMA,
    EVERY,
    PROPHET,
    SEASONAL_NAIVE,
    SLOW,
    Forecast,
    Sample,
    Zoo,
    models_for,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 4
LONGEST_FOLD = 13 * WEEK
YEAR_AND_A_HALF = 548
BEHIND = 1.15
"""A slow model whose error on the newest fold is this many times the leading quick one's is dropped."""
ENSEMBLE = "Ensemble"
BLENDED = 5


class Problem(NamedTuple):
    """A history to be judged on.

    Attributes:
        first: ordinal of the first day.
        values: shape ``(n,)``.
        columns: what is known of each day, shape ``(n, k)``.
        guessed: what is expected of the columns' days after an origin, by those before it; the columns
            themselves where their future is known.
        business: which days are business days, shape ``(n,)``.
        rule: how outliers are found.
        zoo: which models are tried.
    """

    first: int
    values: Floats
    columns: Floats
    guessed: Callable[[int, int], Floats]
    business: Bools
    rule: Rule
    zoo: Zoo = "money"


class Candidate(NamedTuple):
    """How a model did.

    Attributes:
        name: as printed.
        figures: None where it could not be fitted.
        seconds: spent on it.
        folds: how many folds it was judged on.
        dropped: why it was not judged on all of them, None if it was.
    """

    name: str
    figures: Figures | None
    seconds: float
    folds: int
    dropped: str | None


class Verdict(NamedTuple):
    """The outcome of a race.

    Attributes:
        champion: name of the winner.
        members: models that the champion is made of: itself, or those of the ensemble.
        candidates: all that were tried, best first.
        origins: places of the first held-out day of each fold, oldest first, shape ``(folds,)``.
        paths: the champion's forecast of each fold, shape ``(folds, days)``.
        logs: whether models see logarithms.
        orders: of ARIMA.
    """

    champion: str
    members: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    origins: tuple[int, ...]
    paths: Floats
    logs: bool
    orders: arima.Orders | None


def folds(n: int) -> tuple[tuple[int, ...], int]:
    """Places of the first held-out day of four folds, oldest first, and the days of each.

    A fold is as long as a quarter of the history, in whole weeks, thirteen at most. Origins lie as far
    apart as they may while the oldest leaves half of the history to learn from, or a year and a half where
    there is more than that; folds overlap where they must.

    Args:
        n: days of the history, 60 or more.

    >>> folds(90)
    ((45, 53, 61, 69), 21)
    >>> folds(730)
    ((549, 579, 609, 639), 91)
    """
    length = min(LONGEST_FOLD, n // 4 // WEEK * WEEK)
    least = n // 2
    if n - length - 6 * WEEK >= YEAR_AND_A_HALF:
        least = max(least, YEAR_AND_A_HALF)
    apart = min(length, (n - length - least) // (FOLDS - 1))
    newest = n - length
    return tuple(newest - apart * back for back in range(FOLDS - 1, -1, -1)), length


def sample_of(window: Prepared, orders: arima.Orders | None) -> Sample:
    """A prepared window as models are given it."""
    return Sample(window.z, window.first, orders, window.columns, window.ahead)


class _Race:
    """Models on folds; each forecast is made at most once."""

    def __init__(self, problem: Problem, logs: bool) -> None:
        self.problem = problem
        self.origins, self.length = folds(len(problem.values))
        self.logs = logs
        self.windows = [self._window(origin) for origin in self.origins]
        self.orders: arima.Orders | None = None
        self.paths: dict[str, dict[int, Floats]] = {}
        self.seconds: dict[str, float] = {}
        self.failed: dict[str, str] = {}
        self.step = weekly_step(problem.values)

    def _window(self, origin: int) -> Prepared:
        problem = self.problem
        window = Window(
            problem.first,
            problem.values[:origin],
            problem.columns[:origin],
            problem.guessed(origin, self.length),
        )
        return prepared(window, problem.rule, self.logs)

    def run(self, name: str, forecast: Forecast, places: Sequence[int]) -> None:
        """Forecasts folds; a model that fails is out, with its reason."""
        started = time.perf_counter()
        for place in places:
            window = self.windows[place]
            sample = sample_of(window, self.orders)
            try:
                path = window.restored(forecast(sample, self.length))
            except Exception as error:  # whatever a library raises on a strange series
                self.failed[name] = f"could not be fitted ({type(error).__name__})"
                break
            self.paths.setdefault(name, {})[place] = path
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    def run_all(self, models: Mapping[str, Forecast], places: Sequence[int]) -> None:
        """Forecasts folds with all models that this thread runs and that are not out."""
        for name, forecast in models.items():
            if name != PROPHET and name not in self.failed:
                self.run(name, forecast, places)

    def choose_orders(self) -> None:
        """ARIMA's orders, by the oldest window alone: no held-out day has a say."""
        started = time.perf_counter()
        try:
            self.orders = arima.choose(self.windows[0].z)
        except Exception as error:
            self.failed[ARIMA] = f"no orders could be chosen ({type(error).__name__})"
        self.seconds[ARIMA] = time.perf_counter() - started

    def figures(self, paths: Mapping[int, Floats]) -> Figures:
        """Errors over the folds that there is a forecast of."""
        problem, places = self.problem, sorted(paths)
        spans = [slice(self.origins[place], self.origins[place] + self.length) for place in places]
        return figures(
            np.concatenate([problem.values[span] for span in spans]),
            np.concatenate([paths[place] for place in places]),
            np.concatenate([problem.business[span] for span in spans]),
            self.step,
        )


def race(problem: Problem, models: Mapping[str, Forecast] | None = None) -> Verdict:
    """Judges every model, and names the best.

    Each model forecasts the newest fold. The slow ones that are far behind there are dropped; all others
    forecast all four. The lowest score wins, ties go to the lower MAE; what does not beat the seasonal
    naive forecast loses to it. No clock decides anything.

    Args:
        problem: the history, 30 days or more.
        models: by name; the documented ones if None, those for intermittent demand among them where 40 % of
            the days have nothing.
    """
    if models is None:
        models = models_for(problem.zoo, bool((problem.values == 0).mean() >= MANY_ZEROS))
    track = _Race(problem, wants_logs(problem.values[: folds(len(problem.values))[0][0]]))
    quick = {name: forecast for name, forecast in models.items() if name not in SLOW}
    slow = {name: forecast for name, forecast in models.items() if name in SLOW}
    newest, older = FOLDS - 1, range(FOLDS - 1)
    with ThreadPoolExecutor(1) as aside:
        # Prophet's optimiser is a process of its own: it runs while this thread fits the rest.
        apart = _aside(aside, track, slow, [newest])
        for name, forecast in quick.items():
            track.run(name, forecast, range(FOLDS))
        if ARIMA in slow:
            track.choose_orders()
        track.run_all(slow, [newest])
        if apart is not None:
            apart.result()
        dropped = _dropped(track, slow)
        kept = {name: forecast for name, forecast in slow.items() if name not in dropped}
        apart = _aside(aside, track, kept, older)
        track.run_all(kept, older)
        if apart is not None:
            apart.result()
    return _verdict(track, models, dropped)


def _dropped(track: _Race, slow: Mapping[str, Forecast]) -> dict[str, str]:
    """The slow models that the newest fold speaks against, and why.

    They are held against the quick model that is the best on all folds: one that excels on the newest fold
    alone, as some model always does, shuts nobody out.
    """
    judged = {name: track.figures(paths).score for name, paths in track.paths.items() if len(paths) == FOLDS}
    leader = min(judged, key=lambda name: judged[name])
    newest = FOLDS - 1
    mark = track.figures({newest: track.paths[leader][newest]}).score
    dropped = {}
    for name in slow:
        if name in track.paths:
            own = track.figures(track.paths[name]).score
            if own > BEHIND * mark:
                said = f"it had an error, and {leader} had none"
                if mark > 0:
                    said = f"its error was {own / mark:.2f} times that of {leader}"
                dropped[name] = f"on the newest fold {said}"
    return dropped


def again(
    problem: Problem,
    champion: str,
    members: Sequence[str],
    logs: bool,
    orders: arima.Orders | None,
    candidates: Sequence[Candidate],
) -> Verdict:
    """A choice that was made before, judged alone on the folds of a history that grew.

    Args:
        problem: the history, 60 days or more.
        champion: name of the choice.
        members: models that it is the mean of.
        logs, orders: how they see the series.
        candidates: how all did when the choice was made; the champion's row is made new.

    Raises:
        ValueError: a member cannot be fitted any more.
    """
    track = _Race(problem, logs)
    track.orders = orders
    with ThreadPoolExecutor(1) as aside:
        models = {name: EVERY[name] for name in members}
        apart = _aside(aside, track, models, range(FOLDS))
        for name, forecast in models.items():
            if name != PROPHET:
                track.run(name, forecast, range(FOLDS))
        if apart is not None:
            apart.result()
    for name in members:
        if name in track.failed:
            raise ValueError(f"{name} {track.failed[name]}")
    paths = {place: np.mean([track.paths[name][place] for name in members], axis=0) for place in range(FOLDS)}
    own = Candidate(champion, track.figures(paths), sum(track.seconds.values()), FOLDS, None)
    others = [candidate for candidate in candidates if candidate.name != champion]
    return Verdict(
        champion,
        tuple(members),
        (own, *others),
        track.origins,
        np.array([paths[place] for place in range(FOLDS)]),
        logs,
        track.orders,
    )


def _aside(
    pool: ThreadPoolExecutor, track: _Race, models: Mapping[str, Forecast], places: Sequence[int]
) -> Future[None] | None:
    if PROPHET not in models:
        return None
    return pool.submit(track.run, PROPHET, models[PROPHET], places)


def _verdict(track: _Race, models: Mapping[str, Forecast], dropped: Mapping[str, str]) -> Verdict:
    judged = {
        name: paths for name, paths in track.paths.items() if len(paths) == FOLDS and name not in dropped
    }
    scores = {name: track.figures(paths) for name, paths in judged.items()}
    ranking = sorted(scores, key=lambda name: (scores[name].score, scores[name].mae))
    members = tuple(name for name in ranking if name != SEASONAL_NAIVE)[:BLENDED]
    if len(members) == BLENDED:
        blend = {place: np.mean([judged[name][place] for name in members], axis=0) for place in range(FOLDS)}
        judged[ENSEMBLE], scores[ENSEMBLE] = blend, track.figures(blend)
        track.seconds[ENSEMBLE] = 0.0
    champion = min(scores, key=lambda name: (scores[name].score, scores[name].mae, name != SEASONAL_NAIVE))
    names = [*models, *([ENSEMBLE] if ENSEMBLE in scores else [])]
    candidates = [
        Candidate(
            name,
            track.figures(track.paths[name]) if name in track.paths else scores.get(name),
            track.seconds.get(name, 0.0),
            len(judged[name]) if name in judged else len(track.paths.get(name, {})),
            track.failed.get(name) or dropped.get(name),
        )
        for name in names
    ]
    candidates.sort(key=_rank)
    return Verdict(
        champion,
        members if champion == ENSEMBLE else (champion,),
        tuple(candidates),
        track.origins,
        np.array([judged[champion][place] for place in range(FOLDS)]),
        track.logs,
        track.orders,
    )


def _rank(candidate: Candidate) -> tuple[bool, bool, float]:
    known = candidate.figures
    return known is None, candidate.dropped is not None, known.score if known is not None else 0.0
