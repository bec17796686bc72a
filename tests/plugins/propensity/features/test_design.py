"""Features become the columns that learners take."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from plugins.propensity.features.design import LEVEL_ROWS, MOST_LEVELS, Category, Design, Number, learn
from plugins.propensity.features.fingerprint import canonical
from plugins.propensity.features.forms import Form

FORM = {"type": "number"}
ROWS: list[dict[str, Any]] = [
    {"age": 20, "plan": "gold", "vip": True},
    {"age": 30, "plan": "gold", "vip": False},
    {"age": 50, "plan": "free", "vip": False},
    {"age": None, "plan": "free", "vip": True},
    {"age": 90, "plan": "free", "vip": True},
    {"age": 31, "plan": "gold", "vip": False},
]


def learned(rows: list[dict[str, Any]]) -> tuple[Design, dict[str, str]]:
    data = canonical(rows, [0] * len(rows))
    return learn(data.columns, data.forms)


def test_numbers_have_their_median_and_categories_their_levels_commonest_first() -> None:
    design, dropped = learned([*ROWS, {"age": 31, "plan": "free"}])
    age = Number("age", 31.0, Form("number", optional=True))
    vip = Number("vip", 0.5, Form("flag", optional=True))
    assert design == Design((age, Category("plan", ("free", "gold")), vip))
    assert dropped == {}
    assert design.width == 4
    assert design.owners.tolist() == [0, 1, 1, 2]


def test_the_missing_takes_the_median_and_the_unseen_sets_no_column() -> None:
    design, _ = learned(ROWS)
    reading = design.read(
        [{"age": None, "plan": "platinum"}, {"age": 40, "plan": "gold", "vip": True, "x": "y"}]
    )
    assert design.matrix(reading.columns).tolist() == [[31.0, 0, 0, 0.5], [40.0, 0, 1, 1.0]]
    assert reading.missing == ["age", "vip"]
    assert reading.absent == []
    assert reading.misfits == []


def test_a_feature_that_no_row_names_is_absent_and_one_that_is_null_throughout_is_missing() -> None:
    design, _ = learned(ROWS)
    reading = design.read([{"age": None}, {"age": None, "vip": True}])
    assert reading.absent == ["plan"]
    assert reading.missing == ["age", "plan", "vip"]


def test_a_text_that_is_no_number_is_a_misfit_where_training_had_numbers() -> None:
    design, _ = learned(ROWS)
    reading = design.read(
        [{"age": "41", "plan": "gold", "vip": "yes"}, {"age": "old", "plan": 3, "vip": "?"}]
    )
    assert reading.misfits == [(1, "age")]
    assert reading.columns["age"][0] == 41
    assert np.isnan(reading.columns["age"][1])
    assert reading.columns["vip"][0] == 1


def test_what_no_model_could_use_is_dropped_with_a_reason() -> None:
    rows = [
        {"same": 7, "one": "x", "email": f"c{number}@example.org", "nothing": None, "x": number}
        for number in range(9)
    ]
    design, dropped = learned(rows)
    assert design.names == ["x"]
    assert dropped == {
        "email": "no category in 3 or more rows, like an identifier",
        "one": "constant",
        "same": "constant",
    }


def test_a_category_that_is_there_or_missing_is_informative() -> None:
    design, _ = learned([{"x": number, **({"tier": "vip"} if number % 2 else {})} for number in range(8)])
    assert design.features[0] == Category("tier", (None, "vip"), Form("category", optional=True))
    assert design.matrix(design.read([{"x": 1}, {"x": 1, "tier": "vip"}]).columns)[:, :2].tolist() == [
        [1, 0],
        [0, 1],
    ]


def test_rare_levels_have_no_column_and_there_are_at_most_fifty() -> None:
    rows = [{"city": f"city {number % 80}"} for number in range(80 * LEVEL_ROWS)]
    rows += [{"city": "a village"}] * (LEVEL_ROWS - 1)
    [city] = learned(rows)[0].features
    assert isinstance(city, Category)
    assert len(city.levels) == MOST_LEVELS
    assert "a village" not in city.levels


def test_many_categorical_features_share_four_hundred_columns() -> None:
    rows = [{f"f{place}": f"level {number % 40}" for place in range(100)} for number in range(160)]
    assert learned(rows)[0].width == 400


def test_a_category_of_hundreds_of_levels_is_one_column_of_codes_if_learners_take_codes() -> None:
    rows = [{"post_code": f"PC-{number % 400}", "plan": "ab"[number % 2]} for number in range(1_200)]
    data = canonical([*rows, {"post_code": "PC-rare", "plan": "a"}], [0] * 1_201)
    design, _ = learn(data.columns, data.forms, coded=True)
    assert design.width == 3
    assert design.coded == ((2, 400),)
    matrix = design.matrix(design.read([{"post_code": "PC-rare", "plan": "a"}]).columns)
    assert matrix.tolist() == [[1, 0, -1]]


def test_a_feature_that_training_rows_lacked_may_be_absent_when_scoring() -> None:
    rows = [{"x": float(number), **({"note": number % 5} if number % 3 else {})} for number in range(30)]
    design, _ = learned(rows)
    reading = design.read([{"x": 1.0}])
    assert reading.absent == []
    assert reading.missing == ["note"]
    assert np.isnan(design.matrix(reading.columns, imputed=False)).tolist() == [[True, False]]


def test_a_design_survives_json_to_the_last_bit() -> None:
    date = Number("since", 3.0, Form("date", order="dmy", newest=738_000, tolerant=True, converted=True))
    design = Design((Number("é\ud800", 0.1 + 0.2), Category("plan", (None, "gold"), coded=True), date))
    assert Design.from_json(json.loads(json.dumps(design.as_json()))) == design


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "it lists no feature"),
        ([], "it lists no feature"),
        ([{"name": "a"}], "a feature does not parse"),
        ([{"name": "a", "median": 1.0}], "a feature does not parse"),
        ([{"name": "a", "median": "1", "form": FORM}], "a feature does not parse"),
        ([{"name": "a", "median": float("nan"), "form": FORM}], "a feature does not parse"),
        ([{"name": "a", "levels": [], "form": FORM, "coded": False}], "a feature does not parse"),
        ([{"name": "a", "levels": ["x", 1], "form": FORM, "coded": False}], "a feature does not parse"),
        ([{"name": "a", "levels": [["x"]], "form": FORM, "coded": False}], "a feature does not parse"),
        ([{"name": "a", "levels": ["x", "x"], "form": FORM, "coded": False}], "a feature does not parse"),
        ([{"name": "a", "median": 1.0, "form": FORM}] * 2, "a feature is in it twice"),
    ],
)
def test_a_damaged_design_is_refused(parts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"the stored design is damaged: {message}"):
        Design.from_json(parts)
