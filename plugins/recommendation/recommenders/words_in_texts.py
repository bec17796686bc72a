"""The words of texts, by their hashes.

A word is two or more letters, digits or underscores in a row: as scikit-learn's ``CountVectorizer`` with
its defaults, and with the vowel signs of scripts such as Devanagari. Case and accents make no difference,
and stop words of English, Spanish and Portuguese are left out.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.stop_words import STOP_WORDS

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
    """A text without case and accents.

    Marks of scripts that need them stay, such as vowel signs, nukta and dakuten: only marks above, below or
    attached to a letter go (Unicode's canonical combining classes 200 to 240).

    >>> normalised("T-shirt ALGODÃO") == normalised("t-shirt algodao\u0301") == "t-shirt algodao"
    True
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    kept = [character for character in decomposed if not 200 <= unicodedata.combining(character) <= 240]
    return unicodedata.normalize("NFC", "".join(kept))


@functools.cache
def stop_hashes() -> Hashes:
    """(s,) the hashes of the stop words, ascending."""
    ordered = sorted(STOP_WORDS)
    joined = np.frombuffer(" ".join(ordered).encode("utf-32-le"), np.uint32)
    ends = np.array([len(joined)])
    return np.sort(_words_in(joined, ends, word_characters(), np.zeros(0, np.uint64))[1])


def words_in(texts: Sequence[str]) -> Words:
    """The words of texts that are :func:`normalised`.

    >>> words = words_in(["red shoes", "a hat of wool"])
    >>> words.text.tolist(), words.begin.tolist(), words.end.tolist()
    ([0, 0, 1, 1], [0, 4, 11, 18], [3, 9, 14, 22])
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Words(*_words_in(joined, np.cumsum(lengths), word_characters(), stop_hashes()))


@njit(cache=True, nogil=True)
def _is_in(code: np.uint64, ordered: Hashes) -> bool:
    """Whether a hash is among ordered ones, by bisection."""
    low, high = 0, ordered.size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low < ordered.size and bool(ordered[low] == code)


@njit(cache=True, nogil=True)
def _words_in(
    characters: Characters, ends: Ints, belongs: Bools, stop: Hashes
) -> tuple[Ints, Hashes, Ints, Ints]:
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
            if at - begin >= 2 and not _is_in(code, stop):
                text[count], hashes[count], begins[count], stops[count] = i, code, begin, at
                count += 1
    return text[:count].copy(), hashes[:count].copy(), begins[:count].copy(), stops[:count].copy()
