"""The space in which customers are compared: raw figures, z-scores, of logarithms too, and product types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation.clustering.categories import Categories
from plugins.segmentation.clustering.partition import Floats

ONE_HOT = 50
"""Product types that get an axis of their own."""
INDICATOR = "product_type="
"""Prefix of a product type in the name of an axis."""


class FeatureSpace(NamedTuple):
    """Axes, and how a customer's figures become a point.

    Attributes:
        names: names of the figures, one per axis.
        types: product types whose 0/1 indicators are further axes, unscaled.
        shift: what is subtracted from each figure, shape ``(len(names),)``.
        scale: what it is then divided by, shape ``(len(names),)``.
        single: figures are rounded to single precision first, as the published figures were.
        logged: names of the figures whose ``ln(1 + x)`` is compared; values under 0 count as 0.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    shift: Floats
    scale: Floats
    single: bool
    logged: tuple[str, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of all axes, as a reviewer sees them."""
        return (*self.names, *(INDICATOR + slug for slug in self.types))

    def points(self, figures: Floats, bought: Categories | None = None) -> Floats:
        """Points of customers.

        Args:
            figures: shape ``(n, len(names))``, in original units.
            bought: their product types; needed if the space has indicators.

        Returns:
            Shape ``(n, len(axes))``.
        """
        if self.single:
            figures = figures.astype(np.float32).astype(np.float64)
        scaled = (logarithms(figures, self._is_logged) - self.shift) / self.scale
        if not self.types:
            return np.ascontiguousarray(scaled)
        if bought is None:
            raise ValueError("a space with indicators needs product types")
        return np.column_stack([scaled, bought.indicators(self.types)])

    def points_of_rows(self, rows: Sequence[Mapping[str, Any]]) -> Floats:
        """Points of customers given as axis name to value; an indicator that is absent is 0."""
        figures = np.array([[float(row[name]) for name in self.names] for row in rows]).reshape(
            len(rows), len(self.names)
        )
        points = self._without_types().points(figures)
        indicators = [[float(row.get(INDICATOR + slug, 0.0)) for slug in self.types] for row in rows]
        return np.column_stack([points, np.array(indicators).reshape(len(rows), len(self.types))])

    @property
    def centre(self) -> Floats:
        """The figures, in original units, of the point at the origin, shape ``(len(names),)``."""
        return np.where(self._is_logged, np.expm1(np.where(self._is_logged, self.shift, 0.0)), self.shift)

    @property
    def _is_logged(self) -> NDArray[np.bool_]:
        return np.array([name in self.logged for name in self.names], dtype=np.bool_)

    def _without_types(self) -> FeatureSpace:
        return self._replace(types=())


def logarithms(figures: Floats, is_logged: NDArray[np.bool_]) -> Floats:
    """Figures with ``ln(1 + x)`` in the columns that say so; values under 0 count as 0.

    >>> logarithms(np.array([[0.0, 5.0], [1.0, 5.0]]), np.array([True, False])).round(3).tolist()
    [[0.0, 5.0], [0.693, 5.0]]
    """
    if not is_logged.any():
        return figures
    logged = figures.copy()
    logged[:, is_logged] = np.log1p(np.maximum(figures[:, is_logged], 0.0))
    return logged


def learn(
    names: Sequence[str], figures: Floats, *, scaling: str, bought: Categories | None = None
) -> FeatureSpace:
    """The space of a set of customers.

    Args:
        names: names of the figures.
        figures: shape ``(n, len(names))``.
        scaling: ``raw``; ``zscore`` (constant figures keep scale 1); ``zscore_onehot``, which adds the 50
            product types that most customers have; or ``log``, z-scores of ``ln(1 + x)`` of money and counts.
        bought: the customers' product types.
    """
    width = len(names)
    if scaling == "raw":
        return FeatureSpace(tuple(names), (), np.zeros(width), np.ones(width), single=True)
    is_logged = np.zeros(width, dtype=np.bool_)
    if scaling == "log":
        is_logged = is_amount(figures)
        figures = logarithms(figures, is_logged)
    # Divided by the largest value first: squares of the largest amounts would swallow the small ones.
    spread = np.abs(figures).max(axis=0, initial=0.0)
    unit = np.where(spread > 0, spread, 1.0)
    relative = figures / unit
    deviation = relative.std(axis=0)
    constant = (figures == figures[:1]).all(axis=0) | (deviation == 0)
    types = bought.most_bought(ONE_HOT) if scaling == "zscore_onehot" and bought is not None else ()
    return FeatureSpace(
        names=tuple(names),
        types=types,
        shift=relative.mean(axis=0) * unit,
        scale=np.where(constant, 1.0, deviation * unit),
        single=False,
        logged=tuple(name for name, logged in zip(names, is_logged.tolist(), strict=True) if logged),
    )


def is_amount(figures: Floats) -> NDArray[np.bool_]:
    """Which columns may be money or counts: never negative, and above 1 somewhere.

    >>> is_amount(np.array([[3.0, -1.0, 0.2], [0.0, 9.0, 1.0]])).tolist()
    [True, False, False]
    """
    amounts: NDArray[np.bool_] = (figures.min(axis=0, initial=0.0) >= 0) & (
        figures.max(axis=0, initial=0.0) > 1
    )
    return amounts


def distinct(points: Floats) -> int:
    """How many different points there are.

    >>> distinct(np.array([[0.0, 1.0], [-0.0, 1.0], [2.0, 1.0]]))
    2
    """
    rows = np.ascontiguousarray(points + 0.0)  # -0.0 becomes 0.0
    return len(np.unique(rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))))
