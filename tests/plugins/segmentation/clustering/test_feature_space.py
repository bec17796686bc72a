"""The space in which customers are compared."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from plugins.segmentation.clustering.categories import categories
from plugins.segmentation.clustering.feature_space import distinct, learn

FIGURES = np.array([[1, 10.25, 1], [3, 500.1, 2], [8, 90.0, 1], [2, 0.07, 3]])
BOUGHT = categories([["tea"], ["tea", "wine"], ["wine"], ["rum", "tea", "wine", "tea"]])


def test_raw_figures_are_rounded_to_single_precision_as_the_published_ones() -> None:
    space = learn(("a", "b", "c"), FIGURES, scaling="raw")
    np.testing.assert_array_equal(space.points(FIGURES), FIGURES.astype(np.float32).astype(float))


def test_z_scores_are_scikit_learns() -> None:
    space = learn(("a", "b", "c"), FIGURES, scaling="zscore")
    np.testing.assert_allclose(space.points(FIGURES), StandardScaler().fit_transform(FIGURES), rtol=1e-12)


def test_a_constant_figure_says_nothing_even_if_it_is_large() -> None:
    figures = np.column_stack([np.full(5, 0.1), np.full(5, 1e15), np.arange(5.0)])
    points = learn(("a", "b", "c"), figures, scaling="zscore").points(figures)
    np.testing.assert_allclose(points[:, :2], 0, atol=1e-9)
    assert np.std(points[:, 2]) == pytest.approx(1)


def test_indicators_of_the_most_bought_product_types() -> None:
    space = learn(("a", "b", "c"), FIGURES, scaling="zscore_onehot", bought=BOUGHT)
    assert space.axes == ("a", "b", "c", "product_type=tea", "product_type=wine", "product_type=rum")
    expected = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 1, 1]]
    np.testing.assert_array_equal(space.points(FIGURES, BOUGHT)[:, 3:], expected)
    other = categories([["gin"], ["wine", "gin"]])
    np.testing.assert_array_equal(space.points(FIGURES[:2], other)[:, 3:], [[0, 0, 0], [0, 1, 0]])
    with pytest.raises(ValueError, match="needs product types"):
        space.points(FIGURES)


def test_rows_of_a_reviewer_are_the_same_points() -> None:
    space = learn(("a", "b", "c"), FIGURES, scaling="zscore_onehot", bought=BOUGHT)
    rows = [
        {"a": figures[0], "b": figures[1], "c": figures[2], "product_type=tea": float(place != 2)}
        for place, figures in enumerate(FIGURES.tolist())
    ]
    points = space.points_of_rows(rows)
    np.testing.assert_allclose(points[:, :4], space.points(FIGURES, BOUGHT)[:, :4])
    np.testing.assert_array_equal(points[:, 4:], 0)


def test_no_more_than_fifty_product_types() -> None:
    baskets = [[f"type-{number}" for number in range(place % 70 + 1)] for place in range(200)]
    bought = categories(baskets)
    figures = np.arange(600.0).reshape(200, 3)
    space = learn(("a", "b", "c"), figures, scaling="zscore_onehot", bought=bought)
    assert space.types == tuple(f"type-{number}" for number in range(50))


def test_distinct_points() -> None:
    assert distinct(np.array([[0.0, 1.0], [-0.0, 1.0], [0.0, 1.0 + 1e-16], [0.0, 2.0]])) == 2
