"""What our own exponential smoothing and our models for intermittent demand gain over statsforecast's.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.forecast_models`` prints figures of ``docs/architecture.md``:
the errors of both on the same series, and the time of a whole route with either, in interleaved pairs of one
process.
"""

from __future__ import annotations

import argparse
import datetime
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from statsforecast.models import ADIDA, TSB, AutoETS, CrostonSBA

from benchmarks.forecast import Route, rows
from plugins.forecast import PLUGIN
from plugins.forecast.models import ets, intermittent, roster, stl_ets
from plugins.forecast.models.ets import NON_SEASONAL, Form
from plugins.forecast.models.model import Forecast, Model, Sample

Floats = NDArray[np.float64]
FIRST = datetime.date(2023, 1, 2)
HORIZON = 28


def _auto(season: int) -> AutoETS:
    """AutoETS with additive errors, as ours has."""
    return AutoETS(season_length=season, model="AZZ")


def _library_ets(sample: Sample, horizon: int) -> Floats:
    return np.asarray(_auto(7).forecast(y=sample.z, h=horizon)["mean"], dtype=np.float64)


class _LibraryFit:
    """Stands for :class:`Ets` where the STL model asks for one without a season."""

    def __init__(self, y: Floats, forms: tuple[Form, ...]) -> None:
        assert forms == NON_SEASONAL
        self._y = y

    def forecast(self, horizon: int) -> Floats:
        return np.asarray(_auto(1).forecast(y=self._y, h=horizon)["mean"], dtype=np.float64)


def _flat(model: Any) -> Forecast:
    def forecast(sample: Sample, horizon: int) -> Floats:
        demand = np.maximum(sample.z, 0.0)
        return np.asarray(model.forecast(y=demand, h=horizon)["mean"], dtype=np.float64)

    return forecast


LIBRARY: Mapping[str, Forecast] = {
    "ETS": _library_ets,
    "Croston": _flat(CrostonSBA()),
    "TSB": _flat(TSB(alpha_d=0.1, alpha_p=0.1)),
    "ADIDA": _flat(ADIDA()),
}
OWN = roster.ROSTER


def smooth(days: int, seed: int) -> Floats:
    """Days with a trend, a week, a wandering level and noise."""
    random = np.random.default_rng([days, seed])
    t = np.arange(days)
    week = random.normal(0, 60, 7)[t % 7]
    return np.asarray(
        np.maximum(
            1.0, 1000 + 0.3 * t + week + random.normal(0, 6, days).cumsum() + random.normal(0, 50, days)
        )
    )


def lumpy(days: int, seed: int) -> Floats:
    """Days of which seven in ten have no demand."""
    random = np.random.default_rng([days, seed])
    return np.asarray((random.random(days) < 0.3) * random.integers(1, 9, days), dtype=np.float64)


def errors(model: Model, series: Callable[[int, int], Floats], days: int, count: int) -> tuple[float, float]:
    """Mean absolute error of the mean day ahead over the mean day, for both, over many series."""
    both = []
    for seed in range(count):
        values = series(days + HORIZON, seed)
        sample, ahead = Sample(values[:days], FIRST.toordinal()), values[days:]
        both.append(
            [
                np.abs(forecast(sample, HORIZON).mean() - ahead.mean()) / max(1e-9, float(ahead.mean()))
                for forecast in (model.forecast, LIBRARY[model.name])
            ]
        )
    ours, theirs = np.mean(both, axis=0)
    return float(ours), float(theirs)


def use(library: frozenset[str]) -> None:
    """Puts the library's models on the roster in place of ours."""
    roster.ROSTER = tuple(
        model._replace(forecast=LIBRARY[model.name]) if model.name in library else model for model in OWN
    )
    stl_ets.select = _LibraryFit if "ETS" in library else ets.select  # type: ignore[assignment]


def pairs(name: str, body: Mapping[str, Any], library: frozenset[str], count: int) -> list[float]:
    """Time of a route with the library over its time with ours, pair by pair."""
    endpoint = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == name)
    sent = orjson.dumps(body)
    ratios = []
    for pair in range(count + 1):
        seconds = []
        for chosen in (frozenset[str](), library):
            use(chosen)
            started = time.perf_counter()
            Route(endpoint).answer(sent)
            seconds.append(time.perf_counter() - started)
        if pair:  # the first pair imports and compiles
            ratios.append(seconds[1] / seconds[0])
            print(f"  {seconds[0]:.2f} s with ours, {seconds[1]:.2f} s with statsforecast's", flush=True)
    return ratios


def main() -> None:
    """Prints the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--series", type=int, default=40)
    asked.add_argument("--pairs", type=int, default=5)
    sent = asked.parse_args()
    warnings.filterwarnings("ignore")
    PLUGIN.warm()
    models = {
        model.name: model
        for model in (ets.MODEL, *(intermittent.CROSTON, intermittent.TSB, intermittent.ADIDA))
    }
    for name, model in models.items():
        for days in (90, 365):
            ours, theirs = errors(model, smooth if name == "ETS" else lumpy, days, sent.series)
            print(
                f"{name}, {days} days: error of ours {ours:.4f}, of statsforecast's {theirs:.4f}", flush=True
            )
    revenue = {
        days: {"forecast_period": 6, "data": rows(smooth(days, 1), "revenue", FIRST)} for days in (90, 730)
    }
    units = {
        "product_code": "A",
        "forecast_period": 6,
        "data": rows(lumpy(60, 3).astype(np.int64), "sales_quantity", FIRST),
    }
    demand = frozenset({"Croston", "TSB", "ADIDA"})
    for label, route, body, library in (
        ("forecast_revenue, 90 days, ETS", "forecast_revenue", revenue[90], frozenset({"ETS"})),
        ("forecast_revenue, 730 days, ETS", "forecast_revenue", revenue[730], frozenset({"ETS"})),
        ("forecast_units, 60 days, ETS", "forecast_units", units, frozenset({"ETS"})),
        ("forecast_units, 60 days, intermittent", "forecast_units", units, demand),
    ):
        print(label)
        ratios = pairs(route, body, library, sent.pairs)
        print(f"  times {np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()
