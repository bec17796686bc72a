import numpy as np

from plugins.clv.history.histories import Histories, histories
from plugins.clv.models.baseline import fit
from tests.plugins.clv.populations import shop


def test_the_baseline_lies_between_everybodys_rate_and_the_own_one() -> None:
    base = shop(60, 5)
    known = histories(base.bought, base.today)
    found = fit(known, np.full(60, 100.0), 100)
    own = known.frequency / known.T * 100
    mean = known.frequency.sum() / known.T.sum() * 100
    keen, lazy = int(np.argmax(own)), int(np.argmin(own))
    assert mean < found.prediction.txns[keen] < own[keen]
    assert own[lazy] < found.prediction.txns[lazy] < mean
    assert found.mae > 0


def test_the_baseline_depends_on_no_order() -> None:
    base = shop(60, 5)
    known = histories(base.bought, base.today)
    rows = np.random.default_rng(1).permutation(60)
    one = fit(known, np.full(60, 100.0), 100)
    other = fit(known.at(rows), np.full(60, 100.0), 100)
    np.testing.assert_array_equal(one.prediction.value[rows], other.prediction.value)
    assert one.mae == other.mae


def test_who_came_today_has_no_rate_yet() -> None:
    zeros = np.zeros(2)
    known = Histories(np.arange(2), np.zeros(2, dtype=np.int64), zeros, zeros, np.array([5.0, 6.0]))
    found = fit(known, np.full(2, 30.0), 30)
    assert found.prediction.value.tolist() == [0.0, 0.0]
