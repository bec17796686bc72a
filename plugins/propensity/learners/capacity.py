"""How large boosted trees should be, and how many: chosen on rows that are held out within the fit.

A fifth of the rows judges each setting after every round (early stopping; Prechelt 1998, "Early stopping -
but when?"). The best setting is then fitted on all rows, with the rounds that were best. Rows that the fitted
learner is judged on later take no part: they are not among the rows of the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FEWEST_ROWS = 500
FEWEST_JUDGING = 10
"""Rows of the smaller class among those that judge; with fewer, chance would choose."""
JUDGING = 5
"""One in five rows judges."""
MOST_ROUNDS = 600
PATIENCE = 30
"""Rounds without an improvement, after which no more are tried."""

Trial = Callable[[Mapping[str, Any], NDArray[np.bool_]], tuple[float, int]]


class Capacity(NamedTuple):
    """What a fit is made with.

    Attributes:
        settings: of the library.
        rounds: how many trees.
    """

    settings: Mapping[str, Any]
    rounds: int


def chosen(
    labels: NDArray[np.int8], usual: Capacity, others: Sequence[Mapping[str, Any]], trial: Trial
) -> Capacity:
    """The capacity for rows with these labels; the usual one where too few rows could judge.

    Args:
        labels: ``(n,)`` of 0 and 1, of rows in an order that is as good as random.
        usual: for few rows.
        others: settings to try.
        trial: fits settings on the rows outside a mask ``(n,)``, and gives the log loss of the rows inside at
            the best number of rounds, and that number.
    """
    judging = np.arange(len(labels)) % JUDGING == 0
    if len(labels) < FEWEST_ROWS or min(np.bincount(labels[judging], minlength=2)) < FEWEST_JUDGING:
        return usual
    judged = [(*trial(settings, judging), settings) for settings in others]
    _, rounds, settings = min(judged, key=lambda one: one[0])
    return Capacity(settings, max(rounds, 1))
