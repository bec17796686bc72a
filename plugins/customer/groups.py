"""Grouping rows by JSON values of any kind."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DEPTH = 16
"""Levels of arrays and objects that a value to group by may have."""


def key(value: Any, depth: int = MAX_DEPTH) -> Hashable:
    """A hashable value that is equal for two JSON values exactly if they are equal as JSON.

    In Python ``True == 1``; in JSON only ``1.0`` equals 1.

    Raises:
        ValueError: the value cannot be printed again; the message completes "the value is …".

    >>> key(1) == key(1.0), key(1) == key(True), key(1) == key("1")
    (True, False, False)
    """
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError("a whole number of more than 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a finite number")
    if isinstance(value, list | dict):
        if not depth:
            raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(value, list):
            return list, tuple(key(item, depth - 1) for item in value)
        return dict, frozenset((name, key(item, depth - 1)) for name, item in value.items())
    return value  # type: ignore[no-any-return]  # a JSON value


def are_plain(values: Iterable[Any]) -> bool:
    """Whether all values are texts or null, which are their own keys."""
    return {str, NoneType}.issuperset(map(type, values))


def keys(values: Sequence[Any]) -> Sequence[Hashable]:
    """The :func:`key` of each value.

    Raises:
        ValueError: as :func:`key`.
    """
    return values if are_plain(values) else [key(value) for value in values]


def numbered(keys: Iterable[Hashable]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Numbers groups from 0 in order of first appearance.

    Returns:
        (n,) the group of each key, and (g,) the position of each group's first key.

    >>> [column.tolist() for column in numbered(["b", "a", "b"])]
    [[0, 1, 0], [0, 1]]
    """
    numbers: defaultdict[Hashable, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    groups = np.array([numbers[key] for key in keys], dtype=np.int64)
    return groups, np.unique(groups, return_index=True)[1]
