"""Target encoding: a category of many levels becomes one number, how often label 1 goes with the level.

A level's rate is shrunk towards the base rate p, (Σ y + m p) / (n + m), with m = p (1 − p) / τ², where τ² is
the variance of the true rates between levels (Micci-Barreca 2001, "A preprocessing scheme for
high-cardinality categorical attributes", eq. 3 to 5). The number is the log-odds of the shrunk rate. A
training row must not see its own label in its number: it is encoded by the rows of the other inner folds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INNER_FOLDS = 10
LEAST_VARIANCE = 1e-4
"""Of the levels' true rates: a deviation of a hundredth. Levels that differ less are taken as equal."""


class Encoding(NamedTuple):
    """Numbers of the levels of coded columns.

    Attributes:
        columns: of the matrix.
        tables: for each, log-odds ``(levels + 1,)``; the last is of all other levels, and the base rate's.
    """

    columns: tuple[int, ...] = ()
    tables: tuple[Floats, ...] = ()

    def apply(self, matrix: Floats) -> Floats:
        """The matrix ``(n, width)`` with numbers for codes; itself if no column is coded."""
        if not self.columns:
            return matrix
        encoded = matrix.copy()
        for column, table in zip(self.columns, self.tables, strict=True):
            # Code −1, of all other levels, is the last of the table.
            encoded[:, column] = table[matrix[:, column].astype(np.intp)]
        return encoded

    @classmethod
    def from_json(cls, tables: Sequence[Any], coded: Sequence[tuple[int, int]]) -> Encoding:
        """The encoding of stored tables.

        Raises:
            ValueError: they are damaged, or of other columns.
        """
        if [len(table) if isinstance(table, list) else 0 for table in tables] != [n + 1 for _, n in coded]:
            raise ValueError("the stored encoding is damaged: it has not a number per level")
        if not all(type(value) is float and math.isfinite(value) for table in tables for value in table):
            raise ValueError("the stored encoding is damaged: a number does not parse")
        return cls(tuple(column for column, _ in coded), tuple(np.array(table) for table in tables))


def fit(
    matrix: Floats, labels: NDArray[np.int8], coded: Sequence[tuple[int, int]]
) -> tuple[Encoding, Floats]:
    """The encoding, and the training matrix in which no row has seen its own label.

    Args:
        matrix: ``(n, width)``, rows in an order that is as good as random.
        labels: ``(n,)`` of 0 and 1.
        coded: column and number of levels of each coded category.
    """
    encoded = matrix.copy() if coded else matrix
    tables = []
    inner = np.arange(len(labels)) % INNER_FOLDS
    for column, levels in coded:
        codes = matrix[:, column].astype(np.intp)
        codes[codes < 0] = levels
        tables.append(_table(codes, labels, levels))
        for fold in range(INNER_FOLDS):
            out = inner == fold
            if out.any() and not out.all():
                encoded[out, column] = _table(codes[~out], labels[~out], levels)[codes[out]]
    return Encoding(tuple(column for column, _ in coded), tuple(tables)), encoded


def _table(codes: NDArray[np.intp], labels: NDArray[np.int8], levels: int) -> Floats:
    """Log-odds of each level, ``(levels + 1,)``.

    >>> _table(np.array([0, 0, 1]), np.int8([1, 1, 0]), 1).round(2).tolist()[-1]
    0.51
    """
    rows = np.bincount(codes, minlength=levels + 1)[: levels + 1].astype(np.float64)
    ones = np.bincount(codes, weights=labels, minlength=levels + 1)[: levels + 1]
    # Half a row of each class keeps the base rate off 0 and 1.
    base = float((labels.sum() + 0.5) / (len(labels) + 1))
    known = rows[:levels] > 0
    rates, sizes = ones[:levels][known] / rows[:levels][known], rows[:levels][known]
    # Method of moments: the spread of the observed rates is τ² and the noise of their sizes.
    noise = base * (1 - base) / sizes
    spread = float((sizes * ((rates - base) ** 2 - noise)).sum() / max(sizes.sum(), 1.0))
    strength = base * (1 - base) / max(spread, LEAST_VARIANCE)
    shrunk = (ones + strength * base) / (rows + strength)
    shrunk[levels] = base
    return np.asarray(np.log(shrunk / (1 - shrunk)))
