"""The languages that the service writes: one folder of texts each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError

Lang = str
"""Code of a language: the name of its folder of texts, and of its formats in CLDR."""

FOLDER = Path(__file__).parent / "texts"
"""Folder with a folder for each language."""
SOURCE: Lang = "en"
"""The language whose keys and placeholders every other one must have."""
_FIRST: tuple[Lang, ...] = ("en", "es", "pt")


class BadTexts(Exception):
    """A text is missing or does not fit; the message names language, file and key."""


def languages() -> tuple[Lang, ...]:
    """The languages that have a folder: English, Spanish and Portuguese first, then by code."""
    return _languages(FOLDER)


@cache
def _languages(folder: Path) -> tuple[Lang, ...]:
    codes = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
    return tuple(sorted(codes, key=lambda code: _FIRST.index(code) if code in _FIRST else len(_FIRST)))


@cache
def locale(lang: Lang) -> Locale:
    """What CLDR knows of a language.

    Raises:
        BadTexts: CLDR does not know it.
    """
    try:
        return Locale.parse(lang, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise BadTexts(
            f"language {lang!r}: CLDR has no such language; name the folder by its code"
        ) from error
