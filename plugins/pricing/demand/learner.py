"""What a learner of demand is. A new one is a file here with a ``fit``, and a line in ``roster.py``.

A learner sees no price. It learns the level of demand, which is units divided by the effect of the price,
so the demand curve keeps the one slope that is reported (:mod:`plugins.pricing.elasticity`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALF = 0.5
"""Added to 0 units before taking a logarithm."""


class Level(Protocol):
    """A fitted level of demand."""

    def level(self, controls: Floats) -> Floats:
        """Expected units (n,) at the reference price with controls (n, d)."""
        ...


Learner = Callable[[Floats, Floats, Floats], Level]
"""Fits units at the reference price (n,), their weights (n,) and controls (n, d), in order of time. A weight
is the effect of the price: where a price doubles demand, a day's units tell twice as much."""
