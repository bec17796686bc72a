"""Solves symmetric positive definite systems by their Cholesky factor, inside compiled code.

Golub & Van Loan, *Matrix Computations*, section 4.2. Numba hands ``np.linalg`` to BLAS, whose sums depend on
the number of threads; these do not.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def factorise(matrix: Floats) -> bool:
    """Replaces the lower triangle of A by L, where A = L·Lᵀ; the upper triangle is neither read nor written.

    Args:
        matrix: ``(n, n)``; changed in place.

    Returns:
        whether A is positive definite. If not, ``matrix`` is left half done.

    >>> matrix = np.array([[4.0, 0.0], [2.0, 5.0]])
    >>> factorise(matrix), matrix.tolist()
    (True, [[2.0, 0.0], [1.0, 2.0]])
    >>> factorise(np.array([[1.0, 0.0], [2.0, 1.0]]))
    False
    """
    for row in range(len(matrix)):
        for column in range(row + 1):
            # a_ij = Σ_k≤j l_ik·l_jk, solved for l_ij; the rows above are done.
            remainder = matrix[row, column]
            for done in range(column):
                remainder -= matrix[row, done] * matrix[column, done]
            if row == column:
                if not remainder > 0.0:
                    return False
                matrix[row, row] = np.sqrt(remainder)
            else:
                matrix[row, column] = remainder / matrix[column, column]
    return True


@njit(cache=True, nogil=True)
def solve(factor: Floats, vector: Floats) -> None:
    """Replaces b by the solution x of L·Lᵀ·x = b.

    Args:
        factor: ``(n, n)`` with L in its lower triangle, as :func:`factorise` leaves it.
        vector: ``(n,)``; changed in place.

    >>> vector = np.array([8.0, 14.0])
    >>> solve(np.array([[2.0, 0.0], [1.0, 2.0]]), vector)
    >>> vector.tolist()
    [0.75, 2.5]
    """
    size = len(factor)
    # Forward: L·y = b.
    for row in range(size):
        for column in range(row):
            vector[row] -= factor[row, column] * vector[column]
        vector[row] /= factor[row, row]
    # Backward: Lᵀ·x = y. Once x_row is known, it is taken out of all equations above.
    for row in range(size - 1, -1, -1):
        vector[row] /= factor[row, row]
        for column in range(row):
            vector[column] -= factor[row, column] * vector[row]
