import warnings

import numpy as np
import pytest
from lifetimes import GammaGammaFitter
from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

from plugins.clv.models import gamma_gamma
from plugins.clv.models.fitting import NotFitted
from plugins.clv.models.gamma_gamma import GammaGamma


def cdnow() -> tuple[np.ndarray, np.ndarray]:
    rows = load_cdnow_summary_data_with_monetary_value()
    return rows["frequency"].to_numpy(float), rows["monetary_value"].to_numpy(float)


def fitted(frequency: np.ndarray, value: np.ndarray) -> GammaGamma:
    model = gamma_gamma.fit(frequency, value)
    assert isinstance(model, GammaGamma)
    return model


def test_fader_hardie_2013_cdnow() -> None:
    model = fitted(*cdnow())
    assert model.parameters == pytest.approx([6.25, 3.74, 15.45], abs=6e-3)
    assert model.customers == 946


def test_lifetimes_finds_the_same() -> None:
    x, m = cdnow()
    kept = x > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = GammaGammaFitter().fit(x[kept], m[kept])
        errors = theirs.summary["se(coef)"].to_numpy()
        expected = theirs.conditional_expected_average_profit(x, m)
    ours = fitted(x, m)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)) * ours.parameters, errors, rtol=0.02)
    np.testing.assert_allclose(gamma_gamma.expected_value(ours, x, m), expected, rtol=1e-3)


def test_the_currency_changes_v_alone() -> None:
    x, m = cdnow()
    dollars, cents = fitted(x, m), fitted(x, m * 100)
    assert cents.parameters == pytest.approx(dollars.parameters * [1, 1, 100], rel=1e-6)
    np.testing.assert_allclose(
        gamma_gamma.expected_value(cents, x, m * 100),
        gamma_gamma.expected_value(dollars, x, m) * 100,
        rtol=1e-5,
    )


def test_the_gradient_is_the_slope() -> None:
    x, m = cdnow()
    kept = x > 0
    x, m = x[kept], m[kept] / m[kept].mean()
    different, at = np.unique(x, return_inverse=True)
    packed = gamma_gamma._Data(
        frequencies=different,
        customers=np.bincount(at).astype(float),
        frequency_of=at,
        x=x,
        spent=x * m,
        log_spent=(x * np.log(x * m)).sum(),
        log_value=np.log(m).sum(),
    )
    point = np.array([1.5, 1.2, -0.3])
    slopes = [
        (gamma_gamma._loss(point + step, packed)[0] - gamma_gamma._loss(point - step, packed)[0]) / 2e-5
        for step in np.eye(3) * 1e-5
    ]
    np.testing.assert_allclose(gamma_gamma._loss(point, packed)[1], slopes, rtol=1e-6)


def test_more_orders_draw_the_estimate_to_the_own_mean() -> None:
    model = fitted(*cdnow())
    few, many = gamma_gamma.expected_value(model, np.array([1, 500]), np.array([200.0, 200.0]))
    assert model.mean < few < many < 200
    assert many == pytest.approx(200, rel=0.01)


def test_what_is_not_positive_stays_out() -> None:
    x, m = cdnow()
    more = fitted(np.append(x, [4, 2, 0]), np.append(m, [0.0, -50.0, 35.0]))
    assert more.parameters == pytest.approx(fitted(x, m).parameters, rel=1e-9)
    stand_in = gamma_gamma.expected_value(more, np.array([4, 2, 0]), np.array([0.0, -50.0, 35.0]))
    assert stand_in.tolist() == pytest.approx([more.p * more.v / (more.q - 1)] * 3)


@pytest.mark.parametrize(
    ("frequency", "value", "reason"),
    [
        (np.zeros(9), np.ones(9), "0 repeat buyers have a positive mean value; 3 are needed."),
        (np.ones(9), -np.ones(9), "0 repeat buyers have a positive mean value; 3 are needed."),
        (np.ones(9), np.full(9, 7.0), "All repeat buyers have the same mean value."),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_fitted(frequency: np.ndarray, value: np.ndarray, reason: str) -> None:
    assert gamma_gamma.fit(frequency, value) == NotFitted(reason)


@pytest.mark.parametrize(
    ("frequency", "value"),
    [
        (np.array([1.0, 2, 3]), np.array([1e-6, 1.0, 1e15])),
        (np.array([1e12, 2, 3]), np.array([5.0, 5.0, 5.1])),
        (np.ones(30), np.linspace(1, 1.0001, 30)),
    ],
)
@pytest.mark.filterwarnings("error")
def test_strange_values_give_finite_figures_without_a_warning(
    frequency: np.ndarray, value: np.ndarray
) -> None:
    model = fitted(frequency, value)
    assert np.isfinite(model.covariance).all()
    expected = gamma_gamma.expected_value(model, np.append(frequency, 0), np.append(value, 3.0))
    assert np.isfinite(expected).all()
    assert (expected > 0).all()
