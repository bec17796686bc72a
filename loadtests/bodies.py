"""The requests of each class of users: examples of the routes, trainings on new data, and large bodies."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from abintel.discovery import discover
from abintel.endpoint import PREFIX, Document
from abintel.settings import Settings
from benchmarks.works import WORKS

ROUNDS_PER_DOCUMENT = 10
"""Documents are requested rarely; each is called once in so many rounds, spread out."""
FIRST_DOCUMENT = 2
"""The first document comes before this round, early enough for a load test of half a minute."""
TRAININGS = {
    "churn_risk": 400,
    "propensity_buy_product": 400,
    "purchasing_segmentation": 500,
    "forecast_revenue": 90,
    "uplift_model": 600,
    "customer_clv_forecast": 300,
}
"""The size of a training, by route: the nightly data of a medium-sized shop."""
BULKS = {
    "customer_rfm": 15_000,
    "customer_features": 7_500,
    "nps": 50_000,
    "segment_cluster_profiles": 10_000,
    "cross_sell_matrix": 10_000,
    "churn_label": 20_000,
}
"""The size of a large body, by route."""


class Sent(NamedTuple):
    """A request.

    Attributes:
        name: that it is counted under.
        path: of its route.
        body: JSON.
    """

    name: str
    path: str
    body: bytes


def examples() -> list[Sent]:
    """A round of every example of every route, documents less often."""

    def of(documents: bool) -> list[Sent]:
        return [
            Sent(endpoint.name, endpoint.route, json.dumps(body).encode())
            for endpoint in discover(Settings.from_environment().plugins).endpoints
            for body in endpoint.examples.values()
            if isinstance(endpoint.response, Document) == documents
        ]

    once, documents = of(False), of(True)
    found: list[Sent] = []
    for place in range(ROUNDS_PER_DOCUMENT):
        found += [
            document
            for number, document in enumerate(documents)
            if place
            == (FIRST_DOCUMENT + number * ROUNDS_PER_DOCUMENT // len(documents)) % ROUNDS_PER_DOCUMENT
        ]
        found += once
    return found


def training(route: str, seed: int) -> Sent:
    """A training body; each seed gives another fingerprint."""
    return Sent(f"{route}, training", PREFIX + route, _encoded(_work_body(route, TRAININGS[route], seed)))


def bulk(route: str) -> Sent:
    """A large body, the same each time."""
    return Sent(f"{route}, bulk", PREFIX + route, _encoded(_work_body(route, BULKS[route], 1)))


def _work_body(route: str, size: int, seed: int) -> dict[str, Any]:
    """The benchmark's first workload of a route that makes a new body for each seed."""
    work = next(work for work in WORKS if work.route == route and not work.again)
    return work.body(size, seed)


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
