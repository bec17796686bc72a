"""The forecast routes beside statsforecast, Prophet and two plain means, on real and simulated series."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint, Served
from benchmarks.quality import kinds, peers, series
from benchmarks.quality.series import Series
from plugins.forecast import PLUGIN

Floats = NDArray[np.float64]
NOW = datetime.datetime(2026, 11, 30, tzinfo=datetime.UTC)
OURS = "abintel"
QUICKLY = 6
"""In a quick run, one of so many series."""
SLOW_PEERS = ("AutoARIMA", "Prophet")
SLOW_SKUS = 20
"""Products that slow peers are given: minutes each, and they are far behind."""


class Route:
    """A route from bytes to bytes that trains at each request and keeps nothing."""

    def __init__(self, name: str) -> None:
        self._endpoint: Endpoint = next(one for one in PLUGIN.endpoints if one.name == name)
        self._decoder, self._encoder = Decoder(self._endpoint.request), Encoder(self._endpoint.response)

    def serve(self, asked: object) -> Served:
        """A new champion."""
        assert self._endpoint.trainable is not None
        training = self._endpoint.trainable.training(asked)
        assert training is not None
        fit = training.fit()
        return Served(fit.model, fit.info)

    def champion(self, endpoint: object, asked: object) -> Served:
        """None."""
        return Served(None, {})

    def months(self, one: Series, column: str, count: int, **more: Any) -> list[dict[str, float]]:
        """The months after a series."""
        first = datetime.date.fromordinal(one.first)
        rows = [
            {"date": (first + datetime.timedelta(day)).isoformat(), column: value}
            for day, value in enumerate(one.known.tolist())
        ]
        body = {"forecast_period": count, "data": rows, **more}
        call = Call(tenant="bench", now=NOW, models=self)
        request = self._decoder.decode(orjson.dumps(body))
        assert not list(self._endpoint.check(request, call))
        answer = orjson.loads(self._encoder.encode({**self._endpoint.handle(request, call), "warnings": []}))
        result = answer["forecast_result"] if "forecast_result" in answer else answer["forecasts"][0]
        found: list[dict[str, float]] = result["forecast"]["calendar"]
        return found


class Scores:
    """Errors of the months' sums by forecaster: in per cent, and in average days of the series."""

    def __init__(self) -> None:
        self.percent: dict[str, list[float]] = {}
        self.scaled: dict[str, list[float]] = {}
        self.inside: list[tuple[bool, bool]] = []

    def add(self, name: str, sums: Sequence[float], known: Sequence[float], day: float) -> None:
        """A series' months."""
        off = np.abs(np.array(sums) - np.array(known))
        if min(known) > 0:
            self.percent.setdefault(name, []).append(float(np.mean(100 * off / np.array(known))))
        self.scaled.setdefault(name, []).append(float(off.mean() / max(day, 1e-9)))

    def table(self) -> str:
        """Markdown, best first."""
        order = sorted(self.scaled, key=lambda name: np.mean(self.scaled[name]))
        lines = ["| forecast | mean % | median % | days | series |", "| --- | --- | --- | --- | --- |"]
        for name in order:
            percent, scaled = self.percent.get(name, [np.nan]), self.scaled[name]
            shown = f"**{name}**" if name == OURS else name
            lines.append(
                f"| {shown} | {np.mean(percent):.2f} | {np.median(percent):.2f} | {np.mean(scaled):.3f} | "
                f"{len(scaled)} |"
            )
        if self.inside:
            in_80, in_95 = 100 * np.mean(self.inside, axis=0)
            lines.append(
                f"\n{len(self.inside)} whole months: {in_80:.1f} % within 80 %, {in_95:.1f} % within 95 %."
            )
        return "\n".join(lines)


def compared(
    chosen: Iterable[Series],
    ours: Callable[[Series, int], list[dict[str, float]]],
    names: Callable[[int], tuple[str, ...]] = lambda place: tuple(peers.PEERS),
) -> Scores:
    """Ours and the peers on series, two months ahead."""
    scores = Scores()
    for place, one in enumerate(chosen):
        spans = one.months(2)
        whole = [
            place for place, (start, end) in enumerate(spans) if end < len(one.ahead) or end - start >= 28
        ]
        known = [float(one.ahead[start:end].sum()) for start, end in spans]
        day = float(one.known.mean())
        months = ours(one, 2)[: len(spans)]
        # A month that the data cut off: its known days' share of the forecast, as the peers' are cut.
        lengths = [_days(one, month) for month in range(len(spans))]
        share = [(end - start) / length for (start, end), length in zip(spans, lengths, strict=True)]
        scores.add(OURS, [row["value"] * part for row, part in zip(months, share, strict=True)], known, day)
        for month in whole:
            if share[month] == 1.0:
                row = months[month]
                scores.inside.append(
                    (
                        row["lower_80"] <= known[month] <= row["upper_80"],
                        row["lower_95"] <= known[month] <= row["upper_95"],
                    )
                )
        for name, path in peers.forecasts(one, names(place)).items():
            scores.add(name, [float(path[start:end].sum()) for start, end in spans], known, day)
    return scores


def _days(one: Series, place: int) -> int:
    months = series.months_after(one.last, place + 1)
    return months[-1].end - months[-1].first


class Part(NamedTuple):
    """A part of the section: its heading, what it is of, and its table."""

    title: str
    text: str
    table: str

    def markdown(self) -> str:
        """The part."""
        return f"### {self.title}\n\n{self.text}\n\n{self.table}\n"


def section(data: Path | None, quick: bool) -> str:
    """The forecast section of the page.

    Args:
        data: folder of the data that are not part of the project.
        quick: whether to take a part of the series.
    """
    PLUGIN.preload()
    step = QUICKLY if quick else 1
    revenue, units = Route("forecast_revenue"), Route("forecast_units")

    def money(one: Series, months: int) -> list[dict[str, float]]:
        return revenue.months(one, "revenue", months)

    def pieces(one: Series, months: int) -> list[dict[str, float]]:
        return units.months(one, "sales_quantity", months, product_code=one.name)

    parts = []
    if data is not None and (data / "restaurant_visitors.parquet").exists():
        chosen = series.restaurants(data)[::step]
        text = "Visitors of 36 restaurants, two months after 2017-01-22 and 2017-02-21 (April to the 22nd)."
        parts.append(Part("Restaurants", text, compared(chosen, money).table()))
    if data is not None and (data / "online_retail.parquet").exists():
        chosen = series.countries(data)[::step]
        text = "Revenue of 15 countries of online_retail, two months after August and September 2011."
        parts.append(Part("Revenue by country", text, compared(chosen, money).table()))
        chosen = series.skus(data)[:: 2 * step]
        text = "Units of 100 of the 200 best-selling products, the same months."
        quickest = tuple(name for name in peers.PEERS if name not in SLOW_PEERS)
        parts.append(Part("Units by product", text, compared(chosen, pieces, lambda place: quickest).table()))
    text = "Simulated: two to four years with a week, a pattern of the year and a slow drift."
    parts.append(Part("Years", text, compared(series.yearly(20)[::step], money).table()))
    text = "Bike rentals of 2011 (`benchmarks/data`) at fifteen origins."
    parts.append(Part("A spring", text, compared(series.bikes()[::step], money).table()))
    text = (
        "Simulated, of known truth: forecast / truth of the months that have the event, and whether the "
        "truth of all months is within their 95 % bounds."
    )
    parts.append(Part("Events of the calendar", text, kinds.table(money, quick)))
    text = "Simulated, three months ahead: share of months within their bounds."
    parts.append(Part("Coverage", text, kinds.coverage(money, pieces, quick)))
    return "\n".join(["## Forecast\n", *(part.markdown() for part in parts)])
