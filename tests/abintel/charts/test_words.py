import pytest

from abintel.charts.words import label, labels, lines


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
