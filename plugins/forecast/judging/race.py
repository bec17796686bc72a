"""Which model forecasts a history best, by its errors on held-out days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.preparation import calm, wants_logs
from plugins.forecast.days.series import MANY_ZEROS
from plugins.forecast.judging.backtest import FOLDS, Backtest, Problem, folds
from plugins.forecast.judging.combining import clearly_better, weekly_error, weights
from plugins.forecast.judging.errors import Figures, compared
from plugins.forecast.judging.fading import fading
from plugins.forecast.models.model import Model
from plugins.forecast.models.naive import SEASONAL_NAIVE
from plugins.forecast.models.roster import by_name, models_for

Floats = NDArray[np.float64]

BEHIND, LEADING = 1.15, 1.0
"""A slow model is dropped if its newest error is this many times that of the leading quick model. The second
one is for models that may not be members of the combination: they have to lead by themselves."""
ENSEMBLE = "Ensemble"
NEWEST = FOLDS - 1
EVERY_FOLD = range(FOLDS)


class Candidate(NamedTuple):
    """How a model did.

    Attributes:
        name: as printed.
        figures: None if it could not be fitted.
        seconds: time spent on it.
        folds: how many folds it forecast.
        dropped: why it did not forecast all of them, None if it did.
    """

    name: str
    figures: Figures | None
    seconds: float
    folds: int
    dropped: str | None


class Selection(NamedTuple):
    """The outcome of a race: all that a forecast can be made from again, to the last bit.

    Attributes:
        algorithm: name of the winner, the champion.
        members: models that the champion is the weighted mean of: itself, or those of the ensemble.
        weights: of the members, which add up to 1.
        logs: whether models see logarithms.
        fading: how trends fade, one of ``plugins.forecast.days.trend.KINDS``.
        choices: model to what it chose, for those that choose.
        candidates: all models that were tried, best first.
    """

    algorithm: str
    members: tuple[str, ...]
    weights: tuple[float, ...]
    logs: bool
    fading: str
    choices: dict[str, Any]
    candidates: tuple[Candidate, ...]

    def figures(self) -> Figures:
        """The champion's own.

        Raises:
            ValueError: it is not among the candidates.
        """
        for candidate in self.candidates:
            if candidate.name == self.algorithm and candidate.figures is not None:
                return candidate.figures
        raise ValueError("the champion has no figures")


class Verdict(NamedTuple):
    """A selection, and how it did.

    Attributes:
        selection: the champion.
        origins: position of the first held-out day of each fold, oldest first, shape ``(folds,)``.
        paths: the champion's forecast of each fold, shape ``(folds, days)``.
    """

    selection: Selection
    origins: tuple[int, ...]
    paths: Floats


def race(problem: Problem, models: Sequence[Model] | None = None) -> Verdict:
    """Backtests every model, and combines those that may be members by their weeks' errors.

    Every model forecasts the newest fold. Slow models that are far behind there are dropped, and so are those
    that may not be members of the combination and do not lead; all others forecast all four folds. A single
    model is chosen instead of the combination only where its lead is beyond chance. A model that does not
    beat the seasonal naive forecast loses to it. No clock decides anything.

    Args:
        problem: the history, 30 days or more.
        models: the models to try; those that the roster lists for the history if None.
    """
    values = problem.values
    if models is None:
        models = models_for(problem.pool, bool((values == 0).mean() >= MANY_ZEROS))
    oldest = folds(len(values))[0][0]
    logs = wants_logs(calm(problem.window(oldest, 0))[0])
    backtest = Backtest(problem, logs, fading(problem, logs))
    backtest.run([(model, [NEWEST] if _tried_first(model) else EVERY_FOLD) for model in models])
    dropped = _dropped(backtest, models)
    backtest.run(
        [(model, range(NEWEST)) for model in models if _tried_first(model) and model.name not in dropped]
    )
    return _verdict(backtest, models, dropped)


def _tried_first(model: Model) -> bool:
    """Whether a model has to be competitive on the newest fold before it forecasts the others."""
    return model.slow or not (model.combined or model == SEASONAL_NAIVE)


def _dropped(backtest: Backtest, models: Sequence[Model]) -> dict[str, str]:
    """The models that have to be competitive on the newest fold and are not, and why.

    They are compared with the quick model that is best on all folds, not with the best on the newest: some
    model always excels on a single fold.
    """
    scores = {name: backtest.figures(paths).score for name, paths in backtest.complete().items()}
    leader = min(scores, key=lambda name: scores[name])
    leading = backtest.figures({NEWEST: backtest.paths[leader][NEWEST]}).score
    dropped = {}
    for model in models:
        if not _tried_first(model) or model.name not in backtest.paths:
            continue
        score = backtest.figures(backtest.paths[model.name]).score
        if score > (BEHIND if model.combined else LEADING) * leading:
            reason = f"it had an error, and {leader} had none"
            if leading > 0:
                reason = f"its error was {compared(score / leading)} that of {leader}"
            dropped[model.name] = f"on the newest fold {reason}"
    return dropped


def _verdict(backtest: Backtest, models: Sequence[Model], dropped: Mapping[str, str]) -> Verdict:
    judged = {name: paths for name, paths in backtest.complete().items() if name not in dropped}
    scores = {name: backtest.figures(paths) for name, paths in judged.items()}
    candidates = [_candidate(backtest, model.name, dropped.get(model.name)) for model in models]
    naive = SEASONAL_NAIVE.name
    champion = min(scores, key=lambda name: (scores[name].score, scores[name].mae, name != naive))
    members = {champion: 1.0}
    shares = weights(
        {
            model.name: weekly_error(backtest.errors(judged[model.name]))
            for model in models
            if model.combined and model.name in scores
        }
    )
    if len(shares) > 1:
        blend = backtest.combined_paths(list(shares), list(shares.values()))
        known = backtest.figures(blend)
        candidates.append(Candidate(ENSEMBLE, known, 0.0, FOLDS, None))
        errors = [backtest.errors(paths) for paths in (judged[champion], blend)]
        least = scores[champion].score
        if known.score < least or (least > 0 and not clearly_better(*errors)):
            champion, members, judged[ENSEMBLE] = ENSEMBLE, shares, blend
    selection = Selection(
        algorithm=champion,
        members=tuple(members),
        weights=tuple(members.values()),
        logs=backtest.logs,
        fading=backtest.damping,
        choices={name: choice for name, choice in backtest.choices.items() if name in members},
        candidates=tuple(sorted(candidates, key=_rank)),
    )
    return _judged(backtest, selection, judged[champion])


def _judged(backtest: Backtest, selection: Selection, paths: Mapping[int, Floats]) -> Verdict:
    return Verdict(selection, backtest.origins, np.array([paths[fold] for fold in EVERY_FOLD]))


def _candidate(backtest: Backtest, name: str, dropped: str | None) -> Candidate:
    paths = backtest.paths.get(name, {})
    return Candidate(
        name,
        backtest.figures(paths) if paths else None,
        backtest.seconds.get(name, 0.0),
        len(paths),
        backtest.failed.get(name) or dropped,
    )


def _rank(candidate: Candidate) -> tuple[bool, bool, float]:
    known = candidate.figures
    return known is None, candidate.dropped is not None, known.score if known is not None else 0.0


def again(problem: Problem, earlier: Selection) -> Verdict:
    """An earlier champion on the folds of a history that grew; no other model is tried.

    Args:
        problem: the history, 60 days or more.
        earlier: the candidates' figures stay as they were, but for the champion's own.

    Raises:
        ValueError: a member can no longer be fitted.
    """
    backtest = Backtest(problem, earlier.logs, earlier.fading, earlier.choices)
    models = by_name()
    backtest.run([(models[name], EVERY_FOLD) for name in earlier.members])
    for name, reason in backtest.failed.items():
        raise ValueError(f"{name} {reason}")
    paths = backtest.combined_paths(earlier.members, earlier.weights)
    seconds = sum(backtest.seconds.values())
    own = Candidate(earlier.algorithm, backtest.figures(paths), seconds, FOLDS, None)
    others = [candidate for candidate in earlier.candidates if candidate.name != earlier.algorithm]
    candidates = tuple(sorted((own, *others), key=_rank))
    return _judged(backtest, earlier._replace(candidates=candidates), paths)
