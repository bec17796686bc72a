"""The factor is LAPACK's, and what is not positive definite is refused."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.shared import cholesky


@pytest.mark.parametrize("size", [1, 2, 7, 60])
def test_factor_and_solution_are_lapacks(size: int) -> None:
    chance = np.random.default_rng(size)
    wide = chance.normal(size=(2 * size, size))
    matrix, vector = wide.T @ wide, chance.normal(size=size)
    factor, solution = matrix.copy(), vector.copy()
    assert cholesky.factorise(factor)
    np.testing.assert_allclose(np.tril(factor), np.linalg.cholesky(matrix), rtol=1e-10)
    np.testing.assert_array_equal(np.triu(factor, 1), np.triu(matrix, 1))
    cholesky.solve(factor, solution)
    np.testing.assert_allclose(solution, np.linalg.solve(matrix, vector), rtol=1e-7)


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), -np.eye(2), np.full((2, 2), np.nan), np.ones((3, 3))])
def test_what_is_not_positive_definite_is_refused(matrix: np.ndarray) -> None:
    assert not cholesky.factorise(matrix.astype(float).copy())
