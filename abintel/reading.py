"""Reads numbers, dates and yes/no values the way people write them.

A single text is often ambiguous: ``1.234`` is a thousand or one and a bit, ``03/04/2024`` is in March or in
April. A column seldom is. So every function here first looks at all texts of a column, decides on one
notation, and then reads each text by it. Nothing is guessed per row.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from typing import Literal

MISSING = frozenset({"", "n/a", "#n/a", "na", "n.a.", "nan", "null", "<null>", "-", "--", "–", "—", "?", "."})
"""What stands for a missing value in any column, case-folded."""
MISSING_NUMBER = MISSING | {
    "none",
    "nil",
    "missing",
    "unknown",
    "n.d.",
    "nd",
    "s/d",
    "ninguno",
    "nenhum",
    "#value!",
}
"""What stands for a missing value among numbers and dates. In a column of categories ``none`` may be one."""
YES = frozenset({"yes", "y", "true", "t", "sí", "si", "s", "sim", "verdadero", "verdadeiro", "on"})
NO = frozenset({"no", "n", "false", "f", "não", "nao", "falso", "off"})

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
# A currency sign, or a code or sign of letters such as R$, US$, EUR, kr, before or after the digits.
_CURRENCY = re.compile(
    r"^[+-]?(?P<before>[A-Za-z]{0,3}[$€£¥₹₽₺₩₫₪฿₴₦₱¢]|[A-Z]{3}(?=[\d.,+-]))|(?P<after>[$€£¥₹₽₺₩₫₪฿₴₦₱¢]|[A-Z]{3}|kr\.?|zł)$"
)
_DIGIT = re.compile(r"[0-9]")
_BARE = re.compile(r"[+-]?[0-9.,]+")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = {
    # By the decimal sign: groups of three (in India also of two) with the other sign, or none.
    ".": re.compile(r"[+-]?(\d{1,3}(,\d{2,3})*,\d{3}|\d+)?(\.\d*)?"),
    ",": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?"),
}
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
"""Written like this a number is ambiguous: one group of thousands, or three decimals."""


DecimalSign = Literal[".", ","]


def is_missing(text: str, numeric: bool = False) -> bool:
    """Whether a text says that there is no value.

    >>> is_missing(" N/A "), is_missing("none"), is_missing("none", numeric=True)
    (True, False, True)
    """
    return text.strip().casefold() in (MISSING_NUMBER if numeric else MISSING)


def decimal_sign(texts: Collection[str]) -> DecimalSign:
    """The decimal sign of a column of numbers; the other sign then separates thousands.

    A comma before one, two or more than three digits is a decimal comma, and so is the last of two different
    signs. A sign that occurs twice in a number separates thousands. If every sign stands before exactly three
    digits, a comma separates thousands; a dot does so only where smaller numbers have none and no number of
    four digits or more is written without one.

    Args:
        texts: the column's values; those that are no numbers are ignored.

    >>> decimal_sign(["1.234,50", "12"]), decimal_sign(["1.182", "87"]), decimal_sign(["1.182", "0.5"])
    (',', ',', '.')
    """
    comma = dot = 0  # texts that show a decimal comma, a decimal dot
    comma_groups = dot_groups = short = long = 0  # "1,234", "1.234", "87", "2500"
    for raw in texts:
        text = _bare(raw)
        dots, commas = text.count("."), text.count(",")
        if not dots and not commas:
            if text.isdigit():
                long += len(text) > 3
                short += len(text) <= 3
        elif dots and commas:
            comma += text.rindex(",") > text.rindex(".")
            dot += text.rindex(".") > text.rindex(",")
        elif dots > 1:
            comma += 1
        elif commas > 1:
            dot += 1
        elif _ONE_GROUP.fullmatch(text):
            dot_groups += dots
            comma_groups += commas
        elif _PLAIN.fullmatch(text):
            dot += 1
        elif _PLAIN.fullmatch(text.replace(",", ".")):
            comma += 1
    if comma > dot or (not dot and dot_groups and short and not long and not comma_groups):
        return ","
    return "."


def is_one_group(text: str) -> bool:
    """Whether a text is a thousand or three decimals: ``1.182``, ``1,182``.

    >>> is_one_group("$1,182"), is_one_group("1.18"), is_one_group("0.182")
    (True, False, False)
    """
    return _ONE_GROUP.fullmatch(_bare(text)) is not None


def parse_number(text: str, decimal: DecimalSign = ".") -> float | None:
    """The number that a text writes with this decimal sign, None if it writes none.

    Currency signs and codes, spaces, a percent sign, apostrophes between thousands and parentheses around a
    negative amount are understood. A percentage keeps its figure: ``12.5 %`` is 12.5.

    >>> parse_number("R$ 1.234,50", ","), parse_number("(1,234.50)"), parse_number("12 kg")
    (1234.5, -1234.5, None)
    """
    bare = _bare(text)
    if _DIGIT.search(bare) is None:
        return None
    if _PLAIN.fullmatch(bare) and (decimal == "." or "e" in bare.lower()):
        return float(bare)
    if not _GROUPED[decimal].fullmatch(bare):
        return None
    grouping = "," if decimal == "." else "."
    return float(bare.replace(grouping, "").replace(",", "."))


def _bare(text: str) -> str:
    """A number's sign, digits, dots and commas, without what people write around them."""
    if _BARE.fullmatch(text):
        return text
    bare = _SPACES.sub("", text).replace("\u2212", "-").replace("'", "").replace("\u2019", "")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if bare.endswith("-") and len(bare) > 1 and not bare.startswith("-"):
        bare = "-" + bare[:-1]
    bare = bare.removesuffix("%")
    match = _CURRENCY.search(bare)
    if match is None:
        return bare
    group = "before" if match["before"] is not None else "after"
    return bare[: match.start(group)] + bare[match.end(group) :]


DateOrder = Literal["ymd", "dmy", "mdy"]
_DATE = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)


def date_orders(texts: Collection[str]) -> list[DateOrder]:
    """The orders of year, month and day in which every text of a column is a date.

    None: the column holds no dates. One: that is the order. Two: no day above 12 tells them apart, and the
    caller has to choose; the more common order comes first.

    >>> date_orders(["2024-02-29"]), date_orders(["01/02/2024", "13/02/2024"]), date_orders(["1/2/2024"])
    (['ymd'], ['dmy'], ['dmy', 'mdy'])
    """
    orders: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")
    if not texts:
        return []
    return [order for order in orders if all(parse_date(text, order) is not None for text in texts)]


def parse_date(text: str, order: DateOrder) -> datetime.date | None:
    """The day that a text names in this order; a time of day is checked for its form and left out.

    A year has four digits, or two (1970 to 2069) where it comes last.

    >>> parse_date("3/4/24", "dmy"), parse_date("2024-02-30", "ymd")
    (datetime.date(2024, 4, 3), None)
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    if match["hour"] and (int(match["hour"]) > 23 or int(match["minute"]) > 59):
        return None
    first, second, third = match[1], match[2], match[3]
    if order == "ymd":
        year, month, day = first, second, third
        valid = len(first) == 4 and len(third) <= 2
    else:
        day, month = (first, second) if order == "dmy" else (second, first)
        year = third
        valid = len(first) <= 2 and len(third) in (2, 4)
    if not valid:
        return None
    century = 0 if len(year) == 4 else 1900 if int(year) >= 70 else 2000
    try:
        return datetime.date(century + int(year), int(month), int(day))
    except ValueError:
        return None


def parse_flag(text: str) -> bool | None:
    """Yes or no in English, Spanish or Portuguese; None for anything else.

    >>> parse_flag("Sí"), parse_flag(" no "), parse_flag("maybe")
    (True, False, None)
    """
    word = text.strip().casefold()
    return True if word in YES else False if word in NO else None
