import numpy as np
import pytest

from plugins.clv.history.histories import Histories
from plugins.clv.intervals import simulation
from plugins.clv.intervals.simulation import Draws, Simulation, simulate
from plugins.clv.models import bgnbd, gamma_gamma
from plugins.clv.models.bgnbd import BgNbd
from plugins.clv.models.gamma_gamma import GammaGamma
from plugins.clv.models.purchasing import Purchasing
from tests.plugins.clv.populations import Population, population

HORIZON = 180.0


def models(base: Population) -> tuple[BgNbd, GammaGamma]:
    model = bgnbd.fit(base.frequency, base.recency, base.T)
    money = gamma_gamma.fit(base.frequency, base.monetary_value)
    assert isinstance(model, BgNbd)
    assert isinstance(money, GammaGamma)
    return model, money


def run(
    base: Population, *, fixed: float | None = None, draws: int | Draws = 400, **changed: object
) -> Simulation:
    model = Purchasing(*models(base))
    known, n = histories_of(base), len(base.T)
    if fixed is not None:
        model, known = model._replace(money=None), known._replace(monetary_value=np.full(n, fixed))
    given = {
        "horizon": np.full(n, HORIZON),
        "draws": draws if isinstance(draws, Draws) else Draws(draws, 1),
        **changed,
    }
    return simulate(model, known, **given)


def histories_of(base: Population) -> Histories:
    return Histories(np.arange(len(base.T)), *base[:4])


def covered(sets: int, customers: int) -> tuple[int, int]:
    """In how many data sets the 80 % interval of the total holds the purchases, and the value, that came."""
    txns = value = 0
    for seed in range(sets):
        base = population(customers, seed, HORIZON)
        found = run(base)
        txns += int(found.total_txns.lower_80 <= base.later_txns.sum() <= found.total_txns.upper_80)
        value += int(found.total_value.lower_80 <= base.later_value.sum() <= found.total_value.upper_80)
    return txns, value


def test_the_interval_of_the_total_covers_the_truth() -> None:
    # 20 sets at 80 %: 11 or fewer happen once in 100.
    assert min(covered(20, 300)) >= 12


@pytest.mark.slow
def test_the_interval_of_the_total_of_many_covers_the_truth() -> None:
    assert min(covered(40, 1500)) >= 26


def test_the_interval_of_a_customer_covers_at_least_its_share() -> None:
    base = population(2000, 7, HORIZON)
    found = run(base)
    for bounds, truth in ((found.txns, base.later_txns), (found.value, base.later_value)):
        # Counts are whole: an interval that holds 80 % may hold more, but not less.
        assert ((bounds.lower_80 <= truth) & (truth <= bounds.upper_80)).mean() > 0.79
        assert ((bounds.lower_95 <= truth) & (truth <= bounds.upper_95)).mean() > 0.94


def test_the_middle_of_the_bounds_is_the_expectation_of_the_formulas() -> None:
    """With certain parameters, and a total of 500 customers, which is nearly symmetric."""
    base = population(500, 5, HORIZON)
    model, money = models(base)
    model, money = model._replace(covariance=np.zeros((4, 4))), money._replace(covariance=np.zeros((3, 3)))
    found = simulate(Purchasing(model, money), histories_of(base), np.full(500, HORIZON), Draws(4000, 2))
    expected = model.expected_purchases(HORIZON, *base[:3])
    value = expected * gamma_gamma.expected_value(money, base.frequency, base.monetary_value)
    middle = (float(found.total_txns.lower_80) + float(found.total_txns.upper_80)) / 2
    assert middle == pytest.approx(expected.sum(), rel=0.03)
    middle = (float(found.total_value.lower_80) + float(found.total_value.upper_80)) / 2
    assert middle == pytest.approx(value.sum(), rel=0.06)


def test_the_same_seed_gives_the_same_bounds_on_any_number_of_threads() -> None:
    base = population(200, 1, HORIZON)
    one, other = run(base, draws=Draws(100, 1, 1)), run(base, draws=Draws(100, 1, 4))
    for bounds, others in zip(one, other, strict=True):
        for bound, same in zip(bounds, others, strict=True):
            np.testing.assert_array_equal(bound, same)


def test_bounds_lie_around_each_other() -> None:
    for bounds in run(population(200, 1, HORIZON), draws=100):
        assert (bounds.lower_95 <= bounds.lower_80).all()
        assert (bounds.lower_80 <= bounds.upper_80).all()
        assert (bounds.upper_80 <= bounds.upper_95).all()


def test_no_time_to_come_brings_nothing() -> None:
    base = population(200, 1, HORIZON)
    horizon = np.where(np.arange(200) < 100, 0.0, HORIZON)
    found = run(base, draws=100, horizon=horizon)
    assert found.value.upper_95[:100].tolist() == [0.0] * 100
    assert found.value.upper_95[100:].sum() > 0


def test_a_fixed_value_and_a_weight_multiply_the_purchases() -> None:
    found = run(population(200, 1, HORIZON), fixed=-3.0, draws=100, weight=np.full(200, 0.5))
    np.testing.assert_allclose(found.value.lower_80, -1.5 * found.txns.upper_80, rtol=1e-12)
    np.testing.assert_allclose(found.total_value.upper_95, -1.5 * found.total_txns.lower_95, rtol=1e-12)


def test_warming_compiles_every_kernel_once_for_all_kinds_of_columns() -> None:
    simulation.warm()
    base = population(200, 1, HORIZON)
    run(base._replace(frequency=base.frequency.astype(np.int64), T=np.repeat(base.T, 2)[::2]), draws=10)
    for kernel in (bgnbd._draw_purchases, gamma_gamma.draw_values, bgnbd._rows):
        assert len(kernel.signatures) == 1


@pytest.mark.filterwarnings("error")
def test_a_model_that_the_data_leave_open_gives_finite_bounds() -> None:
    x, t_x = np.array([1e12, 2.0, 3.0, 0.0]), np.array([1.0, 2e6, 3.0, 0.0])
    T, value = np.array([3.0, 3e6, 3.0, 3.0]), np.array([1e15, 0.5, 1.0, 0.0])
    model, money = bgnbd.fit(x, t_x, T), gamma_gamma.fit(x, value)
    assert isinstance(model, BgNbd)
    assert isinstance(money, GammaGamma)
    known = Histories(np.arange(4), x, t_x, T, value)
    found = simulate(Purchasing(model, money), known, np.full(4, 1e9), Draws(400, 1))
    assert all(np.isfinite(bound).all() for bounds in found for bound in bounds)
