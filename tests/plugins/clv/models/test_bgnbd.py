import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifetimes import BetaGeoFitter
from lifetimes.datasets import load_cdnow_summary
from scipy.integrate import quad
from scipy.stats import beta

from plugins.clv.models import bgnbd, fitting
from plugins.clv.models.bgnbd import BgNbd
from plugins.clv.models.fitting import NotFitted
from tests.plugins.clv.populations import population


def cdnow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = load_cdnow_summary()
    return tuple(rows[name].to_numpy(float) for name in ("frequency", "recency", "T"))


def fitted(*columns: np.ndarray) -> BgNbd:
    model = bgnbd.fit(*columns)
    assert isinstance(model, BgNbd)
    return model


def model_of(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(r, alpha, a, b, 0.0, np.eye(4), 1, False)


def test_fader_hardie_lee_2005_table_2() -> None:
    model = fitted(*cdnow())
    assert model.parameters == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert (model.customers, model.at_bound) == (2357, False)


def test_fader_hardie_lee_2005_customer_0001() -> None:
    expected = fitted(*cdnow()).expected_purchases(39.0, np.array([2]), np.array([30.43]), np.array([38.86]))
    assert expected.tolist() == pytest.approx([1.226], abs=5e-4)


def test_lifetimes_finds_the_same() -> None:
    x, t_x, T = cdnow()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = BetaGeoFitter().fit(x, t_x, T)
        errors = theirs.summary["se(coef)"].to_numpy()
        alive = theirs.conditional_probability_alive(x, t_x, T)
        expected = theirs.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, T)
    ours = fitted(x, t_x, T)
    assert ours.parameters == pytest.approx(theirs.params_.to_numpy(), rel=1e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)) * ours.parameters, errors, rtol=0.02)
    np.testing.assert_allclose(ours.p_alive(x, t_x, T), alive, rtol=2e-3)
    np.testing.assert_allclose(ours.expected_purchases(39.0, x, t_x, T), expected, rtol=2e-3)


@pytest.mark.parametrize("unit", [1e-4, 7.0, 604_800.0])
def test_the_unit_of_time_changes_alpha_alone(unit: float) -> None:
    x, t_x, T = cdnow()
    weeks, other = fitted(x, t_x, T), fitted(x, t_x * unit, T * unit)
    scale = np.array([1, unit, 1, 1])
    assert other.parameters == pytest.approx(weeks.parameters * scale, rel=1e-5)
    np.testing.assert_allclose(other.covariance, weeks.covariance, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(
        other.expected_purchases(39.0 * unit, x, t_x * unit, T * unit),
        weeks.expected_purchases(39.0, x, t_x, T),
        rtol=1e-4,
    )


def test_the_order_of_the_customers_changes_nothing() -> None:
    columns = cdnow()
    assert fitted(*(column[::-1] for column in columns)).parameters == pytest.approx(
        fitted(*columns).parameters, rel=1e-12
    )


def test_whole_days_are_packed_like_any_times() -> None:
    chance = np.random.default_rng(1)
    x, t_x, T = (chance.integers(0, most, 500).astype(float) for most in (3, 9, 9))
    whole, other = fitting.distinct(x, t_x, T, 2.0), fitting.distinct(x, t_x / 4, T / 4, 8.0)
    assert whole.weight.sum() == 500
    assert len(whole.weight) < 500
    for column, same in zip(whole, other, strict=True):
        np.testing.assert_array_equal(column, same)


def test_the_gradient_is_the_slope() -> None:
    x, t_x, T = cdnow()
    packed = fitting.distinct(x, t_x, T, 1.0)
    at = np.array([-1.2, 1.1, -0.4, 0.9])
    slopes = [
        (bgnbd._loss(0, at + step, packed)[0] - bgnbd._loss(0, at - step, packed)[0]) / 2e-5
        for step in np.eye(4) * 1e-5
    ]
    np.testing.assert_allclose(bgnbd._loss(0, at, packed)[1], slopes, rtol=1e-6, atol=1e-9)


def test_known_parameters_lie_within_three_standard_errors() -> None:
    drawn = population(5000, seed=3, horizon=1)
    model = fitted(drawn.frequency, drawn.recency, drawn.T)
    away = np.log(model.parameters) - np.log([0.8, 60.0, 0.8, 2.5])
    assert (np.abs(away) < 3 * np.sqrt(np.diag(model.covariance))).all()


PARAMETER = st.floats(-5.0, 6.0).map(np.exp)


@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER, st.integers(0, 500), st.floats(0.01, 50))
def test_expected_purchases_are_the_integral_over_the_dropout(
    r: float, alpha: float, a: float, b: float, x: int, t: float
) -> None:
    """Given alive: E[(1 − (1 + p t/(α + T))^−(r + x)) / p] over p ~ Beta(a, b + x), without any 2F1."""
    model, T = model_of(r, alpha, a, b), np.array([10.0])
    found = model.expected_purchases(t, np.array([x]), T, T) / model.p_alive(np.array([x]), T, T)
    kept = beta(a, b + x)

    def lost(share: float) -> float:
        p = max(float(kept.ppf(share)), 1e-12)
        return float(-np.expm1(-(r + x) * np.log1p(p * t / (alpha + 10))) / p)

    wanted = quad(lost, 0, 1, limit=200, epsabs=0, epsrel=1e-7)[0]
    assert found[0] == pytest.approx(wanted, rel=1e-4)


@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER, st.integers(0, 50), st.floats(0, 10), st.floats(0, 100))
def test_longer_horizons_and_fresher_purchases_never_mean_less(
    r: float, alpha: float, a: float, b: float, x: int, t_x: float, t: float
) -> None:
    model, T = model_of(r, alpha, a, b), np.full(2, 10.0)
    recency = np.array([t_x, 10.0])
    alive = model.p_alive(np.array([x, x]), recency, T)
    assert 0 <= alive[0] <= alive[1] <= 1
    early, late = (model.expected_purchases(s, np.array([x, x]), recency, T) for s in (t, t + 1))
    assert (early <= late * (1 + 1e-9)).all()
    assert early[0] <= early[1]
    assert model.expected_purchases(0.0, np.array([x]), T[:1], T[:1]).tolist() == [0.0]


def test_a_of_exactly_one_is_no_pole() -> None:
    around = [
        model_of(0.5, 5.0, a, 2.0).expected_purchases(
            20.0, np.array([0, 3, 80]), np.array([0.0, 9, 9]), np.full(3, 10.0)
        )
        for a in (1 - 1e-4, 1.0, 1 + 1e-4)
    ]
    np.testing.assert_allclose(around[1], (around[0] + around[2]) / 2, rtol=1e-5)


def test_the_median_wait_is_bought_within_by_half_of_the_living() -> None:
    model, chance = model_of(0.5, 20.0, 1.0, 2.0), np.random.default_rng(1)
    [wait] = model.median_wait(np.ones(1), np.array([3]), np.array([100.0]))
    waits = chance.exponential(1 / chance.gamma(3.5, 1 / 120.0, 100_000))
    assert (waits <= wait).mean() == pytest.approx(0.5, abs=0.01)


def zeros(count: int) -> np.ndarray:
    return np.zeros(count)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ((zeros(9), zeros(9), np.arange(9.0)), "No customer bought on more than one day."),
        ((zeros(0), zeros(0), zeros(0)), "No customer bought on more than one day."),
        ((np.ones(9), zeros(9), zeros(9)), "No time has passed since the first purchases."),
        (
            (np.full(9, 3.0), np.full(9, 5.0), np.full(9, 10.0)),
            "Repeat buyers have 1 different histories; 3 are needed.",
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_fitted(columns: tuple[np.ndarray, ...], reason: str) -> None:
    assert bgnbd.fit(*columns) == NotFitted(reason)


@pytest.mark.parametrize(
    "columns",
    [
        (np.array([1.0, 2, 3, 0]), np.array([1.0, 2, 3, 0]), np.array([3.0, 3, 3, 3])),
        (np.array([1e12, 2, 3, 0]), np.array([1.0, 2e6, 3, 0]), np.array([3.0, 3e6, 3, 3])),
        (np.full(50, 3.0), np.linspace(9.9, 10, 50), np.full(50, 10.0)),
        (np.full(50, 3.0), np.linspace(0.0, 0.1, 50), np.full(50, 1e6)),
        (np.array([0.0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 1e-9, 2e-9, 3e-9]), np.full(6, 1e-8)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_strange_histories_give_finite_figures_without_a_warning(columns: tuple[np.ndarray, ...]) -> None:
    model = fitted(*columns)
    x, t_x, T = columns
    assert np.isfinite(model.covariance).all()
    assert np.isfinite(model.parameters).all()
    for t in (0.0, 1e-3, float(T.max()), 1e9):
        expected = model.expected_purchases(t, x, t_x, T)
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
