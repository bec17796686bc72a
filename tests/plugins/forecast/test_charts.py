from types import SimpleNamespace
from typing import Any

import pytest

from abintel.charts import Reader
from abintel.charts.palette import BLUE
from abintel.wording import Lang
from plugins.forecast import charts
from tests.abintel.charts.seen import Seen


def period(month: str, value: float, spread: float = 10.0, **more: Any) -> dict[str, Any]:
    bounds = {"lower_80": value - spread, "upper_80": value + spread}
    return {
        "yyyy-mm": month,
        "value": value,
        **bounds,
        "lower_95": value - 2 * spread,
        "upper_95": value + 2 * spread,
        **more,
    }


def day(date: str, actual: float, forecast: float) -> dict[str, Any]:
    ends = {"lower_80": forecast - 1, "upper_80": forecast + 1, "lower_95": 0.0, "upper_95": forecast + 2}
    return {"date": date, "actual": actual, "forecast": forecast, **ends}


def rows(months: int = 3, column: str = "revenue", last: int = 31) -> list[dict[str, Any]]:
    found = []
    for month in range(months):
        year, of_year = 2024 + month // 12, month % 12 + 1
        for number in (1, 15, last if month == months - 1 else 28):
            found.append({"date": f"{year}-{of_year:02}-{number:02}", column: 100.0 + month})
    return found


RESULT = {
    "best_algorithm": "ARIMA",
    "forecast": {"calendar": [period("2024-04", 300), period("2024-05", 310)], "business": []},
    "evaluation_metrics": {"MAE": 12.5},
    "backtest": [
        {"train_days": 50, "days": [day("2024-03-01", 10, 11), day("2024-03-02", 12, 11)]},
        {"train_days": 52, "days": [day("2024-03-02", 12, 10), day("2024-03-03", 9, 10)]},
    ],
}


def drawn(column: str = "revenue", lang: Lang = "en", **request: Any) -> Seen:
    sent = SimpleNamespace(**{"data": rows(column=column), "granularity": "month", **request})
    return Seen(charts.series(sent, {"forecast_result": RESULT}, Reader(lang, "R$")))


def data(seen: Seen, key: str) -> list[dict[str, Any]]:
    """The rows of the data set that has a column."""
    return next(found for found in seen.spec["datasets"].values() if key in found[0])


def test_history_is_summed_by_month_and_the_forecast_goes_on_from_it() -> None:
    seen = drawn()
    history = data(seen, "group")
    assert [(row["x"], row["y"]) for row in history] == [
        ("2024-01-01T00:00:00Z", 300.0),
        ("2024-02-01T00:00:00Z", 303.0),
        ("2024-03-01T00:00:00Z", 306.0),
    ]
    ahead = data(seen, "lower_95")
    assert [row["y"] for row in ahead] == [306.0, 300, 310]
    assert ahead[0]["lower_95"] == ahead[0]["upper_95"] == 306.0


def test_the_picture_of_a_series_has_bands_lines_points_and_units() -> None:
    seen = drawn()
    assert seen.marks == {"area", "line", "point", "rule"}
    assert {"Revenue (R$, per month)", "Revenue (R$, per day)", "Date (UTC, start of the month)"} <= seen.axes
    assert "ARIMA; folds held out: 2; MAE 12.5 a day." in seen.texts
    assert BLUE in seen.svg


def test_each_fold_is_a_line_of_its_own_and_has_a_row_per_day() -> None:
    held = data(drawn(), "actual")
    assert [(row["fold"], row["actual"], row["y"]) for row in held] == [
        (0, 10, 11),
        (0, 12, 11),
        (1, 12, 10),
        (1, 9, 10),
    ]


@pytest.mark.parametrize(("last", "partial"), [(31, False), (30, True)])
def test_a_month_that_is_not_complete_is_no_point_of_the_line(last: int, partial: bool) -> None:
    seen = drawn(data=rows(last=last))
    assert any("not complete" in line for line in seen.subtitles) == partial
    assert len(data(seen, "group")) == 3 - partial


@pytest.mark.parametrize(
    ("column", "lang", "axis"),
    [
        ("sales_quantity", "en", "Units (pieces, per month)"),
        ("cost", "es", "Coste (R$, por mes)"),
        ("revenue", "pt", "Receita (R$, por mês)"),
    ],
)
def test_axes_name_what_is_forecast(column: str, lang: Lang, axis: str) -> None:
    assert axis in drawn(column, lang).axes


@pytest.mark.parametrize("span", ["week", "day"])
def test_periods_may_be_weeks_or_days(span: str) -> None:
    result = {**RESULT, "forecast": {"calendar": [period("2024-04", 70, date="2024-04-01")]}, "backtest": []}
    sent = SimpleNamespace(data=rows(), granularity=span)
    seen = Seen(charts.series(sent, {"forecast_result": result}, Reader()))
    assert data(seen, "lower_95")[-1]["x"] == "2024-04-01T00:00:00Z"
    assert f"Revenue (currency units, per {span})" in seen.axes


def test_a_long_history_is_cut_and_says_so() -> None:
    seen = drawn(data=rows(months=130))
    assert "The last 120 of 130 periods of history." in seen.texts
    assert len(data(seen, "group")) == 120


def test_drivers_and_centres_have_bars_and_many_are_cut() -> None:
    answer = {
        "forecast_result": RESULT,
        "driver_contributions": [{"driver": "baseline", "contribution_pct": 80.0}]
        + [{"driver": f"<b>{place}</b>", "contribution_pct": -place / 10} for place in range(20)],
        "cost_centers": [
            {"cost_center": name, "forecast": RESULT["forecast"]} for name in ("a" * 100, "a" * 99, None)
        ],
    }
    seen = Seen(charts.driven(SimpleNamespace(data=rows(column="cost")), answer, Reader()))
    assert "The 12 largest of 21 drivers." in seen.texts
    assert {"baseline", "without a centre", "610"} <= set(seen.texts)
    assert "<b>" not in seen.svg
    assert [len(found) for found in seen.rows if "name" in found[0]] == [12, 3]


def test_of_many_products_the_first_are_drawn_and_failures_are_counted() -> None:
    done = [{"product_code": f"P-{place}", "forecast": RESULT["forecast"]} for place in range(11)]
    answer = {"forecasts": [*done, {"product_code": "bad", "error": {"title": "x"}}]}
    seen = Seen(charts.products(SimpleNamespace(granularity="month"), answer, Reader()))
    assert {"P-0", "P-8", "The first 9 of 11 products.", "Without a forecast: 1."} <= set(seen.texts)
    assert "P-9" not in seen.texts
    none = Seen(charts.products(SimpleNamespace(), {"forecasts": answer["forecasts"][-1:]}, Reader("pt")))
    assert "Nenhum produto tem previsão." in none.texts


def test_nothing_but_noughts_is_drawn() -> None:
    flat = {**RESULT, "forecast": {"calendar": [period("2024-04", 0.0, 0.0)]}, "backtest": []}
    data_of_nothing = [{"date": "2024-03-31", "revenue": 0.0}, {"date": "2024-03-30", "revenue": 0.0}]
    seen = Seen(charts.series(SimpleNamespace(data=data_of_nothing), {"forecast_result": flat}, Reader()))
    assert "NaN" not in seen.svg
