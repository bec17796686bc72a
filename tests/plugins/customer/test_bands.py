import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugins.customer.bands import banded


def test_loyalty_table_of_reference_4_1_3() -> None:
    tiers = {"Platinum": 0.85, "Gold": 0.70, "Silver": 0.50, "Bronze": 0.30}
    found = banded(np.array([1.0, 0.85, 0.84, 0.7, 0.5, 0.3, 0.29, 0.0]), tiers, "At-Risk")
    assert [found.names[place] for place in found.band_of] == [
        *("Platinum", "Platinum", "Gold", "Gold", "Silver", "Bronze", "At-Risk", "At-Risk"),
    ]


@given(
    st.dictionaries(st.text(), st.integers(-5, 5), max_size=5),
    st.lists(st.integers(-6, 6), min_size=1),
)
def test_a_score_reaches_its_band_and_none_above(bounds: dict[str, int], scores: list[int]) -> None:
    found = banded(np.array(scores, dtype=float), bounds, "below")
    *names, below = found.names
    assert below == "below"
    for score, place in zip(scores, found.band_of.tolist(), strict=True):
        assert all(bounds[name] > score for name in names[:place])
        assert all(bounds[name] <= score for name in names[place:])


def test_without_bounds_every_score_is_below() -> None:
    assert banded(np.array([3.0]), {}, "below").band_of.tolist() == [0]
