"""Values as customers send them, feature by feature: a column of numbers or a column of texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import NoneType

import numpy as np
from numpy.typing import NDArray

Value = float | bool | str | None
Row = Mapping[str, Value]
Column = NDArray[np.float64] | NDArray[np.object_]
"""A feature over ``n`` rows: float64 with NaN where it is missing, or text with None where it is missing."""


def numbers(values: Sequence[Value]) -> NDArray[np.float64]:
    """A column ``(n,)`` of numbers; true is 1, false 0, null NaN, and −0 is 0.

    >>> numbers([3, True, None]).tolist()
    [3.0, 1.0, nan]

    Raises:
        ValueError: a value is a text (numpy alone would read ``"3"`` as 3).
    """
    if not set(map(type, values)) <= {float, int, bool, NoneType}:
        raise ValueError("a column of numbers holds a text")
    return np.array(values, dtype=np.float64) + 0.0


def texts(values: Sequence[Value]) -> NDArray[np.object_]:
    """A column ``(n,)`` of categories; numbers among them are printed: 3.0 as ``"3"``, true as ``"1"``.

    >>> texts(["Gold", 3.0, None]).tolist()
    ['Gold', '3', None]
    """
    column = np.empty(len(values), dtype=object)
    column[:] = [value if value is None or isinstance(value, str) else _printed(value) for value in values]
    return column


def missing_in(column: Column) -> NDArray[np.bool_]:
    """``(n,)``, true where a value of a column ``(n,)`` is missing.

    >>> missing_in(texts(["Gold", None])).tolist()
    [False, True]
    """
    if column.dtype == np.float64:
        return np.isnan(column.astype(np.float64))
    return np.array([value is None for value in column], dtype=np.bool_)


def _printed(number: float) -> str | None:
    """A number as a category; NaN, as data frames spell what is missing, is None."""
    value = float(number) + 0.0
    if math.isnan(value):
        return None
    return f"{value:.0f}" if value.is_integer() else repr(value)
