import numpy as np
import pytest

from plugins.recommendation.recommenders import als, tfidf
from plugins.recommendation.recommenders.lists import Wanted, rank
from tests.plugins.recommendation.recommenders.populations import choices, clusters

USERS, ITEMS = 150, 60
SAMPLE = choices(clusters(USERS, ITEMS, 4, 10, 0.2, 1), USERS, ITEMS)
INDEX = tfidf.build([f"kind{item % 4} part{item % 7}" for item in range(ITEMS)])
CONTENT = tfidf.TextRecommender(INDEX)
EVERYBODY = np.arange(USERS)


@pytest.fixture(scope="module")
def model() -> als.ItemFactors:
    return als.AlternatingLeastSquares().fit(SAMPLE, als.Settings(10, 10, 10.0))


def test_factors_rank_by_the_product_and_leave_out_what_was_chosen(model: als.ItemFactors) -> None:
    found = rank(model, SAMPLE, EVERYBODY, INDEX, Wanted(5))
    products = model.user_factors(SAMPLE, EVERYBODY).astype(float) @ model.factors.T.astype(float)
    for user in range(USERS):
        own = SAMPLE.items[SAMPLE.of(user)]
        rest = np.delete(products[user], own)
        assert not set(found.items[user]) & set(own)
        assert found.scores[user] == pytest.approx(np.sort(rest)[::-1][:5], abs=1e-5)


def test_the_parts_of_all_causes_add_up_to_the_score(model: als.ItemFactors) -> None:
    found = rank(model, SAMPLE, EVERYBODY, INDEX, Wanted(3, 60, exclude_seen=False))
    every = found.parts.sum(axis=2)
    assert (every >= found.scores - 1e-5).all()  # negative parts are not listed
    assert (np.diff(found.parts, axis=2) <= 0).all()


def test_how_many_users_are_asked_for_changes_no_bit(model: als.ItemFactors) -> None:
    wanted = Wanted(5, 3, diversity=0.3)
    for ranked in (
        lambda users: rank(model, SAMPLE, users, INDEX, wanted),
        lambda users: rank(CONTENT, SAMPLE, users, INDEX, wanted),
    ):
        everybody, one = ranked(EVERYBODY), ranked(np.array([137]))
        for whole, single in zip(everybody, one, strict=True):
            assert whole[137:138].tobytes() == single.tobytes()


def test_content_compares_with_the_mean_of_the_highest_rated() -> None:
    sample = SAMPLE._replace(
        start=np.array([0, 3]),
        items=np.array([0, 1, 5]),
        weights=np.ones(3),
        ratings=np.array([5.0, 5.0, 1.0]),
    )
    found = rank(CONTENT, sample, np.array([0]), INDEX, Wanted(60, 2))
    mean = (tfidf.cosines_to(INDEX, 0) + tfidf.cosines_to(INDEX, 1)) / np.sqrt(
        2 + 2 * tfidf.cosines_to(INDEX, 0)[1]
    )
    there = found.items[0][found.items[0] >= 0]
    assert len(there) == ITEMS - 3
    assert found.scores[0, : len(there)] == pytest.approx(mean[there])
    positive = found.scores[0] > 0
    assert found.parts[0].sum(axis=1)[positive] == pytest.approx(found.scores[0][positive])
    assert found.word_parts[0].sum(axis=1)[positive] == pytest.approx(found.scores[0][positive])


def test_who_rates_everything_0_likes_nothing_and_gets_what_most_users_chose() -> None:
    sample = SAMPLE._replace(ratings=np.zeros(len(SAMPLE.items)), weights=np.zeros(len(SAMPLE.items)))
    found = rank(CONTENT, sample, np.array([0]), INDEX, Wanted(5, 2))
    assert found.scores.tolist() == [[0.0] * 5]
    popularity = SAMPLE.users_by_item.copy()
    popularity[SAMPLE.items[SAMPLE.of(0)]] = -1
    assert popularity[found.items[0]].tolist() == np.sort(popularity)[::-1][:5].tolist()


def test_fewer_items_than_asked_for_leave_places_empty(model: als.ItemFactors) -> None:
    found = rank(model, SAMPLE, np.array([0]), INDEX, Wanted(200))
    assert found.items.shape == (1, ITEMS)
    assert (found.items[0] >= 0).sum() == ITEMS - len(SAMPLE.items[SAMPLE.of(0)])
