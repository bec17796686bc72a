"""Forecasts of parts and of their whole are made to add up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def reconciled(total: Floats, parts: Floats, total_error: float, errors: Floats) -> Floats:
    """Parts whose gap to the whole is shared out by their error variances.

    Weighted least squares over one level (Wickramasuriya, Athanasopoulos & Hyndman 2019, with diagonal W): of
    the gap ``g = total - sum(parts)``, part ``i`` takes ``g * v_i / (sum(v) + v_total)``. A part that is
    known to the penny stays as it is, and the total moves towards the parts as far as they are the surer.

    Args:
        total: shape ``(days,)``, never negative.
        parts: shape ``(parts, days)``, never negative.
        total_error: root mean squared error of the total's forecast.
        errors: those of the parts' forecasts, shape ``(parts,)``.

    Returns:
        Shape ``(parts, days)``; the whole is their sum.

    >>> reconciled(np.array([130.0]), np.array([[100.0], [20.0]]), 1.0, np.array([3.0, 0.0])).tolist()
    [[109.0], [20.0]]
    """
    variances = errors**2
    denominator = float(variances.sum()) + total_error**2
    if denominator <= 0:
        return parts
    gap = total - parts.sum(axis=0)
    return np.asarray(np.maximum(0.0, parts + (variances / denominator)[:, None] * gap))


def on_grid(values: Floats) -> Floats:
    """Values rounded at the thirteenth digit of their sum to multiples of one power of two, so that their sum
    is exact in any order.

    Args:
        values: never negative.
    """
    total = float(values.sum())
    if total <= 0:
        return values
    step = 2.0 ** (np.frexp(total)[1] - 46)
    return np.asarray(np.round(values / step) * step)
