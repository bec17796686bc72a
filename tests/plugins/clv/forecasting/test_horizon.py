import numpy as np
import pytest

from plugins.clv.forecasting.horizon import even_discount


def test_an_even_stream_at_10_percent_loses_under_half_of_a_years_discount() -> None:
    weights = even_discount(np.array([0.0, 365.25, 730.5]), 0.10)
    assert weights.tolist() == pytest.approx([1.0, 0.953821, 0.910468], abs=1e-5)
    assert even_discount(np.array([100.0]), 0.0).tolist() == [1.0]
