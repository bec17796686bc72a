"""The works of each plugin: bodies of any size, invented, the same in every run."""

from __future__ import annotations

from benchmarks.work import Work
from benchmarks.works import clv, customer, forecast, pricing, propensity, recommendation, segmentation

WORKS: tuple[Work, ...] = (
    *customer.WORKS,
    *clv.WORKS,
    *segmentation.WORKS,
    *recommendation.WORKS,
    *pricing.WORKS,
    *propensity.WORKS,
    *forecast.WORKS,
)
