"""Formats against Babel's own, and what CLDR leaves to us."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from abintel.wording import compact, date, figure, list_of, money, number, percent, plural
from abintel.wording.formats import marks
from abintel.wording.locales import BadTexts, locale

LANGS = st.sampled_from(["en", "es", "pt", "zh", "ja", "fr", "hi", "pl"])
VALUES = st.floats(-1e15, 1e15, allow_nan=False)
DECIMALS = st.integers(0, 4)


def rounded(value: float, decimals: int) -> Decimal:
    """The value as printed; no zero is negative."""
    return Decimal(f"{value:.{decimals}f}") + 0


@given(VALUES, DECIMALS, LANGS)
def test_a_number_is_what_babel_makes_of_it(value: float, decimals: int, lang: str) -> None:
    whole = locale(lang).decimal_formats[None].pattern.partition(".")[0]
    pattern = f"{whole}.{'0' * decimals}" if decimals else whole
    assert number(value, decimals, lang) == format_decimal(rounded(value, decimals), pattern, lang)


@given(VALUES, LANGS)
def test_an_amount_is_what_babel_makes_of_it(value: float, lang: str) -> None:
    pattern = locale(lang).currency_formats["standard"]
    with_sign = pattern.apply(rounded(value, 2), locale(lang), currency="EUR", currency_digits=False)
    assert money(value, 2, lang, "€") == with_sign


@given(st.floats(-1e6, 1e6), LANGS)
def test_a_percentage_is_what_babel_makes_of_it(share: float, lang: str) -> None:
    pattern = locale(lang).percent_formats[None]
    assert percent(share, 0, lang) == pattern.apply(rounded(share * 100, 0) / 100, locale(lang))


@pytest.mark.parametrize(
    ("lang", "currency", "text"),
    [
        ("en", "$", "$1,234.50"),
        ("en", "R$", "R$1,234.50"),
        ("en", "EUR", "EUR\xa01,234.50"),
        ("en", "kr.", "kr.\xa01,234.50"),
        ("en", None, "1,234.50"),
        ("es", "$", "1.234,50\xa0$"),
        ("es", "€", "1.234,50\xa0€"),
        ("es", "EUR", "1.234,50\xa0EUR"),
        ("es", None, "1.234,50"),
        ("pt", "R$", "R$\xa01.234,50"),
        ("pt", "€", "€\xa01.234,50"),
        ("pt", "EUR", "EUR\xa01.234,50"),
        ("ja", "¥", "¥1,234.50"),
    ],
)
def test_a_sign_or_a_code_stands_where_its_language_has_it(
    lang: str, currency: str | None, text: str
) -> None:
    assert money(1234.5, 2, lang, currency) == text


def test_negative_amounts_have_their_minus_first() -> None:
    negative = [money(-3, 2, lang, "R$") for lang in ("en", "es", "pt")]
    assert negative == ["-R$3.00", "-3,00\xa0R$", "-R$\xa03,00"]


def test_what_rounds_to_nothing_has_no_minus() -> None:
    assert number(-0.001, 2, "en") == "0.00"
    assert percent(-0.0001, 1, "en", signed=True) == "+0.0%"
    assert money(-0.4, 0, "pt", "R$") == "R$\xa00"


@pytest.mark.parametrize(
    ("value", "lang", "text"),
    [
        (0.0, "en", "0"),
        (-0.0, "en", "0"),
        (1234567.0, "es", "1.234.567"),
        (0.5, "pt", "0,5"),
        (999.96, "en", "1,000"),
        (2.5e12, "pt", "2,5\xa0tri"),
        (1e15, "en", "1E15"),
        (-1.25e-7, "pt", "-1,25E-7"),
        (1.0000001, "en", "1"),
        (123_456_789, "hi", "12,34,56,789"),
    ],
)
def test_figures_have_about_three_digits(value: float, lang: str, text: str) -> None:
    assert figure(value, lang) == text


def test_large_numbers_in_short() -> None:
    short = [compact(12_500_000, lang) for lang in ("en", "es", "pt", "ja")]
    assert short == ["12.5M", "12,5\xa0M", "12,5\xa0mi", "1250万"]


def test_lists_have_the_word_of_their_language() -> None:
    assert [list_of(["A", "B", "C"], lang) for lang in ("en", "es", "pt", "ja")] == [
        "A, B, and C",
        "A, B y C",
        "A, B e C",
        "A、B、C",
    ]
    assert list_of(["A", "iPhone"], "es") == "A y iPhone"
    assert list_of(["A", "B", "hilo"], "es") == "A, B e hilo"
    assert list_of(["A"], "pt") == "A"


def test_days_are_written_out() -> None:
    day = datetime.date(2025, 4, 1)
    written = [date(day, lang) for lang in ("en", "es", "pt", "zh")]
    assert written == ["Apr 1, 2025", "1 abr 2025", "1 de abr. de 2025", "2025年4月1日"]


def test_plurals_are_of_the_amount_as_printed() -> None:
    assert [plural(count, "pl") for count in (1, 2, 5)] == ["one", "few", "many"]
    assert [plural(1.0, "en", decimals) for decimals in (0, 1)] == ["one", "other"]


def test_libraries_get_the_marks() -> None:
    assert marks("en") == (",", ".", "%", "-")
    assert marks("es") == (".", ",", "\xa0%", "-")


def test_a_language_that_cldr_does_not_know_is_refused() -> None:
    with pytest.raises(BadTexts, match="language 'xx-yy-zz': CLDR has no such language"):
        locale("xx-yy-zz")
