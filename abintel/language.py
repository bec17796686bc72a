"""Sentences in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from abintel.fields import Lang
from abintel.problem import bad_parameter
from abintel.query import chosen

LANGUAGES: tuple[Lang, ...] = ("en", "es", "pt")
_CURRENCY = re.compile(r"[^\s\d<>&\"'\\\x00-\x1f]{1,5}")


def chosen_language(query: Mapping[str, str]) -> Lang:
    """The ``lang`` of a query.

    Raises:
        Problem: 400 for a language that the service does not write.
    """
    return chosen(query, "lang", LANGUAGES)


def chosen_currency(query: Mapping[str, str]) -> str | None:
    """The ``currency`` of a query: a sign or a code of 1 to 5 characters, such as ``$``, ``R$`` or ``EUR``.

    Raises:
        Problem: 400 for anything else.
    """
    currency = query.get("currency")
    if currency is None or _CURRENCY.fullmatch(currency):
        return currency
    raise bad_parameter("currency", "a sign or a code of 1 to 5 characters, such as $, R$ or EUR.")
