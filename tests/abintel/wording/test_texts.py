"""Texts are read once, and every language is held against English."""

from __future__ import annotations

from pathlib import Path

import pytest

from abintel.wording import BadTexts, Forms, Texts, check_own, languages, paragraph

ENGLISH = """
greeting = "Hello {name}."
fillers = ["One.", "Two."]
[tier]
High = "high"
"At-Risk" = "at risk"
[days]
one = "{n} day"
other = "{n} days"
"=0" = "today"
"""


def folder(path: Path, **files: str) -> Path:
    """A folder of texts of an area called `area`, one language per file."""
    for lang, text in files.items():
        (path / lang).mkdir(parents=True)
        (path / lang / "area.toml").write_text(text, encoding="utf-8")
    return path


def test_a_text_is_found_by_its_key(tmp_path: Path) -> None:
    words = Texts("area", folder(tmp_path, en=ENGLISH))["en"]
    assert words.say("greeting", name="{Ana}") == "Hello {Ana}."
    assert words.say("tier.At-Risk") == "at risk"
    assert words.variants("fillers") == ("One.", "Two.")
    assert dict(words.choices("tier")) == {"High": "high", "At-Risk": "at risk"}
    assert [words.count("days", n) for n in (0, 1, 1000)] == ["today", "1 day", "1,000 days"]
    assert words.count("days", 1, decimals=1) == "1.0 days"
    assert "greeting" in words
    assert "tier" not in words


def test_a_key_that_does_not_exist_is_an_error_that_says_where(tmp_path: Path) -> None:
    words = Texts("area", folder(tmp_path, en=ENGLISH))["en"]
    with pytest.raises(BadTexts, match=r"language 'en': en/area\.toml has no text 'farewell'"):
        words.say("farewell")
    with pytest.raises(BadTexts, match="has no text 'days'"):
        words.say("days")


def test_a_language_that_a_plugin_lacks_is_answered_in_english(tmp_path: Path) -> None:
    texts = Texts("area", folder(tmp_path, en=ENGLISH))
    assert texts["es"].say("tier.High") == "high"
    assert texts["es"].lang == "en"
    texts.check()


@pytest.mark.parametrize(
    ("spanish", "fault"),
    [
        (ENGLISH.replace("greeting", "salute"), "es/area.toml has no text 'greeting'"),
        (ENGLISH.replace("[days]", "extra = 'x'\n[days]"), "the text 'tier.extra' does not exist in 'en'"),
        (
            ENGLISH.replace("{name}", "{nombre}"),
            "the text 'greeting' has the placeholders nombre instead of name",
        ),
        (ENGLISH.replace('["One.", "Two."]', '["Uno."]'), "the text 'fillers' is not of the kind and length"),
        (ENGLISH.replace('"high"', "3"), "the text 'tier.High' is 3, which is no text"),
        (ENGLISH.replace("{name}", "{name:.2f}"), r"the text 'greeting' has the placeholder \{name:.2f\}"),
        (ENGLISH.replace("{name}", "{name"), "the text 'greeting' expected"),
        (ENGLISH.replace("one =", "few ="), "the text 'days' is of plural category 'few'"),
        ("a = ", "es/area.toml is no TOML"),
    ],
)
def test_a_language_that_differs_from_english_is_refused(tmp_path: Path, spanish: str, fault: str) -> None:
    texts = Texts("area", folder(tmp_path, en=ENGLISH, es=spanish, pt=ENGLISH))
    with pytest.raises(BadTexts, match="language 'es': .*" + fault):
        texts.check()


def test_a_language_may_have_other_plurals_and_forms(tmp_path: Path) -> None:
    spanish = ENGLISH.replace("Hello {name}.", "Saludos {name:to}.").replace(
        "one =", 'many = "{n} de días"\none ='
    )
    texts = Texts("area", folder(tmp_path, en=ENGLISH, es=spanish, pt=ENGLISH))
    texts.check()
    assert texts["es"].say("greeting", name=Forms("el rey", to="al rey")) == "Saludos al rey."
    assert texts["es"].count("days", 2_000_000) == "2.000.000 de días"


def test_own_texts_are_whole() -> None:
    check_own()
    assert languages() == ("en", "es", "pt", "ja", "zh")


@pytest.mark.parametrize("lang", ["en", "es", "pt", "ja", "zh"])
def test_sentences_stand_apart(lang: str) -> None:
    between = "" if lang in ("ja", "zh") else " "
    assert paragraph(["A.", "", "B."], lang) == f"A.{between}B."
