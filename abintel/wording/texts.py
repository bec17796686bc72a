"""The sentences: a TOML file per area and language, read once and held against English.

A file has, under keys of the area's own:

- a text with named placeholders: ``opening = "Customers: {n}"``;
- a text for each CLDR plural category, or for an exact number:
  ``days = {one = "{n} day", other = "{n} days", "=0" = "today"}``;
- a list of texts: ``fillers = ["…", "…"]``;
- a table of any of these: ``High = "Alto"`` under ``[tier]`` has the key ``tier.High``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from abintel.wording import locales
from abintel.wording.formats import number, plural
from abintel.wording.locales import SOURCE, Lang, languages
from abintel.wording.reading import compare, missing, placeholders, read

_WITHOUT_BLANKS = re.compile("[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Letters of the scripts that are written without blanks: kana and Han."""


class Words:
    """The texts of an area in one language.

    Attributes:
        lang: the language.
        path: the file.
    """

    def __init__(self, lang: Lang, path: Path, texts: Mapping[str, Any]) -> None:
        self.lang = lang
        self.path = path
        self._texts = texts
        self._tables: dict[str, Mapping[str, str]] = {}
        # Half of the texts that a route says of each of 60,000 customers are constant.
        self._constant = {
            key: text.format()
            for key, text in texts.items()
            if isinstance(text, str) and not placeholders(text)
        }

    def say(self, key: str, /, **values: object) -> str:
        """The text of a key with its placeholders filled. Numbers come formatted."""
        constant = self._constant.get(key)
        if constant is not None:
            return constant
        return str(self._of(key, str)).format_map(values)

    def count(self, key: str, amount: float, /, *, decimals: int = 0, **values: object) -> str:
        """The text of a key in the plural that an amount takes; ``{n}`` stands for the amount."""
        forms = self._of(key, dict)
        text = forms.get(f"={amount}") or forms.get(plural(amount, self.lang, decimals)) or forms["other"]
        return str(text).format(n=number(amount, decimals, self.lang), **values)

    def variants(self, key: str) -> Sequence[str]:
        """The texts of a list, with their placeholders."""
        return tuple(self._of(key, tuple))

    def choices(self, key: str) -> Mapping[str, str]:
        """The texts of a table, by the last part of their keys."""
        if key not in self._tables:
            start = f"{key}."
            inside = {
                name.removeprefix(start): text for name, text in self._texts.items() if name.startswith(start)
            }
            self._tables[key] = inside or self._of(key, str)
        return self._tables[key]

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def _of(self, key: str, kind: type) -> Any:
        text = self._texts.get(key)
        if not isinstance(text, kind):
            raise missing(self.lang, self.path, key)
        return text


class Texts:
    """The texts of an area in every language: ``TEXTS[lang].say("key")``.

    Args:
        area: name of the file, without ``.toml``.
        folder: with a folder per language; ours if absent. A plugin of another distribution brings its own,
            and is answered in English where that lacks a language of the service.
    """

    def __init__(self, area: str, folder: Path | None = None) -> None:
        self.area = area
        self.folder = folder
        self._read: dict[Lang, Words] = {}
        self._read_from = locales.FOLDER

    def __getitem__(self, lang: Lang) -> Words:
        if self._read_from is not locales.FOLDER:
            self._read, self._read_from = {}, locales.FOLDER
        words = self._read.get(lang)
        if words is None:
            words = self._read[lang] = self._words(lang)
        return words

    def _words(self, lang: Lang) -> Words:
        folder = self.folder or locales.FOLDER
        if self.folder is not None and not (folder / lang).is_dir():
            lang = SOURCE
        path = folder / lang / f"{self.area}.toml"
        return Words(lang, path, read(path, lang))

    def check(self) -> None:
        """Reads the texts of every language of the service.

        Raises:
            BadTexts: a file or a key is missing, or a text has other placeholders than in English.
        """
        for lang in languages():
            compare(self[SOURCE]._texts, self[lang]._texts, lang, self[lang].path)


SHARED = Texts("shared")
"""What several areas say."""


def check_own() -> None:
    """Checks every file of the service's own folder, those of areas that are not served included.

    Raises:
        BadTexts: a text does not fit, or a language has another set of files than English.
    """
    areas = {lang: {path.stem for path in (locales.FOLDER / lang).glob("*.toml")} for lang in languages()}
    for lang, names in areas.items():
        for area in sorted(names ^ areas[SOURCE]):
            raise missing(lang if area not in names else SOURCE, locales.FOLDER / lang / f"{area}.toml")
    for area in sorted(areas[SOURCE]):
        Texts(area).check()


def paragraph(sentences: Iterable[str], lang: Lang) -> str:
    """Sentences one after the other, as the language separates them; empty ones are left out."""
    return SHARED[lang].say("between_sentences").join([text for text in sentences if text])


def word_count(text: str, lang: Lang) -> float:
    """Length of a text in words. Chinese and Japanese have no blanks: so many letters count as a word as
    the translation of an English word takes.

    >>> word_count("Three short words", "en"), word_count("三个客群 A", "zh")
    (3, 3.6666666666666665)
    """
    letters_per_word = SHARED[lang].say("letters_per_word")
    if not letters_per_word:
        return len(text.split())
    letters, others = _WITHOUT_BLANKS.subn(" ", text)[1], _WITHOUT_BLANKS.sub(" ", text)
    return letters / float(letters_per_word) + sum(any(map(str.isalnum, word)) for word in others.split())


def capital(text: str) -> str:
    """A text with a capital first letter.

    >>> capital("¡hola"), capital("high NPS"), capital("")
    ('¡hola', 'High NPS', '')
    """
    return text[:1].upper() + text[1:]


class Forms(str):
    """A name with the forms that it takes in a sentence: ``{who}``, and ``{who:to}`` where Spanish has "al".

    >>> "Llegar {who:to}; {who} crece.".format(who=Forms("el clúster 1", to="al clúster 1"))
    'Llegar al clúster 1; el clúster 1 crece.'
    """

    forms: Mapping[str, str]

    def __new__(cls, text: str, **forms: str) -> Forms:
        named = super().__new__(cls, text)
        named.forms = forms
        return named

    def __format__(self, form: str) -> str:
        return self.forms[form] if form else str(self)
