from types import SimpleNamespace
from typing import Any

import pytest

from abintel.charts import Reader
from plugins.propensity import charts
from plugins.propensity.schemas import TIERS
from tests.abintel.charts.seen import Seen

NO_REQUEST = SimpleNamespace()
BINS = [
    {"rows": 10, "predicted": 0.1, "observed": 0.0},
    {"rows": 10, "predicted": 0.4, "observed": 0.5},
    {"rows": 20, "predicted": 0.8, "observed": 0.75},
]


def scored(n: int, **info: Any) -> dict[str, Any]:
    rows = [
        {"customer_id": f"C-{place}", "probability": (place + 0.5) / n, "propensity_tier": TIERS[place % 5]}
        for place in range(n)
    ]
    return {"predictions": rows, "model_info": info}


def test_gain_reaches_the_best_bins_first() -> None:
    chart = charts.gain(BINS, charts.TEXTS["en"])
    rows = max(chart.to_dict()["datasets"].values(), key=len)
    # 15 of the 20 ones are in the best half of the rows.
    assert [(row["x"], row["y"]) for row in rows] == [(0, 0), (50, 75), (75, 100), (100, 100)]


def test_calibration_sets_what_happened_against_what_was_predicted() -> None:
    rows = max(charts.calibration(BINS, charts.TEXTS["en"]).to_dict()["datasets"].values(), key=len)
    assert [(row["x"], row["y"]) for row in rows] == [(10, 0), (40, 50), (80, 75)]


def test_scores_are_bars_or_bins_by_tier_with_gain_and_calibration() -> None:
    few = Seen(charts.propensity(NO_REQUEST, scored(4), Reader("es")))
    assert [row["name"] for row in few.rows[0]] == ["C-3", "C-2", "C-1", "C-0"]
    assert "87,5\xa0%" in few.texts
    many = Seen(charts.propensity(NO_REQUEST, scored(4000, calibration_table=BINS), Reader("pt")))
    assert sum(row["count"] for row in many.rows[0] if "count" in row) == 4000
    assert {"Probabilidade (%)", "Casos alcançados (%)", "Previsto (%)", "Observado (%)"} <= many.axes
    assert {"Ganho", "Calibração", "Muito alta"} <= set(many.texts)


def test_without_a_model_the_picture_says_so_with_the_note() -> None:
    answer = scored(3, note="not enough labelled rows")
    for row in answer["predictions"]:
        row["probability"] = None
    seen = Seen(charts.propensity(NO_REQUEST, answer, Reader()))
    assert seen.is_sentence
    assert {"No customer was scored: there is no model yet.", "not enough labelled rows"} <= set(seen.texts)


def test_churn_has_bands_reasons_and_drivers() -> None:
    rows = [
        {"customer_id": f"C-{place}", "churn_probability": p, "top_factors": [f"nps = {place} raises"]}
        for place, p in enumerate((0.6, 0.25, 0.2499, None))
    ]
    drivers = [{"feature": "nps", "raises_risk_when": "low", "share": 0.4}]
    answer = {"results": rows, "model_info": {"drivers": drivers}}
    seen = Seen(charts.churn_risk(NO_REQUEST, answer, Reader()))
    assert [row["group"] for row in seen.rows[0]] == ["high, from 60%", "medium, from 25%", "low"]
    assert {"nps (when low)", "40%", "nps = 0 raises", "What drives churn"} <= set(seen.texts)


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (["2025-04-01", "2025-04-02"], ["2025-04-01", "2025-04-02"]),
        ([f"2025-{m:02}-{d:02}" for m in (1, 2) for d in range(1, 28)], ["2025-01", "2025-02"]),
        ([f"{y}-{m:02}-01" for y in (2020, 2021, 2022) for m in range(1, 13)], ["2020", "2021", "2022"]),
    ],
)
def test_labels_are_counted_by_day_month_or_year(days: list[str], names: list[str]) -> None:
    answer = [{"snapshot_date": day, "churned": place % 2} for place, day in enumerate(days)]
    seen = Seen(charts.churn_label(NO_REQUEST, answer, Reader()))
    assert sorted({row["name"] for row in seen.rows[0]}) == names
    assert sum(row["x2"] - row["x"] for row in seen.rows[0]) == len(days)
    assert "Snapshots (number)" in seen.axes


def decile(place: int, observed: float | None) -> dict[str, Any]:
    low, high = (None, None) if observed is None else (observed - 0.1, observed + 0.1)
    seen = {"observed_uplift": observed, "observed_lower_95": low, "observed_upper_95": high}
    return {"decile": place, "mean_uplift": place / 100, "n_customers": 10, **seen}


def uplift(deciles: list[dict[str, Any]]) -> Seen:
    qini = {"value": 0.2, "lower_95": 0.1, "upper_95": 0.3}
    answer = {"decile_summary": deciles, "average_treatment_effect": 0.05, "qini": qini, "model_info": {}}
    return Seen(charts.uplift(NO_REQUEST, answer, Reader()))


def test_the_qini_curve_adds_up_the_best_deciles_first() -> None:
    seen = uplift([decile(1, -0.1), decile(10, 0.3)])
    curve = next(rows for rows in seen.rows if "place" in rows[0])
    assert [(row["x"], pytest.approx(row["y"])) for row in curve] == [(0, 0), (50, 15), (100, 10)]
    assert {"Uplift (percentage points)", "Outcomes gained (per 100)"} <= seen.axes
    assert "Qini coefficient 0.200 (0.100 to 0.300, 95%); 0 is a random order." in seen.texts
    assert "Average effect: +5.0 percentage points." in seen.texts


def test_a_decile_that_was_not_observed_has_a_bar_and_the_curve_is_left_out() -> None:
    seen = uplift([decile(1, None), decile(10, 0.3)])
    assert len(seen.rows[0]) == 2
    assert "Qini curve, decile by decile" not in seen.texts
    assert uplift([]).is_sentence
