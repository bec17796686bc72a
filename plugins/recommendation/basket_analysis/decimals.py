"""Numbers as decimal text, in compiled code."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

PLACES = 4
LONGEST = 26
"""The most bytes that a number takes."""
_SCALE = 1e4
_DIGITS = np.frombuffer("".join(f"{rest:04}" for rest in range(10_000)).encode(), np.uint8).reshape(-1, 4)
_LENGTH = np.array([len(f"{rest:04}".rstrip("0")) or 1 for rest in range(10_000)], np.int64)
"""How many decimals are written: without trailing zeros, but at least one."""
_SPLIT = 134217729.0  # 2^27 + 1 halves the digits of a double (Veltkamp 1968)


@njit(cache=True, nogil=True)
def scaled(value: float) -> int:
    """Ten thousand times a value from 0 to 10^11, rounded as ``round(value, 4)`` does it.

    It rounds the exact value of the double. Only an exact half is rounded to the even digit.

    >>> scaled(0.5), scaled(0.00005), scaled(2 / 3)
    (5000, 1, 6667)
    """
    product = value * _SCALE
    low = np.floor(product)
    beyond = product - low - 0.5
    if abs(beyond) < 1e-3:
        # Near a half, the rounding error of the product decides. Dekker's product (1971) gives it exactly.
        upper = _SPLIT * value
        upper -= upper - value
        beyond += (upper * _SCALE - product) + (value - upper) * _SCALE
    whole = int(low)
    if beyond > 0 or (beyond == 0 and whole % 2 == 1):
        whole += 1
    return whole


@njit(cache=True, nogil=True)
def write_whole(value: int, out: Bytes, at: int) -> int:
    """Writes a whole number of 0 or more, and gives the position after it."""
    digits = 1
    rest = value // 10
    while rest > 0:
        digits += 1
        rest //= 10
    for position in range(at + digits - 1, at - 1, -1):
        out[position] = 48 + value % 10
        value //= 10
    return at + digits


@njit(cache=True, nogil=True)
def write(value: float, out: Bytes, at: int) -> int:
    """Writes a value with 1 to 4 decimals, rounded as by :func:`scaled`, and gives the position after it.

    >>> text = np.empty(LONGEST, np.uint8)
    >>> bytes(text[: write(2 / 3, text, 0)])
    b'0.6667'
    """
    number = scaled(value)
    whole, rest = number // 10_000, number % 10_000
    if whole < 10:
        out[at] = 48 + whole
        at += 1
    else:
        at = write_whole(whole, out, at)
    out[at] = 46
    for digit in range(_LENGTH[rest]):
        out[at + 1 + digit] = _DIGITS[rest, digit]
    return at + 1 + int(_LENGTH[rest])
