"""Grouping rows by JSON values of any kind."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import Any

MAX_DEPTH = 16
"""Levels of arrays and objects that a value to group by may have."""


def key(value: Any, depth: int = MAX_DEPTH) -> Hashable:
    """A hashable stand-in, equal for two JSON values exactly if they are equal as JSON.

    Python's own equality has ``true`` equal 1; here, and in JSON, only ``1.0`` does.

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


def numbered(keys: Iterable[Hashable]) -> tuple[list[int], list[int]]:
    """Numbers groups from 0 in order of first appearance.

    Returns:
        the group of each key, and the position of each group's first key.

    >>> numbered(["b", "a", "b"])
    ([0, 1, 0], [0, 1])
    """
    numbers: dict[Hashable, int] = {}
    groups: list[int] = []
    firsts: list[int] = []
    for position, one in enumerate(keys):
        group = numbers.setdefault(one, len(numbers))
        if group == len(firsts):
            firsts.append(position)
        groups.append(group)
    return groups, firsts
