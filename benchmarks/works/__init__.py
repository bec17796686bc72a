"""The works of each plugin: bodies of any size, invented, the same in every run."""

from __future__ import annotations

from benchmarks.work import Work
from benchmarks.works import customer, forecast, pricing, propensity, recommendation

WORKS: tuple[Work, ...] = (
    *customer.WORKS,
    *recommendation.WORKS,
    *pricing.WORKS,
    *propensity.WORKS,
    *forecast.WORKS,
)
