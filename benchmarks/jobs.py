"""A job of many parts by one worker and by two: forecast_units_asyncio of 1,000 products × 365 days.

``python -m benchmarks.jobs`` serves with a data folder of its own, has one worker do the job and then two,
each with an empty registry, and prints seconds from the submission to the end, and their ratio.
``--products 100`` does less. Workers are waited for until they take jobs: a smaller
job comes before the clock.
"""

from __future__ import annotations

import argparse
import datetime
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.serving import Server

FIRST = datetime.date(2023, 1, 1)
ROUTE = "/api/v1/ai/forecast_units_asyncio"
SEED = 20250424


def body(products: int, days: int) -> dict[str, Any]:
    """Daily sales with a week, some with a trend, a fifth of them rare."""
    chance = np.random.default_rng(SEED)
    dates = [(FIRST + datetime.timedelta(days=day)).isoformat() for day in range(days)]
    week = np.array([1.0, 0.9, 0.95, 1.05, 1.3, 1.6, 0.6])[np.arange(days) % 7]
    items = []
    for number in range(products):
        level = chance.gamma(2.0, 10.0) * (0.02 if number % 5 == 0 else 1.0)
        slope = 1 + chance.normal(0, 0.3) * np.arange(days) / days
        sold = chance.poisson(np.maximum(level * week * slope, 0.01))
        rows = [{"date": day, "sales_quantity": int(count)} for day, count in zip(dates, sold, strict=True)]
        items.append({"product_code": f"SKU-{number:04d}", "data": rows})
    return {"forecast_period": 3, "items": items}


def done(client: httpx.Client, asked: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Seconds until a job has ended, and its result."""
    began = time.perf_counter()
    answer = client.post(ROUTE, json=asked, timeout=60)
    assert answer.status_code == 202, answer.text
    page = answer.headers["Location"]
    while client.get(page).json()["status"] in ("queued", "running"):
        time.sleep(0.2)
    seconds = time.perf_counter() - began
    result = client.get(f"{page}/result", timeout=60)
    assert result.status_code == 200, result.text
    return seconds, result.json()


def measured(workers: int, asked: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Seconds and result with some workers."""
    with tempfile.TemporaryDirectory(prefix="abintel-bench-") as folder:
        server = Server(Path(folder) / "home", ABINTEL_PLUGINS="forecast", ABINTEL_JOB_WORKERS=str(workers))
        with server, server.client(server.credential("bench")) as client:
            give_up = time.monotonic() + 300
            while f"workers: {workers}" not in client.get("/readyz").text and time.monotonic() < give_up:
                time.sleep(0.5)
            # As many pieces as keep each worker busy for a moment.
            done(client, body(40 * workers, 60))
            found = done(client, asked)
            server.stop()
            return found


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=365)
    wanted = parser.parse_args()
    asked = body(wanted.products, wanted.days)
    (one, first), (two, second) = measured(1, asked), measured(2, asked)
    for answer in (first, second):
        assert not any("error" in forecast for forecast in answer["forecasts"])
    forecasts = [[forecast["forecast"] for forecast in answer["forecasts"]] for answer in (first, second)]
    same = forecasts[0] == forecasts[1]
    print(f"{wanted.products} products x {wanted.days} days: one worker {one:.1f} s, two {two:.1f} s")
    print(f"ratio {one / two:.2f}; the same forecasts: {same}")


if __name__ == "__main__":
    main()
