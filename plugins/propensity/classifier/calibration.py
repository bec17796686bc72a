"""Does Platt scaling improve a learner's probabilities, and how good are they out of sample?

A scaling that is judged on the scores it was fitted on always seems to help. So each fold is scaled by a fit
on the other folds, and the scaling is kept only if it lowers the log loss.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier import platt
from plugins.propensity.classifier.platt import Platt

BINS = 10
IDENTITY = Platt(1.0, 0.0)
"""The learner's own probabilities."""
FEWEST = 10
"""With fewer rows of a class, a scaling cannot be judged; the learner's own probabilities stay."""
_LEAST = 1e-15


class Bin(NamedTuple):
    """Rows of similar probability: how many, their mean prediction, and the share with label 1."""

    rows: int
    predicted: float
    observed: float


class Calibration(NamedTuple):
    """How scores become probabilities, and how well these hold.

    Attributes:
        platt: the scaling; the identity where scaling does not help.
        helps: whether scaling lowers the log loss of folds that it has not seen.
        probabilities: ``(n,)``, each by a model and a scaling that did not see the row.
        log_loss, brier: of these.
        table: bins of equal count, by ascending probability.
    """

    platt: Platt
    helps: bool
    probabilities: NDArray[np.float64]
    log_loss: float
    brier: float
    table: tuple[Bin, ...]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of predicted from observed, weighted by rows."""
        distance = sum(part.rows * abs(part.predicted - part.observed) for part in self.table)
        return distance / sum(part.rows for part in self.table)


def calibrate(scores: NDArray[np.float64], labels: NDArray[np.int8], fold: NDArray[np.intp]) -> Calibration:
    """Fits a scaling, and keeps it if it lowers the log loss.

    Args:
        scores: out-of-fold log-odds ``(n,)``.
        labels: ``(n,)`` of 0 and 1.
        fold: ``(n,)``; the rows outside each fold have both labels.
    """
    own = IDENTITY.probability(scores)
    scaled = np.empty(len(scores))
    for index in np.unique(fold):
        inside = fold == index
        scaled[inside] = platt.fit(scores[~inside], labels[~inside]).probability(scores[inside])
    enough = min(int(labels.sum()), int((labels == 0).sum())) >= FEWEST
    helps = enough and log_loss(scaled, labels) < log_loss(own, labels)
    probabilities = scaled if helps else own
    return Calibration(
        platt=platt.fit(scores, labels) if helps else IDENTITY,
        helps=helps,
        probabilities=probabilities,
        log_loss=log_loss(probabilities, labels),
        brier=brier(probabilities, labels),
        table=table(probabilities, labels),
    )


def log_loss(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    """Mean of −ln of the probability that the model gave to the outcome.

    >>> round(log_loss(np.array([0.5, 0.5]), np.array([0, 1])), 4)
    0.6931
    """
    given = np.where(labels == 1, probabilities, 1 - probabilities)
    return float(-np.log(np.clip(given, _LEAST, 1.0)).mean())


def brier(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    """Mean squared distance of probability and outcome.

    >>> brier(np.array([0.5, 1.0]), np.array([0, 1]))
    0.125
    """
    return float(np.square(probabilities - labels).mean())


def table(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> tuple[Bin, ...]:
    """At most ten bins of equal count, by ascending probability; rows of equal probability share a bin."""
    order = np.argsort(probabilities, kind="stable")
    ascending, outcome = probabilities[order], labels[order]
    wanted = np.arange(1, BINS) * len(order) // BINS
    starts = np.unique(np.searchsorted(ascending, ascending[wanted], side="left"))
    parts = np.split(np.arange(len(order)), starts[starts > 0])
    return tuple(Bin(len(part), float(ascending[part].mean()), float(outcome[part].mean())) for part in parts)
