"""Features in the form in which people send them are read as if they had been sent as numbers."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest

from plugins.propensity.features.columns import Value
from plugins.propensity.features.design import Design, learn
from plugins.propensity.features.fingerprint import canonical
from plugins.propensity.features.forms import Form
from plugins.propensity.features.forms import learn as form_of

FIRST = datetime.date(2023, 1, 5).toordinal()
AMOUNTS = [1234.5, 12.25, 0.5, 98765.0, 7.0, 1500.75]


def read(values: list[Value], scored: list[Value] | None = None) -> list[Any]:
    """The column that training values become, or that values to score become."""
    form = form_of(values)
    assert form is not None
    form = Form.from_json(json.loads(json.dumps(form.as_json())))
    column, wrong = form.read(values if scored is None else scored)
    assert wrong == []
    return [None if value is None or value != value else value for value in column.tolist()]


@pytest.mark.parametrize(
    "written",
    [
        lambda x: f"{x:,.2f}",
        lambda x: f"{x:,.2f}".translate({44: 46, 46: 44}),
        lambda x: f"$ {x:,.2f}",
        lambda x: f"{x:.2f}".replace(".", ",") + " €",
        lambda x: f"R$ {x:.2f}".replace(".", ","),
        lambda x: f"{x}%",
        str,
    ],
    ids=["english", "german", "dollars", "euros", "reais", "percent", "plain"],
)
def test_numbers_as_text_are_numbers_in_the_notation_of_the_column(written: Any) -> None:
    texts = [written(amount) for amount in AMOUNTS]
    assert read(texts) == AMOUNTS
    for amount, text in zip(AMOUNTS, texts, strict=True):
        assert read(texts, [text]) == [amount], "a single row is read as the training rows were"
        assert read(texts, [amount]) == [amount]


def test_whole_thousands_with_a_dot_are_what_the_column_says() -> None:
    assert read(["1.234", "87", "512"]) == [1234, 87, 512]
    assert read(["1.234", "87", "512"], ["1.500"]) == [1500]
    assert read(["1.234", "0.5", "2.25"], ["1.500"]) == [1.5]


@pytest.mark.parametrize("word", ["", " ", "N/A", "n/a", "null", "NULL", "-", "NaN", "none", "?", "#N/A"])
def test_one_word_for_missing_among_numbers_costs_one_value(word: str) -> None:
    assert read([3.5, word, 4.5, 5.5]) == [3.5, None, 4.5, 5.5]
    assert read([3.5, 2.0, 4.5, 5.5], [word]) == [None]


def test_a_few_other_texts_among_many_numbers_are_missing_and_many_make_a_category() -> None:
    numbers: list[Value] = [float(number) for number in range(95)]
    assert read([*numbers, *["see note"] * 5]) == [*numbers, *[None] * 5]
    assert read([*numbers, "see note"], ["lost"]) == [None]
    form = form_of([*numbers, *["see note"] * 6])
    assert form is not None
    assert form.type == "category"


@pytest.mark.parametrize(
    "written",
    ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y %H:%M", "%d/%m/%y"],
)
def test_dates_are_days_before_the_newest(written: str) -> None:
    days = [datetime.datetime.fromordinal(FIRST + 17 * number) for number in range(40)]
    texts: list[Value] = [day.strftime(written) for day in days]
    expected = [17.0 * (39 - number) for number in range(40)]
    assert read(texts) == expected
    assert read(texts, [texts[3]]) == [expected[3]], "the day that counts is that of training"
    assert read(texts, [None, "N/A"]) == [None, None]
    after = (days[-1] + datetime.timedelta(days=10)).strftime(written)
    assert read(texts, [after]) == [-10]


def test_a_date_is_not_read_where_training_had_dates_and_the_value_is_none() -> None:
    form = form_of(["2024-01-01", "2024-02-01"])
    assert form is not None
    assert form.read(["2024-01-15", "soon", 7])[1] == [1, 2]


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([True, "false", "yes", 0, None, 1, "no"], [1, 0, 1, 0, None, 1, 0]),
        (["Sí", "no", "sí"], [1, 0, 1]),
        (["true", "1", "0", False], [1, 1, 0, 0]),
        ([True, 3, 2.5, False], [1, 3, 2.5, 0]),
    ],
)
def test_yes_and_no_and_their_mixtures_with_numbers_are_numbers(
    values: list[Value], column: list[Any]
) -> None:
    assert read(values) == column


@pytest.mark.parametrize("word", [True, 1, "yes", "sim"])
def test_a_flag_that_is_sent_only_where_it_is_true_is_false_elsewhere(word: Value) -> None:
    assert read([word, None, None, word]) == [1, 0, 0, 1]
    assert read([word, None, None, word], [None]) == [0]
    assert read([word, None, None, word], [False, 0]) == [0, 0]


def test_a_count_that_is_sent_only_above_zero_is_zero_elsewhere_and_a_null_is_not_known() -> None:
    rows: list[dict[str, Value]] = [{"late": 1}, {"late": 4}, {}, {}, {"late": 2}]
    data = canonical(rows, [0] * 5)
    assert sorted(data.columns["late"].tolist()) == [0, 0, 1, 2, 4]
    assert data.missing == {"late": 0.4}
    data = canonical([*rows, {"late": None}], [0] * 6)
    assert np.isnan(data.columns["late"].astype(float)).sum() == 3
    ages = canonical([{"age": 34}, {}, {"age": 51}], [0] * 3)
    assert np.isnan(ages.columns["age"].astype(float)).sum() == 1


def test_post_codes_with_a_leading_zero_are_names() -> None:
    assert read(["01067", "99084", "10115"]) == ["01067", "99084", "10115"]


def test_words_for_missing_are_missing_among_categories_and_none_is_a_category() -> None:
    assert read(["Gold", "N/A", "-", "none", "Silver"]) == ["Gold", None, None, "none", "Silver"]


def test_a_number_sent_as_text_only_while_scoring_is_a_number() -> None:
    assert read([3.0, 1200.5], ["1,250.75"]) == [1250.75]
    assert read([3.0, 1200.5], ["12,5", "1.250,75"]) == [12.5, 1250.75]
    form = form_of([3.0, 1200.5])
    assert form is not None
    assert form.read(["many"])[1] == [0]


def test_the_form_is_part_of_the_fingerprint() -> None:
    one = canonical([{"since": "2024-01-01"}, {"since": "2024-02-01"}], [0, 1])
    later = canonical([{"since": "2025-01-01"}, {"since": "2025-02-01"}], [0, 1])
    assert one.columns["since"].tolist() == later.columns["since"].tolist()
    assert one.fingerprint != later.fingerprint


def test_dirty_columns_give_the_matrix_of_clean_ones() -> None:
    chance = np.random.default_rng(5)
    spent = (chance.gamma(2.0, 900.0, 200) + 0.01).round(2).tolist()
    days = chance.integers(0, 700, 200)
    days[7] = 0
    vip = (chance.random(200) < 0.4).tolist()
    clean: list[dict[str, Value]] = [
        {"spent": amount, "since": float(day), "vip": flag}
        for amount, day, flag in zip(spent, days, vip, strict=True)
    ]
    clean[11]["spent"] = None
    dirty: list[dict[str, Value]] = [
        {
            "spent": f"{amount:,.2f}".translate({44: 46, 46: 44}) + " €",
            "since": datetime.date.fromordinal(FIRST + 700 - int(day)).isoformat(),
            **({"vip": True} if flag else {}),
        }
        for amount, day, flag in zip(spent, days, vip, strict=True)
    ]
    dirty[11]["spent"] = "N/A"
    matrices = []
    for rows in (clean, dirty):
        data = canonical(rows, [0] * 200)
        design, _ = learn(data.columns, data.forms)
        design = Design.from_json(json.loads(json.dumps(design.as_json())))
        matrices.append(design.matrix(design.read(rows).columns, imputed=False))
        assert design.read(rows).misfits == []
    np.testing.assert_array_equal(*matrices)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {"type": "colour"},
        {"type": "date"},
        {"type": "number", "decimal": ";"},
        {"type": "flag", "x": 1},
    ],
)
def test_a_damaged_form_is_refused(stored: Any) -> None:
    with pytest.raises(ValueError, match="the stored form of a feature is damaged"):
        Form.from_json(stored)
