import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.recommendation.recommenders import tfidf
from plugins.recommendation.recommenders.ranking import best, diverse, ranked

NONE = np.zeros((0, 0), np.float32)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=30),
    st.integers(1, 12),
)
def test_the_best_are_the_first_of_a_full_sort(items: list[tuple[int, int, bool]], count: int) -> None:
    scores = np.array([float(item[0]) for item in items])
    popularity = np.array([item[1] for item in items])
    left_out = np.array([item[2] for item in items])
    order = sorted(range(len(items)), key=lambda i: (-scores[i], -popularity[i], i))
    expected = [i for i in order if not left_out[i]][:count]
    assert best(scores, popularity, left_out, count).tolist() == expected


def test_diversity_passes_over_the_double_of_what_is_there() -> None:
    index = tfidf.build(["red shoes", "red shoes", "green socks", "blue hat"])
    scores, popularity = np.array([1.0, 0.9, 0.8, 0.1]), np.zeros(4, np.int64)
    left_out = np.zeros(4, np.bool_)
    unit = np.zeros((4, 0), np.float32)
    assert ranked(scores, popularity, left_out, 3, 0.0, index, unit).tolist() == [0, 1, 2]
    assert ranked(scores, popularity, left_out, 3, 0.3, index, unit).tolist() == [0, 2, 1]
    assert ranked(scores, popularity, left_out, 3, 0.9, index, unit).tolist() == [0, 2, 3]


def test_without_words_diversity_looks_at_the_factors() -> None:
    index = tfidf.build(["", "", ""])
    unit = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    found = diverse(np.array([0, 1, 2]), np.array([1.0, 0.9, 0.5]), 0.5, index, unit, 2)
    assert found.tolist() == [0, 2]


@pytest.mark.parametrize("diversity", [0.1, 0.5, 1.0])
def test_diversity_never_drops_below_what_was_asked_for(diversity: float) -> None:
    index = tfidf.build(["same"] * 6)
    taken = ranked(
        np.zeros(6), np.arange(6), np.zeros(6, np.bool_), 4, diversity, index, np.zeros((6, 0), np.float32)
    )
    assert taken.tolist() == [5, 4, 3, 2]
