"""Rolling origin: models forecast days that they have not seen, from several origins of one history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.preparation import Prepared, Window, prepared
from plugins.forecast.days.series import WEEK, Rule
from plugins.forecast.judging.combining import combined
from plugins.forecast.judging.errors import Figures, figures, weekly_step
from plugins.forecast.models.model import Model, Sample
from plugins.forecast.models.roster import Pool

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 4
LONGEST_FOLD = 13 * WEEK
YEAR_AND_A_HALF = 548


class Problem(NamedTuple):
    """A history to backtest on.

    Attributes:
        first: ordinal of the first day.
        values: shape ``(n,)``.
        columns: holidays and drivers of each day, shape ``(n, k)``.
        columns_ahead: takes an origin and a number of days; returns the columns of these days as they are
            known, or expected, at the origin.
        business: which days are business days, shape ``(n,)``.
        rule: how outliers are found.
        pool: which models are tried.
        country: whose holidays are no business days.
    """

    first: int
    values: Floats
    columns: Floats
    columns_ahead: Callable[[int, int], Floats]
    business: Bools
    rule: Rule
    pool: Pool = "money"
    country: str | None = None

    def window(self, origin: int, horizon: int) -> Window:
        """The days before an origin, and the columns of as many days as ``horizon`` after it."""
        return Window(
            self.first,
            self.values[:origin],
            self.columns[:origin],
            self.columns_ahead(origin, horizon),
            self.country,
            even=self.even,
        )

    @property
    def even(self) -> bool:
        """Whether the days are weeks or months spread evenly."""
        return self.pool in ("weekly", "monthly")


def folds(n: int) -> tuple[tuple[int, ...], int]:
    """Position of the first held-out day of each of four folds, oldest first, and the days of a fold.

    A fold is a quarter of the history in whole weeks, thirteen weeks at most. Origins are as far apart as
    possible while the oldest leaves half of the history to learn from, or a year and a half if there is more
    than that. Folds overlap where they must.

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


def sample_of(window: Prepared, choice: Any) -> Sample:
    """A prepared window as a model is given it, with what the model chose before."""
    return Sample(window.z, window.first, choice, window.columns, window.ahead)


class Backtest:
    """Models on the folds of a history; each forecast is made at most once.

    Attributes:
        paths: model to fold to forecast, shape ``(length,)`` each.
        choices: what each model that chooses has chosen, on the days before the oldest fold.
        seconds: time spent on each model.
        failed: why a model could not be fitted.
    """

    def __init__(
        self, problem: Problem, logs: bool, damping: str, choices: Mapping[str, Any] | None = None
    ) -> None:
        """Prepares the days before each origin.

        Args:
            problem: the history.
            logs: whether models see logarithms.
            damping: how trends fade.
            choices: what models chose in an earlier backtest; they do not choose again.
        """
        self.problem = problem
        self.logs = logs
        self.damping = damping
        self.origins, self.length = folds(len(problem.values))
        windows = [problem.window(origin, self.length) for origin in self.origins]
        self.windows = [prepared(window, problem.rule, logs, damping) for window in windows]
        self.paths: dict[str, dict[int, Floats]] = {}
        self.choices = dict(choices or {})
        self.seconds: dict[str, float] = {}
        self.failed: dict[str, str] = {}
        self._step = weekly_step(problem.values)

    def run(self, tasks: Sequence[tuple[Model, Sequence[int]]]) -> None:
        """Forecasts folds. Models with a process of their own run while this thread fits the others.

        Args:
            tasks: models and the folds that each forecasts. A model that failed before is left out.
        """
        with ThreadPoolExecutor(1) as pool:
            elsewhere = [pool.submit(self._run, *task) for task in tasks if task[0].own_process]
            for model, some_folds in tasks:
                if not model.own_process:
                    self._run(model, some_folds)
            for task in elsewhere:
                task.result()

    def _run(self, model: Model, some_folds: Sequence[int]) -> None:
        if model.name in self.failed:
            return
        started = time.perf_counter()
        try:
            if model.choose is not None and model.name not in self.choices:
                self.choices[model.name] = model.choose(self.windows[0].z)
            for fold in some_folds:
                window = self.windows[fold]
                path = model.forecast(sample_of(window, self.choices.get(model.name)), self.length)
                self.paths.setdefault(model.name, {})[fold] = window.restored(path)
        except Exception as error:  # whatever a library raises for an unusual series
            self.failed[model.name] = f"could not be fitted ({type(error).__name__})"
        self.seconds[model.name] = self.seconds.get(model.name, 0.0) + time.perf_counter() - started

    def complete(self) -> dict[str, dict[int, Floats]]:
        """The paths of the models that forecast every fold."""
        return {name: paths for name, paths in self.paths.items() if len(paths) == FOLDS}

    def combined_paths(self, names: Sequence[str], weights: Sequence[float]) -> dict[int, Floats]:
        """The weighted mean forecast of several models on every fold."""
        return {fold: combined([self.paths[name][fold] for name in names], weights) for fold in range(FOLDS)}

    def errors(self, paths: Mapping[int, Floats]) -> Floats:
        """Forecast less actual on every fold, shape ``(folds, days)``."""
        values = self.problem.values
        return np.array(
            [paths[fold] - values[origin : origin + self.length] for fold, origin in enumerate(self.origins)]
        )

    def figures(self, paths: Mapping[int, Floats]) -> Figures:
        """Errors over the folds that have a forecast.

        Args:
            paths: fold to forecast.
        """
        spans = [slice(self.origins[fold], self.origins[fold] + self.length) for fold in sorted(paths)]
        return figures(
            np.concatenate([self.problem.values[span] for span in spans]),
            np.concatenate([paths[fold] for fold in sorted(paths)]),
            np.concatenate([self.problem.business[span] for span in spans]),
            self._step,
        )
