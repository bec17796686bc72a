"""What each class of users sends: examples of the routes, trainings on data that nobody sent before, and much
at once."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from abintel.discovery import discover
from abintel.endpoint import PREFIX, Document
from abintel.settings import Settings
from benchmarks.works import WORKS

ROUNDS_PER_DOCUMENT = 10
"""A document is asked for now and then, by a person; each is called once in so many rounds, far apart."""
FIRST_DOCUMENT = 2
"""Before which round the first is: early enough for a load test of half a minute."""
TRAININGS = {
    "churn_risk": 400,
    "propensity_buy_product": 400,
    "purchasing_segmentation": 500,
    "forecast_revenue": 90,
    "uplift_model": 600,
    "customer_clv_forecast": 300,
}
"""Route to the size of its training: what a shop of middle size sends in the night."""
BULKS = {
    "customer_rfm": 15_000,
    "customer_features": 7_500,
    "nps": 50_000,
    "segment_cluster_profiles": 10_000,
    "cross_sell_matrix": 10_000,
    "churn_label": 20_000,
}
"""Route to the size of a large body."""


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
    """A body to train on; another seed, another fingerprint."""
    return Sent(f"{route}, training", PREFIX + route, _encoded(_work_body(route, TRAININGS[route], seed)))


def bulk(route: str) -> Sent:
    """A large body, the same each time."""
    return Sent(f"{route}, bulk", PREFIX + route, _encoded(_work_body(route, BULKS[route], 1)))


def _work_body(route: str, size: int, seed: int) -> dict[str, Any]:
    """Of the benchmark's own: the first work of a route whose body is new for each seed."""
    work = next(work for work in WORKS if work.route == route and not work.again)
    return work.body(size, seed)


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
