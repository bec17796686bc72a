import datetime
from pathlib import Path
from typing import Any

import lifetimes.datasets
import numpy as np
import pytest

from plugins.clv.history.histories import Histories, Occasions, histories, occasions
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.prediction import features, mean_absolute_error, naive
from plugins.clv.models.purchasing import Purchasing, discount_weights, fit, predict
from plugins.clv.models.roster import BG_NBD
from tests.plugins.clv.populations import population

HORIZON = 180.0


def known(count: int = 800, seed: int = 3) -> tuple[Histories, Any]:
    base = population(count, seed, HORIZON)
    return Histories(np.arange(count), *base[:4]), base


def purchasing(past: Histories) -> Purchasing:
    model = fit([BG_NBD], past)[BG_NBD]
    assert isinstance(model, Purchasing)
    return model


def cdnow() -> Occasions:
    """The sample of 2,357 customers of Fader, Hardie & Lee (2005), January 1997 to June 1998."""
    path = Path(lifetimes.datasets.__file__).with_name("CDNOW_sample.txt")
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    days = [datetime.datetime.strptime(row[2], "%Y%m%d").replace(tzinfo=datetime.UTC) for row in rows]
    ids, owner = np.unique([row[1] for row in rows], return_inverse=True)
    assert len(ids) == 2357
    order = np.argsort(owner, kind="stable")
    ordinals = np.array([day.toordinal() for day in days])
    values = np.array([float(row[4]) for row in rows])
    return occasions(ordinals[order], values[order], np.bincount(owner))


def test_cdnow_39_weeks_hold_out_mae_of_0_79_and_total_within_15_percent() -> None:
    bought, cut = cdnow(), datetime.date(1997, 9, 30).toordinal()
    before = bought.day <= cut
    past = histories(Occasions(*(column[before] for column in bought)), cut)
    later = np.bincount(bought.owner[~before], minlength=2357).astype(float)
    model = purchasing(past)
    weeks = model.orders.parameters / [1, 7, 1, 1]
    assert weeks == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    found = predict(model, past, 273.0)
    assert mean_absolute_error(later, found.txns) <= 0.79
    assert found.txns.sum() == pytest.approx(later.sum(), rel=0.15)


def test_the_model_beats_the_naive_rate_on_its_own_ground() -> None:
    past, base = known()
    model = predict(purchasing(past), past, HORIZON)
    errors = [mean_absolute_error(base.later_value, found.value) for found in (model, naive(past, HORIZON))]
    assert errors[0] < errors[1]


def test_who_brought_a_loss_is_not_taken_for_average() -> None:
    past, _ = known()
    model = purchasing(past)
    assert model.money is not None
    value = past.monetary_value.copy()
    at = int(np.argmax(past.frequency))
    value[at] = -4.0
    found = predict(model, past._replace(monetary_value=value), HORIZON)
    assert (found.per_order[at], found.value[at] < 0) == (-4.0, True)


def test_without_gamma_gamma_the_own_mean_counts() -> None:
    past, _ = known()
    equal = past._replace(monetary_value=np.full(800, 7.0))
    model = purchasing(equal)
    assert model.money is None
    found = predict(model, equal, HORIZON)
    np.testing.assert_allclose(found.value, found.txns * 7)


def test_nobody_came_back() -> None:
    past = histories(Occasions(np.arange(5), np.arange(5), np.ones(5)), 100)
    assert fit([BG_NBD], past)[BG_NBD] == NotFitted("No customer bought on more than one day.")
    assert naive(past, HORIZON).value.tolist() == [0.0] * 5


def test_discounting() -> None:
    past, _ = known()
    model = purchasing(past).orders
    days = np.full(800, 365.25)
    assert discount_weights(model, past, days, 0.0).tolist() == [1.0] * 800
    weights = discount_weights(model, past, days, 0.10)
    # Purchases come over the whole year, rather early than late: between no and half a year's discount.
    assert ((weights > 1.1**-0.52) & (weights < 1)).all()
    assert (discount_weights(model, past, days, 0.20) < weights).all()
    gone = discount_weights(model, past, np.where(np.arange(800) < 9, 0.0, days), 0.10)
    assert gone[:9].tolist() == [1.0] * 9
    np.testing.assert_allclose(gone[9:], weights[9:])


def test_rows_of_features() -> None:
    past = Histories(
        np.array([0, 1]), np.array([3, 0]), np.array([40.0, 0]), np.array([80.0, 9]), np.array([9.5, 2])
    )
    assert features(past).tolist() == [
        pytest.approx([3, 40, 80, 9.5, 40, 0.05, 3]),
        pytest.approx([0, 0, 9, 2, 9, 1 / 9, -1]),
    ]
