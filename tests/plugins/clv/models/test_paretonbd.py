from collections.abc import Callable

import lifetimes
import numpy as np
import pytest
from lifetimes.datasets import load_cdnow_summary

from plugins.clv.models import bgnbd, fitting, paretonbd
from plugins.clv.models.bgnbd import BgNbd, MbgNbd
from plugins.clv.models.fitting import NotFitted, Purchases
from plugins.clv.models.paretonbd import ParetoNbd
from plugins.clv.models.roster import PurchaseModel
from tests.plugins.clv.populations import population

CDNOW = [load_cdnow_summary()[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")]


def pareto(columns: list[np.ndarray]) -> ParetoNbd:
    model = paretonbd.fit(*columns)
    assert isinstance(model, ParetoNbd)
    return model


def histories(columns: list[np.ndarray]) -> Purchases:
    found = fitting.purchases(*columns)
    assert not isinstance(found, NotFitted)
    return found[0]


def modified(columns: list[np.ndarray]) -> BgNbd:
    model = bgnbd.fit(*columns, kind=MbgNbd)
    assert isinstance(model, MbgNbd)
    return model


def test_cdnow_as_fader_hardie_and_lee_2005_table_2_print_it() -> None:
    model = pareto(CDNOW)
    assert model.parameters == pytest.approx([0.553, 10.578, 0.606, 11.669], rel=1e-3)
    assert model.log_likelihood == pytest.approx(-9595.0, abs=0.05)


def test_pareto_nbd_equals_lifetimes() -> None:
    theirs = lifetimes.ParetoNBDFitter().fit(*CDNOW)
    model = pareto(CDNOW)._replace(**theirs.params_.to_dict())
    np.testing.assert_allclose(model.p_alive(*CDNOW), theirs.conditional_probability_alive(*CDNOW), rtol=1e-5)
    np.testing.assert_allclose(
        model.expected_purchases(39.0, *CDNOW),
        theirs.conditional_expected_number_of_purchases_up_to_time(39.0, *CDNOW),
        rtol=1e-5,
    )


def test_mbg_nbd_equals_lifetimes() -> None:
    theirs = lifetimes.ModifiedBetaGeoFitter().fit(*CDNOW)
    model = modified(CDNOW)
    assert model.parameters == pytest.approx(theirs.params_.to_numpy(), rel=1e-4)
    np.testing.assert_allclose(model.p_alive(*CDNOW), theirs.conditional_probability_alive(*CDNOW), atol=1e-5)
    np.testing.assert_allclose(
        model.expected_purchases(39.0, *CDNOW),
        theirs.conditional_expected_number_of_purchases_up_to_time(39.0, *CDNOW),
        rtol=1e-4,
    )


@pytest.mark.parametrize("fit", [pareto, modified])
def test_draws_have_the_expected_mean_and_half_of_them_buy_within_the_median_wait(
    fit: Callable[[list[np.ndarray]], PurchaseModel],
) -> None:
    model = fit(CDNOW)
    rows = np.repeat([int(np.argmax(CDNOW[0])), 0], 20_000)
    past = tuple(column[rows] for column in CDNOW)
    chance = np.random.default_rng(1)
    drawn = model.draw_purchases(chance, past, np.full(len(rows), 39.0)).reshape(2, -1).mean(axis=1)
    assert drawn == pytest.approx(model.expected_purchases(39.0, *past)[[0, -1]], rel=0.05)
    wait = model.median_wait(model.p_alive(*past), past[0], past[2])
    bought = model.draw_purchases(chance, past, wait).reshape(2, -1) > 0
    assert bought.mean(axis=1) == pytest.approx([0.5, 0.5], abs=0.015)


def test_one_time_buyers_of_long_ago_are_probably_gone() -> None:
    once = np.zeros(2), np.zeros(2), np.array([10.0, 1000.0])
    for model in (pareto(CDNOW), modified(CDNOW)):
        recent, old = model.p_alive(*once)
        assert 0.2 < old + 0.2 < recent < 1


@pytest.mark.parametrize("step", [1, 3])
def test_the_gradient_is_the_slope_of_the_loss(step: int) -> None:
    data = histories([column[::step] for column in CDNOW])
    for at in (np.array([0.1, -0.3, 0.4, 0.2]), np.array([0.1, 1.3, 0.4, -0.9])):
        slopes = [
            (paretonbd._loss(at + move, data)[0] - paretonbd._loss(at - move, data)[0]) / 2e-5
            for move in np.eye(4) * 1e-5
        ]
        np.testing.assert_allclose(paretonbd._loss(at, data)[1], slopes, rtol=1e-5, atol=1e-7)


def test_a_search_on_a_sample_ends_at_the_maximum_of_all() -> None:
    base = population(12_000, 5, 0.0)
    columns = [np.floor(column) for column in base[:3]]
    data = histories(columns)
    assert fitting.sample(data) is not None
    whole = fitting.maximise(paretonbd._loss, data, np.full(4, 0.1), 12_000)
    assert whole is not None
    found = fitting.maximise(paretonbd._loss, data, np.full(4, 0.1), 12_000, fitting.sample(data))
    assert found is not None
    np.testing.assert_allclose(found.parameters, whole.parameters, rtol=1e-3)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-3)


def test_customers_who_hardly_ever_leave_give_finite_figures() -> None:
    steady = pareto(CDNOW)._replace(r=3.0, alpha=600.0, s=8000.0, beta=8e6)
    x, t_x, T = np.array([0.0, 5.0, 5.0]), np.array([0.0, 300.0, 700.0]), np.full(3, 700.0)
    alive = steady.p_alive(x, t_x, T)
    assert ((alive > 0.2) & (alive <= 1)).all()
    assert alive[1] < alive[2]
    assert np.isfinite(steady.expected_purchases(365.0, x, t_x, T)).all()


def test_what_cannot_be_fitted_says_why() -> None:
    once = np.zeros(5), np.zeros(5), np.full(5, 9.0)
    assert paretonbd.fit(*once) == NotFitted("No customer bought on more than one day.")
