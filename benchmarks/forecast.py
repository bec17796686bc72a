"""How good forecast_revenue is on a public series, beside models of statsforecast alone.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.forecast`` prints the table of ``benchmarks/RESULTS.md``. It
is judged on ``data/bike_rentals_2011.csv``, one origin after the other, each forecast from the days before it
alone: MASE of the two months ahead (over repeating the day a week before, within the days known) and how far
each month's sum is off.
"""

from __future__ import annotations

import csv
import datetime
import platform
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint, Served
from plugins.forecast import PLUGIN
from plugins.forecast.days.calendar import months_after
from plugins.forecast.endpoints import forecast_revenue

Floats = NDArray[np.float64]
NOW = datetime.datetime(2025, 4, 28, tzinfo=datetime.UTC)
BIKES = Path(__file__).parent / "data" / "bike_rentals_2011.csv"
ORIGINS = range(150, 300, 10)
"""Days known at each origin: the two whole months after the last of them end within the year."""


class Route:
    """A route from bytes to bytes, with a registry that keeps what it was given last, through no file."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._decoder, self._encoder = Decoder(endpoint.request), Encoder(endpoint.response)
        self._kept: Served | None = None

    def serve(self, request: object) -> Served:
        """The champion."""
        assert self._endpoint.trainable is not None
        if self._kept is None:
            training = self._endpoint.trainable.training(request)
            assert training is not None
            fit = training.fit()
            self._kept = Served(fit.model, fit.info)
        return self._kept

    def champion(self, endpoint: object, request: object) -> Served:
        """None: no series grew."""
        return Served(None, {})

    def answer(self, sent: bytes) -> bytes:
        """A request."""
        call = Call(tenant="bench", now=NOW, models=self)
        request = self._decoder.decode(sent)
        assert not list(self._endpoint.check(request, call))
        return self._encoder.encode({**self._endpoint.handle(request, call), "warnings": call.warnings})


def rows(values: Floats, column: str, first: datetime.date) -> list[dict[str, Any]]:
    """A series as a body has it."""
    return [
        {"date": first + datetime.timedelta(days=day), column: value}
        for day, value in enumerate(values.tolist())
    ]


def accuracy() -> None:
    """Prints our route beside models of statsforecast on the public series."""
    with BIKES.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    first = datetime.date.fromisoformat(table[0]["date"])
    values = np.array([float(row["rentals"]) for row in table])
    alone = {
        "AutoETS": AutoETS(season_length=7),
        "AutoARIMA": AutoARIMA(season_length=7),
        "AutoTheta": AutoTheta(season_length=7),
        "SeasonalNaive": SeasonalNaive(season_length=7),
    }
    errors: dict[str, list[tuple[float, float]]] = {}
    inside: list[tuple[bool, bool]] = []
    for known in ORIGINS:
        train = values[:known]
        last = first.toordinal() + known - 1
        months = [(one.first - last - 1, one.end - last - 1) for one in months_after(last, 2)]
        horizon = months[-1][1]
        body = {"forecast_period": 2, "granularity": "day", "data": rows(train, "revenue", first)}
        route = Route(forecast_revenue.ENDPOINT)
        daily = orjson.loads(route.answer(orjson.dumps(body)))["forecast_result"]["forecast"]["calendar"]
        monthly = orjson.loads(route.answer(orjson.dumps({**body, "granularity": "month"})))
        held = [values[known + start : known + end].sum() for start, end in months]
        for row, actual in zip(monthly["forecast_result"]["forecast"]["calendar"], held, strict=True):
            inside.append(
                (
                    row["lower_80"] <= actual <= row["upper_80"],
                    row["lower_95"] <= actual <= row["upper_95"],
                )
            )
        paths = {"forecast_revenue": np.array([row["value"] for row in daily])}
        for name, model in alone.items():
            paths[name] = np.maximum(0, model.forecast(y=train, h=horizon)["mean"])[months[0][0] :]
        reported = values[known + months[0][0] : known + horizon]
        step = np.abs(train[7:] - train[:-7]).mean()
        for name, path in paths.items():
            sums = [path[start - months[0][0] : end - months[0][0]].sum() for start, end in months]
            off = np.mean([abs(ours / actual - 1) for ours, actual in zip(sums, held, strict=True)])
            errors.setdefault(name, []).append((float(np.abs(path - reported).mean() / step), float(off)))
    print("| forecast | mean MASE | median MASE | months off by |\n| --- | --- | --- | --- |")
    for name, pairs in errors.items():
        mase, off = np.array(pairs).T
        print(f"| {name} | {mase.mean():.3f} | {np.median(mase):.3f} | {100 * off.mean():.1f} % |")
    in_80, in_95 = np.mean(inside, axis=0)
    print(f"\n{len(inside)} months: {in_80:.0%} within their 80 % bounds, {in_95:.0%} within those of 95 %.")


def main() -> None:
    """Prints the table."""
    warnings.filterwarnings("ignore")
    PLUGIN.warm()
    PLUGIN.preload()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    accuracy()


if __name__ == "__main__":
    main()
