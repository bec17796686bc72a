from types import SimpleNamespace
from typing import Any

from abintel.charts import Reader
from plugins.clv import charts
from tests.abintel.charts.seen import Seen

NO_REQUEST = SimpleNamespace()


def forecast(n: int, value: float = 100.0) -> dict[str, Any]:
    tiers = ("High", "Medium", "Low")
    rows = [
        {
            "customer_id": f"C-{place}",
            "predicted_clv": value * place,
            "lower_80": value * place / 2,
            "upper_80": value * place * 2,
            "clv_tier": tiers[place % 3],
        }
        for place in range(n)
    ]
    ends = {"clv_lower_95": 10.0, "clv_lower_80": 20.0, "clv_upper_80": 400.0, "clv_upper_95": 500.0}
    total = {"predicted_clv": 300.0, **ends}
    return {"customers": rows, "total": total, "monetary_basis": "margin", "horizon_months": 12}


def test_few_customers_have_a_bar_with_its_interval_and_all_have_a_total() -> None:
    seen = Seen(charts.forecast(NO_REQUEST, forecast(3), Reader("en", "$")))
    assert seen.title == "Value of the next 12 months"
    assert {"Predicted value (margin, $)", "Total predicted value (margin, $)"} <= seen.axes
    assert [(row["name"], row["low"], row["high"]) for row in seen.rows[0]] == [
        ("C-2", 100.0, 400.0),
        ("C-1", 50.0, 200.0),
        ("C-0", 0.0, 0.0),
    ]
    assert {"200 (100 – 400)", "All customers together: $300", "80% interval"} <= set(seen.texts)
    bounds = {(row["x"], row["x2"]) for rows in seen.rows for row in rows if "x2" in row}
    assert {(10.0, 500.0), (20.0, 400.0)} <= bounds


def test_many_customers_are_counted_by_tier() -> None:
    seen = Seen(charts.forecast(NO_REQUEST, forecast(9000), Reader("es")))
    assert sum(row["count"] for row in seen.rows[0]) == 9000
    assert {row["group"] for row in seen.rows[0]} == {"Alto", "Medio", "Bajo"}
    assert "9.000 clientes, contados por intervalos" in seen.texts


def test_no_value_at_all_and_a_huge_one_are_drawn() -> None:
    for value in (0.0, 1e15, -5.0):
        assert "NaN" not in Seen(charts.forecast(NO_REQUEST, forecast(30, value), Reader())).svg


def history(n: int) -> dict[str, Any]:
    rows = [
        {"frequency": place % 7, "monetary_value": 5.0 + place % 90, "clv_potential_tier": "Low"}
        for place in range(n)
    ]
    return {"customers": rows}


def test_histories_are_points_and_many_are_sampled() -> None:
    few = Seen(charts.features(NO_REQUEST, history(40), Reader("pt")))
    assert few.marks == {"point", "bar", "text"}
    assert len(few.rows[0]) == 40
    assert {"Recompras (número)", "Valor médio de um pedido (unidades monetárias)"} <= few.axes
    many = Seen(charts.features(NO_REQUEST, history(10_000), Reader("en")))
    assert len(many.rows[0]) == 1429
    assert "1,429 of 10,000 customers drawn as points" in many.texts
