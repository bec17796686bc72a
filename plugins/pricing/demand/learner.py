"""What a learner of demand is. A new one is a file here with a ``fit``, and a line in ``roster.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FARTHEST = 20.0
"""A forecast may lie this far from the mean, as a difference of natural logarithms."""
HALF = 0.5
"""Added to 0 units before taking a logarithm."""


class Model(Protocol):
    """A fitted demand."""

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units (n,) at prices (n,) with controls (n, d)."""
        ...


Learner = Callable[[Floats, Floats, Floats], Model]
"""Fits prices (n,), units (n,) and controls (n, d), in order of time. Demand never rises with the price."""
