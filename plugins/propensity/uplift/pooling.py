"""Rare categories of a large data set share one level, which keeps trees shallow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from plugins.propensity.features.columns import Column
from plugins.propensity.features.design import Category, Design, Number

FEWEST = 100
"""Rows of a category in a large set."""
LARGE = 10_000
"""From so many rows on, categories of fewer than ``FEWEST`` rows are pooled; below, those of under a
hundredth."""


def pool(design: Design, columns: Mapping[str, Column]) -> tuple[Design, dict[str, str], dict[str, int]]:
    """The design without columns for rare categories: like unseen ones, they are rows of zeros.

    Args:
        design: learned on these rows.
        columns: name to column ``(n,)``.

    Returns:
        the design; name to reason of each feature that has no category left; name to number of the categories
        that were pooled.
    """
    rows = len(next(iter(columns.values())))
    least = FEWEST if rows >= LARGE else int(np.ceil(rows * FEWEST / LARGE))
    features: list[Number | Category] = []
    dropped, pooled = {}, {}
    for feature in design.features:
        if isinstance(feature, Number):
            features.append(feature)
            continue
        counts = Counter(columns[feature.name])
        common = tuple(level for level in feature.levels if counts[level] >= least)
        rare = sum(count < least for level, count in counts.items() if level is not None)
        if not set(common) - {None}:
            dropped[feature.name] = f"no category in {least} or more rows"
            continue
        features.append(feature._replace(levels=common))
        if rare:
            pooled[feature.name] = rare
    return Design(tuple(features)), dropped, pooled
