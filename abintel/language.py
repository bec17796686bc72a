"""The query parameters that say who reads the answer: `lang` and `currency`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from abintel.problem import bad_parameter
from abintel.query import chosen
from abintel.wording import Lang, languages

CURRENCY_PATTERN = (
    r"[^0-9<>&\"'\\\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]{1,5}"
)
"""Of a sign or a code, as a regular expression of ECMAScript and of Python."""
_CURRENCY = re.compile(CURRENCY_PATTERN)


def chosen_language(query: Mapping[str, str]) -> Lang:
    """The ``lang`` of a query.

    Raises:
        Problem: 400 for a language that the service does not write.
    """
    return chosen(query, "lang", languages())


def chosen_currency(query: Mapping[str, str]) -> str | None:
    """The ``currency`` of a query: a sign or a code of 1 to 5 characters, such as ``$``, ``R$`` or ``EUR``.

    Raises:
        Problem: 400 for anything else.
    """
    currency = query.get("currency")
    if currency is None or _CURRENCY.fullmatch(currency):
        return currency
    raise bad_parameter("currency", "a sign or a code of 1 to 5 characters, such as $, R$ or EUR.")
