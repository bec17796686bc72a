"""Why a row has its score: the features that move it most, from the model itself.

A learner says what each column of the design adds to the log-odds; the columns of a feature add up, and the
calibration multiplies all by its slope. The parts of all features and the base sum to the row's log-odds, so
a list of the strongest leaves a known rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier.platt import FARTHEST
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.columns import Column
from plugins.propensity.learners.learner import Explainer

MOST = 3
"""Features that a row is explained by."""
LEAST = 0.05
"""Log-odds that are worth a mention: at a probability of one half, a percentage point."""
CELLS = 4_000_000
"""Values of the matrix at a time: 32 MB."""
MOST_WORK = 5_000_000_000
"""Leaves that a request may visit: some 30 s on one processor. Only a forest grown on tens of thousands of
rows has so many that not all of 100,000 rows can be explained."""


class Factors(NamedTuple):
    """The features that move each row most, strongest first; ties in the design's order.

    ``m`` is the number of rows explained: all, or the first ones.

    Attributes:
        names: what ``feature`` counts.
        feature: ``(m, k)`` index of a name.
        size: ``(m, k)`` what it adds to the calibrated log-odds; 0 where there is no more to say.
    """

    names: tuple[str, ...]
    feature: NDArray[np.intp]
    size: NDArray[np.float64]


def parts(
    scorer: Scorer, explainer: Explainer, columns: Mapping[str, Column], speaks_for: Mapping[str, str]
) -> NDArray[np.float64]:
    """What each name adds to each row's calibrated log-odds, ``(n, names)``; see :func:`names`.

    Args:
        scorer: the model.
        explainer: its learner's.
        columns: as ``design.read`` gives them.
        speaks_for: feature to the feature that it is derived from, and is added to.
    """
    by_column = explainer.contributions(scorer.matrix(columns)) * scorer.calibration.slope
    by_name = np.zeros((len(by_column), len(names(scorer, speaks_for))))
    for column, name in enumerate(_owners(scorer, speaks_for)):
        by_name[:, name] += by_column[:, column]
    return np.clip(by_name, -FARTHEST, FARTHEST)


def names(scorer: Scorer, speaks_for: Mapping[str, str]) -> tuple[str, ...]:
    """The features of the model, without those that speak for another."""
    return tuple(dict.fromkeys(speaks_for.get(name, name) for name in scorer.design.names))


def strongest(
    scorer: Scorer, columns: Mapping[str, Column], speaks_for: Mapping[str, str] | None = None
) -> Factors | None:
    """The factors of rows, or of as many of the first as ``MOST_WORK`` allows; None if the learner explains
    nothing.

    Args:
        scorer: the model.
        columns: ``(n,)`` each, as ``design.read`` gives them.
        speaks_for: feature to the feature that it is derived from, if any is.
    """
    explainer = scorer.learner.explainer()
    if explainer is None:
        return None
    mapping = speaks_for or {}
    rows = len(columns[scorer.design.names[0]])
    if explainer.work:
        rows = min(rows, MOST_WORK // explainer.work)
    block = max(1, CELLS // scorer.design.width)
    blocks = []
    for start in range(0, rows, block):
        here = {name: column[start : min(start + block, rows)] for name, column in columns.items()}
        blocks.append(_top(parts(scorer, explainer, here, mapping)))
    count = min(MOST, len(names(scorer, mapping)))
    none = np.zeros((0, count), dtype=np.intp), np.zeros((0, count))
    feature, size = (np.concatenate(part) for part in zip(none, *blocks, strict=True))
    return Factors(names(scorer, mapping), feature, size)


def _owners(scorer: Scorer, speaks_for: Mapping[str, str]) -> list[int]:
    """For each column of the matrix, the index of the name that it counts for."""
    index = {name: number for number, name in enumerate(names(scorer, speaks_for))}
    by_feature = [index[speaks_for.get(name, name)] for name in scorer.design.names]
    return [by_feature[owner] for owner in scorer.design.owners]


def _top(by_name: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Index and size of the strongest of each row, ``(n, k)``; 0 for what is not worth a mention."""
    strength, rows = np.abs(by_name), np.arange(len(by_name))
    count = min(MOST, by_name.shape[1])
    feature = np.empty((len(by_name), count), dtype=np.intp)
    size = np.empty((len(by_name), count))
    for rank in range(count):
        feature[:, rank] = strength.argmax(axis=1)
        most = strength[rows, feature[:, rank]]
        size[:, rank] = np.where(most >= LEAST, by_name[rows, feature[:, rank]], 0.0)
        # Out of the running for the next rank.
        strength[rows, feature[:, rank]] = -1.0
    return feature, size
