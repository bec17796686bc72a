"""Qini and AUUC."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.propensity.uplift.qini import curve, judge

ONES = np.ones(4)


def test_by_hand() -> None:
    # Treated with the outcome, control without, treated without, control with it, highest score first.
    share, gained = curve(np.array([4.0, 3.0, 2.0, 1.0]), np.array([3, 0, 2, 1], dtype=np.uint8), ONES)
    assert share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert (4 * gained).tolist() == [0, 1, 1, 1, 0]


def test_the_optimum_order_has_qini_1_and_its_reverse_less_than_0() -> None:
    classes = np.repeat(np.array([3, 2, 0, 1], dtype=np.uint8), (20, 30, 30, 20))
    best = np.repeat([3.0, 2.0, 2.0, 1.0], (20, 30, 30, 20))
    assert judge(best, classes, ONES).qini.value == pytest.approx(1)
    assert judge(-best, classes, ONES).qini.value < 0


def test_one_score_for_all_has_qini_0_and_half_of_the_effect_as_auuc() -> None:
    classes = np.repeat(np.array([0, 1, 2, 3], dtype=np.uint8), (80, 20, 60, 40))
    ranking = judge(np.zeros(200), classes, ONES)
    assert ranking.qini == (0, 0, 0)
    assert ranking.auuc.value == pytest.approx(0.1)


def test_neither_the_order_of_the_rows_nor_the_scale_of_the_scores_matters() -> None:
    chance = np.random.default_rng(1)
    scores, classes = chance.normal(size=500).round(1), chance.integers(0, 4, 500).astype(np.uint8)
    order = chance.permutation(500)
    assert judge(scores[order], classes[order], ONES) == judge(scores, classes, ONES)
    assert judge(3 * scores + 1, classes, ONES) == judge(scores, classes, ONES)


def test_an_interval_holds_its_figure() -> None:
    chance = np.random.default_rng(2)
    for _ in range(20):
        classes = chance.choice(4, 60, p=[0.48, 0.02, 0.48, 0.02]).astype(np.uint8)
        for figure in judge(chance.normal(size=60), classes, ONES, draws=50):
            assert figure.lower_95 <= figure.value <= figure.upper_95
