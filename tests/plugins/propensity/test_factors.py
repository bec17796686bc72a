"""Factors in words, and the header that asks for them."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from abintel.endpoint import Call
from abintel.problem import Problem
from plugins.propensity.classifier.explain import Factors
from plugins.propensity.factors import asked_for, plain, sentences, warn

NOW = datetime.datetime(2025, 4, 28, tzinfo=datetime.UTC)
FACTORS = Factors(("nps", "plan"), np.array([[0, 1], [1, 0]]), np.array([[1.844, -0.5], [0.06, 0.0]]))
ROWS: list[dict[str, Any]] = [{"nps": -10, "plan": None}, {"nps": 3, "plan": "Gold"}]


def call(**headers: str) -> Call:
    return Call(
        tenant="acme", now=NOW, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


@pytest.mark.parametrize(
    ("lang", "outcome", "expected"),
    [
        (
            "en",
            "risk",
            [
                ["nps = -10 raises the risk (+1.84)", "plan missing lowers the risk (-0.50)"],
                ["plan = Gold raises the risk (+0.06)"],
            ],
        ),
        (
            "es",
            "risk",
            [
                ["nps = -10 aumenta el riesgo (+1,84)", "plan sin dato reduce el riesgo (-0,50)"],
                ["plan = Gold aumenta el riesgo (+0,06)"],
            ],
        ),
        (
            "pt",
            "risk",
            [
                ["nps = -10 aumenta o risco (+1,84)", "plan sem dado reduz o risco (-0,50)"],
                ["plan = Gold aumenta o risco (+0,06)"],
            ],
        ),
        (
            "en",
            "propensity",
            [
                ["nps = -10 raises the propensity (+1.84)", "plan missing lowers the propensity (-0.50)"],
                ["plan = Gold raises the propensity (+0.06)"],
            ],
        ),
        (
            "es",
            "propensity",
            [
                ["nps = -10 aumenta la propensión (+1,84)", "plan sin dato reduce la propensión (-0,50)"],
                ["plan = Gold aumenta la propensión (+0,06)"],
            ],
        ),
        (
            "pt",
            "propensity",
            [
                ["nps = -10 aumenta a propensão (+1,84)", "plan sem dado reduz a propensão (-0,50)"],
                ["plan = Gold aumenta a propensão (+0,06)"],
            ],
        ),
    ],
)
def test_sentences(lang: Any, outcome: Any, expected: list[list[str]]) -> None:
    assert sentences(FACTORS, ROWS, lang, outcome) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6, "6"),
        (6.0, "6"),
        (-0.0, "0"),
        (0.4, "0.4"),
        (0.1 + 0.2, "0.3"),
        (3.14159265, "3.1416"),
        (0.000123456, "0.0001235"),
        (1234567.891, "1234567.891"),
        (1e15, "1000000000000000"),
        (10**15, "1000000000000000"),
        (5e-324, "4.941e-324"),
        (True, "yes"),
        (False, "no"),
        ("", ""),
        ("Plano 'A' / ção", "Plano 'A' / ção"),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_values_are_written_as_people_do(value: Any, text: str) -> None:
    assert plain(value, "en") == text


def test_flags_follow_the_language() -> None:
    assert [plain(True, "es"), plain(False, "es"), plain(True, "pt"), plain(False, "pt")] == [
        "sí",
        "no",
        "sim",
        "não",
    ]


def test_long_names_are_cut() -> None:
    found = Factors(("n" * 80,), np.array([[0]]), np.array([[1.0]]))
    assert sentences(found, [{"n" * 80: 1}], "en", "risk") == [["n" * 59 + "… = 1 raises the risk (+1.00)"]]


def test_rows_beyond_those_explained_have_none_and_a_warning_says_so() -> None:
    asked = call()
    assert sentences(FACTORS, [*ROWS, *ROWS], "en", "risk")[2:] == [[], []]
    warn(FACTORS, 4, asked)
    assert asked.warnings == [
        {
            "code": "not_explained",
            "message": "This model is so large that only the first 2 of 4 rows have top_factors; "
            "send the others in a request of their own.",
        }
    ]
    warn(FACTORS, 2, asked)
    assert len(asked.warnings) == 1


@pytest.mark.parametrize(
    ("text", "asked"), [("true", True), ("True", True), (" TRUE ", True), ("false", False)]
)
def test_the_header_asks(text: str, asked: bool) -> None:
    assert asked_for(call(x_explain_features=text)) is asked
    assert asked_for(call()) is False


@pytest.mark.parametrize("text", ["", "1", "yes", "true,true", "ja" * 20])
def test_another_header_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        asked_for(call(x_explain_features=text))
    assert (caught.value.status, caught.value.slug) == (400, "invalid-parameter")
    assert caught.value.detail == f"X-Explain-Features: {text[:20]!r} is not one of true, false."
