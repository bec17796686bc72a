"""Rows in NDJSON, CSV and Parquet become the JSON body that they stand for, however they are cut."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abintel.discovery import discover
from abintel.endpoint import Endpoint
from abintel.media_types import CSV, JSON, NDJSON, PARQUET, chosen_form
from abintel.problem import Problem
from jobs.rows.body import RowBody
from jobs.rows.forms import accepted, row_shape
from jobs.rows.reading import MAX_ROW
from tests.contract.roster import ROSTER

ENDPOINTS = {endpoint.name: endpoint for endpoint in discover(list(ROSTER)).endpoints}
NPS, CHURN = ENDPOINTS["nps"], ENDPOINTS["churn_label"]
CAMPAIGN = ENDPOINTS["propensity_respond_campaign"]


def body(endpoint: Endpoint, form: str, data: bytes, piece: int = 1 << 20, **query: str) -> Any:
    """What rows become."""
    shape = row_shape(endpoint)
    assert shape is not None
    rows = RowBody(endpoint, shape, form, query)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), piece):
            yield from rows.feed(data[start : start + piece])
        yield from rows.end()

    return json.loads(b"".join(pieces()))


def faults(endpoint: Endpoint, form: str, data: bytes, **query: str) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as raised:
        body(endpoint, form, data, **query)
    assert raised.value.status == 400
    return [tuple(fault) for fault in raised.value.faults]


def parquet(columns: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


ANSWERS = [
    {"customer_id": f"C-{number}", "answer": number % 11, "date": "2026-01-02"} for number in range(50)
]


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
def test_ndjson_is_the_array_of_its_lines(piece: int) -> None:
    data = b"\n\n".join(json.dumps(row).encode() for row in ANSWERS)
    assert body(NPS, NDJSON, data, piece) == {"data": ANSWERS}


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_is_the_array_of_its_rows_with_the_types_of_the_columns(
    piece: int, bom: bytes, delimiter: str
) -> None:
    if bom and piece == 1:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, ["customer_id", "answer", "date"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ANSWERS)
    assert body(NPS, CSV, bom + text.getvalue().encode(), piece) == {"data": ANSWERS}


def test_parquet_is_the_array_of_its_rows() -> None:
    columns: dict[str, Any] = {name: [row[name] for row in ANSWERS] for name in ANSWERS[0]}
    columns["date"] = [datetime.date(2026, 1, 2)] * 50
    assert body(NPS, PARQUET, parquet(columns), 100) == {"data": ANSWERS}
    columns["date"] = [datetime.datetime(2026, 1, 2)] * 50  # noqa: DTZ001 - pandas' dates have no zone
    assert body(NPS, PARQUET, parquet(columns)) == {"data": ANSWERS}


def test_members_of_an_object_are_columns_of_their_own() -> None:
    names = "customer_id,features.age,features.city,features.code,label_respond"
    table = f"{names}\nC-1,41.5,Recife,007,1\nC-2,,x,,\n"
    expected = {
        "campaign_id": "spring",
        "customers": [
            {
                "customer_id": "C-1",
                "features": {"age": 41.5, "city": "Recife", "code": "007"},
                "label_respond": 1,
            },
            {"customer_id": "C-2", "features": {"city": "x"}},
        ],
    }
    assert body(CAMPAIGN, CSV, table.encode(), campaign_id="spring") == expected
    columns = {
        "customer_id": ["C-1", "C-2"],
        "features.age": [41.5, float("nan")],
        "features.city": ["Recife", "x"],
        "features.code": ["007", None],
        "label_respond": pyarrow.array([1, None], pyarrow.int8()),
    }
    assert body(CAMPAIGN, PARQUET, parquet(columns), campaign_id="spring") == expected


def test_other_members_come_from_the_query() -> None:
    line = b'{"customer_id":"C-1","snapshot_date":"2026-01-02","last_purchase_date":"2025-12-01"}'
    made = body(CHURN, NDJSON, line, business_type="ecommerce", window_days="60", unknown="x")
    assert made["business_type"] == "ecommerce"
    assert made["window_days"] == 60
    assert "unknown" not in made
    assert ("/window_days", "Input should be a valid integer; got 'many'.") in faults(
        CHURN, NDJSON, line, business_type="ecommerce", window_days="many"
    )
    assert ("/business_type", "Required, and missing.") in faults(CHURN, NDJSON, line)


def test_every_fault_is_at_its_place_in_the_whole() -> None:
    rows = [dict(row) for _ in range(40) for row in ANSWERS]
    rows[3]["answer"] = 11
    rows[1777] = {"customer_id": "C-1"}
    assert faults(NPS, NDJSON, b"\n".join(json.dumps(row).encode() for row in rows)) == [
        ("/data/3/answer", "Input should be less than or equal to 10; got 11."),
        ("/data/1777/answer", "Required, and missing."),
    ]
    table = "customer_id,answer\n" + "C,7\n" * 999 + "C,seven\n"
    assert faults(NPS, CSV, table.encode()) == [
        ("/data/999/answer", "Input should be a valid integer; got 'seven'.")
    ]


@pytest.mark.parametrize(
    ("form", "data", "place", "text"),
    [
        (NDJSON, b'{"customer_id":"C"\n,"answer":1}', "/data/0", "The line is not one JSON object in UTF-8"),
        (NDJSON, b'{"a":1}\n{"a":1},{"a":2}', "/data/1", "The line is not one JSON object in UTF-8"),
        (NDJSON, b'{"customer_id":"\xff","answer":1}', "/data/0", "not one JSON object in UTF-8"),
        (
            CSV,
            b"customer_id,answer\nC-1,1\nC-2,1,2\n",
            "/data/1",
            "The row has 3 cells, and there are 2 columns.",
        ),
        (CSV, b'customer_id,answer\n"C-1,1\n', "/data/0", "A quotation begins in this row and does not end."),
        (CSV, b"answer,answer\n1,1\n", "", "The column 'answer' is there twice."),
        (CSV, b"customer_id,answer\n\xff,1\n", "/data/0", "The text is not UTF-8 here, or soon after."),
        (CSV, b"", "", "The body is empty; send a line with the names of the columns."),
        (PARQUET, b"PAR1 and nothing else", "", "The body is not Parquet that can be read as rows."),
        (PARQUET, b"", "", "The body is not Parquet that can be read as rows."),
    ],
)
def test_what_is_no_row_is_told(form: str, data: bytes, place: str, text: str) -> None:
    [(where, message)] = faults(NPS, form, data)
    assert where == place
    assert text in message


@pytest.mark.parametrize("form", [NDJSON, CSV])
def test_a_row_has_a_greatest_length(form: str) -> None:
    [(_, message)] = faults(NPS, form, b'"' + b"x" * MAX_ROW)
    assert message == f"The row is longer than {MAX_ROW:,} bytes."


def test_no_rows_are_an_empty_array() -> None:
    assert body(NPS, CSV, b"customer_id,answer\n") == {"data": []}
    assert body(NPS, NDJSON, b"") == {"data": []}


cells = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=8)


@given(st.lists(st.tuples(cells, cells), max_size=20), st.integers(1, 40))
def test_whatever_the_texts_csv_gives_them_back_however_it_is_cut(
    rows: list[tuple[str, str]], piece: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["customer_id", "region"])
    writer.writerows(rows)
    shape = row_shape(NPS)
    assert shape is not None
    made = RowBody(NPS, shape, CSV, {})._reader
    data = text.getvalue().encode()
    read = [
        json.loads(row)
        for start in range(0, len(data), piece)
        for some in made.feed(data[start : start + piece])
        for row in some
    ]
    read += [json.loads(row) for some in made.end() for row in some]
    assert [row["customer_id"] for row in read] == [row[0] for row in rows]


def test_routes_take_the_forms_that_their_rows_allow() -> None:
    assert accepted(NPS) == (JSON, NDJSON, CSV, PARQUET)
    assert accepted(ENDPOINTS["customer_features"]) == (JSON, NDJSON, PARQUET)
    assert accepted(ENDPOINTS["segment_hierarchy_chart"]) == (JSON,)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("text/*;q=0.4, application/json;q=0.3", CSV),
        ("application/x-ndjson;q=0.5, */*;q=0.1", NDJSON),
        ("text/csv;q=0, */*", JSON),
        ("image/png", None),
        ("text/csv;q=high", None),
    ],
)
def test_the_accept_header_chooses_a_form(accept: str, form: str | None) -> None:
    assert chosen_form(accept, (JSON, NDJSON, CSV, PARQUET)) == form
