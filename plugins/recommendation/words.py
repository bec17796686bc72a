"""Why an item is recommended, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from abintel.fields import Lang

MOST_LETTERS = 60
"""Of a name; sentences are for reading."""

_CHOSEN: Mapping[Lang, str] = {
    "en": "Fits this user's choice of {items}.",
    "es": "Encaja con lo que este usuario eligió: {items}.",
    "pt": "Combina com o que este usuário escolheu: {items}.",
}
_SHARES: Mapping[Lang, str] = {
    "en": "Shares similar attributes/keywords with {items}: {words}.",
    "es": "Comparte atributos/palabras clave con {items}: {words}.",
    "pt": "Compartilha atributos/palavras-chave com {items}: {words}.",
}
_BEFORE: Mapping[Lang, str] = {
    "en": "This user has chosen it before.",
    "es": "Este usuario ya lo eligió antes.",
    "pt": "Este usuário já o escolheu antes.",
}
_NO_INTERACTIONS: Mapping[Lang, str] = {
    "en": "No interactions of this user were sent; send three or more, such as the last views.",
    "es": "No se enviaron interacciones de este usuario; envíe tres o más, como las últimas vistas.",
    "pt": "Nenhuma interação deste usuário foi enviada; envie três ou mais, como as últimas visualizações.",
}
_SIMILAR: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "content": "Shares similar attributes/keywords with the reference item.",
        "cf": "Chosen by users with the same taste as those of the reference item.",
        "blend": "Chosen by users with the same taste as those of the reference item, and shares similar "
        "attributes/keywords with it.",
    },
    "es": {
        "content": "Comparte atributos/palabras clave con el artículo de referencia.",
        "cf": "Lo eligen usuarios con los mismos gustos que los del artículo de referencia.",
        "blend": "Lo eligen usuarios con los mismos gustos que los del artículo de referencia, y comparte "
        "atributos/palabras clave con él.",
    },
    "pt": {
        "content": "Compartilha atributos/palavras-chave com o item de referência.",
        "cf": "Escolhido por usuários com o mesmo gosto que os do item de referência.",
        "blend": "Escolhido por usuários com o mesmo gosto que os do item de referência, e compartilha "
        "atributos/palavras-chave com ele.",
    },
}
_TASTE: Mapping[Lang, str] = {
    "en": "taste of the same users",
    "es": "gustos de los mismos usuarios",
    "pt": "gosto dos mesmos usuários",
}
_AND: Mapping[Lang, str] = {"en": "and", "es": "y", "pt": "e"}


def joined(names: Sequence[str], lang: Lang) -> str:
    """Names as a list in a sentence.

    >>> joined(["A", "B", "C"], "en"), joined(["A"], "es")
    ('A, B and C', 'A')
    """
    short = [short_name(name) for name in names]
    if len(short) < 2:
        return "".join(short)
    return f"{', '.join(short[:-1])} {_AND[lang]} {short[-1]}"


def short_name(name: str) -> str:
    """A name, cut where it is too long to read."""
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def because(items: Sequence[str], lang: Lang) -> str:
    """Which of a user's items speak for one; there is none beside itself if the user has chosen it before."""
    return _CHOSEN[lang].format(items=joined(items, lang)) if items else _BEFORE[lang]


def alike(items: Sequence[str], words: Sequence[str], lang: Lang) -> str:
    """Which of a user's favourites an item resembles, and in which words."""
    if not items:
        return _BEFORE[lang]
    return _SHARES[lang].format(items=joined(items, lang), words=", ".join(map(short_name, words)))


def no_interactions(lang: Lang) -> str:
    """Why a user gets nothing."""
    return _NO_INTERACTIONS[lang]


def similar(source: str, lang: Lang) -> str:
    """Why an item resembles the one that a page is about."""
    return _SIMILAR[lang][source]


def taste(lang: Lang) -> str:
    """Name of the part of a score that comes of users' choices."""
    return _TASTE[lang]


def factor(name: str, part: float) -> str:
    """A part of a score.

    >>> factor("SKU-A1", 0.12345)
    'SKU-A1 (+0.1235)'
    """
    return f"{short_name(name)} ({part:+.4f})"
