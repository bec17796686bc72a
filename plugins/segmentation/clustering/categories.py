"""The product types that a cluster buys and others do not: TF-IDF with clusters as documents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from plugins.segmentation.clustering.partition import Floats, Ints


class Categories(NamedTuple):
    """Who bought which product type: each pair of customer and product type once.

    Attributes:
        slugs: the product types, in order of first appearance.
        customer: customer of each pair, ascending, shape ``(p,)``.
        code: product type of each pair, an index of ``slugs``, shape ``(p,)``.
        n: number of customers.
    """

    slugs: tuple[str, ...]
    customer: Ints
    code: Ints
    n: int

    @property
    def per_customer(self) -> Ints:
        """Number of distinct product types of each customer, shape ``(n,)``."""
        return np.bincount(self.customer, minlength=self.n)

    def indicators(self, slugs: Sequence[str]) -> Floats:
        """1 if a customer bought a product type, else 0, shape ``(n, len(slugs))``."""
        column = np.full(len(self.slugs), -1)
        code_of = {slug: code for code, slug in enumerate(self.slugs)}
        for index, slug in enumerate(slugs):
            if slug in code_of:
                column[code_of[slug]] = index
        wanted = column[self.code] >= 0
        table = np.zeros((self.n, len(slugs)))
        table[self.customer[wanted], column[self.code[wanted]]] = 1.0
        return table

    def most_bought(self, count: int) -> tuple[str, ...]:
        """The product types that most customers have, ties in order of first appearance."""
        buyers = np.bincount(self.code, minlength=len(self.slugs))
        return tuple(self.slugs[code] for code in np.argsort(-buyers, kind="stable")[:count].tolist())


def categories(baskets: Sequence[Sequence[str]]) -> Categories:
    """Numbers the product types of n customers; repetitions count once.

    >>> bought = categories([["tea", "milk", "tea"], ["milk"]])
    >>> bought.slugs, bought.per_customer.tolist()
    (('tea', 'milk'), [2, 1])
    """
    flat = list(chain.from_iterable(baskets))
    code_of = {slug: code for code, slug in enumerate(dict.fromkeys(flat))}
    code = np.fromiter(map(code_of.__getitem__, flat), dtype=np.int64, count=len(flat))
    sizes = np.fromiter(map(len, baskets), dtype=np.int64, count=len(baskets))
    owner = np.repeat(np.arange(len(baskets)), sizes)
    width = max(len(code_of), 1)
    pairs = np.unique(owner * width + code)
    return Categories(tuple(code_of), pairs // width, pairs % width, len(baskets))


def top_categories(bought: Categories, cluster: Ints, clusters: int, count: int) -> list[list[str]]:
    """The most telling product types of each cluster.

    The weight of a product type in a cluster is the number of its customers who bought it, times
    ``ln((1 + clusters) / (1 + clusters in which anybody bought it)) + 1`` (scikit-learn's smoothed TF-IDF,
    over clusters as documents); ties go to the one that appears first.

    Args:
        bought: who bought what.
        cluster: cluster of each customer, 0 to ``clusters - 1``, or negative for none, shape ``(n,)``.
        clusters: number of clusters.
        count: how many product types to name.

    Returns:
        For each cluster up to ``count`` slugs, the most telling first.

    >>> bought = categories([["tea", "milk"], ["tea", "cake"], ["tea", "milk"], ["milk"]])
    >>> top_categories(bought, np.array([0, 0, 1, 1]), 2, 2)
    [['tea', 'cake'], ['milk', 'tea']]
    """
    width = max(len(bought.slugs), 1)
    owner = cluster[bought.customer]
    keys = owner[owner >= 0] * width + bought.code[owner >= 0]
    pairs, buyers = np.unique(keys, return_counts=True)
    owner, code = pairs // width, pairs % width
    spread = np.bincount(code, minlength=width)
    weight = buyers * (np.log((1 + clusters) / (1 + spread[code])) + 1)
    # Weights that are equal in exact arithmetic must tie, whatever the last bit of the logarithm is.
    order = np.lexsort((code, -np.round(weight, 9), owner))
    starts = np.searchsorted(owner[order], np.arange(clusters + 1))
    return [
        [bought.slugs[slug] for slug in code[order[start : min(start + count, end)]].tolist()]
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
