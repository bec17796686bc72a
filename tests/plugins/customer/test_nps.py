import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.customer.nps import survey


def test_30_percent_promoters_and_20_detractors_are_plus_10_in_dela_annual_report_2018() -> None:
    answers = np.array([9, 10, 10, 7, 7, 8, 8, 8, 0, 6])
    found = survey(answers, np.zeros_like(answers))
    assert [column.item() for column in found] == pytest.approx([10, 30, 50, 20, 10])


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), min_size=1))
def test_shares_sum_to_100_and_groups_to_the_whole(rows: list[tuple[int, int]]) -> None:
    answers = np.array([answer for answer, _ in rows])
    _, groups = np.unique([group for _, group in rows], return_inverse=True)
    found = survey(answers, groups)
    assert (found.promoters_pct + found.passives_pct + found.detractors_pct) == pytest.approx(100)
    assert found.promoters_pct - found.detractors_pct == pytest.approx(found.nps)
    whole = survey(answers, np.zeros_like(answers))
    assert np.average(found.nps, weights=found.responses) == pytest.approx(whole.nps.item())


@pytest.mark.parametrize(("answer", "nps"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_a_single_answer(answer: int, nps: float) -> None:
    assert survey(np.array([answer]), np.array([0])).nps.tolist() == [nps]
