import numpy as np
import pytest

from plugins.clv.intervals import residuals
from plugins.clv.intervals.residuals import Residuals
from plugins.clv.models.prediction import Prediction


def drawn(count: int, seed: int) -> tuple[Prediction, np.ndarray, np.ndarray]:
    """A right prediction of customers, and what came."""
    chance = np.random.default_rng(seed)
    mean = chance.gamma(0.7, 2.0, count) + 0.01
    txns = chance.poisson(mean).astype(float)
    return Prediction(mean, np.full(count, 20.0), mean * 20), txns, txns * 20


def learned(count: int = 1000, seed: int = 1) -> Residuals:
    return residuals.learn(*drawn(count, seed), 90)


def test_the_interval_of_a_customer_covers_at_least_its_share() -> None:
    found, (predicted, txns, value) = learned(3000), drawn(3000, 2)
    ones = np.ones(3000)
    bounds = residuals.intervals(found, predicted, predicted, ones, ones)
    for interval, truth in ((bounds.txns, txns), (bounds.value, value)):
        assert ((interval.lower_80 <= truth) & (truth <= interval.upper_80)).mean() > 0.78
        assert ((interval.lower_95 <= truth) & (truth <= interval.upper_95)).mean() > 0.93


def test_the_interval_of_the_total_covers_most_of_the_time() -> None:
    covered = 0
    for seed in range(40):
        found, (predicted, _, value) = learned(300, seed), drawn(300, 100 + seed)
        bounds = residuals.intervals(found, predicted, predicted, np.ones(300), np.ones(300)).total_value
        covered += int(bounds.lower_80 <= value.sum() <= bounds.upper_80)
    # 40 at 80 %: 26 or fewer happen once in 50.
    assert covered >= 27


def test_a_longer_time_and_a_discount_scale_the_bounds() -> None:
    found, (predicted, _, _) = learned(), drawn(50, 3)
    twice = Prediction(predicted.txns * 2, predicted.per_order, predicted.value * 2)
    one = residuals.intervals(found, predicted, predicted, np.ones(50), np.ones(50))
    two = residuals.intervals(found, predicted, twice, np.full(50, 2.0), np.ones(50))
    np.testing.assert_allclose(two.value.upper_80, one.value.upper_80 * 2)
    assert two.total_value.upper_80 / one.total_value.upper_80 > 2


def test_who_is_gone_has_no_interval() -> None:
    found, (predicted, _, _) = learned(), drawn(50, 3)
    nothing = Prediction(np.zeros(50), predicted.per_order, np.zeros(50))
    bounds = residuals.intervals(found, predicted, nothing, np.zeros(50), np.ones(50))
    assert bounds.value.upper_95.tolist() == [0.0] * 50
    assert (float(bounds.total_value.lower_95), float(bounds.total_value.upper_95)) == (0.0, 0.0)


def test_it_survives_its_file_to_the_last_bit() -> None:
    found = learned()
    read = Residuals.from_json(found.as_json())
    np.testing.assert_array_equal(read.edges, found.edges)
    np.testing.assert_array_equal(read.value.bounds, found.value.bounds)
    assert read.txns.level == found.txns.level


@pytest.mark.parametrize("change", [{"edges": [1.0]}, {"days": "x"}, {"txns": {}}])
def test_a_damaged_file_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"the residuals of model\.json are damaged"):
        Residuals.from_json({**learned().as_json(), **change})


@pytest.mark.filterwarnings("error")
def test_equal_predictions_are_one_group_and_nothing_bought_gives_a_wide_total() -> None:
    flat = Prediction(np.ones(100), np.ones(100), np.ones(100))
    found = residuals.learn(flat, np.zeros(100), np.zeros(100), 30)
    assert len(found.edges) == 0
    assert found.value.level == 1.0
