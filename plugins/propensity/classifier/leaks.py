"""Does a feature give the outcome away? A model that ranks almost perfectly has usually seen the answer.

A feature is suspected if it alone tells the classes apart, if it has nearly all importance in a strong model,
or if it is missing in one class only. If the model is too good and no single feature is the reason, pairs of
its most important features are tried on rows that they were not fitted on.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.columns import missing_in
from plugins.propensity.features.design import Category, Design
from plugins.propensity.features.fingerprint import Labelled
from plugins.propensity.learners.learner import CannotFit
from plugins.propensity.learners.roster import LEARNERS
from plugins.shared import roc

SUSPECT_AUC = 0.98
"""A column that alone ranks the classes better than this is probably the outcome, not a cause of it."""
SUSPECT_SHARE = 0.95
"""So is a feature with more than this share of the importance, if the model ranks better than the next."""
SUSPECT_MODEL_AUC = 0.95
TOO_GOOD = 0.99
"""A model of customers' behaviour does not rank better than this."""
FEWEST = 10
"""With fewer rows of a class, chance alone can separate the classes."""
CHANCE = 1e-4
"""How often a feature that is missing by chance may be missing in one class only."""
MOST_PAIRED = 6
"""Features of which pairs are tried: those of the greatest importance."""
PAIR_ROWS = 10_000
JUDGES = ("Logistic Regression", "LightGBM")


class Leaks(NamedTuple):
    """What gives the outcome away.

    Attributes:
        suspects: features that alone do, by name.
        one_sided: features that are missing in rows of one class only, by name, and that class.
        pair: two features that together do.
        too_good: the model ranks better than customers can be told apart.
    """

    suspects: tuple[str, ...] = ()
    one_sided: tuple[tuple[str, int], ...] = ()
    pair: tuple[str, ...] = ()
    too_good: bool = False


def found(scorer: Scorer, labelled: Labelled, roc_auc: float) -> Leaks:
    """What gives the outcome away.

    Args:
        scorer: fitted on these rows.
        labelled: the rows.
        roc_auc: of the scorer's learner, cross-validated.
    """
    design, labels = scorer.design, labelled.labels
    if min(np.bincount(labels)) < FEWEST:
        return Leaks()
    matrix = scorer.design.matrix(labelled.columns)
    suspects = _telling(design, matrix, labels)
    if roc_auc > SUSPECT_MODEL_AUC:
        suspects |= _nearly_all(scorer)
    pair: tuple[str, ...] = ()
    if roc_auc > TOO_GOOD and not suspects:
        pair = _pair(scorer, labelled)
    too_good = roc_auc > TOO_GOOD or bool(suspects)
    return Leaks(tuple(sorted(suspects)), tuple(_one_sided(labelled)), pair, too_good)


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
            if feature.coded:
                level = np.where(values < 0, len(feature.levels), values).astype(np.intp)
            counts = np.maximum(np.bincount(level), 1)
            # Each row is judged by the others of its level: one row alone would always tell.
            others = np.bincount(level, weights=labels)[level] - labels
            values = (others + labels.mean()) / counts[level]
        alone = roc.auc(labels == 1, values)
        if max(alone, 1 - alone) > SUSPECT_AUC:
            suspects.add(feature.name)
    return suspects


def _nearly_all(scorer: Scorer) -> set[str]:
    """The feature that has nearly all importance among several, such as a category that spells the
    outcome."""
    importance = scorer.importance()
    return {name for name, share in importance.items() if share > SUSPECT_SHARE and len(importance) > 1}


def _one_sided(labelled: Labelled) -> list[tuple[str, int]]:
    """Features that are missing in one class only, more often than chance explains, and that class."""
    sides = []
    for name, column in labelled.columns.items():
        missing = missing_in(column)
        counts = np.bincount(labelled.labels[missing], minlength=2)
        side = int(counts.argmax())
        share = float((labelled.labels == side).mean())
        # The chance that all missing rows are of this class is its share, to the power of their number.
        if counts[side] and not counts[1 - side] and share ** counts[side] < CHANCE:
            sides.append((name, side))
    return sides


def _pair(scorer: Scorer, labelled: Labelled) -> tuple[str, ...]:
    """The two features that tell the classes apart best, if they alone rank too well."""
    matrix = scorer.matrix(labelled.columns)[:PAIR_ROWS]
    labels = labelled.labels[:PAIR_ROWS]
    fitted = np.arange(len(labels)) % 2 == 0
    best = TOO_GOOD
    pair: tuple[str, ...] = ()
    for names in combinations(list(scorer.importance())[:MOST_PAIRED], 2):
        owners = [scorer.design.names.index(name) for name in names]
        part = matrix[:, np.isin(scorer.design.owners, owners)]
        for judge in JUDGES:
            try:
                learner = LEARNERS[judge].fit(part[fitted], labels[fitted])
            except CannotFit:
                continue
            alone = roc.auc(labels[~fitted] == 1, learner.log_odds(part[~fitted]))
            if alone > best:
                best, pair = alone, names
    return tuple(sorted(pair))
