from types import SimpleNamespace
from typing import Any

from abintel.charts import Reader
from plugins.pricing import charts
from tests.abintel.charts.seen import Seen


def outcome(price: float, **more: Any) -> dict[str, Any]:
    units = 100 - price
    ends = {
        f"{end}_{level}": units + sign * level / 10
        for end, sign in (("lower", -1), ("upper", 1))
        for level in (80, 95)
    }
    money = {"expected_revenue": price * units, "expected_profit": (price - 5) * units}
    return {"candidate_price": price, "expected_units": units, **ends, **money, **more}


def drawn(outcomes: list[dict[str, Any]], best: float, elasticity: Any = None) -> Seen:
    answer = {"outcomes": outcomes, "best_price": best, "elasticity": elasticity}
    return Seen(charts.price(SimpleNamespace(product_id="<i>SKU</i>"), answer, Reader("en", "R$")))


def test_the_curve_has_both_bands_the_best_price_and_what_prices_bring() -> None:
    elasticity = {"value": -2.9, "lower_95": -3.5, "upper_95": -2.3}
    seen = drawn([outcome(20), outcome(10), outcome(30, excluded="min_margin")], 20, elasticity)
    assert seen.marks == {"area", "line", "point", "rule", "text"}
    assert {"Units (per day)", "Price (R$)", "Money a day (R$)"} <= seen.axes
    assert [row["x"] for row in next(rows for rows in seen.rows if "lower_80" in rows[0])] == [10, 20, 30]
    assert "best price 20" in seen.texts
    assert "Price elasticity -2.90 (-3.50 to -2.30, 95%)." in seen.texts
    assert "Hollow: excluded by a rule (least margin, largest discount)." in seen.texts
    assert "<i>" not in seen.svg


def test_a_single_price_and_equal_prices_are_drawn() -> None:
    for outcomes in ([outcome(10)], [outcome(10), outcome(10)]):
        assert "NaN" not in drawn(outcomes, 10).svg


def test_of_many_prices_every_kth_is_drawn_with_the_best_and_the_ends() -> None:
    seen = drawn([outcome(place / 10) for place in range(1000)], 12.3)
    prices = [row["x"] for row in next(rows for rows in seen.rows if "lower_80" in rows[0])]
    assert len(prices) <= 202
    assert {0.0, 12.3, 99.9} <= set(prices)
    assert f"{len(prices)} of 1,000 prices drawn." in seen.texts
