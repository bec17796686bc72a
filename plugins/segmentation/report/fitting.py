"""Choosing sentences by priority until a text has the length it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """A sentence or two that stand together.

    Args:
        text: The words.
        weight: 0 first; those of the same weight in their order.
        paragraph: Which paragraph it belongs to.
    """

    text: str
    weight: int
    paragraph: int = 0


class Length(NamedTuple):
    """Words a text may have: at least, enough, at most; and the last weight taken if it has enough."""

    low: int
    enough: int
    high: int
    last_weight: int = 99


def fit(lines: Sequence[Line], length: Length) -> str:
    """The lines that fit, in the order given, a blank line between paragraphs.

    A line that would pass `length.high` is left out whole. Lines after `length.last_weight` come in only
    while the text is under `length.low`.
    """
    chosen: list[int] = []
    words = 0
    for at in sorted(range(len(lines)), key=lambda at: (lines[at].weight, at)):
        size = len(lines[at].text.split())
        unneeded = words >= length.enough or lines[at].weight > length.last_weight
        if size == 0 or words + size > length.high or (unneeded and words >= length.low):
            continue
        chosen.append(at)
        words += size
    paragraphs: dict[int, list[str]] = {}
    for at in sorted(chosen):
        paragraphs.setdefault(lines[at].paragraph, []).append(lines[at].text)
    return "\n\n".join(" ".join(paragraphs[key]) for key in sorted(paragraphs))
