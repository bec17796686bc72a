"""Chooses sentences by priority until a text has the length that it should have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from abintel.wording import Lang, paragraph, word_count


class Line(NamedTuple):
    """A sentence or two that stand together.

    Args:
        text: the words.
        weight: lines of weight 0 are chosen first; those of the same weight in their order.
        paragraph: number of the paragraph that it belongs to.
    """

    text: str
    weight: int
    paragraph: int = 0


class Length(NamedTuple):
    """Words of a text: the least, enough, the most; and the last weight that is taken for it."""

    low: int
    enough: int
    high: int
    last_weight: int = 99


def fit(lines: Sequence[Line], length: Length, lang: Lang) -> str:
    """The lines that fit, in the order given, with a blank line between paragraphs.

    A line that would exceed `length.high` is left out. Lines after `length.last_weight` come in only
    while the text is under `length.low`.
    """
    chosen: list[int] = []
    words = 0.0
    for index in sorted(range(len(lines)), key=lambda index: (lines[index].weight, index)):
        size = word_count(lines[index].text, lang)
        unneeded = words >= length.enough or lines[index].weight > length.last_weight
        if size == 0 or words + size > length.high or (unneeded and words >= length.low):
            continue
        chosen.append(index)
        words += size
    paragraphs: dict[int, list[str]] = {}
    for index in sorted(chosen):
        paragraphs.setdefault(lines[index].paragraph, []).append(lines[index].text)
    return "\n\n".join(paragraph(paragraphs[key], lang) for key in sorted(paragraphs))
