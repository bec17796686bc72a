"""Which learner ranks these customers best, how well does it do so, and the same learner fitted on all rows.

A stratified tenth is held out. On the rest, every learner is cross-validated over the same stratified folds.
The best by mean ROC-AUC, then F1, then accuracy, is fitted on the rest and judged on the tenth. It is
calibrated on its out-of-fold scores where that helps, and fitted again on all rows. With very many rows, a
stratified sample of them stands for the rest, and only the last fit is on all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier import calibration, leaks
from plugins.propensity.classifier.calibration import Calibration
from plugins.propensity.classifier.contest import Candidate, best, cross_validate, deal
from plugins.propensity.classifier.leaks import Leaks
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features import encoding
from plugins.propensity.features.design import Design
from plugins.propensity.features.drift import profiles
from plugins.propensity.features.fingerprint import Labelled
from plugins.shared import roc
from plugins.shared.parallel import in_parallel
from plugins.shared.roc import Area

HOLD_OUT = 10
"""One in ten rows of each class is held out, if there are enough."""
FEWEST_TO_HOLD_OUT = 20
"""With fewer rows of a class, none is held out: the learners need them all."""
SAMPLE_ROWS = 50_000
"""Most rows that learners are compared on; more would hardly change which is best."""


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
        leaks: what gives the outcome away.
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
    leaks: Leaks


def train(design: Design, labelled: Labelled, done: Callable[[float], None] = lambda share: None) -> Outcome:
    """Runs the whole training; the same rows give the same result on any number of processors.

    Args:
        design: learned on these rows, of one feature or more.
        labelled: rows in canonical order, at least 2 of each class.
        done: told how much is done, 0 to 1.
    """
    matrix, labels = design.matrix(labelled.columns, imputed=False), labelled.labels
    test = held_out(labels)
    rest = sampled(labels, ~test)
    train_matrix, train_labels = matrix[rest], labels[rest]
    sampling = len(train_labels) + test.sum() < len(labels)
    candidates = cross_validate(
        train_matrix, train_labels, design.coded, lambda share: done(0.8 * share), blends=not sampling
    )
    winner = best(candidates)
    calibrated = calibration.calibrate(winner.scores, train_labels, deal(train_labels))
    judges = bool(test.any())
    final_encoding, encoded = encoding.fit(matrix, labels, design.coded)
    train_encoding, train_encoded = encoding.fit(train_matrix, train_labels, design.coded)
    fits = winner.fits(encoded, labels)
    members = len(fits)
    if judges:
        fits += winner.fits(train_encoded, train_labels)
    fitted = in_parallel(fits, lambda share: done(0.8 + 0.15 * share))
    final = winner.whole(fitted[:members])
    log_odds = np.empty(0)
    if judges:
        log_odds = winner.whole(fitted[members:]).log_odds(train_encoding.apply(matrix[test]))
    test_scores = calibrated.platt.probability(log_odds)
    area: Area = roc.area(labels[test], log_odds) if judges else roc.area(train_labels, winner.scores)
    scorer = Scorer(
        winner.name, design, final, calibrated.platt, final_encoding, profiles(design, labelled.columns)
    )
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
        leaks=leaks.found(scorer, labelled, winner.roc_auc),
    )


def sampled(labels: NDArray[np.int8], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """``(n,)``, true for the first rows among some, at most ``SAMPLE_ROWS``, of each class its share.

    Args:
        labels: ``(n,)``, in an order that is as good as random.
        among: ``(n,)``, true for the rows to choose from.
    """
    wanted = min(1.0, SAMPLE_ROWS / max(int(among.sum()), 1))
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for label in (0, 1):
        members = np.flatnonzero(among & (labels == label))
        chosen[members[: int(np.ceil(wanted * len(members)))]] = True
    return chosen


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
