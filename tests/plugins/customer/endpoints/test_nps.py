from typing import Any

import pytest

from plugins.customer.endpoints.nps import ENDPOINT, interpret
from tests.plugins.calls import answered, faults, golden


def row(answer: Any = 9, **columns: Any) -> dict[str, Any]:
    return {"customer_id": "C-1", "answer": answer, **columns}


def test_published_example_with_the_band_of_the_table() -> None:
    example = golden("nps")
    expected = example["response"]
    expected["overall"]["interpretation"] = "Good"
    answer = answered(ENDPOINT, example["request"])
    assert answer == expected
    assert list(answer["by_group"][0]) == list(expected["by_group"][0])


@pytest.mark.parametrize("ungrouped", [{}, {"group_by": None}, {"group_by": ""}, {"group_by": []}])
def test_no_grouping(ungrouped: dict[str, Any]) -> None:
    assert answered(ENDPOINT, {"data": [row()], **ungrouped})["by_group"] == []


def test_groups_of_any_json_value_in_order_of_first_appearance() -> None:
    values = ["1", 1, True, None, {"city": "Lima"}, [1], 1.0, {"city": "Lima"}]
    answer = answered(ENDPOINT, {"group_by": "store", "data": [row(store=value) for value in values]})
    assert [(group["group"], group["responses"]) for group in answer["by_group"]] == [
        *(("1", 1), (1, 2), (True, 1), (None, 1), ({"city": "Lima"}, 2), ([1], 1)),
    ]


def test_groups_of_several_columns_are_objects() -> None:
    data = [row(region="N", plan="Pro"), row(0, region="N", plan="Basic"), row(region="N", plan="Pro")]
    answer = answered(ENDPOINT, {"group_by": ["region", "plan"], "data": data})
    assert [(group["group"], group["nps"]) for group in answer["by_group"]] == [
        ({"region": "N", "plan": "Pro"}, 100.0),
        ({"region": "N", "plan": "Basic"}, -100.0),
    ]


def test_a_list_of_one_column_is_that_column() -> None:
    data = [row(region="N"), row(7, region="S")]
    one, listed = (answered(ENDPOINT, {"group_by": by, "data": data}) for by in ("region", ["region"]))
    assert one == listed


def test_known_columns_group_as_well() -> None:
    answer = answered(ENDPOINT, {"group_by": "answer", "data": [row(9), row(9.0), row(3)]})
    assert [(group["group"], group["responses"]) for group in answer["by_group"]] == [(9, 2), (3, 1)]


def test_a_score_that_rounds_to_nothing_is_fair() -> None:
    data = [row(9)] * 24_999 + [row(0)] * 25_000  # −0.002
    overall = answered(ENDPOINT, {"data": data})["overall"]
    assert str(overall["nps"]) == "0.0"
    assert overall["interpretation"] == "Fair – room for improvement"


@pytest.mark.parametrize(
    ("nps", "label"),
    [
        (100, "World-class loyalty"),
        (70, "World-class loyalty"),
        (69.99, "Excellent"),
        (50, "Excellent"),
        (49.5, "Good"),
        (33.33, "Good"),
        (30, "Good"),
        (29.5, "Fair – room for improvement"),
        (0, "Fair – room for improvement"),
        (-0.5, "Critical warning"),
        (-100, "Critical warning"),
    ],
)
def test_bands_of_reference_4_1_14(nps: float, label: str) -> None:
    assert interpret(nps, "en") == label


@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        (
            "es",
            [
                "Lealtad de clase mundial",
                "Excelente",
                "Buena",
                "Aceptable: hay margen de mejora",
                "Alerta crítica",
            ],
        ),
        (
            "pt",
            [
                "Lealdade de classe mundial",
                "Excelente",
                "Boa",
                "Razoável – há espaço para melhorar",
                "Alerta crítico",
            ],
        ),
    ],
)
def test_standard_labels_are_translated(lang: Any, labels: list[str]) -> None:
    assert [interpret(nps, lang) for nps in (80, 60, 40, 10, -10)] == labels


def test_own_bands_keep_their_labels_and_have_a_translated_floor() -> None:
    bands = {"Below target": 0.0, "On target": 40.0}
    assert [interpret(nps, "pt", bands) for nps in (40, 39, -1)] == [
        *("On target", "Below target", "Alerta crítico"),
    ]


@pytest.mark.parametrize("date", ["2025-04-29", "2025-04-28T23:59:59Z", "2025-04-28T10:00:00-03:00", None])
def test_dates_and_date_times_fit(date: str | None) -> None:
    assert faults(ENDPOINT, {"data": [row(date=date)]}) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            {"data": [row(), row(date="28/04/2025")]},
            ("/data/1/date", "'28/04/2025' is not an ISO 8601 date or date-time, such as 2025-04-28."),
        ),
        (
            {"data": [row(date="2025-04-30T00:00:00Z")]},
            (
                "/data/0/date",
                "'2025-04-30T00:00:00Z' is after the server's date, 2025-04-28, by more than a day; "
                "send history only.",
            ),
        ),
        (
            {"group_by": "store/no", "data": [row(**{"store/no": 1}), row()]},
            ("/data/1/store~1no", "Missing, though `group_by` names it; send a value or null."),
        ),
        (
            {"group_by": "store", "data": [row(store=2**64)]},
            ("/data/0/store", "The value to group by is a whole number of more than 64 bits."),
        ),
        (
            {"group_by": ["store", "plan"], "data": [row(store=i, plan=0) for i in range(1001)]},
            ("/group_by", "'store' and 'plan' make 1001 groups; at most 1000 fit."),
        ),
        (
            {"data": [row()], "bands": {"A": 10, "B": 10}},
            ("/bands/B", "10.0 is the lower bound of 'A' already; give each its own."),
        ),
    ],
)
def test_a_fault_names_the_value_and_what_to_do(sent: dict[str, Any], expected: tuple[str, str]) -> None:
    assert faults(ENDPOINT, sent) == [expected]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"data": []}, "/data"),
        ({"data": [row(11)]}, "/data/0/answer"),
        ({"data": [row(-1)]}, "/data/0/answer"),
        ({"data": [row("9")]}, "/data/0/answer"),
        ({"data": [row(True)]}, "/data/0/answer"),
        ({"data": [row(8.5)]}, "/data/0/answer"),
        ({"data": [row()], "bands": {}}, "/bands"),
        ({"data": [row()], "bands": {"A": 101}}, "/bands/A"),
    ],
)
def test_a_bad_field_is_named(sent: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in faults(ENDPOINT, sent)] == [place]


def test_a_customer_may_answer_twice_and_a_thousand_groups_fit() -> None:
    data = [row(store=i) for i in range(1000)]
    assert len(answered(ENDPOINT, {"group_by": "store", "data": data})["by_group"]) == 1000
