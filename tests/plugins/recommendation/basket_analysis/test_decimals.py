"""Fractions to decimal text."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from plugins.recommendation.basket_analysis import decimals


def written(value: float) -> str:
    out = np.zeros(decimals.LONGEST, np.uint8)
    return bytes(out[: decimals.write(value, out, 0)]).decode()


@given(
    st.one_of(st.floats(0, 1e11), st.builds(lambda a, b: a / b, st.integers(0, 10**6), st.integers(1, 10**4)))
)
@example(0.03125)  # halfway, exactly: to the even digit
@example(1 / 20_000)  # halfway in decimals, a little more as a double
@example(99999.99995)
def test_it_rounds_as_python_does(value: float) -> None:
    assert float(written(value)) == round(value, 4)


@given(st.integers(0, 2 * 10**6))
def test_it_rounds_every_half_as_python_does(number: int) -> None:
    value = (2 * number + 1) / 20_000
    assert float(written(value)) == round(value, 4)


def test_it_writes_one_decimal_at_least_and_no_idle_zeros() -> None:
    assert [written(value) for value in (0.0, 1.0, 0.5, 0.25, 12.0301, 1 / 3)] == [
        *("0.0", "1.0", "0.5", "0.25", "12.0301", "0.3333")
    ]
