"""Names, counts and sentences as a picture prints them."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable

from abintel.charts import Reader
from abintel.wording import SHARED, Lang, number, percent

MOST_LETTERS = 28
"""Of a name beside an axis or in a legend."""
_LINE = 108
"""Letters of a subtitle's line."""
_DROPPED = {"Cc", "Cf", "Cs"}
_SPACES = re.compile(r"[^\S\xa0\u202f]+")
"""All but those that hold a number or an amount together."""


def count_and_share(count: int, total: int, lang: Lang) -> str:
    """How many of all, and which part.

    >>> count_and_share(1_500, 6_000, "en")
    '1,500 (25%)'
    """
    parts = {"count": number(count, 0, lang), "share": percent(count / total, 0, lang)}
    return SHARED[lang].say("count_and_share", **parts)


def unit_of_money(reader: Reader) -> str:
    """The unit of money in an axis' title."""
    return label(reader.currency) if reader.currency else SHARED[reader.lang].say("no_currency")


def label(text: object, most: int = MOST_LETTERS) -> str:
    """A caller's name in one short line: what has no shape of its own is left out, and what is long is cut.

    >>> label("a\\u0000b \\n c"), label("x" * 9, 5), label("\\ud800"), label("  ")
    ('a b c', 'xxxx…', '?', '–')
    """
    known = str(text).encode("utf-8", "replace").decode("utf-8")[: 40 * most]
    shown = "".join(" " if unicodedata.category(one) in _DROPPED else one for one in known)
    line = _SPACES.sub(" ", shown.replace("\ufffe", " ").replace("\uffff", " ")).strip()
    if len(line) > most:
        line = line[: most - 1].rstrip() + "…"
    return line or "–"


def labels(names: Iterable[object], most: int = MOST_LETTERS) -> list[str]:
    """Names of different things, in short: two that would look alike are numbered.

    >>> labels(["aaab", "aaac", "b"], 3)
    ['aa…', 'aa… (2)', 'b']
    """
    times: dict[str, int] = {}
    drawn: dict[str, None] = {}
    for name in names:
        short = shown = label(name, most)
        while shown in drawn:
            times[short] = times.get(short, 1) + 1
            shown = f"{short} ({times[short]})"
        drawn[shown] = None
    return list(drawn)


def lines(*sentences: str | None) -> list[str]:
    """Sentences, each broken into lines that fit under a title; those that are empty are left out."""
    return [
        line for sentence in sentences if sentence for line in textwrap.wrap(label(sentence, 600), _LINE)[:4]
    ]
