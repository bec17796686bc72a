"""Named bands of a score, each known by its lower bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Banded(NamedTuple):
    """Scores in their bands.

    Attributes:
        names: the bands from the highest bound to the lowest, then the one below every bound.
        places: (n,) index into ``names``.
    """

    names: list[str]
    places: NDArray[np.intp]


def banded(scores: NDArray[np.float64], bounds: Mapping[str, float], below: str) -> Banded:
    """The band of each score: the one with the highest bound that the score reaches.

    Args:
        scores: (n,) scores.
        bounds: band to lower bound, which belongs to the band; in any order.
        below: name for a score under every bound.
    """
    names = sorted(bounds, key=lambda name: bounds[name])
    reached = np.searchsorted([bounds[name] for name in names], scores, side="right")
    return Banded([*reversed(names), below], len(names) - reached)
