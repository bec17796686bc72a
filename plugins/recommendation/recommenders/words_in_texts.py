"""The words of texts, by their hashes.

A word is two or more letters, digits or underscores in a row, in lower case: as scikit-learn's
``CountVectorizer`` with its defaults, and with the vowel signs of scripts such as Devanagari.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Characters = NDArray[np.uint32]
Bools = NDArray[np.bool_]

_SEED = np.uint64(0xCBF29CE484222325)  # offset basis of 64-bit FNV-1a (Fowler, Noll & Vo)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd (Knuth, TAOCP 3, section 6.4)
_SHIFT = np.uint64(29)


class Words(NamedTuple):
    """The words of n texts, one text after the other.

    Attributes:
        text: (w,) the number of the text that each word is in.
        hashes: (w,) the hash of each word.
        begin, end: (w,) where each word stands in all texts joined.
    """

    text: Ints
    hashes: Hashes
    begin: Ints
    end: Ints


@functools.cache
def word_characters() -> Bools:
    """(0x110000,) whether a character belongs to a word: letters, digits, underscore and combining marks."""
    belongs = np.zeros(0x110000, np.bool_)
    for code in range(0x110000):
        character = chr(code)
        belongs[code] = character == "_" or character.isalnum() or unicodedata.category(character)[0] == "M"
    return belongs


def normalised(text: str) -> str:
    """A text in lower case, with one spelling of each accented letter.

    >>> normalised("CAFE\u0301") == "caf\u00e9"
    True
    """
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def words_in(texts: Sequence[str]) -> Words:
    """The words of texts that are :func:`normalised`.

    >>> words = words_in(["red shoes", "a hat"])
    >>> words.text.tolist(), words.begin.tolist(), words.end.tolist()
    ([0, 0, 1], [0, 4, 11], [3, 9, 14])
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Words(*_words_in(joined, np.cumsum(lengths), word_characters()))


@njit(cache=True, nogil=True)
def _words_in(characters: Characters, ends: Ints, belongs: Bools) -> tuple[Ints, Hashes, Ints, Ints]:
    most = characters.size // 2 + 1  # words of two characters
    text, hashes = np.empty(most, np.int64), np.empty(most, np.uint64)
    begins, stops = np.empty(most, np.int64), np.empty(most, np.int64)
    count = 0
    at = 0
    for i in range(ends.size):
        while at < ends[i]:
            if not belongs[characters[at]]:
                at += 1
                continue
            # FNV-1a over characters, with a wider multiplier, and a shift that mixes the high bits down.
            begin, code = at, _SEED
            while at < ends[i] and belongs[characters[at]]:
                code = (code ^ np.uint64(characters[at])) * _MULTIPLIER
                code ^= code >> _SHIFT
                at += 1
            if at - begin >= 2:
                text[count], hashes[count], begins[count], stops[count] = i, code, begin, at
                count += 1
    return text[:count].copy(), hashes[:count].copy(), begins[:count].copy(), stops[:count].copy()
