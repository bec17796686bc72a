"""Invented customers with a known uplift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.design import Design, learn
from plugins.propensity.uplift import choice


def drawn(
    rows: int, seed: int, effect: float, width: int = 10, base: float = 0.2
) -> tuple[Design, dict[str, NDArray[np.float64]], NDArray[np.uint8], NDArray[np.float64]]:
    """Design, columns, classes and true uplift: half of the customers gain, by two of the features."""
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(rows, width))
    treated = chance.integers(0, 2, rows)
    uplift = effect * (matrix[:, 0] + matrix[:, 1] > 0)
    outcome = chance.random(rows) < base + treated * uplift
    columns = {f"x{column}": matrix[:, column] for column in range(width)}
    return learn(columns)[0], columns, (2 * treated + outcome).astype(np.uint8), uplift


def trained(rows: int, seed: int, effect: float, width: int = 10, base: float = 0.2) -> choice.Outcome:
    """The outcome of a training on them."""
    design, columns, classes, _ = drawn(rows, seed, effect, width, base)
    return choice.train(design, columns, classes, 0.0)
