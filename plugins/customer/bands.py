"""Named bands of a score, each known by its lower bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Banded(NamedTuple):
    """Scores in their bands.

    Attributes:
        names: the bands from the highest bound to the lowest, then the band below every bound.
        band_of: (n,) index into ``names`` of each score.
    """

    names: list[str]
    band_of: NDArray[np.intp]


def banded(scores: NDArray[np.float64], bounds: Mapping[str, float], below: str) -> Banded:
    """The band of each score: the one with the highest bound that the score reaches.

    Args:
        scores: (n,) scores.
        bounds: band to lower bound, which belongs to the band; in any order.
        below: name for a score under every bound.

    >>> names, band_of = banded(np.array([0.9, 0.5, 0.1]), {"low": 0.2, "high": 0.5}, "none")
    >>> [names[band] for band in band_of]
    ['high', 'high', 'none']
    """
    names = sorted(bounds, key=lambda name: bounds[name])
    reached = np.searchsorted([bounds[name] for name in names], scores, side="right")
    return Banded([*reversed(names), below], len(names) - reached)
