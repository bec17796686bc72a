"""A language of the report: its sentences, and the little grammar that fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from plugins.segmentation.report import numbers
from plugins.segmentation.report.facts import Cluster

NAMED_AT_MOST = 5
"""Clusters that one sentence names; the others are counted."""


def book(text: str) -> dict[str, str]:
    """A phrase book: ``key | sentence``, the sentence going on in lines that begin with a space.

    Raises:
        ValueError: A key stands twice, or a line has none.
    """
    phrases: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        key, bar, sentence = entry.partition("|")
        key = key.strip()
        if not bar or key in phrases:
            raise ValueError(f"phrase book: {key!r} has no sentence, or two")
        phrases[key] = " ".join(sentence.split())
    return phrases


class Language(NamedTuple):
    """Words of one language.

    Args:
        code: ``en``, ``es`` or ``pt``; chooses the number format.
        names: Slot of a cluster's name (who, of_who, to_who, in_who) to its beginnings, one and many.
        others: How the unnamed clusters are counted: one, many with ``{n}``, and more than twenty.
        counts: Number words, zero to twenty, and what stands above.
        times: Number words of multiples, zero to ten.
        sizes: ``{n}`` customers, one and many.
        purchases: ``{n}`` purchases per customer, up to `singular_below` and above.
        singular_below: Decimal numbers under it are singular, as Portuguese has it under 2.
        joiner: The word before the last of a list.
        serial_comma: Whether a comma stands before it in lists of three or more.
        fractions: Parts of the customers: nine "about", nine "more than", a very small part, nearly all.
        sentences: Key to sentence with slots.
    """

    code: str
    names: Mapping[str, tuple[str, str]]
    others: tuple[str, str, str]
    counts: tuple[str, ...]
    times: tuple[str, ...]
    sizes: tuple[str, str]
    purchases: tuple[str, str]
    singular_below: float
    joiner: str
    serial_comma: bool
    fractions: tuple[str, ...]
    sentences: Mapping[str, str]

    def say(self, key: str, **slots: str) -> str:
        """The sentence of `key` with its slots filled and its first letter a capital."""
        text = self.sentences[key].format(**slots)
        return text[:1].upper() + text[1:]

    def part(self, key: str, **slots: str) -> str:
        """A phrase for the middle of a sentence."""
        return self.sentences[key].format(**slots)

    def join(self, items: Sequence[str]) -> str:
        """A list in words: a; a and b; a, b, and c."""
        if len(items) < 2:
            return "".join(items)
        comma = "," if self.serial_comma and len(items) > 2 else ""
        return f"{', '.join(items[:-1])}{comma} {self._joiner_before(items[-1])} {items[-1]}"

    def _joiner_before(self, word: str) -> str:
        """Spanish y becomes e before the sound of i, but not before hie or hia, nor an English i."""
        sounds_i = re.match(r"(i(?!phone|pad|pod|mac|cloud|ce)|í|hi(?![aeo])|hí)", word, re.IGNORECASE)
        return "e" if self.joiner == "y" and sounds_i else self.joiner

    def counted(self, n: int) -> str:
        """How many, in words up to twenty."""
        return self.counts[min(n, 21)]

    def name(
        self, clusters: Sequence[Cluster], suffix: str = "who", at_most: int | None = None
    ) -> dict[str, str]:
        """The slots that name one or more clusters.

        Args:
            clusters: 1 or more; the first ones are named, the others counted.
            suffix: ``other`` gives other, of_other, to_other and in_other instead.
            at_most: Clusters to name; :data:`NAMED_AT_MOST` when None.
        """
        one = len(clusters) == 1
        most = at_most or NAMED_AT_MOST
        named = clusters if len(clusters) <= most + 1 else clusters[:most]
        items = [str(key) for key in sorted(cluster.cluster_id for cluster in named)]
        left = len(clusters) - len(items)
        if left:
            form = 0 if left == 1 else 1 if left <= 20 else 2
            items.append(self.others[form].format(n=self.counted(left)))
        listed = self.join(items)
        return {
            slot.replace("who", suffix): f"{beginnings[not one]} {listed}"
            for slot, beginnings in self.names.items()
        }

    def size(self, n: int) -> str:
        """31 customers, 1 customer."""
        return self.sizes[n != 1].format(n=numbers.number(n, 0, self.code))

    def frequency(self, value: float) -> str:
        """Purchases per customer with one decimal, or with two where one would show a zero that is not."""
        return numbers.number(value, 2 if 0 < value < 0.05 else 1, self.code)

    def pace(self, frequency: float) -> str:
        """8.8 purchases per customer; a month is what the fixed portraits say, whatever the window was."""
        return self.purchases[frequency >= self.singular_below].format(n=self.frequency(frequency))

    def outdoes(self, ratio: float) -> str:
        """How many times one is the other: "is more than seven times", "is somewhat above"."""
        if ratio < 1.35:
            return self.sentences["outdoes.slightly"]
        if ratio < 1.65:
            return self.sentences["outdoes.sesqui"]
        if ratio < 1.85:
            return self.sentences["outdoes.sesqui.over"]
        if ratio >= 10.1:
            bound = next(n for n in (1000, 100, 20, 10) if ratio >= n)
            return self.part("outdoes.over", n=self.part(f"times.{bound}"))
        below = int(ratio + 0.1)
        if abs(ratio - below) <= 0.1:
            return self.part("outdoes.about", n=self.times[below])
        if ratio >= below + 0.85 and below < 10:
            return self.part("outdoes.nearly", n=self.times[below + 1])
        return self.part("outdoes.over", n=self.times[below])

    def fraction(self, part: float) -> str:
        """A part of the customers in words, never rounded upwards unless it says "about" or "nearly"."""
        bounds = (0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9)
        if part < 0.035:
            return self.fractions[18]
        if part >= 0.985:
            return self.fractions[19]
        nearest = min(range(len(bounds)), key=lambda at: abs(bounds[at] - part))
        if abs(bounds[nearest] - part) <= 0.015:
            return self.fractions[nearest]
        return self.fractions[9 + max(at for at, bound in enumerate(bounds) if bound < part)]
