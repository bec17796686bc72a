"""Rows of features as columns, in an order that depends on what the rows say and on nothing else.

Folds are dealt and learners fitted in this canonical order, so that the order of the rows in a request, the
order of the keys in a row, and the spelling of a number (``3`` or ``3.0``) change neither the model nor the
fingerprint by which a later request finds it again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Value = float | bool | str | None
Row = Mapping[str, Value]
Column = NDArray[np.float64] | NDArray[np.object_]
"""A feature over ``n`` rows: float64 with NaN where it is missing, or text with None where it is missing."""

_MISSING_TEXT = 0


class Labelled(NamedTuple):
    """Labelled rows in canonical order.

    Attributes:
        columns: name to column ``(n,)``, by name; features that every row lacks are not among them.
        labels: ``(n,)``, 0 or 1.
        fingerprint: SHA-256, hexadecimal, of names, kinds, values and labels.
    """

    columns: Mapping[str, Column]
    labels: NDArray[np.int8]
    fingerprint: str


def canonical(rows: Sequence[Row], labels: Sequence[int]) -> Labelled:
    """Sorts labelled rows by a digest of their features and label, and of how many of the kind came before.

    The order is as good as drawn by lot: rows that are alike do not stand together. If they did, a hold-out
    would have all customers of a kind who have the outcome, and the rest all who have it not.

    Args:
        rows: ``n`` rows of feature name to value; an absent feature and a null one are the same.
        labels: ``n`` labels, 0 or 1.
    """
    columns = {}
    for name in sorted(set().union(*rows)):
        values = [row.get(name) for row in rows]
        if any(value is not None for value in values):
            columns[name] = texts(values) if has_text(values) else numbers(values)
    outcome = np.asarray(labels, dtype=np.int8)
    digests = _digests([*columns.values(), outcome.astype(np.float64)])
    places = _apart(digests)
    order = np.array(sorted(range(len(places)), key=places.__getitem__), dtype=np.intp)
    kinds = [(name, column.dtype.kind) for name, column in columns.items()]
    digest = hashlib.sha256(json.dumps(kinds).encode())
    digest.update(b"".join(sorted(digests)))
    return Labelled(
        {name: column[order] for name, column in columns.items()}, outcome[order], digest.hexdigest()
    )


def has_text(values: Sequence[Value]) -> bool:
    """Whether any of the values is a text: the whole feature is then one of categories."""
    return str in set(map(type, values))


def numbers(values: Sequence[Value]) -> NDArray[np.float64]:
    """A column ``(n,)`` of numbers; true is 1, false 0, null NaN, and −0 is 0.

    Raises:
        ValueError: a value is a text (numpy alone would read ``"3"`` as 3).
    """
    if not set(map(type, values)) <= {float, int, bool, NoneType}:
        raise ValueError("a column of numbers holds a text")
    return np.array(values, dtype=np.float64) + 0.0


def texts(values: Sequence[Value]) -> NDArray[np.object_]:
    """A column ``(n,)`` of categories; numbers among them are printed: 3.0 as ``"3"``, true as ``"1"``."""
    column = np.empty(len(values), dtype=object)
    column[:] = [value if value is None or isinstance(value, str) else _printed(value) for value in values]
    return column


def _printed(number: float) -> str | None:
    """A number as a category; NaN, as data frames spell what is missing, is None."""
    value = float(number) + 0.0
    if math.isnan(value):
        return None
    return f"{value:.0f}" if value.is_integer() else repr(value)


def _digests(columns: Sequence[Column]) -> list[bytes]:
    """A digest of 16 bytes per row, from 8 bytes per value: the float64 itself, or a digest of the text."""
    cells = np.empty((len(columns[0]), len(columns)), dtype=np.uint64)
    for position, column in enumerate(columns):
        if column.dtype == np.float64:
            cells[:, position] = np.where(np.isnan(column), np.nan, column).view(np.uint64)
        else:
            codes = {text: _text_digest(text) for text in set(column)}
            cells[:, position] = [codes[text] for text in column]
    stride = cells.shape[1] * cells.itemsize
    data = memoryview(cells.tobytes())
    return [
        hashlib.blake2b(data[start : start + stride], digest_size=16).digest()
        for start in range(0, len(data), stride)
    ]


def _apart(digests: Sequence[bytes]) -> list[bytes]:
    """A digest of its own for each row: of those that are alike, the first keeps theirs."""
    seen: Counter[bytes] = Counter()
    places = []
    for digest in digests:
        before = seen[digest]
        seen[digest] = before + 1
        if before:
            digest = hashlib.blake2b(digest + before.to_bytes(8, "little"), digest_size=16).digest()
        places.append(digest)
    return places


def _text_digest(text: str | None) -> int:
    if text is None:
        return _MISSING_TEXT
    encoded = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little")
