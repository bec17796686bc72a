import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.shared import rfm

BINS = st.integers(2, 10)
METRIC = st.lists(st.integers(0, 400), min_size=1, max_size=40).map(np.array)


def test_thresholds_of_the_detailed_document_4_1_4() -> None:
    assert rfm.cut_offs(np.array([3, 109, 1]), 5)[::-1].tolist() == [66.6, 24.2, 2.6, 1.8]
    assert rfm.cut_offs(np.array([3, 2, 4]), 5).tolist() == [2.4, 2.8, 3.2, 3.6]
    money = np.array([1228.95, 195.90, 660.00])
    assert rfm.cut_offs(money, 5).tolist() == [381.54, 567.18, 773.79, 1001.37]


def test_scores_of_c1001_in_the_detailed_document_4_1_4() -> None:
    assert rfm.recency_score(np.array([3]), np.array([1.8, 2.6, 24.2, 66.6])).tolist() == [3]
    assert rfm.score(np.array([3]), np.array([2.4, 2.8, 3.2, 3.6])).tolist() == [3]
    assert rfm.score(np.array([1228.95]), np.array([381.54, 567.18, 773.79, 1001.37])).tolist() == [5]


@given(METRIC, BINS)
def test_a_score_is_one_of_the_bins_and_follows_the_metric(values: np.ndarray, bins: int) -> None:
    ordered = np.sort(values)
    cuts = rfm.cut_offs(ordered, bins)
    rising, falling = rfm.score(ordered, cuts), rfm.recency_score(ordered, cuts)
    assert (np.diff(rising) >= 0).all()
    assert (rising + falling == bins + 1).all()
    assert rising.min() >= 1
    assert rising.max() <= bins


@given(METRIC, BINS)
def test_a_value_on_a_cut_off_does_not_exceed_it(values: np.ndarray, bins: int) -> None:
    cuts = rfm.cut_offs(values, bins)
    assert (rfm.score(cuts, cuts) <= np.arange(1, bins)).all()


@pytest.mark.parametrize(("bins", "least"), [(2, 4), (5, 13), (10, 28)])
def test_a_champion_is_within_two_points_of_the_top(bins: int, least: int) -> None:
    assert rfm.least_of_champions(bins) == least
    of_champions_only = rfm.tiers(np.array([least - 1, least, 3 * bins]), bins, None)
    assert of_champions_only.tolist() == ["Promising", "Champion", "Champion"]


def test_tiers_are_quantiles_of_those_who_are_no_champions() -> None:
    totals = np.array([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 15, 15])
    cuts = rfm.tier_cut_offs(totals, 5)
    assert cuts == (9.3, 7.5, 4.8)
    assert rfm.tiers(totals, 5, cuts).tolist() == [
        *("At-Risk", "At-Risk", "Promising", "Promising", "Promising"),
        *("Potential", "Potential", "Loyal", "Loyal", "Loyal"),
        *("Champion", "Champion", "Champion"),
    ]


@given(st.lists(st.integers(3, 15), min_size=1).map(np.array))
def test_a_higher_total_never_has_a_lower_tier(totals: np.ndarray) -> None:
    ranks = {"At-Risk": 0, "Promising": 1, "Potential": 2, "Loyal": 3, "Champion": 4}
    ordered = np.sort(totals)
    found = [ranks[tier] for tier in rfm.tiers(ordered, 5, rfm.tier_cut_offs(ordered, 5)).tolist()]
    assert found == sorted(found)


def test_customers_who_are_all_alike_are_promising() -> None:
    totals = np.array([7, 7, 7])
    assert rfm.tiers(totals, 5, rfm.tier_cut_offs(totals, 5)).tolist() == ["Promising"] * 3


def test_champions_only_have_no_cut_offs() -> None:
    totals = np.array([14, 15])
    assert rfm.tier_cut_offs(totals, 5) is None
    assert rfm.tiers(totals, 5, None).tolist() == ["Champion", "Champion"]


@pytest.mark.parametrize(
    ("bins", "expected"),
    [(2, [0, 3]), (3, [0, 2, 3]), (4, [0, 1, 2, 3]), (5, [0, 1, 2, 2, 3])],
)
def test_levels_of_every_score(bins: int, expected: list[int]) -> None:
    assert [rfm.level(score, bins) for score in range(1, bins + 1)] == expected
