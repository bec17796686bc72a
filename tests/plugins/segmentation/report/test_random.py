"""What holds of the report on any segmentation: lengths, numbers, seams, language, determinism."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from abintel.wording import Lang, number, percent
from plugins.segmentation.report.compose import write
from plugins.segmentation.report.facts import Cluster
from tests.plugins.segmentation.report import samples

SEEDS = range(130)
LANGS: tuple[Lang, ...] = ("en", "es", "pt")
KEYS = [
    *("executive_summary", "cluster_analysis", "customer_insights", "marketing_recommendations"),
    *("channel_strategy", "product_cross_sell_ideas", "retention_actions", "next_steps"),
    *("auto_insights", "dendrogram_insights"),
]
STOP_WORDS = {
    "en": {
        "the",
        "of",
        "and",
        "to",
        "with",
        "that",
        "is",
        "are",
        "from",
        "its",
        "by",
        "which",
        "this",
        "each",
    },
    "es": {"el", "los", "las", "y", "del", "al", "con", "una", "un", "en", "su", "sus", "más", "son", "la"},
    "pt": {"os", "e", "da", "dos", "das", "ao", "com", "uma", "um", "em", "mais", "são", "não", "na"},
}
SEAMS = re.compile(r"  | [,.;:!?]|[,;:.]{2}|,\.|\{|\}|\( | \)|\n\n\n| \n|\n |None|\ba [aeiou]\w* [0-9]")
FIRST = re.compile(r"(?:^|\. |\n)[a-záéíóúñãõç]")


def texts(report: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Every string of the report with its key."""
    for key, value in report.items():
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            for item in value:
                yield key, item


def without_names(text: str, clusters: list[Cluster]) -> str:
    """The text with category names replaced by a letter."""
    names = {" ".join(name.split()) for one in clusters for name in one.top_categories}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "Z", text)
    return text


def allowed(clusters: list[Cluster], lang: str) -> set[str]:
    """Every number that may be written."""
    found = set()
    for one in clusters:
        found |= {str(one.cluster_id), number(one.n_customers, 0, lang)}
        found |= {number(one.avg_spend, 2, lang), number(one.avg_spend, 0, lang)}
        found |= {number(one.avg_frequency, 2, lang), number(one.avg_frequency, 1, lang)}
        found |= {number(one.basket, 2, lang), number(one.basket, 0, lang)}
        found.add(percent(one.share_revenue_pct / 100, 1, lang))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("lang", LANGS)
def test_any_segmentation(lang: Lang, brief: bool) -> None:
    low, high = (60, 120) if brief else (250, 350)
    for seed in SEEDS:
        clusters = samples.random_clusters(seed)
        tree = samples.random_tree(clusters, seed)
        report = write(clusters, tree, lang, brief)
        assert list(report) == KEYS
        assert report == write(list(reversed(clusters)), tree, lang, brief), seed
        assert (report["dendrogram_insights"] is None) == (tree is None)
        numbers = allowed(clusters, lang)
        for key, text in texts(report):
            words = len(text.split())
            assert text == text.strip()
            assert words > 3, (seed, key, text)
            assert words <= 600, (seed, key, words)
            if key == "executive_summary":
                assert low <= words <= high, (seed, words, text)
            bare = without_names(text, clusters)
            assert not SEAMS.search(bare), (seed, key, SEAMS.search(bare), text)
            assert not FIRST.search(bare), (seed, key, FIRST.search(bare), text)
            for written in re.findall(r"-?\d[\d.,]*\d(?:\xa0?%)?|-?\d(?:\xa0?%)?", bare):
                assert written in numbers, (seed, key, written, text)


@pytest.mark.parametrize("lang", LANGS)
def test_each_section_is_shorter_when_brief(lang: Lang) -> None:
    for seed in SEEDS:
        clusters = samples.random_clusters(seed)
        tree = samples.random_tree(clusters, seed)
        full, brief = write(clusters, tree, lang), write(clusters, tree, lang, brief=True)
        for key in KEYS:
            long, short = full[key], brief[key]
            if isinstance(long, str):
                assert isinstance(short, str)
                assert len(short.split()) < len(long.split()), (seed, key, short)
                assert len(short.split()) <= 165, (seed, key)


@pytest.mark.parametrize("lang", LANGS)
def test_the_words_are_of_the_language(lang: Lang) -> None:
    for seed in SEEDS:
        clusters = samples.random_clusters(seed)
        for key, text in texts(write(clusters, samples.random_tree(clusters, seed), lang)):
            if key == "auto_insights":
                continue
            words = re.findall(r"[^\W\d_]+", without_names(text, clusters).lower())
            own = sum(word in STOP_WORDS[lang] for word in words)
            for other in LANGS:
                if other != lang:
                    foreign = sum(word in STOP_WORDS[other] - STOP_WORDS[lang] for word in words)
                    assert foreign * 6 < own, (seed, key, other, text)


@pytest.mark.parametrize("lang", ["es", "pt"])
def test_no_english_word_is_left(lang: Lang) -> None:
    english = STOP_WORDS["en"] | {"segment", "customers", "spend", "revenue", "frequency", "average", "offer"}
    for case in (samples.dominant, samples.unspent, samples.with_outliers, samples.many, samples.single):
        clusters = case()
        for _, text in texts(write(clusters, None, lang)):
            words = set(re.findall(r"[^\W\d_]+", without_names(text, clusters).lower()))
            assert not words & english, words & english


def test_sentences_begin_in_many_ways() -> None:
    for clusters in (samples.published(), samples.many(12)):
        report = write(clusters, None, "en")
        for key in ("executive_summary", "cluster_analysis"):
            sentences = re.split(r"(?<=\.)\s+", str(report[key]))
            beginning = sum(one.startswith("Cluster ") for one in sentences)
            assert beginning <= len(sentences) / 2, (key, sentences)
