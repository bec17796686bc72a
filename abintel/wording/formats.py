"""Numbers, money, percentages, dates and lists as CLDR has them in each language.

Babel takes some 40 µs to format a number, which is too long for a sentence per customer. So Babel reads the
patterns and the marks of a language once, and Python's own formatting fills them in. A test compares both.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, format_compact_decimal, format_decimal, format_scientific

from abintel.wording.locales import Lang, locale

LARGE = 1e9
"""From here on :func:`figure` writes a number short."""
_HUGE = 1e15
_TINY = 1e-4


class _Around(NamedTuple):
    """What stands before and after the digits of a positive and of a negative amount."""

    prefix: str
    suffix: str
    negative_prefix: str
    negative_suffix: str


def number(value: float, decimals: int, lang: Lang, *, signed: bool = False) -> str:
    """A number with its thousands set apart; no zero is negative.

    Args:
        decimals: digits after the decimal mark, always so many.
        signed: whether a plus stands before what is not negative.

    >>> number(1234.5, 2, "en"), number(1234.5, 2, "pt"), number(-0.001, 0, "es")
    ('1,234.50', '1.234,50', '0')
    >>> number(0.3857, 3, "en", signed=True)
    '+0.386'
    """
    return _marked(_plain(value, decimals, signed), lang)


def money(value: float, decimals: int, lang: Lang, currency: str | None) -> str:
    """An amount with the caller's sign or code where the language has it; None: the bare number.

    >>> money(1188.4, 0, "en", "$"), money(-3, 2, "en", "$"), money(188.4, 2, "es", "€")
    ('$1,188', '-$3.00', '188,40\\xa0€')
    >>> money(1188.4, 2, "pt", "R$"), money(1188.4, 2, "en", "EUR"), money(1188.4, 2, "en", None)
    ('R$\\xa01.188,40', 'EUR\\xa01,188.40', '1,188.40')
    """
    if not currency:
        return number(value, decimals, lang)
    return _between(_plain(value, decimals), _around_money(lang, currency), lang)


def percent(share: float, decimals: int, lang: Lang, *, signed: bool = False) -> str:
    """A fraction in percent: 1.0 is 100%.

    >>> percent(0.4071, 1, "en"), percent(0.4071, 1, "es"), percent(0.034, 1, "pt", signed=True)
    ('40.7%', '40,7\\xa0%', '+3,4%')
    """
    return _between(_plain(share * 100, decimals, signed), _around_percent(lang), lang)


@lru_cache(4096)
def date(day: datetime.date, lang: Lang) -> str:
    """A day.

    >>> date(datetime.date(2025, 4, 1), "en"), date(datetime.date(2025, 4, 1), "pt")
    ('Apr 1, 2025', '1 de abr. de 2025')
    """
    return format_date(day, "medium", locale=locale(lang))


def list_of(items: Sequence[str], lang: Lang) -> str:
    """Things in a sentence, with "and" before the last one.

    >>> list_of(["A", "B", "C"], "en"), list_of(["A", "B"], "es"), list_of(["A", "Iberia"], "es")
    ('A, B, and C', 'A y B', 'A e Iberia')
    """
    if len(items) < 2:
        return "".join(items)
    listed = format_list(items, locale=locale(lang))
    last = items[-1]
    if lang == "es" and _SOUNDS_LIKE_I.match(last):
        listed = f"{listed[: -len(last) - 2]}e {last}"
    return listed


_SOUNDS_LIKE_I = re.compile(r"(i(?!phone|pad|pod|mac|cloud|ce)|í|hi(?![aeo])|hí)", re.IGNORECASE)
"""In Spanish "y" becomes "e" before the sound of i, but not before hie or hia, nor an English i; CLDR leaves
that to those who use it."""


def compact(value: float, lang: Lang, digits: int = 2) -> str:
    """A large number in short, with at most so many digits after the mark.

    >>> compact(1_250_000, "en"), compact(1_250_000, "pt"), compact(2_000, "es"), compact(500, "en")
    ('1.25M', '1,25\\xa0mi', '2\\xa0mil', '500')
    """
    return format_compact_decimal(Decimal(repr(float(value))), locale=locale(lang), fraction_digits=digits)


class Step(NamedTuple):
    """How :func:`compact` writes the numbers of a power of ten: the divisor, and what stands around."""

    by: float
    prefix: str
    suffix: str


@cache
def compact_steps(lang: Lang) -> tuple[Step, ...]:
    """The step of each power of ten from 0 to 15, for a library that formats numbers itself.

    >>> compact_steps("en")[6], compact_steps("ja")[5]
    (Step(by=1000000.0, prefix='', suffix='M'), Step(by=10000.0, prefix='', suffix='万'))
    """
    patterns = locale(lang).compact_decimal_formats["short"]["other"]
    steps = [Step(1.0, "", "")]
    for power in range(1, 16):
        pattern = patterns.get(str(10**power))
        if pattern is None:
            steps.append(steps[-1])
        elif pattern.pattern == "0":
            steps.append(Step(1.0, "", ""))
        else:
            digits = pattern.pattern.count("0")
            steps.append(Step(10.0 ** (power + 1 - digits), pattern.prefix[0], pattern.suffix[0]))
    return tuple(steps)


def figure(value: float, lang: Lang) -> str:
    """A number of any size, to about three digits, as a chart prints it.

    >>> figure(12345.678, "en"), figure(1.5, "es"), figure(0.01234, "en"), figure(2.5e12, "en")
    ('12,346', '1,5', '0.0123', '2.5T')
    """
    size = abs(value)
    if size >= _HUGE or 0 < size < _TINY:
        return format_scientific(Decimal(f"{value:.2e}"), locale=locale(lang))
    if size >= LARGE:
        return compact(value, lang)
    decimals = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4
    plain = _plain(value, decimals)
    return _marked(plain.rstrip("0").rstrip(".") if decimals else plain, lang)


@lru_cache(1 << 14)
def plural(count: float, lang: Lang, decimals: int = 0) -> str:
    """The CLDR category of an amount as it is printed: zero, one, two, few, many or other.

    >>> plural(1, "en"), plural(1, "en", 1), plural(1.5, "pt", 1), plural(1_000_000, "es"), plural(1, "ja")
    ('one', 'other', 'one', 'many', 'other')
    """
    return str(locale(lang).plural_form(Decimal(f"{count:.{decimals}f}")))


class Marks(NamedTuple):
    """What stands between thousands, before decimals, after a percentage, and before a negative number."""

    group: str
    decimal: str
    percent: str
    minus: str


def marks(lang: Lang) -> Marks:
    """The marks of a language, for a library that formats numbers itself."""
    symbols = _symbols(lang)
    return Marks(symbols["group"], symbols["decimal"], _around_percent(lang).suffix, symbols["minusSign"])


def _plain(value: float, decimals: int, signed: bool = False) -> str:
    """A number with the marks that Python has."""
    text = f"{value:,.{decimals}f}"
    if text[0] == "-":
        if text.strip("-0.,"):
            return text
        text = text[1:]
    return f"+{text}" if signed else text


def _marked(plain: str, lang: Lang) -> str:
    """A number in Python's marks with the marks of a language."""
    table = _marks(lang)
    if table is None:
        return _grouped(plain, lang)
    return plain.translate(table) if table else plain


def _grouped(plain: str, lang: Lang) -> str:
    """The same where not every three digits are set apart: India has lakhs and crores."""
    digits = plain.replace(",", "").lstrip("+-")
    decimals = len(digits.partition(".")[2])
    whole = locale(lang).decimal_formats[None].pattern.partition(".")[0]
    pattern = f"{whole}.{'0' * decimals}" if decimals else whole
    return plain[: plain[0] in "+-"] + format_decimal(Decimal(digits), format=pattern, locale=locale(lang))


def _between(plain: str, around: _Around, lang: Lang) -> str:
    """A number in Python's marks, in the marks of a language, with what belongs around it."""
    prefix, suffix, negative_prefix, negative_suffix = around
    if plain[0] == "-":
        return f"{negative_prefix}{_marked(plain[1:], lang)}{negative_suffix}"
    if plain[0] == "+":
        return f"{_marked('+', lang)}{prefix}{_marked(plain[1:], lang)}{suffix}"
    return f"{prefix}{_marked(plain, lang)}{suffix}"


@cache
def _marks(lang: Lang) -> Mapping[int, str] | None:
    """Python's marks to a language's own, empty where they are the same; None: not by three digits."""
    if locale(lang).decimal_formats[None].grouping != (3, 3):
        return None
    symbols = _symbols(lang)
    pairs = {
        ",": symbols["group"],
        ".": symbols["decimal"],
        "-": symbols["minusSign"],
        "+": symbols["plusSign"],
    }
    return {ord(ours): theirs for ours, theirs in pairs.items() if ours != theirs}


@cache
def _around_percent(lang: Lang) -> _Around:
    return _around(locale(lang).percent_formats[None], lang)


@lru_cache(1024)
def _around_money(lang: Lang, currency: str) -> _Around:
    pattern = _around(locale(lang).currency_formats["standard"], lang)
    before, after = currency + _gap(currency[-1]), _gap(currency[0]) + currency
    prefixes = (part[:-1] + before if part.endswith("¤") else part for part in pattern[::2])
    suffixes = (after + part[1:] if part.startswith("¤") else part for part in pattern[1::2])
    filled = [part.replace("¤", currency) for pair in zip(prefixes, suffixes, strict=True) for part in pair]
    return _Around(*filled)


def _gap(touching: str) -> str:
    """What sets a currency apart from the digits: nothing if the character that touches them is a symbol.

    Unicode Technical Standard 35, part 3, "currencySpacing": ``EUR 5``, but ``R$5``.
    """
    return "" if unicodedata.category(touching)[0] in "SZ" else "\xa0"


def _around(pattern: NumberPattern, lang: Lang) -> _Around:
    minus = _symbols(lang)["minusSign"]
    (prefix, negative_prefix), (suffix, negative_suffix) = pattern.prefix, pattern.suffix
    return _Around(prefix, suffix, negative_prefix.replace("-", minus), negative_suffix.replace("-", minus))


def _symbols(lang: Lang) -> Mapping[str, str]:
    cldr = locale(lang)
    symbols: Mapping[str, str] = cldr.number_symbols[cldr.default_numbering_system]
    return symbols
