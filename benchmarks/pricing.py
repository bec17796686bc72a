"""dynamic_pricing_recommend, whole requests (bytes in, bytes out), beside the obvious implementation.

``python benchmarks/pricing.py`` prints the table of ``benchmarks/RESULTS.md``. The obvious implementation is
what a notebook would do: scikit-learn's and XGBoost's learners over the same columns, each with a small grid
search by time-series folds; it has no constraint, no elasticity and no intervals, so the ratio errs on its
side. Seconds are of the wall clock; `processor` is that of all threads, firmer on a machine that others use.
"""

from __future__ import annotations

import datetime
import json
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

SEED = 20250424
ROWS = {"90 days": (90, 15), "365 days": (365, 15), "3,650 days": (3_650, 5)}
TO_REACH = "0.15 s at 365 days"


def body(days: int) -> bytes:
    """A shop's daily sales at eight prices, with competitor, stock, channel, promotions and weekdays."""
    chance = np.random.default_rng(SEED)
    first = datetime.date(2025, 4, 1) - datetime.timedelta(days=days)
    grid = np.linspace(80, 120, 8).round(2)
    rows = []
    for place in range(days):
        price, rival, promo = chance.choice(grid), chance.normal(100, 5), bool(chance.random() < 0.1)
        date = first + datetime.timedelta(days=place)
        mean = 100 * (price / rival) ** -1.8 * np.exp(0.2 * np.sin(date.weekday()) + 0.3 * promo)
        rows.append(
            {
                "date": date.isoformat(),
                "price": float(price),
                "units_sold": int(chance.poisson(mean)),
                "competitor_price": round(float(rival), 2),
                "inventory_level": int(chance.integers(100, 900)),
                "segment": {"channel": str(chance.choice(["web", "store", "mobile"])), "country": "BR"},
                "promo": promo,
            }
        )
    return orjson.dumps(
        {
            "product_id": "SKU-1",
            "cost_per_unit": 45.0,
            "optimize_for": "profit",
            "candidate_prices": grid.tolist(),
            "historical": rows,
            "competitor_price_current": 99.0,
        }
    )


def ours() -> Callable[[bytes], Any]:
    """The route: decode, check, handle, encode."""
    from abintel.answer import Encoder
    from abintel.decode import Decoder
    from abintel.endpoint import Call
    from plugins.pricing import PLUGIN

    PLUGIN.warm()
    [endpoint] = PLUGIN.endpoints
    decoder, encoder = Decoder(endpoint.request), Encoder(endpoint.response)

    def respond(content: bytes) -> bytes:
        call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
        request = decoder.decode(content)
        assert not list(endpoint.check(request, call))
        return encoder.encode(endpoint.handle(request, call))

    return respond


def obvious() -> Callable[[bytes], Any]:
    """pandas, three learners and a grid search each."""
    import pandas as pd
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import ElasticNet
    from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBRegressor

    grids = (
        (make_pipeline(StandardScaler(), ElasticNet()), {"elasticnet__alpha": [0.001, 0.01, 0.1]}),
        (XGBRegressor(n_estimators=100, n_jobs=1), {"max_depth": [3, 6]}),
        (RandomForestRegressor(100, random_state=0), {"min_samples_leaf": [1, 3]}),
    )

    def respond(content: bytes) -> Any:
        sent = json.loads(content)
        frame = pd.json_normalize(sent["historical"])
        frame["weekday"] = pd.to_datetime(frame["date"]).dt.dayofweek.astype(str)
        matrix = pd.get_dummies(frame.drop(columns=["date", "units_sold"])).astype(float)
        target = np.log1p(frame["units_sold"])
        best = min(
            (
                GridSearchCV(
                    learner, grid, cv=TimeSeriesSplit(3), scoring="neg_mean_absolute_percentage_error"
                ).fit(matrix, target)
                for learner, grid in grids
            ),
            key=lambda search: -search.best_score_,
        )
        tried = pd.concat([matrix.iloc[[-1]]] * len(sent["candidate_prices"]))
        tried["price"] = sent["candidate_prices"]
        return (tried["price"] - sent["cost_per_unit"]) * np.expm1(best.predict(tried))

    return respond


def measured(respond: Callable[[bytes], Any], content: bytes, runs: int) -> tuple[list[float], float]:
    """Seconds of each run, and the median of the processor's."""
    respond(content)
    wall, processor = [], []
    for _ in range(runs):
        began, worked = time.perf_counter(), time.process_time()
        respond(content)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    return wall, statistics.median(processor)


def main() -> None:
    """Prints the table."""
    warnings.simplefilter("ignore")
    mine, theirs = ours(), obvious()
    print("| row | ours | range | processor | to reach | obvious | its processor | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, (days, runs) in ROWS.items():
        content = body(days)
        wall, processor = measured(mine, content, runs)
        other, other_processor = measured(theirs, content, max(1, runs // 5))
        print(
            f"| {name}, 8 candidates | {statistics.median(wall):.3f} s | {min(wall):.3f}–{max(wall):.3f} s | "
            f"{processor:.3f} s | {TO_REACH} | {statistics.median(other):.2f} s | {other_processor:.2f} s | "
            f"{other_processor / processor:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
