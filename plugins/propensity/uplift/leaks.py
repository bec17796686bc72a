"""Features that could not have been known before the campaign, seen in the values as they were sent.

A feature that only one arm has was written by the campaign. A feature that tells the outcome was written
after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.shared import roc

Flags = NDArray[np.bool_]

OFTEN, SELDOM = 0.5, 0.05
"""A feature is of one group only if at least half of it have it and at most a twentieth of the other."""
TELLS = 0.98
"""ROC-AUC of a feature alone, from which on it tells the outcome."""
MOST_LEVELS = 100
"""Different texts above which a feature is an id rather than a category."""
FEWEST = 20
"""Rows of a group below which it shows nothing."""


class Leaks(NamedTuple):
    """Names of the features that leak, in alphabetical order.

    Attributes:
        arm: present in one arm only.
        outcome: that tell the outcome, or are present with one outcome only.
    """

    arm: list[str]
    outcome: list[str]


def of(rows: Sequence[Mapping[str, Any]], treated: Flags, outcome: Flags) -> Leaks:
    """The features that leak.

    Args:
        rows: features of each of n customers, as sent.
        treated, outcome: ``(n,)``.

    >>> rows = [{"sent": 3 if i % 2 else None, "basket": 9.0 * (i % 4 > 1)} for i in range(100)]
    >>> of(rows, np.arange(100) % 2 == 1, np.arange(100) % 4 > 1)
    Leaks(arm=['sent'], outcome=['basket'])
    """
    names = sorted({name for row in rows for name in row})
    found = Leaks([], [])
    for name in names:
        values = [row.get(name) for row in rows]
        present = np.array([value is not None for value in values])
        if _of_one_group(present, treated):
            found.arm.append(name)
        elif _of_one_group(present, outcome) or _tells(values, present, outcome):
            found.outcome.append(name)
    return found


def _of_one_group(present: Flags, group: Flags) -> bool:
    if min(int(group.sum()), int((~group).sum())) < FEWEST:
        return False
    shares = sorted((float(present[group].mean()), float(present[~group].mean())))
    return shares[0] <= SELDOM and shares[1] >= OFTEN


def _tells(values: Sequence[Any], present: Flags, outcome: Flags) -> bool:
    """Whether the values, alone, rank customers by outcome."""
    known = outcome[present]
    if min(int(known.sum()), int((~known).sum())) < FEWEST:
        return False
    given = [value for value in values if value is not None]
    if all(isinstance(value, (bool, int, float)) for value in given):
        scores = np.array(given, dtype=float)
    else:
        levels, level = np.unique([str(value) for value in given], return_inverse=True)
        if len(levels) > min(MOST_LEVELS, len(given) // 10):
            return False
        scores = (np.bincount(level, weights=known) / np.bincount(level))[level]
    area = roc.auc(known, scores)
    return max(area, 1 - area) >= TELLS
