"""Texts of items as TF-IDF vectors, and the cosines between them (Salton & Buckley 1988).

As scikit-learn's ``TfidfVectorizer`` with its defaults: words of two or more letters in lower case, single
words, smooth idf, Euclidean norm. An index keeps no word and no text, only the hashes of words.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Hashes = NDArray[np.uint64]
Letters = NDArray[np.uint32]
Bools = NDArray[np.bool_]

_SEED = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class Index(NamedTuple):
    """TF-IDF vectors of n texts over v words, by text and by word.

    Attributes:
        hashes: (v,) hash of each word, ascending.
        idf: (v,) inverse document frequency of each word.
        start, words, weights: the vector of text i is ``words[start[i]:start[i + 1]]``, ascending, with its
            weights; of length 1, or empty.
        word_start, texts, word_weights: the same by word.
    """

    hashes: Hashes
    idf: Floats
    start: Ints
    words: Places
    weights: Floats
    word_start: Ints
    texts: Places
    word_weights: Floats

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return sum(part.nbytes for part in self)


class Tokens(NamedTuple):
    """The words of n texts, one after the other: text, hash, and where each begins and ends in the whole."""

    text: Ints
    hashes: Hashes
    begin: Ints
    end: Ints


@functools.cache
def letters() -> Bools:
    """(0x110000,) which characters are part of a word: letters, digits, the underscore, and the marks that
    scripts such as Devanagari write their vowels with."""
    known = np.zeros(0x110000, np.bool_)
    for code in range(0x110000):
        char = chr(code)
        known[code] = char == "_" or char.isalnum() or unicodedata.category(char)[0] == "M"
    return known


def lowered(text: str) -> str:
    """A text as it is compared: in lower case, and with one spelling of each accented letter."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def tokens(texts: Sequence[str]) -> Tokens:
    """The words of texts, which :func:`lowered` gave."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths)
    whole = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Tokens(*_tokens(whole, ends, letters()))


@njit(cache=True, nogil=True)
def _tokens(whole: Letters, ends: Ints, letters: Bools) -> tuple[Ints, Hashes, Ints, Ints]:
    most = whole.size // 2 + 1
    text, hashes = np.empty(most, np.int64), np.empty(most, np.uint64)
    begins, stops = np.empty(most, np.int64), np.empty(most, np.int64)
    found = 0
    place = 0
    for i in range(ends.size):
        while place < ends[i]:
            if not letters[whole[place]]:
                place += 1
                continue
            begin, code = place, _SEED
            while place < ends[i] and letters[whole[place]]:
                code = (code ^ np.uint64(whole[place])) * _PRIME
                code ^= code >> _SHIFT
                place += 1
            if place - begin >= 2:
                text[found], hashes[found], begins[found], stops[found] = i, code, begin, place
                found += 1
    return text[:found].copy(), hashes[:found].copy(), begins[:found].copy(), stops[:found].copy()


def build(texts: Sequence[str]) -> Index:
    """The index of texts, as they were sent; n of 1 or more."""
    said = tokens([lowered(text) for text in texts])
    ordered = np.sort(said.hashes)
    hashes = ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered
    word = np.searchsorted(hashes, said.hashes)  # two thirds faster than np.unique's inverse
    counts = np.bincount(said.text, minlength=len(texts))
    edges = np.r_[0, np.cumsum(counts)].astype(np.int64)
    return Index(hashes, *_vectors(word.astype(np.int32), edges, len(hashes)))


@njit(cache=True, nogil=True)
def _vectors(
    said: Places, edges: Ints, vocabulary: int
) -> tuple[Floats, Ints, Places, Floats, Ints, Places, Floats]:
    """idf, and the vectors by text and by word, from the words of each text."""
    n = edges.size - 1
    start, words, counts = np.zeros(n + 1, np.int64), np.empty(said.size, np.int32), np.empty(said.size)
    frequency = np.zeros(vocabulary, np.int64)
    filled = 0
    for i in range(n):
        own = np.sort(said[edges[i] : edges[i + 1]])
        for k in range(own.size):
            if k and own[k] == own[k - 1]:
                counts[filled - 1] += 1.0
            else:
                words[filled], counts[filled] = own[k], 1.0
                frequency[own[k]] += 1
                filled += 1
        start[i + 1] = filled
    idf = np.log((1.0 + n) / (1.0 + frequency)) + 1.0
    words, weights = words[:filled].copy(), counts[:filled].copy()
    for i in range(n):
        squares = 0.0
        for k in range(start[i], start[i + 1]):
            weights[k] *= idf[words[k]]
            squares += weights[k] * weights[k]
        norm = np.sqrt(squares)
        for k in range(start[i], start[i + 1]):
            weights[k] /= norm
    word_start = np.zeros(vocabulary + 1, np.int64)
    word_start[1:] = np.cumsum(frequency)
    free = word_start[:-1].copy()
    texts, word_weights = np.empty(filled, np.int32), np.empty(filled)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            word = words[k]
            texts[free[word]], word_weights[free[word]] = i, weights[k]
            free[word] += 1
    return idf, start, words, weights, word_start, texts, word_weights


@njit(cache=True, nogil=True)
def add_vector(index: Index, text: int, share: float, vector: Floats, touched: Ints, count: int) -> int:
    """Adds a share of a text's vector to a dense one; notes its words in ``touched``, and gives how many.

    Args:
        vector: (v,) 0 but at the ``count`` words that are noted.
        touched: (v,)
    """
    for k in range(index.start[text], index.start[text + 1]):
        word = index.words[k]
        if vector[word] == 0.0:
            touched[count] = word
            count += 1
        vector[word] += share * index.weights[k]
    return count


@njit(cache=True, nogil=True)
def add_cosines(index: Index, vector: Floats, touched: Ints, count: int, scores: Floats) -> None:
    """Adds the cosine of every text with a dense vector to ``scores``, (n,).

    The words are taken in ascending order: a sum must not depend on how the vector came about.
    """
    words = np.sort(touched[:count])
    squares = 0.0
    for word in words:
        squares += vector[word] * vector[word]
    norm = np.sqrt(squares)
    if norm == 0.0:
        return
    for word in words:
        weight = vector[word] / norm
        for k in range(index.word_start[word], index.word_start[word + 1]):
            scores[index.texts[k]] += weight * index.word_weights[k]


@njit(cache=True, nogil=True)
def cosine(index: Index, one: int, other: int) -> float:
    """The cosine of two texts; 0 if one of them is empty."""
    a, b = index.start[one], index.start[other]
    total = 0.0
    while a < index.start[one + 1] and b < index.start[other + 1]:
        if index.words[a] == index.words[b]:
            total += index.weights[a] * index.weights[b]
            a += 1
            b += 1
        elif index.words[a] < index.words[b]:
            a += 1
        else:
            b += 1
    return total


@njit(cache=True, nogil=True)
def _cosines_to(index: Index, text: int) -> Floats:
    scores = np.zeros(index.start.size - 1)
    for k in range(index.start[text], index.start[text + 1]):
        word, weight = index.words[k], index.weights[k]
        for place in range(index.word_start[word], index.word_start[word + 1]):
            scores[index.texts[place]] += weight * index.word_weights[place]
    return scores


def cosines_to(index: Index, text: int) -> Floats:
    """(n,) the cosine of every text with one of them."""
    found: Floats = _cosines_to(index, text)
    return found


def shared(index: Index, one: int, other: int) -> list[tuple[int, float]]:
    """The words that two texts share, each with its part of their cosine, greatest first."""
    left = slice(int(index.start[one]), int(index.start[one + 1]))
    right = slice(int(index.start[other]), int(index.start[other + 1]))
    words, a, b = np.intersect1d(
        index.words[left], index.words[right], assume_unique=True, return_indices=True
    )
    parts = index.weights[left][a] * index.weights[right][b]
    return [(int(words[k]), float(parts[k])) for k in np.lexsort((words, -parts))]


def word_in(index: Index, word: int, text: str) -> str:
    """A word as a text writes it, in lower case.

    Args:
        word: its number in the index.
        text: as it was sent; has the word.
    """
    small = lowered(text)
    said = tokens([small])
    place = int(np.flatnonzero(said.hashes == index.hashes[word])[0])
    return small[said.begin[place] : said.end[place]]
