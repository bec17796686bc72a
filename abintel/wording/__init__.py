"""Everything that is written for a reader: the sentences of each language, and its numbers.

See README.md beside this file: how to add a sentence, a language or a format.
"""

from abintel.wording.formats import compact, date, figure, list_of, money, number, percent, plural
from abintel.wording.locales import SOURCE, BadTexts, Lang, languages
from abintel.wording.texts import (
    SHARED,
    Forms,
    Texts,
    Words,
    capital,
    check_own,
    paragraph,
    word_count,
)

__all__ = [
    "SHARED",
    "SOURCE",
    "BadTexts",
    "Forms",
    "Lang",
    "Texts",
    "Words",
    "capital",
    "check_own",
    "compact",
    "date",
    "figure",
    "languages",
    "list_of",
    "money",
    "number",
    "paragraph",
    "percent",
    "plural",
    "word_count",
]
