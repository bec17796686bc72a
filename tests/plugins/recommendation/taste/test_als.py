import itertools
from pathlib import Path

import numpy as np
import pytest

from plugins.recommendation.taste import als
from plugins.recommendation.taste.als import ALPHA, ItemFactors
from plugins.recommendation.taste.personal import user_factors
from tests.plugins.recommendation.taste.populations import choices, clusters

USERS, ITEMS = 60, 40


@pytest.fixture(scope="module")
def learned() -> ItemFactors:
    return als.fit(
        choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS),
        factors=12,
        iterations=15,
        regularization=10.0,
    )


def dense(of: als.Choices) -> np.ndarray:
    matrix = np.zeros((of.users, len(of.users_by_item)))
    matrix[np.repeat(np.arange(of.users), np.diff(of.start)), of.items] = of.weights
    return matrix


def test_a_users_factors_solve_equation_4_of_hu_koren_volinsky_2008(learned: ItemFactors) -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    Y, w = learned.factors.astype(float), dense(sample)
    found = user_factors(learned, sample, np.arange(USERS))
    for u in range(USERS):
        C = np.diag(1 + ALPHA * w[u])
        expected = np.linalg.solve(Y.T @ C @ Y + 10.0 * np.eye(12), Y.T @ C @ (w[u] > 0))
        assert found[u] == pytest.approx(expected, abs=1e-5)


def test_contributions_add_up_to_the_product_of_the_factors(learned: ItemFactors) -> None:
    items, weights = np.array([0, 4, 8, 9]), np.array([1.0, 0.4, 2.0, 0.0])
    triangle = np.empty_like(learned.gram)
    x = als.solve_user(items, weights, learned.factors, learned.gram, 10.0, triangle)
    for item in range(ITEMS):
        parts = als.contributions(item, items, weights, learned.factors, triangle)
        assert parts.sum() == pytest.approx(x @ learned.factors[item], abs=1e-9)
        assert parts[3] == 0


def test_choices_that_weigh_nothing_give_no_factors(learned: ItemFactors) -> None:
    x = als.solve_user(
        np.array([1, 2]), np.zeros(2), learned.factors, learned.gram, 10.0, np.empty_like(learned.gram)
    )
    assert x.tolist() == [0.0] * 12


def test_factors_are_a_fixed_point_of_both_halves() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    model = als.fit(sample, factors=4, iterations=200, regularization=10.0)
    X = user_factors(model, sample, np.arange(USERS)).astype(float)
    w = dense(sample).T
    for item in range(ITEMS):
        C = np.diag(1 + ALPHA * w[item])
        expected = np.linalg.solve(X.T @ C @ X + 10.0 * np.eye(4), X.T @ C @ (w[item] > 0))
        assert model.factors[item] == pytest.approx(expected, abs=2e-3)


def test_the_same_choices_give_the_same_bytes() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    one, other = (als.fit(sample, factors=12, iterations=5, regularization=5.0) for _ in range(2))
    assert one.factors.tobytes() == other.factors.tobytes()
    assert one.gram.tobytes() == other.gram.tobytes()


def test_the_loss_falls() -> None:
    losses: list[float] = []
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    als.fit(sample, factors=12, iterations=15, regularization=10.0, losses=losses)
    assert len(losses) == 6
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))


def test_the_weight_is_the_largest_singular_value() -> None:
    sample = choices(clusters(USERS, ITEMS, 4, 8, 0.1, 0), USERS, ITEMS)
    matrix = dense(sample)
    largest = np.linalg.svd((matrix > 0) + ALPHA * matrix, compute_uv=False)[0]
    assert als.weight(sample) == pytest.approx(largest, rel=1e-3)


def test_an_item_that_nobody_chose_is_like_no_other(learned: ItemFactors) -> None:
    sample = choices(clusters(USERS, ITEMS - 1, 3, 8, 0.1, 0), USERS, ITEMS)
    model = als.fit(sample, factors=8, iterations=5, regularization=5.0)
    assert model.factors[ITEMS - 1].tolist() == [0.0] * 8
    assert model.similar(0)[ITEMS - 1] == 0.0
    assert model.similar(ITEMS - 1).tolist() == [0.0] * ITEMS


def test_similar_is_the_cosine_of_the_factors(learned: ItemFactors) -> None:
    Y = learned.factors.astype(float)
    expected = (Y @ Y[3]) / np.linalg.norm(Y, axis=1) / np.linalg.norm(Y[3])
    assert learned.similar(3) == pytest.approx(np.clip(expected, 0, 1), abs=1e-6)


def test_factors_come_back_from_their_files(learned: ItemFactors, tmp_path: Path) -> None:
    learned.save(tmp_path)
    back = ItemFactors.load(tmp_path)
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
    learned.save(tmp_path)
    with np.load(tmp_path / "factors.npz") as stored:
        arrays = {**stored, part: value}
    np.savez(tmp_path / "factors.npz", **arrays)
    with pytest.raises(ValueError, match=f"factors.npz: {message}"):
        ItemFactors.load(tmp_path)
