"""Item-kNN, EASE and popularity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins.recommendation.recommenders import roster
from plugins.recommendation.recommenders.holdout import learn
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.ease import Ease, Settings
from plugins.recommendation.recommenders.linear.item_knn import ItemKnn
from plugins.recommendation.recommenders.linear.popularity import Popularity
from plugins.recommendation.recommenders.lists import Wanted, rank
from plugins.recommendation.recommenders.tfidf import build
from tests.plugins.recommendation.recommenders.populations import choices, clusters

USERS, ITEMS = 120, 40
SAMPLE = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 1), USERS, ITEMS)


def dense(sample: Choices) -> np.ndarray:
    matrix = np.zeros((sample.users, len(sample.users_by_item)))
    matrix[np.repeat(np.arange(sample.users), np.diff(sample.start)), sample.items] = 1
    return matrix


def weights(model: Any) -> np.ndarray:
    """(n, n) what each item adds to each other."""
    n = len(model.start) - 1
    table = np.zeros((n, n))
    table[np.repeat(np.arange(n), np.diff(model.start)), model.targets] = model.weights
    return table


def test_ease_is_equation_8_of_the_paper() -> None:
    X = dense(SAMPLE)
    P = np.linalg.inv(X.T @ X + 50 * np.eye(ITEMS))
    expected = -P / np.diag(P)
    np.fill_diagonal(expected, 0)
    assert weights(Ease().fit(SAMPLE, Settings(50.0))) == pytest.approx(expected, abs=1e-5)


def test_item_knn_is_the_cosine_of_users_weighted_by_their_idf() -> None:
    X = dense(SAMPLE)
    weighted = X * np.log(ITEMS / (1 + X.sum(axis=1)))[:, None]
    lengths = np.linalg.norm(weighted, axis=0)
    expected = weighted.T @ weighted / np.outer(lengths, lengths)
    np.fill_diagonal(expected, 0)
    model = ItemKnn().fit(SAMPLE, ItemKnn().candidates(SAMPLE, False)["neighbours_50"])
    assert weights(model) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("learner", [Ease(), ItemKnn()])
def test_what_the_users_items_add_is_the_score(learner: Any) -> None:
    [settings, *_] = learner.candidates(SAMPLE, False).values()
    model = learner.fit(SAMPLE, settings)
    users = np.arange(20)
    ranking = rank(model, SAMPLE, users, build([""] * ITEMS), Wanted(3, 40))
    assert ranking.scores == pytest.approx(
        model.scores(SAMPLE, users).values[users[:, None], ranking.items], abs=1e-6
    )
    parts = weights(model)
    for user in users.tolist():
        own = SAMPLE.items[SAMPLE.of(user)]
        for k, item in enumerate(ranking.items[user].tolist()):
            assert parts[own, item].sum() == pytest.approx(ranking.scores[user, k], abs=1e-5)
            assert ranking.causes[user, k, 0] == own[np.argmax(parts[own, item])]


@pytest.mark.parametrize("learner", [Ease(), ItemKnn(), Popularity()])
def test_a_model_is_stored_as_arrays_and_read_back(learner: Any, tmp_path: Path) -> None:
    [settings, *_] = learner.candidates(SAMPLE, False).values()
    model = learner.fit(SAMPLE, settings)
    roster.save(model, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [learner.file]
    read = roster.load(tmp_path)
    assert read.source == learner.source
    users = np.arange(10)
    assert read.scores(SAMPLE, users).values.tolist() == model.scores(SAMPLE, users).values.tolist()


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("targets", np.array([0, 99], np.int32), "the arrays do not fit together"),
        ("weights", np.array([np.nan] * 2, np.float32), "the arrays do not fit together"),
        ("start", np.array([0.0, 1.0]), "an array is of another kind"),
    ],
)
def test_arrays_that_form_no_model_are_refused(name: str, value: np.ndarray, fault: str) -> None:
    model = ItemKnn().fit(SAMPLE, ItemKnn().candidates(SAMPLE, False)["neighbours_50"])
    with pytest.raises(ValueError, match=fault):
        ItemKnn().restored({**ItemKnn().arrays(model), name: value})


def test_too_many_items_are_not_for_ease() -> None:
    large = SAMPLE._replace(users_by_item=np.ones(6_001, np.int64))
    assert Ease().candidates(large, False) == {}


@pytest.mark.parametrize("seed", [0, 1])
def test_where_tastes_do_not_differ_popularity_is_served(seed: int) -> None:
    chance = np.random.default_rng(seed)
    odds = 1 / np.arange(1, 61) ** 1.3
    pairs = {
        (user, int(item))
        for user in range(300)
        for item in chance.choice(60, 7, replace=False, p=odds / odds.sum())
    }
    sample = choices(sorted(pairs), 300, 60)
    model, trial = learn(sample, roster.competing("auto"), alike=False)
    assert trial.winner is not None
    assert trial.popular is not None
    assert trial.winner.ndcg >= 0.95 * trial.popular.ndcg
    assert model.source in {"popularity", "als", "ease", "item-knn"}
    if trial.winner.ndcg < trial.popular.ndcg:
        assert model.source == "popularity" or trial.tried[trial.chosen].ndcg > trial.popular.ndcg


def crowd(bot: list[int]) -> Choices:
    """Users of four kinds, and a last one with many rows of some items."""
    pairs = clusters(400, 80, 4, 12, 0.1, 5) + [(400, item) for item in sorted(set(bot))]
    sample = choices(pairs, 401, 80)
    sample.weights[sample.of(400)] = np.log2(1 + len(bot) / len(set(bot)))
    return sample


@pytest.mark.parametrize("bot", [[0, 1] * 3_000, list(range(80)) * 100], ids=["two items", "every item"])
@pytest.mark.parametrize("learner", [Ease(), ItemKnn()])
def test_one_user_changes_others_lists_by_less_than_a_tenth(learner: Any, bot: list[int]) -> None:
    def lists(sample: Choices) -> np.ndarray:
        [settings, *_] = learner.candidates(sample, False).values()
        model = learner.fit(sample, settings)
        return rank(model, sample, np.arange(400), build([""] * 80), Wanted(10)).items

    clean, attacked = lists(crowd([5, 9])), lists(crowd(bot))
    kept = np.mean(
        [len(set(a) & set(b)) / 10 for a, b in zip(clean.tolist(), attacked.tolist(), strict=True)]
    )
    assert kept >= 0.9


def test_the_latest_choices_are_held_out_if_rows_carry_times() -> None:
    from plugins.recommendation.recommenders.holdout import _held_out

    timed = SAMPLE._replace(age=np.linspace(0, 300, len(SAMPLE.items))[::-1].copy())
    timed = timed._replace(age=np.random.default_rng(0).permutation(timed.age))
    held = _held_out(timed)
    assert timed.age[held].max() <= timed.age[~held].min()
    assert held.mean() == pytest.approx(0.2, abs=0.01)
    assert _held_out(SAMPLE).mean() == pytest.approx(0.2, abs=0.05)
