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

from plugins.propensity.features import forms
from plugins.propensity.features.columns import Column, Row, missing_in
from plugins.propensity.features.forms import Form

_MISSING_TEXT = 0


class Labelled(NamedTuple):
    """Labelled rows in canonical order.

    Attributes:
        columns: name to column ``(n,)``, by name; features that every row lacks are not among them.
        labels: ``(n,)``, the number of the row's class.
        fingerprint: SHA-256, hexadecimal, of names, forms, values and labels.
        forms: how each column was read.
        missing: name to the share of rows that lack the feature, as sent.
        empty: features without a value in any row, by name.
    """

    columns: Mapping[str, Column]
    labels: NDArray[np.int8]
    fingerprint: str
    forms: Mapping[str, Form]
    missing: Mapping[str, float]
    empty: tuple[str, ...]


def canonical(rows: Sequence[Row], labels: Sequence[int]) -> Labelled:
    """Sorts labelled rows by a digest of their features and label, and of how many equal rows came before.

    The order is as good as random: equal rows are not neighbours. If they were, a hold-out would take all
    equal customers of one outcome, and leave those of the other for training.

    Args:
        rows: ``n`` rows of feature name to value.
        labels: ``n`` labels, 0 or 1.
    """
    columns: dict[str, Column] = {}
    learned: dict[str, Form] = {}
    missing: dict[str, float] = {}
    empty: list[str] = []
    for name in sorted(set().union(*rows)):
        values = [row.get(name) for row in rows]
        never_null = None in values and not any(name in row and row[name] is None for row in rows)
        form = forms.learn(values, never_null=never_null)
        if form is None:
            empty.append(name)
        else:
            learned[name] = form
            columns[name], _ = form.read(values)
            as_sent = (
                form._replace(absent_is_zero=False).read(values)[0] if form.absent_is_zero else columns[name]
            )
            missing[name] = float(missing_in(as_sent).mean())
    outcome = np.asarray(labels, dtype=np.int8)
    digests = _digests([*columns.values(), outcome.astype(np.float64)])
    keys = _distinct(digests)
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    digest = hashlib.sha256(json.dumps([(name, form.as_json()) for name, form in learned.items()]).encode())
    digest.update(b"".join(sorted(digests)))
    return Labelled(
        {name: column[order] for name, column in columns.items()},
        outcome[order],
        digest.hexdigest(),
        learned,
        missing,
        tuple(empty),
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
