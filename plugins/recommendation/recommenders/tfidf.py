"""Texts of items as TF-IDF vectors, the cosines between them (Salton & Buckley 1988), and a recommender by
them.

The figures are those of scikit-learn's ``TfidfVectorizer``: single words, smooth idf, Euclidean norm, and
without accents and stop words. Ours is compiled: with scikit-learn's, a route takes 3 to 11 times as long
(docs/architecture.md). An index keeps no word and no text, only hashes of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.recommenders.causes import note_causes
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking, Scores
from plugins.recommendation.recommenders.words_in_texts import normalised, words_in

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Hashes = NDArray[np.uint64]

NEAR = 1e-12
"""Relative difference under which ratings count as equal: they may be sums of decayed ratings."""


class Index(NamedTuple):
    """TF-IDF vectors of n texts over v words, by text and by word.

    Attributes:
        hashes: (v,) hash of each word, ascending.
        idf: (v,) inverse document frequency of each word.
        start, words, weights: the vector of text i has the words ``words[start[i]:start[i + 1]]``, ascending,
            with these weights. Its length is 1, or 0 if the text has no word.
        word_start, texts, word_weights: the same by word.
    """

    hashes: Hashes
    idf: Floats
    start: Ints
    words: Numbers
    weights: Floats
    word_start: Ints
    texts: Numbers
    word_weights: Floats

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return sum(part.nbytes for part in self)


class TextRecommender:
    """Recommends the items whose texts are nearest to the mean vector of the items that a user rated highest.

    If a user rated every item 0, or the items have no words, all scores are 0.

    Args:
        index: the texts of the n items.
    """

    name = "TF-IDF cosine"
    source = "content-fallback"

    def __init__(self, index: Index) -> None:
        self._index = index
        self.vectors = np.empty((len(index.start) - 1, 0), np.float32)

    def scores(self, choices: Choices, users: Ints) -> Scores:
        """Cosines of every text and the mean vector of each user (m,)."""
        return Scores(_scores(users, choices, self._index))

    def explain(self, choices: Choices, users: Ints, scores: Scores, ranking: Ranking) -> None:
        """Fills in what each of the items rated highest, and each of their words, contributes to a cosine."""
        _explain(users, choices, self._index, ranking)

    def similarities(self, items: Ints) -> Floats:
        """(m, n) cosines of the texts of items (m,) and of every item."""
        return np.array([cosines_to(self._index, item) for item in items.tolist()])


def build(texts: Sequence[str]) -> Index:
    """The index of at least one text.

    >>> index = build(["Running shoes, Nike, men", "Trail shoes, Adidas, women", "Soccer ball, size 5",
    ...     "Compression socks, unisex", "Fitness smartwatch"])
    >>> cosines_to(index, 0).round(4).tolist()  # 0.1783 is the figure of the API reference
    [1.0, 0.1783, 0.0, 0.0, 0.0]
    """
    said = words_in([normalised(text) for text in texts])
    ordered = np.sort(said.hashes)
    hashes = ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered
    numbers = np.searchsorted(hashes, said.hashes)  # two thirds faster than np.unique's inverse
    counts = np.bincount(said.text, minlength=len(texts))
    starts = np.r_[0, np.cumsum(counts)].astype(np.int64)
    return Index(hashes, *_vectors(numbers.astype(np.int32), starts, len(hashes)))


@njit(cache=True, nogil=True)
def _vectors(
    said: Numbers, starts: Ints, vocabulary: int
) -> tuple[Floats, Ints, Numbers, Floats, Ints, Numbers, Floats]:
    """idf, and the vectors by text and by word.

    Args:
        said: the words of all texts.
        starts: (n + 1,) where each text's words start.
        vocabulary: how many different words there are.
    """
    n = starts.size - 1
    # Term frequencies: the words of each text in order, equal ones counted.
    start, words, weights = np.zeros(n + 1, np.int64), np.empty(said.size, np.int32), np.empty(said.size)
    frequency = np.zeros(vocabulary, np.int64)
    filled = 0
    for i in range(n):
        own = np.sort(said[starts[i] : starts[i + 1]])
        for k in range(own.size):
            if k and own[k] == own[k - 1]:
                weights[filled - 1] += 1.0
            else:
                words[filled], weights[filled] = own[k], 1.0
                frequency[own[k]] += 1
                filled += 1
        start[i + 1] = filled
    # Smooth idf, as if one more text had every word; then vectors of length 1.
    idf = np.log((1.0 + n) / (1.0 + frequency)) + 1.0
    words, weights = words[:filled].copy(), weights[:filled].copy()
    for i in range(n):
        squares = 0.0
        for k in range(start[i], start[i + 1]):
            weights[k] *= idf[words[k]]
            squares += weights[k] * weights[k]
        norm = np.sqrt(squares)
        for k in range(start[i], start[i + 1]):
            weights[k] /= norm
    # Transposed: `free` is where the next text of each word goes.
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
def cosine(index: Index, first: int, second: int) -> float:
    """The cosine of two texts; 0 if one of them has no word."""
    a, b = index.start[first], index.start[second]
    total = 0.0
    # Both word lists ascend, so one pass over both finds the words that they share.
    while a < index.start[first + 1] and b < index.start[second + 1]:
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
        for posting in range(index.word_start[word], index.word_start[word + 1]):
            scores[index.texts[posting]] += weight * index.word_weights[posting]
    return scores


def cosines_to(index: Index, text: int) -> Floats:
    """(n,) the cosine of every text with one of them."""
    cosines: Floats = _cosines_to(index, text)
    return cosines


def shared(index: Index, first: int, second: int) -> list[tuple[int, float]]:
    """The words that two texts share, each with its part of their cosine, largest first."""
    left = slice(int(index.start[first]), int(index.start[first + 1]))
    right = slice(int(index.start[second]), int(index.start[second + 1]))
    words, a, b = np.intersect1d(
        index.words[left], index.words[right], assume_unique=True, return_indices=True
    )
    parts = index.weights[left][a] * index.weights[right][b]
    return [(int(words[k]), float(parts[k])) for k in np.lexsort((words, -parts))]


def word_in(index: Index, word: int, text: str) -> str:
    """A word of the index as a text spells it, with accents, in lower case.

    Args:
        index: knows the hash of the word.
        word: its number.
        text: contains the word.

    >>> word_in(build(["Red SHOES"]), 0, "Red SHOES") in ("red", "shoes")
    True
    """
    wanted = index.hashes[word]
    for begin, end in _spans(text):
        spelled = text[begin:end].lower()
        if (words_in([normalised(spelled)]).hashes == wanted).any():
            return spelled
    folded = normalised(text)  # the text as a whole has other words than its parts
    said = words_in([folded])
    first = int(np.flatnonzero(said.hashes == wanted)[0])
    return folded[said.begin[first] : said.end[first]]


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end, as the text is spelled."""
    said = words_in([text])
    return list(zip(said.begin.tolist(), said.end.tolist(), strict=True))


@njit(cache=True, nogil=True)
def _liked(own: Ints, ratings: Floats) -> Ints:
    """The items that a user rated highest; none if all ratings are 0."""
    highest = ratings.max() if ratings.size else 0.0
    return own[ratings >= highest * (1 - NEAR)] if highest > 0 else own[:0]


@njit(cache=True, nogil=True)
def _add_vectors(index: Index, texts: Ints, total: Floats, touched: Ints) -> Ints:
    """Adds the vectors of texts to a dense one.

    Args:
        total: (v,) zeros; receives the sum.
        touched: (v,) memory for the words that are not 0.

    Returns:
        these words, ascending: sums over them then do not depend on the order of the texts.
    """
    count = 0
    for text in texts:
        for k in range(index.start[text], index.start[text + 1]):
            word = index.words[k]
            if total[word] == 0.0:
                touched[count] = word
                count += 1
            total[word] += index.weights[k]
    return np.sort(touched[:count])


@njit(cache=True, nogil=True)
def _length(vector: Floats, words: Ints) -> float:
    squares = 0.0
    for word in words:
        squares += vector[word] * vector[word]
    return float(np.sqrt(squares))


@njit(cache=True, nogil=True)
def _scores(users: Ints, choices: Choices, index: Index) -> Floats:
    cosines = np.zeros((users.size, choices.users_by_item.size))
    mean, touched = np.zeros(index.hashes.size), np.empty(index.hashes.size, np.int64)
    for u in range(users.size):
        own = slice(choices.start[users[u]], choices.start[users[u] + 1])
        liked = _liked(choices.items[own], choices.ratings[own])
        words = _add_vectors(index, liked, mean, touched)
        length = _length(mean, words)
        for word in words:
            weight = mean[word] / length
            for posting in range(index.word_start[word], index.word_start[word + 1]):
                cosines[u, index.texts[posting]] += weight * index.word_weights[posting]
            mean[word] = 0.0
    return cosines


@njit(cache=True, nogil=True)
def _explain(users: Ints, choices: Choices, index: Index, out: Ranking) -> None:
    mean, touched = np.zeros(index.hashes.size), np.empty(index.hashes.size, np.int64)
    for u in range(users.size):
        own = slice(choices.start[users[u]], choices.start[users[u] + 1])
        liked = _liked(choices.items[own], choices.ratings[own])
        words = _add_vectors(index, liked, mean, touched)
        length = _length(mean, words)
        for k in range(out.items.shape[1]):
            if out.scores[u, k] > 0.0:
                item = out.items[u, k]
                contributed = np.array([cosine(index, text, item) for text in liked]) / length
                note_causes(liked, contributed, out.causes[u, k], out.parts[u, k])
                vector = slice(index.start[item], index.start[item + 1])
                item_words = index.words[vector].astype(np.int64)
                by_word = index.weights[vector] * mean[item_words] / length
                note_causes(item_words, by_word, out.words[u, k], out.word_parts[u, k])
        mean[words] = 0.0
