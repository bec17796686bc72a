"""Texts that a spreadsheet would run as formulas, in every CSV that is written, and in no other form."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from typing import Any

import orjson
import pyarrow.parquet
import pytest

from abintel import spreadsheet
from abintel.endpoint import Endpoint
from abintel.media_types import CSV, JSON, NDJSON, PARQUET
from jobs.rows.forms import answer_rows
from jobs.rows.table import in_form
from plugins.propensity.classifier import training
from tests.contract.test_endpoints import ENDPOINTS
from tests.plugins.propensity.classifier.models import logistic_truth, trained
from tests.serving import ROOT

FORMULAS = [
    *('=HYPERLINK("http://x";"y")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1"),
    *("＝1+1", "＋1", "－1", "＠x", "-1", "+44 20", "=", "-"),
]
PLAIN = ["C-1", "1-2", " =1", "a=b", "'=1", "", "é", "x@y.z", "a;=1", 'a";=1', "a\t=1", "a\n=1", "a,=1"]
TABLES = [endpoint for endpoint in ENDPOINTS if answer_rows(endpoint) is not None]


def cells(line: str) -> list[str]:
    """Cells as a spreadsheet sees them."""
    [row] = csv.reader(io.StringIO(line, newline=""))
    return row


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_begins_with_an_apostrophe(text: str) -> None:
    [line] = spreadsheet.lines([["C", text, 1]])
    assert cells(line)[1] == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_that_is_no_formula_is_as_it_was(text: str) -> None:
    [line] = spreadsheet.lines([[text, 1]])
    assert cells(line) == [text, "1"]
    assert line.startswith('"') is any(sign in text for sign in ',;"\t\n\r')


def test_numbers_are_numbers() -> None:
    [line] = spreadsheet.lines([[-1, -1.5, -0.0, 1e300, -1e-300, True, None]])
    assert line == "-1,-1.5,-0.0,1e+300,-1e-300,true,\r\n"


def hostile(endpoint: Endpoint) -> tuple[bytes, list[str]]:
    """An answer of a route whose texts, and a column's name, are formulas; and its columns' names."""
    name, columns = answer_rows(endpoint)
    row: dict[str, Any] = dict.fromkeys(columns, "=1+1") | {
        "=evil": -1.5,
        "in": {"@x": "+1", "y": [1]},
    }
    answer: Any = [row] if name is None else {name: [row, {**row, columns[0]: "-1"}]}
    return orjson.dumps(answer), [*columns, "=evil", "in.@x", "in.y"]


@pytest.mark.parametrize("endpoint", TABLES, ids=lambda endpoint: endpoint.name)
def test_no_routes_csv_has_a_formula_and_the_other_forms_are_as_they_were(endpoint: Endpoint) -> None:
    answer, columns = hostile(endpoint)
    [names, *rows] = csv.reader(io.StringIO(in_form(answer, endpoint, CSV).decode(), newline=""))
    assert names == [spreadsheet.harmless(column) for column in columns]
    for row in rows:
        assert row[columns.index("=evil")] == "-1.5"
        assert not any(cell.startswith(("=", "+", "@")) or cell == "-1" for cell in row)
    assert in_form(answer, endpoint, JSON) == answer
    assert b"'" not in in_form(answer, endpoint, NDJSON)
    table = pyarrow.parquet.read_table(io.BytesIO(in_form(answer, endpoint, PARQUET)))
    assert {"=1+1"} <= {str(value) for row in table.to_pylist() for value in row.values()}


def test_what_a_reviewer_opens_has_no_formula() -> None:
    rows, labels, _ = logistic_truth(60, seed=34)
    named = [{**row, "=evil": ["@a", "+b", "c"][number % 3]} for number, row in enumerate(rows)]
    table = list(csv.reader(training._csv(trained(named, labels).scorer).decode().splitlines()))
    assert ["'=evil", "'@a", "20"] in table
    assert ["'=evil", "'+b", "20"] in table
    assert not any(cell.startswith(("=", "+", "@")) for row in table for cell in row)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_consoles_download_is_as_harmless() -> None:
    rows = [{"text": text, "number": -1.5} for text in [*FORMULAS, *PLAIN]]
    script = (
        f"import {{ toCsv }} from {json.dumps(str(ROOT / 'server/console/static/csv.js'))};"
        f"process.stdout.write(toCsv(['text', 'number', '=x'], {json.dumps(rows)}));"
    )
    made = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, check=True, timeout=60
    )
    [names, *found] = csv.reader(io.StringIO(made.stdout.decode(), newline=""))
    assert names == ["text", "number", "'=x"]
    assert [row[0] for row in found] == [f"'{text}" for text in FORMULAS] + PLAIN
    assert {row[1] for row in found} == {"-1.5"}
    ours = "".join(spreadsheet.lines([[row["text"], row["number"], None] for row in rows]))
    assert made.stdout.decode().split("\r\n", 1)[1] == ours.removesuffix("\r\n")
