"""The design matrix: from features as they are sent to the numbers that learners take.

A missing number is NaN, or gets its median over the training rows. A category becomes one column per common
level (one-hot); a rare or unseen level is a row of zeros. A category of many levels may instead become one
column of codes, which :mod:`.encoding` replaces by numbers. Nothing here looks at labels: one design, learned
on all labelled rows, serves every fold without leaking outcomes. :func:`learn` fits it, :meth:`Design.matrix`
applies it, and :meth:`Design.as_json` stores it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.columns import Column, Row, missing_in
from plugins.propensity.features.forms import Form

LEVEL_ROWS = 3
"""A category in fewer rows has no column: its effect could not be told from chance."""
MOST_LEVELS = 50
"""Most columns of one feature; the commonest levels have them."""
MOST_LEVEL_COLUMNS = 400
"""Most columns of all categorical features together; bounds the matrix whatever is sent."""
MANY_LEVELS = 30
"""A category of more common levels is coded, if the learners take codes."""
MOST_CODES = 20_000
"""Most levels of a coded category; the commonest have codes."""
AS_NUMBER, AS_CATEGORY = Form("number"), Form("category")


class Number(NamedTuple):
    """A numeric feature, imputed by the median of its training rows."""

    name: str
    median: float
    form: Form = AS_NUMBER


class Category(NamedTuple):
    """A categorical feature and its common levels; None is the level of the missing.

    Attributes:
        name: of the feature.
        levels: commonest first.
        form: how values are read.
        coded: whether one column holds the index of the level, −1 for all others; else each level has a
            column of 0 and 1.
    """

    name: str
    levels: tuple[str | None, ...]
    form: Form = AS_CATEGORY
    coded: bool = False


class Reading(NamedTuple):
    """Rows to score, as a design sees them.

    Attributes:
        columns: a column ``(n,)`` per feature of the design.
        absent: features that no row names, and that training rows had.
        missing: features that some row lacks, by name.
        misfits: (row, feature) of each value that has not the form of the training values; it is missing in
            ``columns``.
        forms: of the features.
    """

    columns: Mapping[str, Column]
    absent: Sequence[str]
    missing: Sequence[str]
    misfits: Sequence[tuple[int, str]]
    forms: Mapping[str, Form]


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

    @property
    def coded(self) -> tuple[tuple[int, int], ...]:
        """Column of the matrix, and number of levels, of each coded category."""
        starts = np.cumsum([0, *map(_width, self.features)])
        return tuple(
            (int(start), len(feature.levels))
            for start, feature in zip(starts, self.features, strict=False)
            if isinstance(feature, Category) and feature.coded
        )

    def read(self, rows: Sequence[Row]) -> Reading:
        """Takes the design's features out of rows, and ignores all others."""
        columns: dict[str, Column] = {}
        absent: list[str] = []
        missing: list[str] = []
        misfits: list[tuple[int, str]] = []
        for feature in self.features:
            values = [row.get(feature.name) for row in rows]
            form = feature.form
            column, wrong = form.read(values)
            columns[feature.name] = column
            misfits.extend((row, feature.name) for row in wrong)
            if not form.absent_is_zero and missing_in(column).any():
                missing.append(feature.name)
                if not form.optional and not any(feature.name in row for row in rows):
                    absent.append(feature.name)
        forms = {feature.name: feature.form for feature in self.features}
        return Reading(columns, absent, sorted(missing), misfits, forms)

    def matrix(self, columns: Mapping[str, Column], *, imputed: bool = True) -> NDArray[np.float64]:
        """The matrix ``(n, width)`` of columns ``(n,)``.

        Args:
            columns: as :meth:`read` gives them.
            imputed: missing numbers get their median, so that the matrix is finite; else they are NaN.
        """
        rows = len(columns[self.features[0].name])
        matrix = np.zeros((rows, self.width))
        start = 0
        for feature in self.features:
            column = columns[feature.name]
            if isinstance(feature, Number):
                values = column.astype(np.float64)
                matrix[:, start] = np.where(np.isnan(values), feature.median, values) if imputed else values
            elif feature.coded:
                code_of = {level: float(index) for index, level in enumerate(feature.levels)}
                matrix[:, start] = [code_of.get(value, -1.0) for value in column]
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
            {"name": feature.name, "median": feature.median, "form": feature.form.as_json()}
            if isinstance(feature, Number)
            else {
                "name": feature.name,
                "levels": list(feature.levels),
                "form": feature.form.as_json(),
                "coded": feature.coded,
            }
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
                case {"name": str(name), "median": float(median), "form": form} if np.isfinite(median):
                    features.append(Number(name, median, Form.from_json(form)))
                case {"name": str(name), "levels": [_, *_] as levels, "form": form, "coded": bool(coded)} if (
                    all(level is None or isinstance(level, str) for level in levels)
                    and len(set(levels)) == len(levels)
                ):
                    features.append(Category(name, tuple(levels), Form.from_json(form), coded))
                case _:
                    raise ValueError("the stored design is damaged: a feature does not parse")
        design = Design(tuple(features))
        if len(set(design.names)) < len(design.names):
            raise ValueError("the stored design is damaged: a feature is in it twice")
        return design


def learn(
    columns: Mapping[str, Column], forms: Mapping[str, Form] | None = None, *, coded: bool = False
) -> tuple[Design, dict[str, str]]:
    """Learns medians and levels, and drops what no model could use.

    Args:
        columns: name to column ``(n,)`` of the training rows, none of them empty.
        forms: how each was read; as sent where nothing is said.
        coded: whether categories of many levels become codes.

    Returns:
        the design (of no feature, if all are dropped), and name to reason of each feature dropped.
    """
    features: list[Number | Category] = []
    dropped = {}
    form_of = forms or {}
    categorical = sum(column.dtype != np.float64 for column in columns.values())
    most_levels = min(MOST_LEVELS, max(2, MOST_LEVEL_COLUMNS // max(1, categorical)))
    for name, column in columns.items():
        if column.dtype == np.float64:
            lacking = int(np.isnan(column).sum())
            if np.nanmin(column) == np.nanmax(column) and lacking < LEVEL_ROWS:
                dropped[name] = "constant"
            else:
                features.append(Number(name, float(np.nanmedian(column)), form_of.get(name, AS_NUMBER)))
            continue
        counts = Counter(column)
        common = sorted(
            (level for level, count in counts.items() if count >= LEVEL_ROWS),
            key=lambda level: (-counts[level], level is not None, level or ""),
        )
        form = form_of.get(name, AS_CATEGORY)
        if len(counts) == 1:
            dropped[name] = "constant"
        elif not set(common) - {None}:
            dropped[name] = f"no category in {LEVEL_ROWS} or more rows, like an identifier"
        elif coded and len(common) > min(MANY_LEVELS, most_levels):
            features.append(Category(name, tuple(common[:MOST_CODES]), form, coded=True))
        else:
            features.append(Category(name, tuple(common[:most_levels]), form))
    return Design(tuple(features)), dropped


def _width(feature: Number | Category) -> int:
    return 1 if isinstance(feature, Number) or feature.coded else len(feature.levels)
