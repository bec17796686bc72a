"""Forecasts: forecast_revenue as a whole, first and repeated, beside the obvious script.

``OPENBLAS_NUM_THREADS=1 python benchmarks/forecast.py`` prints the table: 50 invented series a row, medians
and 95th percentiles. The obvious script is what a notebook does with the same libraries: AutoARIMA, AutoETS,
AutoTheta, AutoTBATS and Prophet with their defaults, each fold fitted anew, the best by RMSE fitted again; no
bounds by the month, no words. It gets fewer series: it is slow.
"""

from __future__ import annotations

import datetime
import logging
import platform
import statistics
import time
import warnings
from collections.abc import Callable

import cmdstanpy
import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray
from prophet import Prophet
from statsforecast.models import AutoARIMA, AutoETS, AutoTBATS, AutoTheta

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Models, Served
from plugins.forecast import PLUGIN
from plugins.forecast.endpoints.forecast_revenue import ENDPOINT
from plugins.forecast.judging.judge import folds

SERIES, OBVIOUS = 50, 3
FIRST = datetime.date(2023, 1, 1)
NOW = datetime.datetime(2025, 4, 28, tzinfo=datetime.UTC)
DECODER, ENCODER = Decoder(ENDPOINT.request), Encoder(ENDPOINT.response)


class Kept(Models):
    """Trains once for a series and keeps the champion, through no file."""

    def __init__(self) -> None:
        self._kept: Served | None = None

    def serve(self, request: object) -> Served:
        """The champion."""
        if self._kept is None:
            assert ENDPOINT.trainable is not None
            training = ENDPOINT.trainable.training(request)
            assert training is not None
            fit = training.fit()
            self._kept = Served(fit.model, fit.info)
        return self._kept

    def champion(self, endpoint: object, request: object) -> Served:
        """None: every series is a new one."""
        return Served(None, {})


def invented(days: int, seed: int) -> NDArray[np.float64]:
    """Revenue with a trend that wanders, a week, and noise."""
    chance = np.random.default_rng([days, seed])
    t = np.arange(days)
    level = 1000 + chance.uniform(-0.3, 1.0) * t + np.cumsum(chance.normal(0, 4, days))
    week = chance.normal(0, 120, 7)
    return np.maximum(0.0, np.round(level + week[t % 7] + chance.normal(0, 60, days), 2))


def body(values: NDArray[np.float64]) -> bytes:
    """The same as a request for twelve months."""
    rows = [
        {"date": FIRST + datetime.timedelta(days=day), "revenue": value}
        for day, value in enumerate(values.tolist())
    ]
    return orjson.dumps({"forecast_period": 12, "data": rows})


def answer(sent: bytes, models: Models) -> bytes:
    """Bytes in, bytes out."""
    call = Call(tenant="bench", now=NOW, models=models)
    request = DECODER.decode(sent)
    assert not list(ENDPOINT.check(request, call))
    return ENCODER.encode({**ENDPOINT.handle(request, call), "warnings": call.warnings})


def obvious(values: NDArray[np.float64], horizon: int = 365) -> NDArray[np.float64]:
    """The notebook's forecast."""

    def prophet(train: NDArray[np.float64], days: int) -> NDArray[np.float64]:
        dates = pd.date_range(FIRST, periods=len(train) + days)
        model = Prophet().fit(pd.DataFrame({"ds": dates[: len(train)], "y": train}))
        return np.asarray(model.predict(pd.DataFrame({"ds": dates[len(train) :]}))["yhat"])

    zoo: list[Callable[[NDArray[np.float64], int], NDArray[np.float64]]] = [
        lambda train, days: AutoARIMA(season_length=7).forecast(y=train, h=days)["mean"],
        lambda train, days: AutoETS(season_length=7).forecast(y=train, h=days)["mean"],
        lambda train, days: AutoTheta(season_length=7).forecast(y=train, h=days)["mean"],
        lambda train, days: AutoTBATS(season_length=7).forecast(y=train, h=days)["mean"],
        prophet,
    ]
    origins, length = folds(len(values))
    errors = [
        sum(
            ((model(values[:origin], length) - values[origin : origin + length]) ** 2).sum()
            for origin in origins
        )
        for model in zoo
    ]
    return zoo[int(np.argmin(errors))](values, horizon)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Prints the table."""
    warnings.filterwarnings("ignore")
    cmdstanpy.utils.get_logger().setLevel(logging.CRITICAL)
    PLUGIN.warm()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    print("| work | ours, median | p95 | to reach | obvious | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for days, wanted in ((90, "< 1.0 s, p95 < 2 s"), (730, "< 1.5 s")):
        first, again, script = [], [], []
        for seed in range(SERIES):
            values = invented(days, seed)
            sent, models = body(values), Kept()
            first.append(timed(lambda sent=sent, models=models: answer(sent, models)))
            again.append(timed(lambda sent=sent, models=models: answer(sent, models)))
            if seed < OBVIOUS:
                script.append(timed(lambda values=values: obvious(values)))
        for name, seconds, goal, other in (
            (f"forecast_revenue, {days} days, 12 months", first, wanted, statistics.median(script)),
            ("the same series again", again, "< 50 ms", None),
        ):
            middle, high = statistics.median(seconds), float(np.quantile(seconds, 0.95))
            beside = "– | –" if other is None else f"{other:.1f} s | {other / middle:.0f}"
            print(f"| {name} | {middle:.3f} s | {high:.3f} s | {goal} | {beside} |", flush=True)


if __name__ == "__main__":
    main()
