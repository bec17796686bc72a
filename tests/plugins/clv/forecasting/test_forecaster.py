import json
from pathlib import Path

import numpy as np
import pytest

from plugins.clv.forecasting.forecaster import Forecaster
from plugins.clv.history.histories import NEVER, histories
from plugins.clv.judging.contest import TREES
from plugins.clv.models.roster import BG_NBD
from plugins.clv.training import Job, training
from tests.plugins.clv.populations import Shop, shop

HORIZON = 183


def job(base: Shop, horizon: int = HORIZON) -> Job:
    count = int(base.bought.owner.max()) + 1
    known = histories(base.bought, base.today)
    return Job(known, base.bought, np.full(count, NEVER), base.today, horizon, "revenue")


def fitted(base: Shop, horizon: int = HORIZON) -> Forecaster:
    found = training(job(base, horizon))
    assert found is not None
    model = found.fit().model
    assert isinstance(model, Forecaster)
    return model


def test_a_saved_model_forecasts_the_same_to_the_last_bit(tmp_path: Path) -> None:
    base = shop(150, 1)
    model, asked = fitted(base), job(base)
    model.save(tmp_path)
    read = Forecaster.load(tmp_path)
    for algorithm in (BG_NBD, TREES):
        one, other = (
            kept.forecast(algorithm, asked.known, asked.days, asked.ends, 0.1) for kept in (model, read)
        )
        np.testing.assert_array_equal(one.prediction.value, other.prediction.value)
        np.testing.assert_array_equal(one.intervals.value.upper_80, other.intervals.value.upper_80)
        assert one.intervals.total_value == other.intervals.total_value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "the stored model has format 2; this code reads 3"),
        ({"basis": "profit"}, "model.json is damaged"),
        ({"trees": None}, "model.json is damaged"),
        (
            {"purchasing": {BG_NBD: {"orders": {}, "money": None}}},
            "the purchasing model of model.json is damaged",
        ),
        ({"residuals": {}}, "the residuals of model.json are damaged"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    fitted(shop(150, 1)).save(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        Forecaster.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_what_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ValueError, match=r"model\.json is"):
        Forecaster.load(tmp_path)


@pytest.mark.parametrize("algorithm", [BG_NBD, TREES])
def test_bounds_lie_around_the_point_and_around_each_other(algorithm: str) -> None:
    base = shop(200, 2)
    asked = job(base)
    found = fitted(base).forecast(algorithm, asked.known, asked.days, asked.ends, 0.0)
    centres = (
        found.prediction.txns,
        found.prediction.value,
        found.prediction.txns.sum(),
        found.prediction.value.sum(),
    )
    for bounds, centre in zip(found.intervals, centres, strict=True):
        assert (bounds.lower_95 >= 0).all()
        assert (bounds.lower_95 <= bounds.lower_80).all()
        assert (bounds.lower_80 <= centre).all()
        assert (centre <= bounds.upper_80).all()
        assert (bounds.upper_80 <= bounds.upper_95).all()


@pytest.mark.parametrize("algorithm", [BG_NBD, TREES])
def test_the_order_of_the_customers_changes_nothing(algorithm: str) -> None:
    base = shop(200, 2)
    model, asked = fitted(base), job(base)
    rows = np.random.default_rng(1).permutation(200)
    one = model.forecast(algorithm, asked.known, asked.days, asked.ends, 0.0)
    other = model.forecast(algorithm, asked.known.at(rows), asked.days, asked.ends, 0.0)
    np.testing.assert_array_equal(one.prediction.value[rows], other.prediction.value)
    for bound, same in zip(one.intervals.total_txns, other.intervals.total_txns, strict=True):
        assert bound == pytest.approx(float(same), rel=1e-12)


def test_the_next_purchase_is_made_by_half_of_the_customers_who_have_a_day() -> None:
    """A fifth of a thousand customers have a median wait within the horizon that was really lived through."""
    base = shop(3000, 3, horizon=720)
    asked = job(base, 720)
    found = fitted(base, 720).forecast(BG_NBD, asked.known, asked.days, asked.ends, 0.0)
    soon = found.wait <= 720
    assert soon.sum() > 500
    assert 0.5 < (base.later_txns[soon] > 0).mean() < 1
    assert np.isnan(found.wait[found.p_alive < 0.5]).all()


def test_a_known_leaving_ends_the_time_and_names_no_day_after_it() -> None:
    base = shop(150, 1)
    model, asked = fitted(base), job(base)
    ends = np.full(150, np.inf)
    ends[:50], ends[50:100] = 0.0, 20.0
    days = np.clip(ends, 0, HORIZON)
    found = model.forecast(BG_NBD, asked.known, days, ends, 0.0)
    assert found.prediction.value[:50].tolist() == [0.0] * 50
    assert found.p_alive[:50].tolist() == [0.0] * 50
    assert np.isnan(found.wait[:50]).all()
    assert not (found.wait[50:100] >= 20).any()
    assert found.intervals.value.upper_95[:50].sum() == 0


def covered(sets: int, customers: int, algorithm: str | None) -> tuple[int, int]:
    """In how many data sets the 80 % interval of the total held the purchases, and the value, that came."""
    txns = value = 0
    for seed in range(sets):
        base = shop(customers, seed, HORIZON)
        model, asked = fitted(base), job(base)
        found = model.forecast(algorithm or model.best, asked.known, asked.days, asked.ends, 0.0).intervals
        txns += int(found.total_txns.lower_80 <= base.later_txns.sum() <= found.total_txns.upper_80)
        value += int(found.total_value.lower_80 <= base.later_value.sum() <= found.total_value.upper_80)
    return txns, value


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "algorithm"), [(60, None), (300, BG_NBD), (300, TREES)])
def test_the_80_percent_interval_of_the_total_covers_the_truth(customers: int, algorithm: str | None) -> None:
    # 40 sets at 80 %: 25 or fewer happen once in 100.
    assert min(covered(40, customers, algorithm)) >= 26


@pytest.mark.filterwarnings("error")
def test_parameters_that_the_data_leave_open_give_finite_bounds() -> None:
    """A dropout parameter near 0 once divided by a share of 0."""
    base = shop(80, 20, bgnbd=(2.0, 300.0, 1e-4, 10.0))
    asked = job(base)
    found = fitted(base).forecast(BG_NBD, asked.known, asked.days, asked.ends, 0.0)
    assert all(np.isfinite(bound).all() for bounds in found.intervals for bound in bounds)


def test_a_reviewers_rows_are_scored_over_a_year() -> None:
    model = fitted(shop(200, 2))
    rows = [
        {"frequency": 3.0, "recency": 200.0, "T": 210.0, "monetary_value": 50.0},
        {"frequency": 0.0, "recency": 0.0, "T": 210.0, "monetary_value": 5.0},
    ]
    keen, lazy = model.score(rows)
    assert keen > lazy > 0
    assert model._replace(best=TREES).score(rows)[0] > 0
