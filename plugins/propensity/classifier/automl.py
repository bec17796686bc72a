"""Which learner ranks these customers best, how well does it do so, and the same learner fitted on all rows.

A stratified tenth is held out. On the rest, every learner is cross-validated over the same stratified folds.
The best by mean ROC-AUC, then F1, then accuracy, is fitted on the rest and judged on the tenth. It is
calibrated on its out-of-fold scores where that helps, and fitted again on all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from plugins.propensity.classifier import calibration
from plugins.propensity.classifier.calibration import Calibration
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import Category, Design
from plugins.propensity.features.drift import profiles
from plugins.propensity.features.fingerprint import Labelled
from plugins.propensity.learners.learner import CannotFit
from plugins.propensity.learners.roster import LEARNERS
from plugins.shared import roc
from plugins.shared.parallel import in_parallel
from plugins.shared.roc import Area

FOLDS = 5
HOLD_OUT = 10
"""One in ten rows of each class is held out, if there are enough."""
FEWEST_TO_HOLD_OUT = 20
"""With fewer rows of a class, none is held out: the learners need them all."""
RACE_ROWS = 20_000
"""From so many rows on, a learner that is far behind the best on the first fold skips the others."""
FAR_BEHIND = 0.005
"""In ROC-AUC, where a fold has 3,600 rows of the smaller class or more; see :func:`far_behind`."""
SUSPECT_AUC = 0.98
"""A column that alone ranks the classes better than this is probably the outcome, not a cause of it."""
SUSPECT_SHARE = 0.95
"""So is a feature with more than this share of the importance, if the model ranks better than the next."""
SUSPECT_MODEL_AUC = 0.95
FEWEST_TO_SUSPECT = 10
"""With fewer rows of a class, chance alone can separate the classes."""


class Candidate(NamedTuple):
    """A learner's figures over the folds.

    Attributes:
        name: the learner.
        roc_auc, f1, accuracy: means over the folds; F1 and accuracy at probability 0.5.
        roc_auc_std: standard deviation of the folds' ROC-AUC.
        scores: log-odds ``(train rows,)`` of each row by the model that did not see it.
        folds: how many folds it was judged on; 1 if it was too far behind on the first.
    """

    name: str
    roc_auc: float
    f1: float
    accuracy: float
    roc_auc_std: float
    scores: NDArray[np.float64]
    folds: int

    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "roc_auc": self.roc_auc,
            "f1": self.f1,
            "accuracy": self.accuracy,
            "roc_auc_std": self.roc_auc_std,
            "folds": self.folds,
        }


class Outcome(NamedTuple):
    """The result of a training.

    Attributes:
        scorer: the winner, fitted on all rows.
        candidates: every learner that could be fitted, in the fixed order.
        winner: the one that was chosen.
        train_labels: ``(train rows,)``, in the order of the candidates' scores.
        test_labels: ``(test rows,)`` of the hold-out.
        test_scores: probabilities ``(test rows,)`` by the winner fitted without the hold-out.
        calibration: how good the probabilities are, out of fold.
        roc_auc: of the hold-out; without one, the winner's over the folds.
        interval: 95 % interval of the same; without a hold-out, of all out-of-fold scores together.
        brier, log_loss: of the hold-out; without one, out of fold.
        folds: over how many the candidates were cross-validated.
        suspects: features that alone rank the classes almost perfectly, by name.
    """

    scorer: Scorer
    candidates: tuple[Candidate, ...]
    winner: Candidate
    train_labels: NDArray[np.int8]
    test_labels: NDArray[np.int8]
    test_scores: NDArray[np.float64]
    calibration: Calibration
    roc_auc: float
    interval: tuple[float, float]
    brier: float
    log_loss: float
    folds: int
    suspects: tuple[str, ...]


def train(design: Design, labelled: Labelled, done: Callable[[float], None] = lambda share: None) -> Outcome:
    """Runs the whole training; the same rows give the same result on any number of processors.

    Args:
        design: learned on these rows, of one feature or more.
        labelled: rows in canonical order, at least 2 of each class.
        done: told how much is done, 0 to 1.
    """
    matrix, labels = design.matrix(labelled.columns), labelled.labels
    test = held_out(labels)
    train_matrix, train_labels = matrix[~test], labels[~test]
    candidates = cross_validate(train_matrix, train_labels, lambda share: done(0.8 * share))
    winner = best(candidates)
    kind = LEARNERS[winner.name]
    calibrated = calibration.calibrate(winner.scores, train_labels, deal(train_labels))
    judges = bool(test.any())
    fits = [partial(kind.fit, matrix, labels)]
    if judges:
        fits.append(partial(kind.fit, train_matrix, train_labels))
    final, *judged = in_parallel(fits, lambda share: done(0.8 + 0.15 * share))
    log_odds = judged[0].log_odds(matrix[test]) if judges else np.empty(0)
    test_scores = calibrated.platt.probability(log_odds)
    area: Area = roc.area(labels[test], log_odds) if judges else roc.area(train_labels, winner.scores)
    scorer = Scorer(winner.name, design, final, calibrated.platt, profiles(design, labelled.columns))
    suspects: set[str] = set()
    if min(np.bincount(labels)) >= FEWEST_TO_SUSPECT:
        suspects = _telling(design, matrix, labels)
        if winner.roc_auc > SUSPECT_MODEL_AUC:
            suspects |= _nearly_all(scorer)
    return Outcome(
        scorer=scorer,
        candidates=candidates,
        winner=winner,
        train_labels=train_labels,
        test_labels=labels[test],
        test_scores=test_scores,
        calibration=calibrated,
        roc_auc=area.value if judges else winner.roc_auc,
        interval=(area.lower, area.upper),
        brier=calibration.brier(test_scores, labels[test]) if judges else calibrated.brier,
        log_loss=calibration.log_loss(test_scores, labels[test]) if judges else calibrated.log_loss,
        folds=int(deal(train_labels).max()) + 1,
        suspects=tuple(sorted(suspects)),
    )


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The winner: of those judged on all folds, by ROC-AUC, then F1, then accuracy; the first of equals."""
    return max(candidates, key=lambda one: (one.folds, one.roc_auc, one.f1, one.accuracy))


def held_out(labels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """``(n,)``, true for the first tenth of each class, rounded; false everywhere if a class is too small.

    >>> held_out(np.repeat(np.int8([0, 1]), 20)).nonzero()[0].tolist()
    [0, 1, 20, 21]
    """
    chosen = np.zeros(len(labels), dtype=np.bool_)
    classes = [np.flatnonzero(labels == label) for label in (0, 1)]
    if min(map(len, classes)) >= FEWEST_TO_HOLD_OUT:
        for members in classes:
            chosen[members[: (len(members) + HOLD_OUT // 2) // HOLD_OUT]] = True
    return chosen


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
    matrix: NDArray[np.float64], labels: NDArray[np.int8], done: Callable[[float], None] = lambda share: None
) -> tuple[Candidate, ...]:
    """Figures of every learner over the same folds, in the order of the roster; all fits run in parallel.

    A learner that cannot be fitted on a fold is left out; logistic regression always can. From ``RACE_ROWS``
    rows on, a learner that is far behind on the first fold is not fitted on the others.
    """
    fold = deal(labels)
    folds = int(fold.max()) + 1

    def out_of_fold(name: str, index: int) -> NDArray[np.float64] | None:
        inside = fold != index
        try:
            learner = LEARNERS[name].fit(matrix[inside], labels[inside])
        except CannotFit:
            return None
        return learner.log_odds(matrix[~inside])

    def run(
        names: Sequence[str], indices: range, begin: float, end: float
    ) -> dict[tuple[str, int], NDArray[np.float64] | None]:
        # The slowest learners start first: a long task that starts last leaves the other processors idle.
        tasks = [(name, index) for name in reversed(names) for index in indices]
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
    if first == folds:
        return tuple(judged.values())
    least = max(candidate.roc_auc for candidate in judged.values()) - far_behind(labels[fold == 0])
    stay = [name for name, candidate in judged.items() if candidate.roc_auc >= least]
    scores |= run(stay, range(first, folds), first / folds, 1.0)
    for name in stay:
        whole = _candidate(name, [scores[name, index] for index in range(folds)], labels, fold)
        if whole:
            judged[name] = whole
        else:
            del judged[name]
    return tuple(judged.values())


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


def _telling(design: Design, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> set[str]:
    """Features that alone rank the classes almost perfectly: a number by its order, a category by the share
    of label 1 in each of its levels."""
    suspects = set()
    for index, feature in enumerate(design.features):
        columns = np.flatnonzero(design.owners == index)
        values = matrix[:, columns[0]]
        if isinstance(feature, Category):
            part = matrix[:, columns]
            level = np.where(part.any(axis=1), part.argmax(axis=1), len(columns))
            counts = np.maximum(np.bincount(level), 1)
            values = (np.bincount(level, weights=labels) / counts)[level]
        alone = roc.auc(labels == 1, values)
        if max(alone, 1 - alone) > SUSPECT_AUC:
            suspects.add(feature.name)
    return suspects


def _nearly_all(scorer: Scorer) -> set[str]:
    """The feature that has nearly all importance among several, such as a category that spells the
    outcome."""
    importance = scorer.importance()
    return {name for name, share in importance.items() if share > SUSPECT_SHARE and len(importance) > 1}
