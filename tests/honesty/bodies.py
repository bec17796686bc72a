"""Bodies to turn around: the benchmark's own, small."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from benchmarks.works import WORKS

SIZES = {
    "customer_features": 40,
    "customer_loyalty": 60,
    "customer_rfm": 80,
    "nps": 120,
    "customer_clv_features": 60,
    "customer_clv_forecast": 260,
    "churn_label": 80,
    "churn_risk": 160,
    "propensity_buy_product": 160,
    "uplift_model": 400,
    "recommend_user_items": 400,
    "bulk_recommend_user_items": 400,
    "recommend_similar_items": 400,
    "cross_sell_matrix": 200,
    "upsell_suggestions": 200,
    "dynamic_pricing_recommend": 90,
    "purchasing_segmentation": 90,
    "purchasing_segmentation_dendrogram": 90,
    "segment_subsegment_explore": 90,
    "segment_cluster_profiles": 90,
    "customer_segmentation": 90,
    "segmentation_report_json": 60,
    "segmentation_report_json_i18n": 60,
    "forecast_revenue": 90,
    "forecast_units": 90,
    "forecast_cost": 90,
    "forecast_cost_improved": 120,
    "forecast_units_asyncio": 3,
}
"""Route to the size of its body: enough to train on, quick to answer."""


def body(route: str, seed: int = 1) -> dict[str, Any]:
    """A body of a route."""
    work = next(work for work in WORKS if work.route == route and not work.again)
    return work.body(SIZES[route], seed)


ROWS = ("customers", "data", "rows", "items", "interactions", "transactions", "historical", "item_catalog")
"""Arrays whose order says nothing. Those of an order or of a list of prices do."""


def shuffled(sent: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """The same body with the rows of its arrays in another order."""
    chance = np.random.default_rng(seed)
    turned = copy.deepcopy(sent)
    for name in ROWS:
        if isinstance(turned.get(name), list):
            turned[name] = [turned[name][place] for place in chance.permutation(len(turned[name]))]
    return turned


def columns_reversed(value: Any) -> Any:
    """The same JSON with the members of every object in reverse order."""
    if isinstance(value, dict):
        return {key: columns_reversed(value[key]) for key in reversed(list(value))}
    return [columns_reversed(one) for one in value] if isinstance(value, list) else value


class Difference(NamedTuple):
    """A place where two answers differ."""

    path: str
    one: Any
    other: Any


IDS = ("customer_id", "id", "user_id", "item_id", "sku", "product_code", "group")
VOLATILE = ("execution_time_seconds", "seconds", "trained_at", "version", "timings_ms", "generated_at")


def differences(one: Any, other: Any, tolerance: float = 1e-9, path: str = "") -> Iterator[Difference]:
    """What two answers do not agree in; rows with an id are compared by it, whatever their order."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            yield Difference(path, sorted(one), sorted(other))
            return
        for key in one:
            if key not in VOLATILE:
                yield from differences(one[key], other[key], tolerance, f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        one, other = _by_id(one), _by_id(other)
        if len(one) != len(other):
            yield Difference(path, len(one), len(other))
            return
        for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, theirs, tolerance, f"{path}[{place}]")
    elif isinstance(one, float | int) and isinstance(other, float | int):
        if abs(one - other) > tolerance * max(1.0, abs(one), abs(other)):
            yield Difference(path, one, other)
    elif one != other:
        yield Difference(path, one, other)


def _by_id(rows: list[Any]) -> list[Any]:
    for name in IDS:
        if rows and all(isinstance(row, dict) and name in row for row in rows):
            # A list in an order of merit stays in it: its rows are few and their ids not all of them.
            return sorted(rows, key=lambda row: str(row[name]))
    return rows
