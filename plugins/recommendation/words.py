"""Why an item is recommended, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from abintel.wording import Lang, Texts, list_of, money, number, percent

MOST_LETTERS = 60
"""Letters of a name in a sentence."""
LEAST_SHARE = 0.001
"""Shares that would be printed as less are printed as under this one."""
TEXTS = Texts("recommendation")


class Priced(Protocol):
    """An item of the catalogue."""

    item_id: str
    category: str
    price: float


def short_name(name: str) -> str:
    """A name, cut if it is long."""
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def because(items: Sequence[str], lang: Lang) -> str:
    """Why an item fits the items that a user chose; without other items, the user has chosen it before."""
    if not items:
        return TEXTS[lang].say("chosen_before")
    return TEXTS[lang].say("chosen", items=list_of([short_name(item) for item in items], lang))


def alike(items: Sequence[str], words: Sequence[str], lang: Lang) -> str:
    """Which of a user's favourites an item is similar to, and in which words."""
    if not items:
        return TEXTS[lang].say("chosen_before")
    return TEXTS[lang].say(
        "shares",
        items=list_of([short_name(item) for item in items], lang),
        words=", ".join(map(short_name, words)),
    )


def no_interactions(lang: Lang) -> str:
    """Why a user gets nothing."""
    return TEXTS[lang].say("no_interactions")


def nothing_left(lang: Lang) -> str:
    """Why a user with interactions gets nothing."""
    return TEXTS[lang].say("nothing_left")


def similar(source: str, lang: Lang) -> str:
    """Why an item is similar to the reference item."""
    return TEXTS[lang].say(f"similar.{source}")


def same_users(lang: Lang) -> str:
    """Name of the part of a score that comes from users' choices."""
    return TEXTS[lang].say("same_users")


def factor(name: str, part: float, lang: Lang) -> str:
    """A part of a score.

    >>> factor("SKU-A1", 0.12345, "en"), factor("SKU-A1", 0.12345, "es")
    ('SKU-A1 (+0.1235)', 'SKU-A1 (+0,1235)')
    """
    return f"{short_name(name)} ({number(part, 4, lang, signed=True)})"


def popular(lang: Lang) -> str:
    """Why a popular item is recommended."""
    return TEXTS[lang].say("popular")


def popularity_wins(lang: Lang) -> str:
    """That what most users chose is served."""
    return TEXTS[lang].say("popularity_wins")


def algorithm_not_used(algorithm: str, lang: Lang) -> str:
    """That there is too little to learn from."""
    return TEXTS[lang].say("algorithm_not_used", algorithm=algorithm)


def rare_pairs(count: int, lang: Lang) -> str:
    """That pairs rest on a single order."""
    return TEXTS[lang].count("rare_pairs", count)


def upsell_note(key: str, lang: Lang) -> str:
    """Why there is no dearer item to suggest."""
    return TEXTS[lang].say(f"upsell.{key}")


def dearer(
    offered: Priced,
    owned: Priced,
    same: bool,
    affinity: float,
    confidence: float,
    lang: Lang,
    currency: str | None,
) -> str:
    """Why a dearer item is offered to the owner of another; ``same`` is whether both are of one category."""
    return TEXTS[lang].say(
        "upsell.same_category" if same else "upsell.other_category",
        base=owned.item_id,
        category=owned.category,
        other=offered.category,
        affinity=share(affinity, lang),
        confidence=share(confidence, lang),
        more=money(offered.price - owned.price, 2, lang, currency),
    )


def share(value: float, lang: Lang) -> str:
    """A fraction in percent, one decimal.

    >>> share(0.125, "en"), share(0.125, "pt"), share(0.0001, "en")
    ('12.5%', '12,5%', '< 0.1%')
    """
    if value >= LEAST_SHARE / 2:
        return percent(value, 1, lang)
    return TEXTS[lang].say("upsell.under", share=percent(LEAST_SHARE, 1, lang))
