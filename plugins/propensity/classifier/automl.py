"""Which of four learners ranks these customers best, how well, and that learner fitted on all of them.

A stratified tenth is held out. On the rest every learner is cross-validated over the same stratified folds;
the best by mean ROC-AUC, then F1, then accuracy, is fitted on the rest and judged on the tenth, calibrated on
its out-of-fold scores where that helps, and fitted again on all rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from plugins.propensity.classifier import calibration
from plugins.propensity.classifier.boosting import CannotFit
from plugins.propensity.classifier.calibration import Calibration
from plugins.propensity.classifier.design import Design
from plugins.propensity.classifier.drift import profiles
from plugins.propensity.classifier.fingerprint import Labelled
from plugins.propensity.classifier.scorer import KINDS, Scorer

T = TypeVar("T")
FOLDS = 5
HOLD_OUT = 10
"""One row in so many of each class is held out, and at least one."""
SUSPECT_AUC = 0.98
"""A column that ranks the classes better than this on its own is rather the outcome than a cause of it."""
SUSPECT_SHARE = 0.95
"""So is a feature that is more than this of a model of several features, if the model ranks that well:"""
SUSPECT_MODEL_AUC = 0.95


class Candidate(NamedTuple):
    """A learner's figures over the folds.

    Attributes:
        name: the learner.
        roc_auc, f1, accuracy: means over the folds; F1 and accuracy cut at probability 0.5.
        roc_auc_std: standard deviation of the folds' ROC-AUC.
        scores: log-odds ``(train rows,)`` of each row by the model that did not see it.
    """

    name: str
    roc_auc: float
    f1: float
    accuracy: float
    roc_auc_std: float
    scores: NDArray[np.float64]

    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "roc_auc": self.roc_auc,
            "f1": self.f1,
            "accuracy": self.accuracy,
            "roc_auc_std": self.roc_auc_std,
        }


class Outcome(NamedTuple):
    """What a training found.

    Attributes:
        scorer: the winner, fitted on all rows.
        candidates: every learner that could be fitted, in the fixed order.
        winner: the one that was chosen.
        train_labels: ``(train rows,)``, in the order of the candidates' scores.
        test_labels: ``(test rows,)`` of the hold-out.
        test_scores: probabilities ``(test rows,)`` by the winner fitted without the hold-out.
        calibration: how good the probabilities are, out of fold.
        roc_auc, brier, log_loss: of the hold-out.
        suspects: features that alone rank the classes almost without fault, by name.
    """

    scorer: Scorer
    candidates: tuple[Candidate, ...]
    winner: Candidate
    train_labels: NDArray[np.int8]
    test_labels: NDArray[np.int8]
    test_scores: NDArray[np.float64]
    calibration: Calibration
    roc_auc: float
    brier: float
    log_loss: float
    suspects: tuple[str, ...]


def train(design: Design, labelled: Labelled) -> Outcome:
    """Runs the whole choice; the same rows give the same outcome, on any number of processors.

    Args:
        design: learned on these rows, of one feature or more.
        labelled: rows in canonical order, at least 6 of each class.
    """
    matrix, labels = design.matrix(labelled.columns), labelled.labels
    test = held_out(labels)
    train_matrix, train_labels = matrix[~test], labels[~test]
    candidates = cross_validate(train_matrix, train_labels)
    winner = max(candidates, key=lambda candidate: candidate[1:4])
    kind, _ = KINDS[winner.name]
    fits = [partial(kind.fit, train_matrix, train_labels), partial(kind.fit, matrix, labels)]
    judged, final = _in_parallel(fits)
    calibrated = calibration.calibrate(winner.scores, train_labels, deal(train_labels))
    log_odds = judged.log_odds(matrix[test])
    test_scores = calibrated.platt.probability(log_odds)
    scorer = Scorer(winner.name, design, final, calibrated.platt, profiles(design, labelled.columns))
    suspects = _apart(design, matrix, labels)
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
        roc_auc=float(roc_auc_score(labels[test], log_odds)),
        brier=calibration.brier(test_scores, labels[test]),
        log_loss=calibration.log_loss(test_scores, labels[test]),
        suspects=tuple(sorted(suspects)),
    )


def held_out(labels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """``(n,)``, true for the first tenth of each class, rounded; at least one row of each."""
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        chosen[members[: max(1, (len(members) + HOLD_OUT // 2) // HOLD_OUT)]] = True
    return chosen


def deal(labels: NDArray[np.int8]) -> NDArray[np.intp]:
    """Fold of each row, ``(n,)``: rows of a class are dealt in turn, class 1 where class 0 left off."""
    fold = np.empty(len(labels), dtype=np.intp)
    first = 0
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        fold[members] = (first + np.arange(len(members))) % FOLDS
        first += len(members)
    return fold


def cross_validate(matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> tuple[Candidate, ...]:
    """Figures of every learner over the same folds, in the fixed order; all folds of all learners at once.

    A learner that cannot be fitted on a fold is left out; logistic regression always can.
    """
    fold = deal(labels)

    def out_of_fold(name: str, index: int) -> NDArray[np.float64] | None:
        inside = fold != index
        try:
            learner = KINDS[name][0].fit(matrix[inside], labels[inside])
        except CannotFit:
            return None
        return learner.log_odds(matrix[~inside])

    # The dearest learners first: a long task that starts last would leave the other processors idle.
    tasks = [(name, index) for name in reversed(list(KINDS)) for index in range(FOLDS)]
    found = dict(zip(tasks, _in_parallel([partial(out_of_fold, *task) for task in tasks]), strict=True))
    candidates = []
    for name in KINDS:
        parts = [found[name, index] for index in range(FOLDS)]
        scores = np.empty(len(labels))
        figures = np.empty((FOLDS, 3))
        for index, part in enumerate(parts):
            if part is None:
                break
            scores[fold == index] = part
            figures[index] = _figures(labels[fold == index], part)
        else:
            roc_auc, f1, accuracy = figures.mean(axis=0).tolist()
            candidates.append(Candidate(name, roc_auc, f1, accuracy, float(figures[:, 0].std()), scores))
    return tuple(candidates)


def _figures(labels: NDArray[np.int8], log_odds: NDArray[np.float64]) -> tuple[float, float, float]:
    """ROC-AUC, F1 and accuracy."""
    positive = (expit(log_odds) >= 0.5).astype(np.int8)
    return (
        float(roc_auc_score(labels, log_odds)),
        float(f1_score(labels, positive, zero_division=0.0)),
        float(accuracy_score(labels, positive)),
    )


def _apart(design: Design, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> set[str]:
    """Features of which one column alone ranks the classes almost without fault."""
    suspects = set()
    for column, owner in enumerate(design.owners):
        area = roc_auc_score(labels, matrix[:, column])
        if max(area, 1 - area) > SUSPECT_AUC:
            suspects.add(design.names[owner])
    return suspects


def _nearly_all(scorer: Scorer) -> set[str]:
    """The feature that is nearly all of a model of several, such as one with an outcome in its categories."""
    importance = scorer.importance()
    return {name for name, share in importance.items() if share > SUSPECT_SHARE and len(importance) > 1}


def _in_parallel(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Results in the order of the tasks; each fits with one thread, so that they share the processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
