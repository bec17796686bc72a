"""Answers as tables."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet

from abintel.media_types import CSV, JSON, NDJSON, PARQUET
from jobs.rows.forms import answer_rows
from jobs.rows.table import in_form
from tests.jobs.test_rows import ENDPOINTS

LOYALTY, FEATURES, CHURN = (
    ENDPOINTS[name] for name in ("customer_loyalty", "customer_features", "churn_label")
)
ROWS = [
    {"customer_id": "=HYPERLINK()", "loyalty_score": 0.5, "segment": "Gold"},
    {"customer_id": "C,2", "loyalty_score": 1, "segment": None},
]
ANSWER = json.dumps({"customers": ROWS, "segment_counts": {"Gold": 1}}).encode()


def test_json_is_the_answer_as_it_is() -> None:
    assert in_form(ANSWER, LOYALTY, JSON) == ANSWER


def test_ndjson_is_the_rows_as_they_are() -> None:
    assert [json.loads(line) for line in in_form(ANSWER, LOYALTY, NDJSON).splitlines()] == ROWS


def test_csv_has_the_columns_of_the_schema_and_no_formula() -> None:
    assert in_form(ANSWER, LOYALTY, CSV).decode() == (
        'customer_id,loyalty_score,segment\r\n\'=HYPERLINK(),0.5,Gold\r\n"C,2",1,\r\n'
    )


def test_parquet_has_types() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(in_form(ANSWER, LOYALTY, PARQUET)))
    assert table.column_names == ["customer_id", "loyalty_score", "segment"]
    assert str(table.schema.field("loyalty_score").type) == "double"
    assert table.to_pylist() == ROWS


def test_members_of_an_object_are_columns_and_arrays_are_json() -> None:
    answer = json.dumps(
        {"customers": [{"customer_id": "C-1", "features": {"spend": -1.5, "kinds": ["a", "b"], "new": True}}]}
    ).encode()
    [names, cells] = csv.reader(io.StringIO(in_form(answer, FEATURES, CSV).decode()))
    assert dict(zip(names, cells, strict=True)) == {
        "customer_id": "C-1",
        "features.spend": "-1.5",
        "features.kinds": '["a","b"]',
        "features.new": "true",
    }


def test_an_answer_that_is_an_array_is_its_rows() -> None:
    rows = [{"customer_id": "C-1", "snapshot_date": "2026-01-01", "churned": 1}]
    assert answer_rows(CHURN) == (None, ["customer_id", "snapshot_date", "churned"])
    assert in_form(json.dumps(rows).encode(), CHURN, CSV) == (
        b"customer_id,snapshot_date,churned\r\nC-1,2026-01-01,1\r\n"
    )


def test_a_table_without_rows_has_its_columns() -> None:
    answer = b'{"customers":[],"segment_counts":{}}'
    assert in_form(answer, LOYALTY, CSV) == b"customer_id,loyalty_score,segment\r\n"
    table = pyarrow.parquet.read_table(io.BytesIO(in_form(answer, LOYALTY, PARQUET)))
    assert (table.num_rows, table.column_names) == (0, ["customer_id", "loyalty_score", "segment"])


def test_a_column_of_several_types_is_texts() -> None:
    mixed = [{"customer_id": "C-1", "loyalty_score": 1.0, "segment": value} for value in ("a", 2, None)]
    answer = json.dumps({"customers": mixed}).encode()
    table = pyarrow.parquet.read_table(io.BytesIO(in_form(answer, LOYALTY, PARQUET)))
    assert table.column("segment").to_pylist() == ["a", "2", None]
