"""Which learner ranks these customers best? All are cross-validated over the same stratified folds.

From ``RACE_ROWS`` rows on, a learner that is far behind on the first fold skips the others. Where rows
suffice, the mean of the best learners competes too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from plugins.propensity.classifier import platt
from plugins.propensity.features import encoding
from plugins.propensity.learners import blend
from plugins.propensity.learners.blend import Blend
from plugins.propensity.learners.learner import CannotFit, Learner
from plugins.propensity.learners.roster import LEARNERS
from plugins.shared import roc
from plugins.shared.parallel import in_parallel

FOLDS = 5
RACE_ROWS = 2_000
"""From so many rows on, a learner that is far behind the best on the first fold skips the others."""
FAR_BEHIND = 0.005
"""In ROC-AUC, where a fold has 3,600 rows of the smaller class or more; see :func:`far_behind`."""
BLEND_ROWS = 200
"""From so many rows on, the mean of the best learners competes; with fewer, which are best is chance."""
MOST_BLENDED = 3


class Candidate(NamedTuple):
    """A learner's figures over the folds.

    Attributes:
        name: the learner.
        roc_auc, f1, accuracy: means over the folds; F1 and accuracy at probability 0.5.
        roc_auc_std: standard deviation of the folds' ROC-AUC.
        scores: log-odds ``(train rows,)`` of each row by the model that did not see it.
        folds: how many folds it was judged on; 1 if it was too far behind on the first.
        members: the learners whose mean it is, and the slope that calibrates each; empty for one learner.
    """

    name: str
    roc_auc: float
    f1: float
    accuracy: float
    roc_auc_std: float
    scores: NDArray[np.float64]
    folds: int
    members: Mapping[str, float] = MappingProxyType({})

    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "roc_auc": self.roc_auc,
            "f1": self.f1,
            "accuracy": self.accuracy,
            "roc_auc_std": self.roc_auc_std,
            "folds": self.folds,
        }

    def fits(
        self, matrix: NDArray[np.float64], labels: NDArray[np.int8]
    ) -> list[Callable[[], tuple[str, Learner]]]:
        """The fits of the candidate on encoded rows, for :meth:`whole`."""

        def fit(name: str) -> tuple[str, Learner]:
            return name, LEARNERS[name].fit(matrix, labels)

        return [partial(fit, name) for name in self.members or (self.name,)]

    def whole(self, fitted: Sequence[tuple[str, Learner]]) -> Learner:
        """The learner of the candidate's fits."""
        return Blend(dict(fitted), tuple(self.members.values())) if self.members else fitted[0][1]


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The winner: of those judged on all folds, by ROC-AUC, then F1, then accuracy; the first of equals."""
    return max(candidates, key=lambda one: (one.folds, one.roc_auc, one.f1, one.accuracy))


def deal(labels: NDArray[np.int8]) -> NDArray[np.intp]:
    """Fold of each row, ``(n,)``: the rows of a class are dealt in turn; class 1 continues where class 0
    ended.

    There are five folds, or as many as the smaller class has rows, so each fold has both classes.

    >>> deal(np.int8([0, 0, 0, 1, 1])).tolist()
    [0, 1, 0, 1, 0]
    """
    folds = min(FOLDS, int(labels.sum()), int((labels == 0).sum()))
    fold = np.empty(len(labels), dtype=np.intp)
    first = 0
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        fold[members] = (first + np.arange(len(members))) % folds
        first += len(members)
    return fold


def cross_validate(
    matrix: NDArray[np.float64],
    labels: NDArray[np.int8],
    coded: Sequence[tuple[int, int]] = (),
    done: Callable[[float], None] = lambda share: None,
    *,
    blends: bool = True,
) -> tuple[Candidate, ...]:
    """Figures of every learner over the same folds, in the order of the roster, and of the mean of the best;
    all fits run in parallel.

    A learner that cannot be fitted on a fold is left out; logistic regression always can. From ``RACE_ROWS``
    rows on, a learner that is far behind on the first fold is not fitted on the others.

    Args:
        matrix: ``(n, width)`` of the design.
        labels: ``(n,)`` of 0 and 1.
        coded: column and number of levels of each coded category.
        done: told how much is done, 0 to 1.
        blends: whether the mean of the best may compete.
    """
    fold = deal(labels)
    folds = int(fold.max()) + 1
    # A fold's categories are encoded by the labels of the other folds only.
    encoded = [encoding.fit(matrix[fold != index], labels[fold != index], coded) for index in range(folds)]

    def out_of_fold(name: str, index: int) -> NDArray[np.float64] | None:
        inside = fold != index
        try:
            learner = LEARNERS[name].fit(encoded[index][1], labels[inside])
        except CannotFit:
            return None
        return learner.log_odds(encoded[index][0].apply(matrix[~inside]))

    def run(
        names: Sequence[str], indices: range, begin: float, end: float
    ) -> dict[tuple[str, int], NDArray[np.float64] | None]:
        # The slowest learners start first: a long task that starts last leaves the other processors idle.
        # Learners take turns, as CatBoost fits one model at a time.
        tasks = [(name, index) for index in indices for name in reversed(names)]
        fits = [partial(out_of_fold, *task) for task in tasks]
        scores = in_parallel(fits, lambda share: done(begin + share * (end - begin)))
        return dict(zip(tasks, scores, strict=True))

    first = 1 if len(labels) >= RACE_ROWS else folds
    scores = run(list(LEARNERS), range(first), 0.0, first / folds)
    judged = {
        name: candidate
        for name in LEARNERS
        if (candidate := _candidate(name, [scores[name, index] for index in range(first)], labels, fold))
    }
    if first < folds:
        least = max(candidate.roc_auc for candidate in judged.values()) - far_behind(labels[fold == 0])
        stay = [name for name, candidate in judged.items() if candidate.roc_auc >= least]
        scores |= run(stay, range(first, folds), first / folds, 1.0)
        for name in stay:
            complete = _candidate(name, [scores[name, index] for index in range(folds)], labels, fold)
            if complete:
                judged[name] = complete
            else:
                del judged[name]
    candidates = tuple(judged.values())
    blended = _blended(candidates, labels, fold) if blends and len(labels) >= BLEND_ROWS else None
    return candidates if blended is None else (*candidates, blended)


def _blended(
    candidates: Sequence[Candidate], labels: NDArray[np.int8], fold: NDArray[np.intp]
) -> Candidate | None:
    """The mean of the best candidates; None if there are not two that were judged on all folds."""
    folds = int(fold.max()) + 1
    whole_races = [candidate for candidate in candidates if candidate.folds == folds]
    ranked = sorted(whole_races, key=lambda one: -one.roc_auc)[:MOST_BLENDED]
    if len(ranked) < 2:
        return None
    # In the roster's order, in which a stored blend is read.
    ranked.sort(key=lambda one: list(LEARNERS).index(one.name))
    slopes = {one.name: platt.fit(one.scores, labels).slope for one in ranked}
    scores = blend.mean([one.scores for one in ranked], list(slopes.values()))
    blended = _candidate(blend.NAME, [scores[fold == index] for index in range(folds)], labels, fold)
    return blended and blended._replace(members=slopes)


def far_behind(labels: NDArray[np.int8]) -> float:
    """The smallest difference of ROC-AUC, on a fold with these labels ``(n,)``, that chance does not explain.

    Three standard deviations of the difference of two learners whose scores correlate by 0.95, where each
    ROC-AUC has a deviation of 0.3 / √m over m rows of the smaller class.

    >>> round(far_behind(np.repeat(np.int8([0, 1]), [9_900, 100])), 3)
    0.03
    """
    smaller = int(np.bincount(labels, minlength=2).min())
    return max(FAR_BEHIND, 0.3 / float(np.sqrt(max(smaller, 1))))


def _candidate(
    name: str,
    parts: Sequence[NDArray[np.float64] | None],
    labels: NDArray[np.int8],
    fold: NDArray[np.intp],
) -> Candidate | None:
    """Figures over the first folds, as many as there are parts; None if one of them could not be fitted."""
    scores = np.full(len(labels), np.nan)
    figures = np.empty((len(parts), 3))
    for index, part in enumerate(parts):
        if part is None:
            return None
        scores[fold == index] = part
        figures[index] = _figures(labels[fold == index], part)
    roc_auc, f1, accuracy = figures.mean(axis=0).tolist()
    return Candidate(name, roc_auc, f1, accuracy, float(figures[:, 0].std()), scores, len(parts))


def _figures(labels: NDArray[np.int8], log_odds: NDArray[np.float64]) -> tuple[float, float, float]:
    """ROC-AUC, F1 and accuracy."""
    from sklearn.metrics import accuracy_score, f1_score

    positive = (expit(log_odds) >= 0.5).astype(np.int8)
    return (
        roc.auc(labels == 1, log_odds),
        float(f1_score(labels, positive, zero_division=0.0)),
        float(accuracy_score(labels, positive)),
    )
