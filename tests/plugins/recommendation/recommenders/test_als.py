import itertools
from pathlib import Path

import numpy as np
import pytest

from plugins.recommendation.recommenders import als
from plugins.recommendation.recommenders.als import AlternatingLeastSquares, ItemFactors, Settings
from plugins.recommendation.recommenders.als_kernels import ALPHA, contributions, solve_user
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.roster import load, save
from tests.plugins.recommendation.recommenders.populations import choices, clusters

USERS, ITEMS = 60, 40
LEARNER = AlternatingLeastSquares()


def fit(
    of: Choices, factors: int, rounds: int, strength: float, losses: dict[int, float] | None = None
) -> ItemFactors:
    return LEARNER.fit(of, Settings(factors, rounds, strength), losses=losses)


@pytest.fixture(scope="module")
def learned() -> ItemFactors:
    return fit(choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS), 12, 15, 10.0)


def similar(model: ItemFactors, item: int) -> np.ndarray:
    return model.similarities(np.array([item]))[0].clip(0.0, 1.0)


def dense(of: Choices) -> np.ndarray:
    matrix = np.zeros((of.users, len(of.users_by_item)))
    matrix[np.repeat(np.arange(of.users), np.diff(of.start)), of.items] = of.weights
    return matrix


def test_a_users_factors_solve_equation_4_of_hu_koren_volinsky_2008(learned: ItemFactors) -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    Y, w = learned.factors.astype(float), dense(sample)
    found = learned.user_factors(sample, np.arange(USERS))
    for u in range(USERS):
        C = np.diag(1 + ALPHA * w[u])
        expected = np.linalg.solve(Y.T @ C @ Y + 10.0 * np.eye(12), Y.T @ C @ (w[u] > 0))
        assert found[u] == pytest.approx(expected, abs=1e-5)


def test_contributions_add_up_to_the_product_of_the_factors(learned: ItemFactors) -> None:
    items, weights = np.array([0, 4, 8, 9]), np.array([1.0, 0.4, 2.0, 0.0])
    triangle = np.empty_like(learned.gram)
    x = solve_user(items, weights, learned._factors, triangle)
    for item in range(ITEMS):
        parts = contributions(item, items, weights, learned.factors, triangle)
        assert parts.sum() == pytest.approx(x @ learned.factors[item], abs=1e-9)
        assert parts[3] == 0


def test_choices_that_weigh_nothing_give_no_factors(learned: ItemFactors) -> None:
    x = solve_user(np.array([1, 2]), np.zeros(2), learned._factors, np.empty_like(learned.gram))
    assert x.tolist() == [0.0] * 12


def test_factors_are_a_fixed_point_of_both_halves() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    model = fit(sample, 4, 200, 10.0)
    X = model.user_factors(sample, np.arange(USERS)).astype(float)
    w = dense(sample).T
    for item in range(ITEMS):
        C = np.diag(1 + ALPHA * w[item])
        expected = np.linalg.solve(X.T @ C @ X + 10.0 * np.eye(4), X.T @ C @ (w[item] > 0))
        assert model.factors[item] == pytest.approx(expected, abs=2e-3)


def test_the_same_choices_give_the_same_bytes() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    one, other = (fit(sample, 12, 5, 5.0) for _ in range(2))
    assert one.factors.tobytes() == other.factors.tobytes()
    assert one.gram.tobytes() == other.gram.tobytes()


def test_the_loss_falls() -> None:
    losses: dict[int, float] = {}
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    fit(sample, 12, 15, 10.0, losses=losses)
    assert len(losses) == 6
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses.values()))


def test_the_weight_is_the_largest_singular_value() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    matrix = dense(sample)
    largest = np.linalg.svd((matrix > 0) + ALPHA * matrix, compute_uv=False)[0]
    assert als.largest_singular_value(sample) == pytest.approx(largest, rel=1e-3)


def test_an_item_that_nobody_chose_is_like_no_other(learned: ItemFactors) -> None:
    sample = choices(clusters(USERS, ITEMS - 1, 3, 8, 0.1, 0), USERS, ITEMS)
    model = fit(sample, 8, 5, 5.0)
    assert model.factors[ITEMS - 1].tolist() == [0.0] * 8
    assert similar(model, 0)[ITEMS - 1] == 0.0
    assert similar(model, ITEMS - 1).tolist() == [0.0] * ITEMS


def test_similar_is_the_cosine_of_the_factors(learned: ItemFactors) -> None:
    Y = learned.factors.astype(float)
    expected = (Y @ Y[3]) / np.linalg.norm(Y, axis=1) / np.linalg.norm(Y[3])
    assert similar(learned, 3) == pytest.approx(np.clip(expected, 0, 1), abs=1e-6)


def test_factors_come_back_from_their_files(learned: ItemFactors, tmp_path: Path) -> None:
    save(learned, tmp_path)
    back = load(tmp_path)
    assert back.factors.tobytes() == learned.factors.tobytes()
    assert back.gram.tobytes() == learned.gram.tobytes()
    assert back.regularization == learned.regularization


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("gram", np.zeros((3, 3)), "the arrays do not fit together"),
        ("factors", np.zeros(12, np.float32), "the arrays do not fit together"),
        ("factors", np.zeros((40, 12)), "an array is of another kind"),
        ("factors", np.full((40, 12), np.nan, np.float32), "a figure is not finite"),
        ("regularization", np.array(0.0), "a figure is not finite"),
    ],
)
def test_damaged_files_are_refused(
    learned: ItemFactors, tmp_path: Path, part: str, value: np.ndarray, message: str
) -> None:
    save(learned, tmp_path)
    with np.load(tmp_path / "factors.npz") as stored:
        arrays = {**stored, part: value}
    np.savez(tmp_path / "factors.npz", **arrays)
    with pytest.raises(ValueError, match=f"factors.npz: {message}"):
        load(tmp_path)
