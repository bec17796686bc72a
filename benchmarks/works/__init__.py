"""The works of each plugin: bodies of any size, invented, the same in every run."""

from __future__ import annotations

from benchmarks.work import Work
from benchmarks.works import customer, pricing, recommendation

WORKS: tuple[Work, ...] = (*customer.WORKS, *recommendation.WORKS, *pricing.WORKS)
