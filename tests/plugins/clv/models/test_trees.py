from pathlib import Path

import numpy as np
import pytest

from plugins.clv.judging.window import Split, split
from plugins.clv.models.trees import Trees, fit
from tests.plugins.clv.populations import shop


def held(count: int = 500, seed: int = 1) -> Split:
    base = shop(count, seed)
    found = split(base.bought, base.today, 183)
    assert found is not None
    return found


def trees(found: Split) -> Trees:
    return fit(found.history, found.txns, found.value, found.days)


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
        model = fit(found.history.at(one), found.txns[one], found.value[one], found.days)
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
    (tmp_path / "per_order.txt").write_text("tree")
    with pytest.raises(ValueError, match=r"per_order\.txt is damaged: its SHA-256 is another"):
        Trees.load(tmp_path, stored)
    (tmp_path / "txns.txt").unlink()
    with pytest.raises(ValueError, match=r"txns\.txt is missing or damaged"):
        Trees.load(tmp_path, stored)


@pytest.mark.parametrize("worth", [0.0, -3.0, 1e15])
@pytest.mark.filterwarnings("error")
def test_values_of_every_size_and_sign_give_finite_figures(worth: float) -> None:
    found = held(200)
    value = found.txns * worth
    predicted = fit(found.history, found.txns, value, found.days).predict(found.history)
    assert all(np.isfinite(column).all() for column in predicted)
    assert predicted.value.sum() == pytest.approx(value.sum(), rel=1e-6, abs=1e-6)


def test_an_order_of_exactly_one_is_worth_one() -> None:
    found = held(300)
    model = fit(found.history, found.txns, found.txns, found.days)
    np.testing.assert_allclose(model.predict(found.history).per_order, 1.0)
