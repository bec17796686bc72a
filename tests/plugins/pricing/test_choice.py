"""The price that earns most within the guardrails."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.pricing.choice import Choice, Guardrails, choose, lowest

FREE = Guardrails(None, None)


def chosen(prices: list[float], earned: list[float], **changes: Any) -> Choice:
    settings = {"cost": 5.0, "last": 10.0, "guardrails": FREE, "allow_extrapolation": False, **changes}
    observed = settings.pop("observed", (8.0, 12.0))
    return choose(np.array(prices), np.array(earned), observed, **settings)


def test_the_most_wins_and_the_others_follow() -> None:
    assert chosen([8, 9, 10], [1, 3, 2]).ranked == [1, 2, 0]


def test_ties_go_to_the_price_nearest_to_the_last_then_to_the_lower() -> None:
    assert chosen([8, 9, 11, 12], [1, 1, 1, 1]).ranked == [1, 2, 0, 3]


def test_a_price_that_was_not_observed_wins_only_if_allowed_or_alone() -> None:
    assert chosen([7, 9], [9, 1]).ranked == [1]
    assert chosen([7, 9], [9, 1], allow_extrapolation=True).ranked == [0, 1]
    assert chosen([6, 7], [1, 9]).ranked == [1, 0]


def test_what_the_guardrails_leave_counts_when_all_of_it_is_extrapolated() -> None:
    found = chosen([9, 13], [9, 1], guardrails=Guardrails(0.6, None))
    assert found.ranked == [1]
    assert found.low_margin.tolist() == [True, False]
    assert found.extrapolated.tolist() == [False, True]


def test_a_price_at_the_very_bound_keeps_it() -> None:
    assert lowest(3.0, 10.0, Guardrails(0.7, 0.1)) == (3.0 / (1 - 0.7), 9.0)
    assert chosen([10], [1], cost=3.0, guardrails=Guardrails(0.7, 0.0)).ranked == [0]
    assert chosen([9], [1], guardrails=Guardrails(None, 0.1)).ranked == [0]
    assert chosen([8.99], [1], guardrails=Guardrails(None, 0.1)).ranked == []
