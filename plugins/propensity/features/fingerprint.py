"""Rows of features as columns, in an order that depends only on the content of the rows.

Folds and fits use this canonical order. So neither the order of rows and keys in a request nor the spelling
of a number (``3`` or ``3.0``) changes the model or the fingerprint by which a later request finds it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.columns import Column, Row, has_text, numbers, texts

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
    """Sorts labelled rows by a digest of their features and label, and of how many equal rows came before.

    The order is as good as random: equal rows are not neighbours. If they were, a hold-out would take all
    equal customers of one outcome, and leave those of the other for training.

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
    keys = _distinct(digests)
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    kinds = [(name, column.dtype.kind) for name, column in columns.items()]
    digest = hashlib.sha256(json.dumps(kinds).encode())
    digest.update(b"".join(sorted(digests)))
    return Labelled(
        {name: column[order] for name, column in columns.items()}, outcome[order], digest.hexdigest()
    )


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


def _distinct(digests: Sequence[bytes]) -> list[bytes]:
    """A different digest for each row: of equal rows, the first keeps its own."""
    seen: Counter[bytes] = Counter()
    keys = []
    for digest in digests:
        before = seen[digest]
        seen[digest] = before + 1
        if before:
            digest = hashlib.blake2b(digest + before.to_bytes(8, "little"), digest_size=16).digest()
        keys.append(digest)
    return keys


def _text_digest(text: str | None) -> int:
    if text is None:
        return _MISSING_TEXT
    encoded = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "little")
