from __future__ import annotations

import pytest

from abintel.language import chosen_currency, chosen_language
from abintel.problem import Problem
from abintel.wording import languages


def test_english_is_the_default_and_each_language_is_itself() -> None:
    assert chosen_language({}) == "en"
    assert [chosen_language({"lang": lang}) for lang in languages()] == ["en", "es", "pt", "ja", "zh"]


@pytest.mark.parametrize(
    ("lang", "detail"),
    [
        ("xx", "lang: 'xx' is not one of en, es, pt, ja, zh."),
        ("", "lang: '' is not one of en, es, pt, ja, zh."),
        ("EN", "lang: 'EN' is not one of en, es, pt, ja, zh."),
        ("pt-BR", "lang: 'pt-BR' is not one of en, es, pt, ja, zh."),
        ("x" * 50, "lang: 'xxxxxxxxxxxxxxxxxxxx' is not one of en, es, pt, ja, zh."),
    ],
)
def test_another_language_is_refused(lang: str, detail: str) -> None:
    with pytest.raises(Problem) as raised:
        chosen_language({"lang": lang})
    assert raised.value.status == 400
    assert raised.value.detail == detail


@pytest.mark.parametrize("currency", ["$", "R$", "EUR", "€", "CHF", "zł", "kr."])
def test_a_sign_or_a_code_is_a_currency(currency: str) -> None:
    assert chosen_currency({"currency": currency}) == currency


def test_no_currency_is_none() -> None:
    assert chosen_currency({}) is None


@pytest.mark.parametrize("currency", ["", "dollar", "U S", "5", "<b>", "&", '"', "'", "\\", "\n", "a\0"])
def test_anything_else_is_no_currency(currency: str) -> None:
    with pytest.raises(Problem) as raised:
        chosen_currency({"currency": currency})
    assert raised.value.status == 400
    assert raised.value.detail == "currency: a sign or a code of 1 to 5 characters, such as $, R$ or EUR."
