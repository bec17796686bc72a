"""The report in Chinese and in Japanese, on any segmentation: length, numbers, punctuation, script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from abintel.wording import Lang, Texts, languages, locales, word_count
from abintel.wording.reading import read
from plugins.segmentation.report.compose import write
from plugins.segmentation.report.facts import Cluster
from tests.plugins.segmentation.report import samples
from tests.plugins.segmentation.report.test_random import KEYS, allowed, texts

LANGS: tuple[Lang, ...] = ("zh", "ja")
FAST, EVERY = range(0, 130, 13), range(130)
NUMBER = r"-?\d[\d.,]*\d%?|-?\d%?"
HAN = "\u3040-\u30ff\u4e00-\u9fff"
SEAMS = re.compile(
    rf"[{HAN}][,;:!?]|[,.;:!?][{HAN}]|[，。、：；]{{2}}|\\{{|\\}}|  | [，。、：；）]|（ |\n\n\n|None"
)


AREAS = sorted(path.stem for path in (locales.FOLDER / "en").glob("*.toml"))
SENTENCE = re.compile("[a-z]{3,} [a-z]{2,}")


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every single text of a file, with its key."""
    for key, text in read(path, path.parent.name).items():
        parts = text.values() if isinstance(text, dict) else text if isinstance(text, tuple) else [text]
        for index, part in enumerate(parts):
            yield f"{key}.{index}", part


def without_names(text: str, clusters: list[Cluster]) -> str:
    """The text with category names replaced by a letter; Han and kana may touch them."""
    names = {" ".join(name.split()) for one in clusters for name in one.top_categories}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", "Z", text)
    return text


def check(seed: int, lang: Lang, brief: bool) -> None:
    clusters = samples.random_clusters(seed)
    tree = samples.random_tree(clusters, seed)
    report = write(clusters, tree, lang, brief)
    assert list(report) == KEYS
    low, high = (60, 120) if brief else (250, 350)
    assert low <= word_count(str(report["executive_summary"]), lang) <= high, seed
    numbers = allowed(clusters, lang)
    for key, text in texts(report):
        bare = without_names(text, clusters)
        assert text.endswith("。"), (seed, key, text)
        assert not SEAMS.search(bare), (seed, key, SEAMS.search(bare), text)
        for written in re.findall(NUMBER, bare):
            # In a list of ids and in Japanese, a number may end in the mark of a list.
            assert written in numbers, (seed, key, written, text)


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("lang", LANGS)
def test_some_segmentations(lang: Lang, brief: bool) -> None:
    for seed in FAST:
        check(seed, lang, brief)


@pytest.mark.slow
@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("lang", LANGS)
def test_any_segmentation(lang: Lang, brief: bool) -> None:
    for seed in EVERY:
        check(seed, lang, brief)


@pytest.mark.parametrize("lang", LANGS)
def test_each_section_is_shorter_when_brief(lang: Lang) -> None:
    for seed in FAST:
        clusters = samples.random_clusters(seed)
        tree = samples.random_tree(clusters, seed)
        full, brief = write(clusters, tree, lang), write(clusters, tree, lang, brief=True)
        for key in KEYS:
            if isinstance(full[key], str):
                assert len(str(brief[key])) < len(str(full[key])), (seed, key)


@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_is_left_in_english(lang: Lang) -> None:
    for area in AREAS:
        english, own = (dict(texts_of(Texts(area)[code].path)) for code in ("en", lang))
        assert [key for key, text in own.items() if text == english.get(key) and SENTENCE.search(text)] == []


@pytest.mark.parametrize(
    ("text", "lang", "words"),
    [
        ("客户流失", "zh", 4 / 1.5),
        ("3 个客户。", "zh", 1 + 3 / 1.5),
        ("顧客は3名です。", "ja", 1 + 6 / 2.2),
        ("a b", "es", 2),
    ],
)
def test_words_are_counted_by_letters_where_nothing_separates_them(
    text: str, lang: Lang, words: float
) -> None:
    assert word_count(text, lang) == pytest.approx(words)
    assert lang in languages()
