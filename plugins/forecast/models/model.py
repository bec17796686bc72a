"""What a forecasting model says about itself. A model is one file that makes a :class:`Model`, and one line
of ``roster.ROSTER``; the race, the stored files and the answers know nothing else about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEK = 7


class Sample(NamedTuple):
    """A series that a model is asked to continue.

    Attributes:
        z: the prepared days, shape ``(n,)``.
        first: ordinal of the first day.
        choice: what the model's ``choose`` returned for this series; None for a model that chooses nothing.
        columns: holidays and drivers of the days, shape ``(n, k)``; None for none.
        ahead: the same for the days ahead, shape ``(horizon, k)``.
    """

    z: Floats
    first: int
    choice: Any = None
    columns: Floats | None = None
    ahead: Floats | None = None


Forecast = Callable[[Sample, int], Floats]
"""Takes a sample and a horizon in days; returns the days ahead, shape ``(horizon,)``."""


class Model(NamedTuple):
    """A forecasting model.

    Attributes:
        name: as the API prints it.
        forecast: the days ahead of a sample.
        series: which series the model is tried on: ``all``; ``units``, counts of pieces; ``intermittent``,
            series where 40 % of the days or more are zero; ``weekly`` and ``monthly``, rows so far apart,
            which no other model is tried on; ``short``, those too short for a race, where it is
            the only model.
        slow: whether a fit takes tens of milliseconds. A slow model runs on the older folds only if it is
            competitive on the newest, and is not tried where one request holds many series.
        combined: whether it may be a member of the combination. Models that made it worse on real series are
            judged only, on the older folds if they lead on the newest.
        own_process: whether the fit waits for another process, so that other models can be fitted meanwhile.
        choose: for a model whose structure is chosen once instead of at every fit: takes the prepared days
            before the oldest fold, shape ``(n,)``, and returns any value that JSON can hold. The value comes
            back as ``Sample.choice``, also after it was stored.
    """

    name: str
    forecast: Forecast
    series: Literal["all", "units", "intermittent", "short", "weekly", "monthly"] = "all"
    slow: bool = False
    combined: bool = True
    own_process: bool = False
    choose: Callable[[Floats], Any] | None = None


def unless_regular(forecast: Forecast) -> Forecast:
    """A model whose search finds nothing in a perfectly regular series (Prophet's takes seconds to notice).

    A constant goes on as it is. So do weeks that are alike, or that differ by the same amount each week.

    Args:
        forecast: the model for all other series.
    """

    def guarded(sample: Sample, horizon: int) -> Floats:
        z = sample.z
        size = float(np.abs(z).max())
        if float(np.ptp(z)) <= 1e-12 * size:
            return np.full(horizon, z[-1])
        if len(z) >= 3 * WEEK:
            growth = z[WEEK:] - z[:-WEEK]
            if float(np.ptp(growth)) <= 1e-9 * size:
                ahead = np.arange(horizon)
                return np.asarray(z[-WEEK:][ahead % WEEK] + growth.mean() * (ahead // WEEK + 1))
        return forecast(sample, horizon)

    return guarded
