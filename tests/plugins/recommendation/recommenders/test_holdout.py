import numpy as np
import pytest

from plugins.recommendation.recommenders import als
from plugins.recommendation.recommenders.als import AlternatingLeastSquares, Size
from plugins.recommendation.recommenders.holdout import learn
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.lists import unseen
from tests.plugins.recommendation.recommenders.populations import choices, clusters, low_rank


def hidden_last(pairs: list[tuple[int, int]], seed: int) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """The pairs without one of each user's, and that one."""
    shuffled = [pairs[k] for k in np.random.default_rng(seed).permutation(len(pairs))]
    hidden = {}
    for user, item in shuffled:
        hidden.setdefault(user, item)
    return [pair for pair in pairs if hidden[pair[0]] != pair[1]], hidden


def learners(factors: int, rounds: int) -> list[AlternatingLeastSquares]:
    return [AlternatingLeastSquares(Size(factors, rounds), Size(factors, rounds))]


def hits(vectors: np.ndarray, across: np.ndarray, seen: Choices, hidden: dict[int, int]) -> float:
    """Share of users whose hidden item is among the first ten."""
    scores = vectors.astype(np.float32) @ across.astype(np.float32)
    found = unseen(lambda part: scores[part], seen, np.arange(seen.users), 10)
    return float(np.mean([hidden[user] in found[user] for user in hidden]))


def rates(pairs: list[tuple[int, int]], users: int, items: int, seed: int) -> tuple[float, float, float]:
    """Hit rates of ALS, popularity, and item-to-item cosine."""
    kept, hidden = hidden_last(pairs, seed)
    seen = choices(kept, users, items)
    model, _ = learn(seen, learners(50, 30), alike=False)
    ours = hits(model.user_factors(seen, np.arange(users)), model.factors.T, seen, hidden)
    popular = hits(np.ones((users, 1)), seen.users_by_item[None, :].astype(float), seen, hidden)
    matrix = np.zeros((users, items))
    matrix[tuple(zip(*kept, strict=True))] = 1
    norms = np.sqrt(np.maximum(matrix.sum(axis=0), 1))
    cosines = (matrix.T @ matrix) / norms / norms[:, None]
    np.fill_diagonal(cosines, 0)
    return ours, popular, hits(matrix, cosines, seen, hidden)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planted_kinds_are_found_twice_as_often_as_by_popularity(seed: int) -> None:
    ours, popular, _ = rates(clusters(200, 100, 5, 12, 0.1, seed), 200, 100, seed)
    assert ours >= 2 * popular


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_low_rank_tastes_are_found_better_than_by_popularity_and_by_cosine(seed: int) -> None:
    ours, popular, cosine = rates(low_rank(600, 300, 8, 25, seed), 600, 300, seed)
    assert ours > popular
    assert ours > cosine


@pytest.mark.parametrize("alike", [False, True])
def test_the_chosen_strength_is_one_that_was_tried_and_is_judged_apart(alike: bool) -> None:
    sample = choices(clusters(100, 60, 4, 12, 0.1, 3), 100, 60)
    model, trial = learn(sample, learners(20, 10), alike=alike)
    assert trial.chosen in trial.tried
    assert model.regularization == trial.chosen.settings.regularization
    assert len(trial.winner.precision) == 10
    assert trial.winner.precision[-1] > trial.popular.precision[-1]
    assert 0 < trial.winner.coverage <= 1


def test_where_nothing_can_be_held_out_there_are_factors_and_no_figures() -> None:
    sample = choices([(user, user % 3) for user in range(6)], 6, 3)
    model, trial = learn(sample, learners(4, 3), alike=False)
    assert model.factors.shape == (3, 4)
    assert trial.winner is None or trial.winner.users <= 6


def test_the_same_choices_give_the_same_model_and_figures() -> None:
    sample = choices(clusters(100, 60, 4, 12, 0.1, 3), 100, 60)
    (one, first), (other, second) = (learn(sample, learners(20, 10), alike=False) for _ in range(2))
    assert one.factors.tobytes() == other.factors.tobytes()
    assert first.winner.precision.tobytes() == second.winner.precision.tobytes()
    assert first.losses == second.losses


def test_blas_has_its_threads_back_after_fits() -> None:
    from threadpoolctl import threadpool_info

    before = threadpool_info()
    learn(choices(clusters(50, 30, 3, 6, 0.1, 3), 50, 30), learners(4, 2), alike=False)
    assert threadpool_info()[: len(before)] == before
    assert als.ONE_THREAD._fits == 0
