"""Customers, and how a request wants them clustered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plugins.segmentation.clustering import feature_space
from plugins.segmentation.clustering.categories import Categories
from plugins.segmentation.clustering.feature_space import FeatureSpace
from plugins.segmentation.clustering.partition import Floats, Ints


@dataclass(frozen=True)
class Task:
    """Customers, and how to cluster them.

    Attributes:
        names: names of the figures.
        figures: shape ``(n, len(names))``, in original units.
        scaling: ``raw``, ``zscore``, ``zscore_onehot`` or ``log``.
        ks: numbers of clusters to try.
        algorithms: codes of the algorithms to try.
        eps, min_samples: settings of DBSCAN.
        bought: the customers' product types, if there are any.
        min_share: least share of the customers in each cluster of the best partition, see
            :data:`benchmark.MANY_CUSTOMERS`.
        previous: cluster of each customer in the last run, ``UNKNOWN`` for a new customer; None without one.
    """

    names: tuple[str, ...]
    figures: Floats
    scaling: str
    ks: tuple[int, ...]
    algorithms: tuple[str, ...]
    eps: float
    min_samples: int
    bought: Categories | None = None
    min_share: float = 0.0
    previous: Ints | None = None

    @cached_property
    def space(self) -> FeatureSpace:
        """The space that the customers are clustered in."""
        return feature_space.learn(self.names, self.figures, scaling=self.scaling, bought=self.bought)

    @cached_property
    def points(self) -> Floats:
        """The customers in that space, shape ``(n, d)``."""
        return self.space.points(self.figures, self.bought)

    @cached_property
    def distinct(self) -> int:
        """The number of different points."""
        return feature_space.distinct(self.points)

    @property
    def possible_ks(self) -> tuple[int, ...]:
        """The numbers of clusters that this number of distinct customers can have."""
        return tuple(k for k in self.ks if k < self.distinct)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the customers' figures, in order, and of the settings; it holds no customer's id."""
        settings = [
            *(self.names, self.scaling, self.ks, self.algorithms, self.eps, self.min_samples),
            self.min_share,
            self.bought.slugs if self.bought is not None else None,
        ]
        digest = hashlib.sha256(json.dumps(settings).encode())
        digest.update(np.ascontiguousarray(self.figures + 0.0).tobytes())
        for column in (self.bought.customer, self.bought.code) if self.bought is not None else ():
            digest.update(column.astype(np.int64).tobytes())
        if self.previous is not None:
            digest.update(b"previous" + self.previous.astype(np.int64).tobytes())
        return digest.hexdigest()
