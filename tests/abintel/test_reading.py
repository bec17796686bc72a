"""Numbers, dates and flags as people write them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abintel.reading import (
    DecimalSign,
    date_orders,
    decimal_sign,
    is_missing,
    parse_date,
    parse_flag,
    parse_number,
)


@pytest.mark.parametrize(
    ("column", "sign"),
    [
        (["12,5", "3,25"], ","),
        (["1,234", "999"], "."),
        (["1,234"], "."),
        (["0,123", "1,234"], ","),
        (["1.234.567", "2"], ","),
        (["$1,234.56", "$5.00"], "."),
        (["0.125", "1.234"], "."),
        (["12", "2500", "1.182"], "."),
        (["€ 1.182", "87", "512"], ","),
        (["12,34,567.50", "1,000"], "."),
        (["n/a", ""], "."),
    ],
)
def test_the_column_decides_what_a_comma_means(column: list[str], sign: str) -> None:
    assert decimal_sign(column) == sign


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("1 234,50", ",", 1234.5),
        ("2.577 €", ",", 2577.0),
        ("EUR 12,00", ",", 12.0),
        ("US$ 3", ".", 3.0),
        ("R$1.000,00", ",", 1000.0),
        ("1'234.50", ".", 1234.5),
        ("12,34,567.50", ".", 1234567.5),
        ("12,5 %", ",", 12.5),
        ("(5,00)", ",", -5.0),
        ("120-", ".", -120.0),
        ("1e-3", ",", 0.001),
        (".5", ".", 0.5),
        ("1,2,3", ".", None),
        ("12,5", ".", None),
        ("0.5", ",", None),
        ("12 kg", ".", None),
        ("..", ".", None),
        ("--5", ".", None),
        ("", ".", None),
        ("EUR", ".", None),
    ],
)
def test_a_number_is_read_with_what_people_write_around_it(
    text: str, sign: DecimalSign, number: float | None
) -> None:
    assert parse_number(text, sign) == number


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30))
def test_both_notations_of_the_same_cents_read_the_same(cents: list[int]) -> None:
    english = [f"{value / 100:,.2f}" for value in cents]
    german = [text.translate({ord(","): ".", ord("."): ","}) for text in english]
    for column in (english, german):
        sign = decimal_sign(column)
        assert [parse_number(text, sign) for text in column] == [value / 100 for value in cents]


def test_days_above_twelve_tell_the_order_of_a_date() -> None:
    assert date_orders(["2024-01-02T10:00:00Z", "2024-01-03"]) == ["ymd"]
    assert date_orders(["31.12.2024", "1.1.2025"]) == ["dmy"]
    assert date_orders(["12/31/2024 11:59 PM", "1/2/2024"]) == ["mdy"]
    assert date_orders(["1/2/2024", "3/4/2024"]) == ["dmy", "mdy"]
    assert date_orders(["31/12/2024", "12/31/2024"]) == []
    assert date_orders(["2024-01-02", "soon"]) == []
    assert date_orders([]) == []


def test_an_impossible_date_is_none() -> None:
    assert parse_date("2023-02-29", "ymd") is None
    assert parse_date("2024-02-29 25:00", "ymd") is None
    assert parse_date("31/12/69", "dmy") == datetime.date(2069, 12, 31)
    assert parse_date("31/12/70", "dmy") == datetime.date(1970, 12, 31)


def test_missing_words_and_flags() -> None:
    assert all(is_missing(text) for text in ("", " ", "N/A", "NULL", "-", "NaN", "#N/A"))
    assert not is_missing("none")
    assert is_missing("None", numeric=True)
    assert [parse_flag(text) for text in ("Sim", "não", "YES", "perhaps")] == [True, False, True, None]
