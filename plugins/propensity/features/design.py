"""The design matrix: from features as they are sent to the numbers that learners take.

A missing number gets its median over the training rows. A category becomes one column per common level
(one-hot); a rare or unseen level is a row of zeros. Nothing here looks at labels: one design, learned on all
labelled rows, serves every fold without leaking outcomes. :func:`learn` fits it, :meth:`Design.matrix`
applies it, and :meth:`Design.as_json` stores it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.columns import Column, Row, numbers, texts

LEVEL_ROWS = 3
"""A category in fewer rows has no column: its effect could not be told from chance."""
MOST_LEVELS = 50
"""Most columns of one feature; the commonest levels have them."""
MOST_LEVEL_COLUMNS = 400
"""Most columns of all categorical features together; bounds the matrix whatever is sent."""


class Number(NamedTuple):
    """A numeric feature, imputed by the median of its training rows."""

    name: str
    median: float


class Category(NamedTuple):
    """A categorical feature and the levels that have a column; None is the level of the missing."""

    name: str
    levels: tuple[str | None, ...]


class Reading(NamedTuple):
    """Rows to score, as a design sees them.

    Attributes:
        columns: a column ``(n,)`` per feature of the design.
        absent: features that no row names.
        missing: features that are absent or null in some row, by name.
        misfits: (row, feature) of each text where training had numbers; such values are NaN in ``columns``.
    """

    columns: Mapping[str, Column]
    absent: Sequence[str]
    missing: Sequence[str]
    misfits: Sequence[tuple[int, str]]


class Design(NamedTuple):
    """How features become the ``width`` columns of a matrix."""

    features: tuple[Number | Category, ...]

    @property
    def names(self) -> list[str]:
        """The features, in the order of their columns."""
        return [feature.name for feature in self.features]

    @property
    def owners(self) -> NDArray[np.intp]:
        """For each column of the matrix ``(width,)``, the index of the feature that it comes from."""
        return np.repeat(np.arange(len(self.features)), [_width(feature) for feature in self.features])

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return sum(_width(feature) for feature in self.features)

    def read(self, rows: Sequence[Row]) -> Reading:
        """Takes the design's features out of rows, and ignores all others."""
        columns: dict[str, Column] = {}
        absent: list[str] = []
        missing: list[str] = []
        misfits: list[tuple[int, str]] = []
        for feature in self.features:
            values = [row.get(feature.name) for row in rows]
            lacking = values.count(None)
            if lacking:
                missing.append(feature.name)
            if lacking == len(rows) and not any(feature.name in row for row in rows):
                absent.append(feature.name)
            if isinstance(feature, Category):
                columns[feature.name] = texts(values)
                continue
            try:
                columns[feature.name] = numbers(values)
            except ValueError:
                wrong = [row for row, value in enumerate(values) if isinstance(value, str)]
                misfits.extend((row, feature.name) for row in wrong)
                columns[feature.name] = numbers(
                    [None if isinstance(value, str) else value for value in values]
                )
        return Reading(columns, absent, sorted(missing), misfits)

    def matrix(self, columns: Mapping[str, Column]) -> NDArray[np.float64]:
        """The matrix ``(n, width)`` of columns ``(n,)``; finite throughout."""
        rows = len(columns[self.features[0].name])
        matrix = np.zeros((rows, self.width))
        start = 0
        for feature in self.features:
            column = columns[feature.name]
            if isinstance(feature, Number):
                values = column.astype(np.float64)
                matrix[:, start] = np.where(np.isnan(values), feature.median, values)
            else:
                column_of = {level: start + index for index, level in enumerate(feature.levels)}
                columns_of = np.array([column_of.get(value, -1) for value in column], dtype=np.intp)
                known = np.flatnonzero(columns_of >= 0)
                matrix[known, columns_of[known]] = 1.0
            start += _width(feature)
        return matrix

    def as_json(self) -> list[dict[str, Any]]:
        """The design as JSON values, exact to the last bit."""
        return [
            {"name": feature.name, "median": feature.median}
            if isinstance(feature, Number)
            else {"name": feature.name, "levels": list(feature.levels)}
            for feature in self.features
        ]

    @staticmethod
    def from_json(parts: Any) -> Design:
        """The design that :meth:`as_json` wrote.

        Raises:
            ValueError: it is damaged.
        """
        if not isinstance(parts, list) or not parts:
            raise ValueError("the stored design is damaged: it lists no feature")
        features: list[Number | Category] = []
        for part in parts:
            match part:
                case {"name": str(name), "median": float(median)} if np.isfinite(median):
                    features.append(Number(name, median))
                case {"name": str(name), "levels": [_, *_] as levels} if all(
                    level is None or isinstance(level, str) for level in levels
                ) and len(set(levels)) == len(levels):
                    features.append(Category(name, tuple(levels)))
                case _:
                    raise ValueError("the stored design is damaged: a feature does not parse")
        design = Design(tuple(features))
        if len(set(design.names)) < len(design.names):
            raise ValueError("the stored design is damaged: a feature is in it twice")
        return design


def learn(columns: Mapping[str, Column]) -> tuple[Design, dict[str, str]]:
    """Learns medians and levels, and drops what no model could use.

    Args:
        columns: name to column ``(n,)`` of the training rows, none of them empty.

    Returns:
        the design (of no feature, if all are dropped), and name to reason of each feature dropped.
    """
    features: list[Number | Category] = []
    dropped = {}
    categorical = sum(column.dtype != np.float64 for column in columns.values())
    most_levels = min(MOST_LEVELS, max(2, MOST_LEVEL_COLUMNS // max(1, categorical)))
    for name, column in columns.items():
        if column.dtype == np.float64:
            if np.nanmin(column) == np.nanmax(column):
                dropped[name] = "constant"
            else:
                features.append(Number(name, float(np.nanmedian(column))))
            continue
        counts = Counter(column)
        common = sorted(
            (level for level, count in counts.items() if count >= LEVEL_ROWS),
            key=lambda level: (-counts[level], level is not None, level or ""),
        )
        if len(counts) == 1:
            dropped[name] = "constant"
        elif not set(common) - {None}:
            dropped[name] = f"no category in {LEVEL_ROWS} or more rows, like an identifier"
        else:
            features.append(Category(name, tuple(common[:most_levels])))
    return Design(tuple(features)), dropped


def _width(feature: Number | Category) -> int:
    return 1 if isinstance(feature, Number) else len(feature.levels)
