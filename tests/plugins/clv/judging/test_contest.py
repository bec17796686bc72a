import numpy as np
import pytest

from plugins.clv.history.histories import NEVER, Occasions, histories
from plugins.clv.judging import contest
from plugins.clv.judging.contest import NAIVE, TREES, Data, Outcome
from plugins.clv.judging.window import split
from plugins.clv.models.roster import BG_NBD, PURCHASE_MODELS
from plugins.shared import roc
from tests.plugins.clv.populations import Shop, shop


def data(base: Shop, horizon: int = 183, gone: np.ndarray | None = None) -> Data:
    held = split(base.bought, base.today, horizon)
    assert held is not None
    count = int(base.bought.owner.max()) + 1
    return Data(
        base.bought,
        histories(base.bought, base.today),
        np.full(count, NEVER) if gone is None else gone,
        base.today,
        held,
    )


def run(base: Shop, **given: object) -> Outcome:
    return contest.run(data(base, **given))


def seasonal(count: int = 400, years: int = 3) -> Shop:
    """Customers of two kinds: some buy every fourth week for ever, some bought ten times at once and never
    again. BG/NBD knows neither."""
    rows = []
    for i in range(count):
        start = 100 + i * 7 % 500
        days = range(start, 365 * years, 28) if i % 2 else range(start, start + 10)
        rows += [(i, 738_000 + day) for day in days]
    owner, day = np.array(rows).T
    return Shop(
        Occasions(owner, day, np.full(len(day), 10.0)), 738_000 + 365 * years, np.zeros(0), np.zeros(0)
    )


def test_on_its_own_ground_bg_nbd_wins_and_both_beat_the_naive_rate() -> None:
    judged = (outcome := run(shop(800, 1))).judgement
    assert outcome.best in PURCHASE_MODELS
    assert judged.mae[BG_NBD] < judged.mae[TREES] < judged.mae[NAIVE]
    assert outcome.reasons == {}


def test_where_customers_are_no_bg_nbd_the_trees_win() -> None:
    outcome = run(seasonal())
    assert outcome.best == TREES
    assert outcome.judgement.mae[TREES] < outcome.judgement.mae[BG_NBD]


def test_no_candidate_sees_the_held_out_window() -> None:
    base = shop(300, 2)
    known = data(base)
    later = base.bought.day > base.today - known.held.days
    dearer = base.bought._replace(value=np.where(later, base.bought.value * 9, base.bought.value))
    before, after = contest.run(known), contest.run(data(base._replace(bought=dearer)))
    for name, found in before.judgement.predictions.items():
        np.testing.assert_array_equal(found.value, after.judgement.predictions[name].value)


def test_who_has_left_before_the_window_is_expected_to_bring_nothing() -> None:
    base = shop(300, 2)
    held = data(base).held
    gone = np.full(300, NEVER)
    gone[held.history.owner[:50]] = base.today - held.days
    outcome = run(base, gone=gone)
    for found in outcome.judgement.predictions.values():
        assert found.value[:50].tolist() == [0.0] * 50


def test_where_all_bought_once_there_is_nothing_to_judge() -> None:
    bought = Occasions(np.arange(60), 739_000 - np.arange(60) * 5, np.ones(60))
    held = split(bought, 739_000, 30)
    known = histories(bought, 739_000)
    assert not contest.enough(held, known)
    assert not contest.enough(None, known)


def test_too_little_before_the_window_leaves_the_trees_unjudged_and_says_so() -> None:
    outcome = run(shop(24, 3))
    assert TREES not in outcome.judgement.mae
    assert outcome.reasons[TREES] == (
        "The time before the held-out window is too short, or too few bought in it."
    )
    assert outcome.best in PURCHASE_MODELS


def test_promising_too_little_wins_nothing() -> None:
    chance = np.random.default_rng(1)
    truth = np.where(chance.random(500) < 0.2, chance.gamma(2.0, 50.0, 500), 0.0)
    honest = np.where(truth > 0, 60.0, 10.0)
    assert contest.level_error(truth, honest / 3) == pytest.approx(contest.level_error(truth, honest))
    assert contest.level_error(truth, honest / 30) > contest.level_error(truth, honest)
    assert contest.level_error(np.zeros(3), np.ones(3)) == 1.0


def test_trees_are_stretched_as_bg_nbd_thins_out() -> None:
    base = shop(600, 4)
    known = data(base)
    outcome = contest.run(known)
    assert outcome.trees is not None
    days = np.full(600, 3.0 * outcome.trees.days)
    window = outcome.trees.predict(known.known)
    stretched = contest.over(outcome.trees, outcome.purchasing[BG_NBD].orders, known.known, days)
    ratio = stretched.value.sum() / window.value.sum()
    assert 1.5 < ratio < 3
    straight = contest.over(outcome.trees, None, known.known, days)
    np.testing.assert_allclose(straight.value, window.value * 3)


def test_auc_of_ties_and_of_one_class() -> None:
    assert roc.auc(np.array([True, False]), np.array([1.0, 1.0])) == 0.5
    assert roc.auc(np.array([True, True]), np.array([1.0, 2.0])) == 0.5
    assert roc.auc(np.array([True, False, False]), np.array([3.0, 2.0, 1.0])) == 1.0
