import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from plugins.recommendation.recommenders import tfidf
from plugins.recommendation.recommenders.stop_words import STOP_WORDS
from plugins.recommendation.recommenders.words_in_texts import normalised

SHOP = [
    "Running shoes, Nike, men",
    "Trail shoes, Adidas, women",
    "Soccer ball, size 5",
    "Compression socks, unisex",
    "Fitness smartwatch",
]


def by_scikit_learn(texts: list[str]) -> np.ndarray:
    vectorizer = TfidfVectorizer(preprocessor=normalised, stop_words=sorted(STOP_WORDS))
    matrix = vectorizer.fit_transform(texts)
    return (matrix @ matrix.T).toarray()


def cosines(texts: list[str]) -> np.ndarray:
    index = tfidf.build(texts)
    return np.array([tfidf.cosines_to(index, text) for text in range(len(texts))])


def test_the_shoes_of_the_api_document_are_01783_alike() -> None:
    assert cosines(SHOP)[0].round(4).tolist() == [1.0, 0.1783, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "texts",
    [
        SHOP,
        ["Nike Nike shoes", "nike SHOES", "a b c", ""],
        ["Füße größe", "größe_42 ÉTÉ", "кроссовки Найк", "кроссовки мужские", "ランニング シューズ"],
        ["same words here"] * 5,
        ["only one"],
        ["camisa de algodão", "BLUSA ALGODAO", "sofá de couro", "the sofa of the cat", "para los niños"],
    ],
)
def test_cosines_are_those_of_scikit_learn(texts: list[str]) -> None:
    assert cosines(texts) == pytest.approx(by_scikit_learn(texts), abs=1e-12)


@settings(max_examples=50)
@given(st.lists(st.text(alphabet="ab cÀß0_-,", max_size=30), min_size=1, max_size=8))
def test_cosines_of_any_texts_are_those_of_scikit_learn(texts: list[str]) -> None:
    try:
        expected = by_scikit_learn(texts)
    except ValueError:  # it refuses texts without words
        expected = np.zeros((len(texts), len(texts)))
    assert cosines(texts) == pytest.approx(expected, abs=1e-12)


def test_accents_match_however_they_are_spelled() -> None:
    assert cosines(["café", "cafe\u0301"])[0, 1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("camisa de algodão", "T-shirt ALGODAO"),
        ("CAFÉ molido", "cafe en grano"),
        ("Größe M", "GROSSE Tasche"),
        ("piñata", "PIN\u0303ATA azul"),
    ],
)
def test_case_and_accents_make_no_difference(one: str, other: str) -> None:
    assert cosines([one, other])[0, 1] > 0.2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("camisa de algodão", "sofá de couro"),
        ("shirt for the summer", "book for the beach"),
        ("mesa con los pies", "lámpara con los cables"),
        ("chá com leite", "sofá com chaise"),
    ],
)
def test_words_that_describe_nothing_make_nothing_alike(one: str, other: str) -> None:
    assert cosines([one, other])[0, 1] == 0


def test_words_that_are_goods_in_one_of_the_languages_stay() -> None:
    assert not STOP_WORDS & {"te", "pelo", "sea", "solo", "can", "hay", "men", "women"}


def test_marks_that_a_script_needs_stay() -> None:
    assert normalised("が") == "が"
    assert normalised("हिन्दी क़लम") == "हिन्दी क\u093cलम"
    assert normalised("한국") == "한국"


def test_vowel_signs_belong_to_their_word() -> None:
    index = tfidf.build(["हिन्दी जूते"])
    assert len(index.hashes) == 2


def test_texts_without_words_are_like_nothing_not_even_themselves() -> None:
    assert cosines(["", "5 – !", "x"]).tolist() == [[0.0] * 3] * 3


def test_shared_words_come_with_their_part_of_the_cosine_greatest_first() -> None:
    texts = ["red shoes nike", "shoes of nike", "shoes", "shoes"]
    index = tfidf.build(texts)
    found = tfidf.shared(index, 0, 1)
    assert [tfidf.word_in(index, word, texts[1]) for word, _ in found] == ["nike", "shoes"]
    assert sum(part for _, part in found) == pytest.approx(tfidf.cosines_to(index, 0)[1])


def test_a_word_is_shown_in_lower_case() -> None:
    index = tfidf.build(["ÀLPINE Boots"])
    shown = {tfidf.word_in(index, word, "ÀLPINE Boots") for word in range(2)}
    assert shown == {"àlpine", "boots"}, "with its accents"


def test_an_index_holds_no_text() -> None:
    index = tfidf.build(SHOP)
    assert all(part.dtype.kind in "iuf" for part in index)
    assert index.nbytes == sum(part.nbytes for part in index)
