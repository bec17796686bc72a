"""Are these customers like those that a model was fitted on?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from plugins.clv.history.histories import Histories

FIGURES = ("frequency", "recency", "T", "monetary_value")
FEWEST = 20
"""Customers below which no distribution is compared."""
SHIFTED = 0.25
"""Population stability index from which on a shift counts as large (Siddiqi, N. (2006), Credit Risk
Scorecards)."""
CHANCE = 3.0
"""How much of the index that chance alone gives a small batch is set aside, in multiples of its mean."""


class Drift(NamedTuple):
    """The figure that has drifted most.

    Attributes:
        figure: its name.
        before, now: its median among the customers of the training and in the request.
    """

    figure: str
    before: float
    now: float


def profile(known: Histories) -> dict[str, dict[str, Any]]:
    """Of each figure: deciles that differ, the share of customers between them, and the median."""
    found = {}
    for name in FIGURES:
        values = np.asarray(getattr(known, name), dtype=float)
        edges = np.unique(np.quantile(values, np.arange(1, 10) / 10))
        counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        shares = counts / len(values)
        found[name] = {
            "edges": edges.tolist(),
            "shares": shares.tolist(),
            "median": float(np.median(values)),
            "customers": len(values),
        }
    return found


def of(known: Histories, trained: Mapping[str, Mapping[str, Any]]) -> Drift | None:
    """The figure whose distribution differs most from that of a training; None if none differs beyond chance.

    >>> old = Histories(*(np.arange(100.0) for _ in range(5)))
    >>> of(old, profile(old)) is None
    True
    >>> of(Histories(*(np.zeros(100) for _ in range(5))), profile(old))
    Drift(figure='frequency', before=49.5, now=0.0)
    """
    count = len(known.T)
    if count < FEWEST:
        return None
    worst, drift = 0.0, None
    for name in FIGURES:
        if name not in trained:
            continue
        before, values = trained[name], np.asarray(getattr(known, name), dtype=float)
        shares = np.array(before["shares"])
        counts = np.bincount(np.searchsorted(before["edges"], values, side="left"), minlength=len(shares))
        now = (counts + 0.5) / (count + 0.5 * len(shares))
        was = (shares * before["customers"] + 0.5) / (before["customers"] + 0.5 * len(shares))
        index = float(((now - was) * np.log(now / was)).sum())
        chance = (len(shares) - 1) * (1 / count + 1 / before["customers"])
        if index - CHANCE * chance > max(SHIFTED, worst):
            worst = index - CHANCE * chance
            drift = Drift(name, float(before["median"]), float(np.median(values)))
    return drift
