"""The population stability index: its value, what chance makes of it, and how a profile is kept."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.propensity.features.design import Design, learn
from plugins.propensity.features.drift import Drift, Profile, as_json, compare, drifts, from_json, profiles
from plugins.propensity.features.fingerprint import canonical

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12)


def learned(rows: list[dict[str, Any]]) -> tuple[Design, tuple[Profile, ...]]:
    columns = canonical(rows, [0] * len(rows)).columns
    design, _ = learn(columns)
    return design, profiles(design, columns)


def drift(rows: list[dict[str, Any]], later: list[dict[str, Any]]) -> dict[str, Drift]:
    design, known = learned(rows)
    return drifts(design, known, design.read(later).columns)


def test_halves_that_become_four_and_one_fifths_have_the_psi_of_the_formula() -> None:
    expected = 0.3 * math.log(0.8 / 0.5) + 0.3 * math.log(0.5 / 0.2)
    found = compare(np.array([500_000, 500_000]), np.array([800_000, 200_000]))
    assert found.psi == pytest.approx(expected, abs=1e-4)
    assert found.beyond


@given(COUNTS, COUNTS)
def test_it_is_never_negative_and_the_same_both_ways(before: list[int], now: list[int]) -> None:
    bins = min(len(before), len(now))
    one, other = np.array(before[:bins]), np.array(now[:bins])
    found = compare(one, other)
    assert 0 <= found.psi < math.inf
    assert found.psi == pytest.approx(compare(other, one).psi)
    assert compare(one, one) == Drift(0.0, False)


def test_rows_of_one_distribution_are_hardly_ever_called_drifted_however_few() -> None:
    chance = np.random.default_rng(5)
    called = 0
    for _ in range(400):
        values = chance.normal(size=(45 + 60, 1)).tolist()
        rows = [{"x": value} for (value,) in values]
        called += drift(rows[:45], rows[45:])["x"].beyond
    assert called <= 4


@pytest.mark.parametrize(
    ("now", "beyond"), [({"shift": 0.2}, False), ({"shift": 1.0}, True), ({"spread": 3.0}, True)]
)
def test_a_shift_that_matters_is_seen_and_a_slight_one_is_not(now: dict[str, float], beyond: bool) -> None:
    chance = np.random.default_rng(6)
    rows = [{"x": value} for value in chance.normal(size=2_000).tolist()]
    later = chance.normal(now.get("shift", 0.0), now.get("spread", 1.0), size=2_000)
    assert drift(rows, [{"x": value} for value in later.tolist()])["x"].beyond is beyond


def test_missing_values_unseen_categories_and_changed_shares_count() -> None:
    rows = [{"n": i % 7, "flag": i % 2, "kind": "ab"[i % 2], "same": i % 5} for i in range(700)]
    later = [{"same": i % 5, "flag": 1, "kind": "z"} for i in range(700)]
    for row in later[:10]:
        row["n"] = 3
    found = drift(rows, later)
    assert {name for name, part in found.items() if part.beyond} == {"n", "flag", "kind"}
    assert found["same"].psi == 0
    assert list(found) == sorted(found, key=lambda name: -found[name].psi)


def test_a_profile_holds_deciles_shares_and_the_missing() -> None:
    rows: list[dict[str, Any]] = [{"n": i, "kind": "a" if i < 60 else "b"} for i in range(100)]
    rows += [{"kind": None}] * 5
    design, (kind, number) = learned(rows)
    assert design.names == ["kind", "n"]
    assert kind == Profile((), (60, 40, 5, 0))
    assert number.edges == tuple(float(edge) for edge in range(9, 99, 10))
    assert number.counts == (*[10] * 10, 5)


def test_a_stored_profile_is_the_same_to_the_last_bit() -> None:
    chance = np.random.default_rng(7)
    design, known = learned(
        [{"x": value, "k": str(round(value))} for value in chance.normal(size=90).tolist()]
    )
    assert from_json(json.loads(json.dumps(as_json(known))), design) == known


@pytest.mark.parametrize(
    "parts",
    [
        None,
        [],
        [{"edges": [1.0, 2.0], "counts": [1, 2, 3]}],
        [{"edges": [2.0, 1.0], "counts": [1, 2, 3, 4]}],
        [{"edges": [1, 2], "counts": [1, 2, 3, 4]}],
        [{"edges": [1.0, math.nan], "counts": [1, 2, 3, 4]}],
        [{"edges": [1.0, 2.0], "counts": [1, 2, -3, 4]}],
        [{"edges": [1.0, 2.0], "counts": [1, 2, True, 4]}],
        [{"edges": [1.0, 2.0], "counts": [1, 2, 3, 4]}] * 2,
    ],
)
def test_a_damaged_profile_is_refused(parts: Any) -> None:
    design, _ = learned([{"x": number} for number in range(10)])
    with pytest.raises(ValueError, match="the stored training profile is damaged"):
        from_json(parts, design)
