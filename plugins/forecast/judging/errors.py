"""Errors of forecasts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.series import WEEK

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CALENDAR_SHARE = 0.6
"""Weight of the error over all days; the rest is that over business days (API reference, 4.3.1)."""


class Figures(NamedTuple):
    """Errors of a model over the held-out days of its folds.

    Attributes:
        score: 0.6 of the RMSE over all days and 0.4 of that over business days.
        rmse, mae: in the unit of the series.
        r2: share of the held-out days' variance that is explained; 0 where they do not vary.
        mape, smape: per cent; MAPE over the days that are not zero, None if all are.
        mase: MAE over that of the last week's value, within the history; None where that is 0.
    """

    score: float
    rmse: float
    mae: float
    r2: float
    mape: float | None
    smape: float
    mase: float | None


def figures(actual: Floats, forecast: Floats, business: Bools, step: float) -> Figures:
    """Errors of forecasts.

    Args:
        actual: shape ``(days,)``.
        forecast: shape ``(days,)``.
        business: which of the days are business days, shape ``(days,)``.
        step: what :func:`weekly_step` gives for the history.

    >>> known = figures(np.array([1.0, 3.0]), np.array([2.0, 3.0]), np.array([True, True]), 2.0)
    >>> known.mae, known.mase, known.mape
    (0.5, 0.25, 50.0)
    """
    error = forecast - actual
    rmse = float(np.sqrt((error**2).mean()))
    on_business = float(np.sqrt((error[business] ** 2).mean())) if business.any() else rmse
    mae = float(np.abs(error).mean())
    spread = float(((actual - actual.mean()) ** 2).sum())
    some = actual != 0
    size = np.abs(actual) + np.abs(forecast)
    return Figures(
        CALENDAR_SHARE * rmse + (1 - CALENDAR_SHARE) * on_business,
        rmse,
        mae,
        1 - float((error**2).sum()) / spread if spread > 0 else 0.0,
        float(100 * np.abs(error[some] / actual[some]).mean()) if some.any() else None,
        float(200 * (np.abs(error)[size > 0] / size[size > 0]).sum() / len(actual)),
        mae / step if step > 0 else None,
    )


def weekly_step(values: Floats) -> float:
    """Mean absolute difference of a day to the day a week before; 0 under eight days.

    >>> weekly_step(np.array([1.0] * 7 + [3.0, 2.0]))
    1.5
    """
    return float(np.abs(values[WEEK:] - values[:-WEEK]).mean()) if len(values) > WEEK else 0.0


def compared(ratio: float) -> str:
    """A ratio of two errors for a remark in English, without decimals, whose mark depends on the language.

    >>> f"The error was {compared(1.186)} that of ETS.", compared(25.0)
    ('The error was 119 per cent of that of ETS.', 'more than ten times')
    """
    return f"{100 * ratio:.0f} per cent of" if ratio < 9.995 else "more than ten times"
