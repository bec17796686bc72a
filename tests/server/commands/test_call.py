"""``abintel call``, as it is typed, against the served instance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from tests.serving import Server, free_port

ORDERS = "customer_id,date,amount\nC-1,2025-01-03,120.50\nC-1,2025-02-11,80\nC-2,2025-03-01,40\n"
Call = Callable[..., Result]


@pytest.fixture
def call(served: Server, tmp_path: Path) -> Call:
    """Calls with a file of some name and content."""
    credential = served.credential("acme")

    def run(
        route: str,
        name: str,
        content: str | bytes,
        *options: str,
        input: str | None = None,
        **own: str | None,
    ) -> Result:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        environment = {
            "ABINTEL_URL": served.url,
            "ABINTEL_CUSTOMER_API_ID": credential.customer_api_id,
            "ABINTEL_SECRET": credential.secret,
            "ABINTEL_HOME": str(tmp_path / "home"),
            **own,
        }
        body = "-" if input is not None else str(file)
        result = CliRunner().invoke(main, ["call", route, body, *options], input=input, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_a_csv_becomes_the_body_and_its_answer_a_table(call: Call) -> None:
    result = call("customer_rfm", "orders.csv", ORDERS, "-f", "today=2025-04-01")
    assert result.exit_code == 0, result.output
    assert "customers (2)" in result.stdout
    [row] = [line for line in result.stdout.splitlines() if line.startswith("│ C-1 ")]
    assert [cell.strip() for cell in row.split("│")[1:5]] == ["C-1", "49", "2", "200.5"]


def test_the_answer_comes_as_it_is_with_json(call: Call, served: Server) -> None:
    body = {
        "today": "2025-04-01",
        "customers": [
            {
                "customer_id": "C-1",
                "transactions": [
                    {"date": "2025-01-03", "amount": 120.5},
                    {"date": "2025-02-11", "amount": 80},
                ],
            },
            {"customer_id": "C-2", "transactions": [{"date": "2025-03-01", "amount": 40}]},
        ],
    }
    with served.client(served.credential("acme")) as client:
        wanted = client.post("/api/v1/ai/customer_rfm", params={"lang": "pt"}, json=body).json()
    options = ("--json", "-q", "lang=pt")
    assert json.loads(call("customer_rfm", "body.json", json.dumps(body), *options).stdout) == wanted
    assert json.loads(call("customer_rfm", "x", "", *options, input=json.dumps(body)).stdout) == wanted
    rows = call("customer_rfm", "orders.csv", ORDERS, "-f", "today=2025-04-01", *options)
    assert json.loads(rows.stdout) == wanted


def test_columns_that_are_features_go_where_the_route_takes_them(call: Call) -> None:
    rows = "customer_id;visits;plan\nC-1;3;007\nC-2;4;\n"
    answer = call("propensity_buy_product", "rows.csv", rows, "-f", "product_sku=2025", "--json")
    assert [row["customer_id"] for row in json.loads(answer.stdout)["predictions"]] == ["C-1", "C-2"]
    extra = call(
        "nps", "rows.csv", "customer_id,answer,store\nC-1,9,Lima\n", "-f", "group_by=store", "--json"
    )
    assert json.loads(extra.stdout)["by_group"][0]["group"] == "Lima"


def test_a_value_for_each_customer_is_a_table_and_not_a_line_each(call: Call) -> None:
    customers = [
        {
            "id": f"C-{index}",
            "frequency": 1 + index % 2 * 40 + index % 3,
            "amount_spent": 10.0,
            "product_types": ["a"],
        }
        for index in range(60)
    ]
    result = call(
        "purchasing_segmentation", "body.json", json.dumps({"customers": customers, "k_range": [2]})
    )
    assert result.exit_code == 0, result.output
    assert "labels (60, the first 50 shown)" in result.stdout
    assert "labels.C-0" not in result.stdout


def test_a_fault_is_told_with_its_line_and_exit_code_1(call: Call) -> None:
    result = call("nps", "rows.csv", "customer_id,answer\nC-1,9\nC-2,11\n")
    assert result.exit_code == 1
    first, second, third = result.stderr.splitlines()
    assert first.startswith("abintel: 400 invalid-body: /data/1/answer: ")
    assert second == "  line 3, column answer: Input should be less than or equal to 10; got 11."
    assert third.startswith("  request ")
    assert result.stdout == ""


def test_a_wrong_secret_is_the_server_s_to_refuse(call: Call) -> None:
    result = call("nps", "body.json", "{}", ABINTEL_SECRET="wrong")
    assert result.exit_code == 1
    assert result.stderr.startswith("abintel: 401 unauthorized: The headers X-Customer-Api-Id and X-Secret")


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        (
            "rows.csv",
            "customer_id,answer\n",
            (),
            "the file needs a line of column names and at least one row",
        ),
        ("rows.csv", "answer\n9\n", (), "no column of the file fits customer_id of data; say --map COLUMN="),
        ("rows.csv", 'customer_id,answer\n"C-1,9\n', (), "line 2: a quote does not close"),
        (
            "rows.csv",
            "customer_id,answer\nC-1,9\n",
            ("--map", "Kunde=x"),
            "no column is named 'Kunde'; the columns are",
        ),
        ("rows.xlsx", b"PK\x03\x04", (), "the file is not an Excel workbook that can be read"),
        ("rows.csv", ORDERS, ("--rows", "orders"), "the route takes no rows of orders; it takes data"),
        ("body.json", "[1]", (), "body.json: a body is an object, in braces"),
        ("body.json", "{", (), "body.json is not JSON: "),
        ("body.json", b"\xff", (), "body.json is not UTF-8"),
        ("body.json", "{}", ("-f", "today"), "'today': wanted is NAME=VALUE"),
    ],
)
def test_what_cannot_be_sent_is_told_in_a_line_and_exit_code_2(
    call: Call, name: str, content: str | bytes, options: tuple[str, ...], said: str
) -> None:
    result = call("nps", name, content, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_values_that_cannot_be_read_are_told_by_cause_column_and_line(call: Call) -> None:
    rows = 'customer_id,answer,note\nC-1,9,"two\nlines"\nC-2,x,\nC-3,,\nC-4,y,\n,8,\n'
    result = call("nps", "rows.csv", rows)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "  column answer, lines 4, 6: the value is no number, 1,234.50, such as 'x'",
        "  column answer, line 5: the cell is empty",
        "abintel: values of data cannot be read; mend them, or leave out their rows with --skip-faults",
    ]
    kept = call("nps", "rows.csv", rows, "--skip-faults", "--json")
    assert json.loads(kept.stdout)["overall"]["responses"] == 1
    assert kept.stderr.splitlines() == [
        "1 row without customer_id left out.",
        "3 rows with faults left out.",
    ]


def test_columns_without_a_field_are_left_out_and_named(call: Call) -> None:
    rows = "customer_id,date,amount,colour\nC-1,2025-01-03,1,red\n"
    result = call("customer_rfm", "orders.csv", rows)
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == "Columns without a field are left out: colour."


def test_the_user_says_what_a_file_does_not(call: Call) -> None:
    rows = "Kunde;Wann;Wert\nC-1;03/04/2025;1.182\n"
    options = ("--map", "Kunde=customer_id", "--map", "Wann=date", "--map", "Wert=amount", "--json")
    said = ("-f", "today=2025-05-01", "--dates", "mdy", "--decimal", ".")
    [customer] = json.loads(call("customer_rfm", "orders.csv", rows, *options, *said).stdout)["customers"]
    assert (customer["recency_days"], customer["monetary_total"]) == (58, 1.182)
    typed = ("-f", "today=2025-05-01", "--type", "Wert=comma", "--type", "Wann=dmy")
    [customer] = json.loads(call("customer_rfm", "orders.csv", rows, *options, *typed).stdout)["customers"]
    assert (customer["recency_days"], customer["monetary_total"]) == (28, 1182)


def test_an_unknown_route_names_those_that_there_are(call: Call) -> None:
    result = call("customer_rfn", "body.json", "{}")
    assert result.exit_code == 2
    assert "has no route 'customer_rfn'; it has " in result.stderr
    assert " customer_rfm," in result.stderr
    assert not re.search(r"_async\b", result.stderr)


def test_a_server_that_is_not_there_is_told(call: Call) -> None:
    port = free_port()
    result = call("nps", "body.json", "{}", ABINTEL_URL=f"http://127.0.0.1:{port}")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"abintel: 127.0.0.1:{port} does not answer: ")
    assert call("nps", "body.json", "{}", ABINTEL_URL="localhost:3000").exit_code == 2


def test_without_a_credential_it_says_how_to_make_one(call: Call) -> None:
    result = call("nps", "body.json", "{}", ABINTEL_SECRET=None)
    assert result.exit_code == 2
    assert "set ABINTEL_CUSTOMER_API_ID and ABINTEL_SECRET to a credential" in result.stderr


def test_a_document_goes_into_a_file(call: Call, tmp_path: Path, served: Server) -> None:
    with served.client(served.credential("acme")) as client:
        content = client.get("/docs.json").json()["paths"]["/api/v1/ai/segmentation_report_pdf"]["post"]
    examples = content["requestBody"]["content"]["application/json"]["examples"]
    body = json.dumps(next(iter(examples.values()))["value"])
    refused = call("segmentation_report_pdf", "body.json", body)
    assert refused.exit_code == 1
    assert refused.stderr == "abintel: the answer is a file (application/pdf); say --output FILE\n"
    target = tmp_path / "report.pdf"
    assert call("segmentation_report_pdf", "body.json", body, "-o", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"%PDF")


def test_a_picture_is_written_or_there_is_none(call: Call, tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    result = call("customer_rfm", "orders.csv", ORDERS, "--png", str(target))
    if result.exit_code == 0:
        assert target.read_bytes().startswith(b"\x89PNG")
    else:
        assert (result.exit_code, target.exists()) == (1, False)
        assert result.stderr.startswith("abintel: ")
