"""The words of a language for the report: names of clusters, numbers in words, and comparisons.

The texts are in ``abintel/wording/texts/<language>/segmentation_report.toml``. This module says which of them
fits a figure; nothing here depends on the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from abintel.wording import Forms, Lang, Texts, Words, capital, list_of
from plugins.segmentation.report.facts import Cluster

TEXTS = Texts("segmentation_report")

NAMED_AT_MOST = 5
"""Clusters that one sentence names; the others are counted."""
MOST_IN_WORDS = 20
"""Up to this number, clusters are counted in words; the text for more says "more than twenty"."""
PARTS = (0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.9)
"""The parts that the lists of ``fraction`` name."""
PREPOSITIONS = ("of", "to", "in")
"""Forms of a cluster's name that a sentence can ask for: ``{who:of}``."""


class Language(NamedTuple):
    """The texts of the report in one language."""

    words: Words

    @property
    def lang(self) -> Lang:
        """Code of the language."""
        return self.words.lang

    def say(self, key: str, **slots: object) -> str:
        """The sentence of a key with its placeholders filled, and a capital first letter."""
        return capital(self.words.say(key, **slots))

    def part(self, key: str, **slots: object) -> str:
        """A phrase for the middle of a sentence."""
        return self.words.say(key, **slots)

    def variant(self, key: str, index: int, **slots: object) -> str:
        """A text of a list, counted round the list, with its placeholders filled."""
        texts = self.words.variants(key)
        return texts[index % len(texts)].format(**slots)

    def join(self, items: Sequence[str]) -> str:
        """A list in a sentence: a, b, and c."""
        return list_of(items, self.lang)

    def counted(self, n: int) -> str:
        """A number of clusters, in words."""
        if n > MOST_IN_WORDS:
            return self.part("number.more")
        return self.variant("number.up_to_twenty", n)

    def name(
        self, clusters: Sequence[Cluster], slot: str = "who", at_most: int | None = None
    ) -> dict[str, object]:
        """The placeholder that names one or more clusters, with the forms that it takes after prepositions.

        Args:
            clusters: 1 or more; the first ones are named, the others counted.
            slot: name of the placeholder.
            at_most: clusters to name; :data:`NAMED_AT_MOST` if None.
        """
        most = at_most or NAMED_AT_MOST
        # Counting a single cluster would take as many words as naming it.
        named = clusters if len(clusters) <= most + 1 else clusters[:most]
        items = [str(cluster_id) for cluster_id in sorted(cluster.cluster_id for cluster in named)]
        unnamed = len(clusters) - len(items)
        if unnamed:
            form = "one" if unnamed == 1 else "some" if unnamed <= MOST_IN_WORDS else "many"
            items.append(self.part(f"others.{form}", n=self.counted(unnamed)))
        return {slot: _named(self.lang, tuple(items), len(clusters) == 1)}

    def size(self, n: int) -> str:
        """31 customers, 1 customer."""
        return self.words.count("customers", n)

    def purchases(self, frequency: float) -> str:
        """8.8 purchases per customer. Only the published portraits speak of a month."""
        return self.words.count("purchases", frequency, decimals=frequency_decimals(frequency))

    def outdoes(self, ratio: float) -> str:
        """How a figure compares with a smaller one: "is more than seven times", "is somewhat above".

        Args:
            ratio: of the larger to the smaller figure, 1 or more.
        """
        if ratio < 1.35:
            return self.part("outdoes.slightly")
        if ratio < 1.65:
            return self.part("outdoes.sesqui")
        if ratio < 1.85:
            return self.part("outdoes.sesqui_over")
        if ratio >= 10.1:
            bound = next(bound for bound in (1000, 100, 20, 10) if ratio >= bound)
            return self.part("outdoes.over", n=self.part(f"times.{bound}"))
        below = int(ratio + 0.1)
        if abs(ratio - below) <= 0.1:
            return self.part("outdoes.about", n=self.variant("times.up_to_ten", below))
        if ratio >= below + 0.85 and below < 10:
            return self.part("outdoes.nearly", n=self.variant("times.up_to_ten", below + 1))
        return self.part("outdoes.over", n=self.variant("times.up_to_ten", below))

    def fraction(self, part: float) -> str:
        """A part of the customers in words, rounded up only where the text says "about" or "nearly".

        Args:
            part: 0 to 1.
        """
        if part < 0.035:
            return self.part("fraction.very_small")
        if part >= 0.985:
            return self.part("fraction.nearly_all")
        nearest = min(range(len(PARTS)), key=lambda index: abs(PARTS[index] - part))
        if abs(PARTS[nearest] - part) <= 0.015:
            return self.variant("fraction.about", nearest)
        return self.variant("fraction.more_than", sum(bound < part for bound in PARTS) - 1)


@lru_cache(4096)
def _named(lang: Lang, items: tuple[str, ...], is_single: bool) -> Forms:
    """The name of clusters, with its forms; ``items`` are their ids, and perhaps a count of the others."""
    words, number = TEXTS[lang], "one" if is_single else "many"
    ids = list_of(items, lang)
    forms = {form: words.say(f"name.{form}_{number}", ids=ids) for form in PREPOSITIONS}
    return Forms(words.say(f"name.{number}", ids=ids), **forms)


def frequency_decimals(frequency: float) -> int:
    """Decimals of a mean number of purchases: one, or two where one would show 0.0 for a figure above 0."""
    return 2 if 0 < frequency < 0.05 else 1
