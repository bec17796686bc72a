"""The choice between the learners: each cross-fitted over the same three folds, the higher Qini scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.columns import Column
from plugins.propensity.features.design import Design
from plugins.propensity.features.drift import profiles
from plugins.propensity.uplift.contamination import Trial
from plugins.propensity.uplift.folds import FOLDS, deal, digests_of
from plugins.propensity.uplift.forest import Bins, UpliftForest, size_for
from plugins.propensity.uplift.growing import CLASSES
from plugins.propensity.uplift.model import KINDS, Learner, UpliftModel, per_fold
from plugins.propensity.uplift.qini import Ranking, judge
from plugins.propensity.uplift.tlearner import TLearner
from plugins.shared.parallel import in_parallel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

LOOKED_AT = 2000
"""Rows that importance is measured on."""


class Candidate(NamedTuple):
    """A learner, judged.

    Attributes:
        name: one of ``KINDS``.
        learners: a model per fold, fitted without it.
        shifts: of each model.
        scores: ``(n,)`` of each row by the model that did not see it.
        ranking: Qini and AUUC of the scores.
    """

    name: str
    learners: tuple[Learner, ...]
    shifts: tuple[float, ...]
    scores: Floats
    ranking: Ranking


class Outcome(NamedTuple):
    """The result of a training.

    Attributes:
        model: of the winner.
        candidates: both, in the fixed order.
        winner: the one that was chosen.
        classes: ``(n,)`` 2 · treatment + outcome of the rows that ``scores`` are of.
        importance: feature to its share of what moves the score, greatest first.
        params: settings of the winner.
    """

    model: UpliftModel
    candidates: tuple[Candidate, ...]
    winner: Candidate
    classes: Bytes
    importance: Mapping[str, float]
    params: Mapping[str, Any]


def train(
    design: Design,
    columns: Mapping[str, Column],
    classes: Bytes,
    contamination: float,
    done: Callable[[float], None] = lambda share: None,
) -> Outcome:
    """Runs the whole training; the same rows give the same result on any number of processors.

    Args:
        design: learned on these rows, of one feature or more.
        columns: name to column ``(n,)``, rows in canonical order.
        classes: ``(n,)`` 2 · treatment + outcome; at least three rows of each arm.
        contamination: share of the controls who were exposed.
        done: told how much is done, 0 to 1.
    """
    counts = np.bincount(classes, minlength=CLASSES).tolist()
    trial = Trial((counts[0], counts[1], counts[2], counts[3]), contamination)
    matrix = design.matrix(columns)
    digests = digests_of({name: columns[name] for name in design.names}, classes)
    dealt = deal(digests, classes)
    fold = np.empty(len(classes), dtype=np.int64)
    fold[np.argsort(digests, kind="stable")] = dealt.fold
    fitted = _fitted(matrix, fold, classes, trial.weights, lambda share: done(0.9 * share))
    candidates = tuple(
        _judged(name, learners, matrix, fold, classes, trial) for name, learners in fitted.items()
    )
    winner = max(candidates, key=lambda candidate: candidate.ranking.qini.value)
    model = UpliftModel(
        winner.name,
        design,
        winner.learners,
        winner.shifts,
        dealt,
        profiles(design, columns),
        trial,
        winner.ranking,
    )
    rows = len(classes) * (FOLDS - 1) // FOLDS
    params = (
        UpliftForest.params(size_for(rows, design.width))
        if winner.name == "UpliftRandomForestClassifier"
        else TLearner.params(rows // 2)
    )
    return Outcome(model, candidates, winner, classes, _importance(winner, design, matrix), params)


def _fitted(
    matrix: Floats, fold: Ints, classes: Bytes, weights: Floats, done: Callable[[float], None]
) -> dict[str, tuple[Learner, ...]]:
    """A model of either kind per fold; trees and boosters share the processors."""
    bins = Bins.cut(matrix)
    inside = [np.flatnonzero(fold != index) for index in range(FOLDS)]
    trees: list[list[Callable[[], Any]]] = [
        UpliftForest.tasks(bins, rows, classes, weights, size_for(len(rows), matrix.shape[1]))
        for rows in inside
    ]
    boosters = [partial(TLearner.fit, matrix, rows, classes, weights) for rows in inside]
    # The slowest start first: a long task that starts last leaves the other processors idle.
    fitted: list[Any] = in_parallel([*boosters, *(task for tasks in trees for task in tasks)], done)
    forests = []
    start = FOLDS
    for tasks in trees:
        forests.append(UpliftForest.assemble(bins, fitted[start : start + len(tasks)]))
        start += len(tasks)
    found = {"UpliftRandomForestClassifier": tuple(forests), "T-Learner": tuple(fitted[:FOLDS])}
    return {name: found[name] for name in KINDS}


def _judged(
    name: str, learners: tuple[Learner, ...], matrix: Floats, fold: Ints, classes: Bytes, trial: Trial
) -> Candidate:
    # A fold's model scores low if its held-out rows gained much by chance, and vice versa. Without the
    # shifts, that alone would rank the customers of one fold above those of another, and against their
    # outcomes.
    raw = np.array(in_parallel([partial(learner.effect, matrix) for learner in learners]))
    shifts = tuple((trial.effect().value - raw.mean(axis=1)).tolist())
    scores = np.clip(raw + np.array(shifts)[:, None], -1.0, 1.0)[fold, np.arange(len(fold))]
    return Candidate(name, learners, shifts, scores, judge(scores, classes, trial.weights))


def _importance(winner: Candidate, design: Design, matrix: Floats) -> dict[str, float]:
    """Mean squared change of the score when a feature's values go to other customers, as a share of all."""
    some = matrix[:LOOKED_AT]
    usual = per_fold(winner.learners, winner.shifts, some).mean(axis=0)
    moved = np.zeros(len(design.features))
    for index in range(len(moved)):
        # Rows are in the order of a digest, so a shift by half is as good as a shuffle.
        mixed, own = some.copy(), design.owners == index
        mixed[:, own] = np.roll(some[:, own], len(some) // 2, axis=0)
        score = per_fold(winner.learners, winner.shifts, mixed).mean(axis=0)
        moved[index] = float(np.mean((score - usual) ** 2))
    shares = moved / (moved.sum() or 1.0)
    pairs = zip(design.names, shares.tolist(), strict=True)
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


APART = 0.25
"""Standardised difference of means above which two groups are not alike (Rubin 2001)."""
SURE = 4.0
"""Standard errors that it must be from 0: in a small trial, the arms differ by chance."""


def unlike(design: Design, columns: Mapping[str, Column], classes: Bytes) -> list[str]:
    """Features whose treated and control customers differ by more than a random assignment makes, by name."""
    matrix = design.matrix(columns)
    treated, control = matrix[classes >= 2], matrix[classes < 2]
    scale = np.sqrt((treated.var(axis=0) + control.var(axis=0)) / 2)
    error = np.sqrt(treated.var(axis=0) / len(treated) + control.var(axis=0) / len(control))
    apart = np.abs(treated.mean(axis=0) - control.mean(axis=0))
    found = (apart > APART * scale) & (apart > SURE * error)
    return sorted({design.names[owner] for owner in design.owners[found]})
