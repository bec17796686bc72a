"""Fractions to decimal text, in compiled code."""

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
"""Of the decimals without the zeros that say nothing."""
_SPLIT = 134217729.0  # 2^27 + 1: halves a double's digits (Veltkamp 1968)


@njit(cache=True, nogil=True)
def scaled(value: float) -> int:
    """Ten thousand times a value of 0 to 10^11, rounded as ``round(value, 4)`` does it.

    That is, by the exact value of the double: what stands halfway goes to the even digit, and only what does.
    """
    product = value * _SCALE
    low = np.floor(product)
    beyond = product - low - 0.5
    if abs(beyond) < 1e-3:
        # What rounding took from the product decides (Dekker 1971).
        upper = _SPLIT * value
        upper -= upper - value
        beyond += (upper * _SCALE - product) + (value - upper) * _SCALE
    whole = int(low)
    if beyond > 0 or (beyond == 0 and whole % 2 == 1):
        whole += 1
    return whole


@njit(cache=True, nogil=True)
def write_whole(value: int, out: Bytes, at: int) -> int:
    """Writes a whole number, 0 or more, and gives the place after it."""
    digits = 1
    rest = value // 10
    while rest > 0:
        digits += 1
        rest //= 10
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = 48 + value % 10
        value //= 10
    return at + digits


@njit(cache=True, nogil=True)
def write(value: float, out: Bytes, at: int) -> int:
    """Writes a value, rounded as :func:`scaled` has it, with 1 to 4 decimals; gives the place after it."""
    number = scaled(value)
    whole, rest = number // 10_000, number % 10_000
    if whole < 10:
        out[at] = 48 + whole
        at += 1
    else:
        at = write_whole(whole, out, at)
    out[at] = 46
    for place in range(_LENGTH[rest]):
        out[at + 1 + place] = _DIGITS[rest, place]
    return at + 1 + int(_LENGTH[rest])
