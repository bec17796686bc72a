from pathlib import Path

import numpy as np
import pytest

from plugins.clv.history.histories import Histories, histories
from plugins.clv.models import purchasing as forecast
from plugins.clv.models import trees as boosting
from plugins.clv.models.purchasing import Split
from plugins.clv.models.trees import Trees
from tests.plugins.clv.populations import shop


def held(count: int = 500, seed: int = 1) -> Split:
    base = shop(count, seed)
    found = forecast.split(base.bought, base.today, 183)
    assert found is not None
    return found


def trees(found: Split) -> Trees:
    return boosting.fit(found.history, found.txns, found.value, found.days)


def test_the_total_of_the_training_rows_is_the_true_one() -> None:
    found = held()
    predicted = trees(found).predict(found.history)
    assert predicted.txns.sum() == pytest.approx(found.txns.sum(), rel=1e-9)
    assert predicted.value.sum() == pytest.approx(found.value.sum(), rel=1e-9)
    np.testing.assert_allclose(predicted.txns * predicted.per_order, predicted.value)


@pytest.mark.parametrize("count", [150, 1000])
def test_totals_of_other_customers_are_not_promised_too_low(count: int) -> None:
    """With trees that know their rows by heart the ratio is one half."""
    ratios = []
    for seed in range(6):
        found = held(2 * count, seed)
        one, other = (np.arange(len(found.txns)) % 2 == part for part in (0, 1))
        model = boosting.fit(found.history.at(one), found.txns[one], found.value[one], found.days)
        ratios.append(model.predict(found.history.at(other)).txns.sum() / found.txns[other].sum())
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.15)


def test_two_fits_at_once_are_equal_to_the_last_bit(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    found = held()
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: trees(found), range(4)))
    for model in models[1:]:
        np.testing.assert_array_equal(
            model.predict(found.history).value, models[0].predict(found.history).value
        )


def test_a_saved_model_predicts_the_same(tmp_path: Path) -> None:
    found = held(200)
    model = trees(found)
    read = Trees.load(tmp_path, model.save(tmp_path))
    for column, same in zip(model.predict(found.history), read.predict(found.history), strict=True):
        np.testing.assert_array_equal(column, same)
    assert list(read.importance()) == list(model.importance())


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    model = trees(held(200))
    stored = model.save(tmp_path)
    with pytest.raises(ValueError, match=r"the trees of model\.json are damaged"):
        Trees.load(tmp_path, {**stored, "days": 0})
    (tmp_path / "value.txt").write_text("tree")
    with pytest.raises(ValueError, match=r"value\.txt is damaged: its SHA-256 is another"):
        Trees.load(tmp_path, stored)
    (tmp_path / "txns.txt").unlink()
    with pytest.raises(ValueError, match=r"txns\.txt is missing or damaged"):
        Trees.load(tmp_path, stored)


@pytest.mark.parametrize("worth", [0.0, -3.0, 1e15])
@pytest.mark.filterwarnings("error")
def test_values_of_every_size_and_sign_give_finite_figures(worth: float) -> None:
    found = held(200)
    value = found.txns * worth
    predicted = boosting.fit(found.history, found.txns, value, found.days).predict(found.history)
    assert all(np.isfinite(column).all() for column in predicted)
    assert predicted.value.sum() == pytest.approx(value.sum(), rel=1e-6, abs=1e-6)


def test_the_baseline_lies_between_everybodys_rate_and_the_own_one() -> None:
    base = shop(60, 5)
    known = histories(base.bought, base.today)
    found = boosting.baseline(known, np.full(60, 100.0), 100)
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
    one = boosting.baseline(known, np.full(60, 100.0), 100)
    other = boosting.baseline(known.at(rows), np.full(60, 100.0), 100)
    np.testing.assert_array_equal(one.prediction.value[rows], other.prediction.value)
    assert one.mae == other.mae


def test_who_came_today_has_no_rate_yet() -> None:
    zeros = np.zeros(2)
    known = Histories(np.arange(2), np.zeros(2, dtype=np.int64), zeros, zeros, np.array([5.0, 6.0]))
    found = boosting.baseline(known, np.full(2, 30.0), 30)
    assert found.prediction.value.tolist() == [0.0, 0.0]
