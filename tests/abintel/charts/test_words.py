import pytest

from abintel.charts.words import figure, label, labels, lines
from abintel.fields import Lang


@pytest.mark.parametrize(
    ("value", "lang", "text"),
    [
        (0.0, "en", "0"),
        (-0.0, "en", "0"),
        (1234567.0, "es", "1.234.567"),
        (0.5, "pt", "0,5"),
        (999.96, "en", "1,000"),
        (1e15, "en", "1e+15"),
        (-1.25e-7, "pt", "-1,25e-07"),
        (1.0000001, "en", "1"),
    ],
)
def test_figures_have_about_three_digits(value: float, lang: Lang, text: str) -> None:
    assert figure(value, lang) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\u202eb", "a b"),
        ("\ud83d", "?"),
        ("tab\tnew\nline", "tab new line"),
        ("\ufffe\uffff", "–"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("x" * 100_000, "x" * 27 + "…"),
        (None, "None"),
    ],
)
def test_names_are_short_lines(name: object, shown: str) -> None:
    assert label(name) == shown


def test_names_that_look_alike_stay_apart() -> None:
    names = labels(["x" * 50 + str(place) for place in range(4)] + ["x" * 50])
    assert len(set(names)) == 5
    assert labels(["a", "a (2)", "a"]) == ["a", "a (2)", "a (3)"]


def test_subtitles_are_broken_into_lines_and_not_endless() -> None:
    assert lines(None, "", "one") == ["one"]
    assert all(len(line) <= 108 for line in lines("word " * 1000))
    assert len(lines("word " * 1000)) == 4
