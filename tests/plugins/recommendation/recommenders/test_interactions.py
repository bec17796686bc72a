import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.recommendation.recommenders.interactions import Choices, canonical, gather


def gathered(rows: list[tuple[int, int, float | None, float]], half_life: float | None = None) -> Choices:
    user, item = (np.array([row[k] for row in rows], np.int64) for k in (0, 1))
    rating = np.array([row[2] for row in rows], np.float64)
    age = np.array([row[3] for row in rows], np.float64)
    order = canonical(user, item, rating, age)
    return gather(user[order], item[order], rating[order], age[order], users=4, items=5, half_life=half_life)


def test_rows_of_one_pair_add_up_saturate_and_a_rating_counts_as_its_fifth() -> None:
    found = gathered([(1, 2, 4.0, 0), (1, 2, None, 0), (1, 0, 5.0, 0), (3, 2, None, 0)])
    assert found.start.tolist() == [0, 0, 2, 2, 3]
    assert found.items.tolist() == [0, 2, 2]
    assert found.weights.tolist() == pytest.approx([1.0, np.log2(1 + 1.8), 1.0])
    assert found.ratings.tolist() == pytest.approx([5.0, 5.0, 1.0])
    assert found.users_by_item.tolist() == [1, 0, 2, 0, 0]
    assert (found.rows, found.users, found.chosen_items) == (4, 4, 2)


def test_a_row_loses_half_its_weight_with_each_half_life() -> None:
    found = gathered([(0, 0, None, 0.0), (0, 1, None, 30.0), (0, 2, 5.0, 60.0)], half_life=30.0)
    assert found.weights.tolist() == pytest.approx([1.0, np.log2(1.5), np.log2(1.25)])
    assert found.ratings.tolist() == pytest.approx([1.0, 0.5, 1.25])


@pytest.mark.parametrize(
    ("rows", "disliked"),
    [
        ([1.0], True),
        ([2.5], True),
        ([3.0], False),
        ([5.0, 1.0], False),
        ([None, 1.0], True),
        ([None, 4.0], False),
        ([2.0, 2.0, 3.0], True),
        ([None], False),
    ],
)
def test_a_mean_rating_in_the_lower_half_of_the_scale_is_a_dislike(
    rows: list[float | None], disliked: bool
) -> None:
    found = gathered([(0, 1, rating, 0.0) for rating in rows])
    assert found.disliked.tolist() == [disliked]
    assert (found.weights[0] == 0, found.ratings[0] == 0) == (disliked, disliked)
    assert found.users_by_item.tolist() == [0, int(not disliked), 0, 0, 0]


def test_ratings_are_read_relative_to_the_mean_of_a_user_who_rates_much() -> None:
    few = gathered([(0, 0, 5.0, 0), (0, 1, 3.0, 0)])
    assert few.weights.tolist() == pytest.approx(np.log2([2.0, 1.6]))
    many = gathered([(0, 0, 5.0, 0)] * 9 + [(0, 1, 3.0, 0)])
    assert many.weights[1] == pytest.approx(np.log2(1 + 0.6 / 2))


def test_thousands_of_rows_of_a_pair_weigh_a_dozen_times_one() -> None:
    assert gathered([(0, 0, None, 0.0)] * 4_000).weights[0] < 12


def test_without_a_row_there_are_no_pairs() -> None:
    found = gathered([])
    assert found.start.tolist() == [0, 0, 0, 0, 0]
    assert found.users_by_item.tolist() == [0, 0, 0, 0, 0]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.none() | st.floats(0, 5), st.floats(0, 1000)),
        min_size=1,
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_no_bit(
    rows: list[tuple[int, int, float | None, float]], chance: object
) -> None:
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    for one, other in zip(gathered(rows, 90.0)[:6], gathered(shuffled, 90.0)[:6], strict=True):
        assert one.tobytes() == other.tobytes()
