"""Reads a file of texts, and finds what is missing or does not fit."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from abintel.wording.locales import SOURCE, BadTexts, Lang, locale

_CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
_EXACT = re.compile(r"=\d+")
_FORM = re.compile(r"[a-z_]*")


def missing(lang: Lang, path: Path, key: str = "") -> BadTexts:
    """The error of a file or a key that is not there."""
    what = f"has no text {key!r}" if key else "is missing"
    return BadTexts(f"language {lang!r}: {path.parent.name}/{path.name} {what}")


def read(path: Path, lang: Lang) -> dict[str, Any]:
    """Key to text, to a dict of plural forms or to a tuple of texts.

    Raises:
        BadTexts: there is no file, it is no TOML, or a text is not as it must be.
    """
    locale(lang)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise missing(lang, path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTexts(f"language {lang!r}: {path.parent.name}/{path.name} is no TOML: {error}") from error
    texts = dict(_flat(tables, ""))
    for key, text in texts.items():
        fault = _fault(text, lang)
        if fault:
            raise _bad(lang, path, key, fault)
    return texts


def _flat(table: Mapping[str, Any], start: str) -> Iterator[tuple[str, Any]]:
    """Each text with the names of its tables before its own, and dots between."""
    for name, value in table.items():
        if isinstance(value, dict) and not _is_plural(value):
            yield from _flat(value, f"{start}{name}.")
        else:
            yield start + name, tuple(value) if isinstance(value, list) else value


def _is_plural(table: Mapping[str, Any]) -> bool:
    return "other" in table and all(name in _CATEGORIES or _EXACT.fullmatch(name) for name in table)


def _fault(text: Any, lang: Lang) -> str:
    if isinstance(text, dict):
        allowed = {*locale(lang).plural_form.tags, "other"}
        strange = sorted(name for name in text if name in _CATEGORIES and name not in allowed)
        if strange:
            return f"is of plural category {strange[0]!r}, which the language does not have"
    for part in _parts(text):
        if not isinstance(part, str):
            return f"is {part!r}, which is no text"
        try:
            placeholders(part)
        except ValueError as error:
            return str(error)
    return ""


def _parts(text: Any) -> tuple[Any, ...]:
    """The texts of a list or of plural forms, or the one text."""
    return tuple(text.values()) if isinstance(text, dict) else text if isinstance(text, tuple) else (text,)


def placeholders(text: str) -> set[str]:
    """Names in braces.

    Raises:
        ValueError: a brace is not closed, or a placeholder says more than its name and a form of words.
    """
    names = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or conversion or not _FORM.fullmatch(form or ""):
            raise ValueError(f"has the placeholder {{{name}:{form}}}; numbers are formatted before they come")
        names.add(name)
    return names


def _all_placeholders(text: Any) -> set[str]:
    return set().union(*map(placeholders, _parts(text)))


def compare(english: Mapping[str, Any], texts: Mapping[str, Any], lang: Lang, path: Path) -> None:
    """Checks that a language has the keys and the placeholders of English.

    Raises:
        BadTexts: it does not.
    """
    for key, source in english.items():
        if key not in texts:
            raise missing(lang, path, key)
        text = texts[key]
        if type(text) is not type(source) or (isinstance(text, tuple) and len(text) != len(source)):
            raise _bad(lang, path, key, f"is not of the kind and length that it has in {SOURCE!r}")
        here, there = _all_placeholders(text), _all_placeholders(source)
        if here != there:
            wanted, seen = (", ".join(sorted(names)) or "none" for names in (there, here))
            raise _bad(lang, path, key, f"has the placeholders {seen} instead of {wanted}")
    for key in texts:
        if key not in english:
            raise _bad(lang, path, key, f"does not exist in {SOURCE!r}")


def _bad(lang: Lang, path: Path, key: str, fault: str) -> BadTexts:
    return BadTexts(f"language {lang!r}: {path.parent.name}/{path.name}: the text {key!r} {fault}")
