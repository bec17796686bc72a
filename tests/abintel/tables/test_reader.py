"""Files as people have them, read by one set of rules."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from abintel.tables.reader import read
from abintel.tables.result import Choices, Reading
from abintel.tables.shape import RowArray
from abintel.tables.source import NotATable, read_source
from tests.spreadsheets import DATA, ORDERS, workbook

TEXT, NUMBER, DATE = frozenset({"string"}), frozenset({"number"}), frozenset({"date"})
CUSTOMERS = RowArray(
    "customers",
    {"customer_id": TEXT},
    frozenset({"customer_id", "transactions"}),
    "transactions",
    {"transaction_id": TEXT, "date": DATE, "amount": NUMBER},
    frozenset({"date", "amount"}),
)
FEATURES = RowArray(
    "rows", {"id": TEXT, "label": frozenset({"integer"})}, frozenset({"id", "features"}), open="features"
)


def orders(content: str | bytes, **choices: Any) -> Reading:
    """A file of orders, read."""
    return read(content.encode() if isinstance(content, str) else content, [CUSTOMERS], Choices(**choices))


def lines_of(reading: Reading) -> list[tuple[str, str, float]]:
    """Each order with its customer."""
    return [
        (customer["customer_id"], order["date"], order["amount"])
        for customer in reading.items
        for order in customer["transactions"]
    ]


@pytest.mark.parametrize(
    ("dates", "amounts", "wanted"),
    [
        (("2025-03-19", "2025-02-18"), ("118.21", "1,110.5"), (118.21, 1110.5)),
        (("19/03/2025", "18/02/2025"), ("118,21", "1.110,5"), (118.21, 1110.5)),
        (("19.3.2025", "18.2.2025"), ("€ 1.182", "276"), (1182, 276)),
        (("3/19/2025", "2/18/2025 11:30 PM"), ("$118.21", "($10.00)"), (118.21, -10)),
        (("2025-03-19 10:02:11 -0400", "2025-02-18T00:00:00Z"), ("1 110.5", "2.620"), (1110.5, 2.62)),
        (("45735", "45706"), ("R$ 2.620", "R$ 1,50"), (2620, 1.5)),
    ],
)
def test_the_column_decides_the_notation(
    dates: tuple[str, str], amounts: tuple[str, str], wanted: tuple[float, float]
) -> None:
    rows = "".join(f'K-{row};{dates[row]};"{amounts[row]}"\n' for row in (0, 1))
    reading = orders(f"Customer;Date;Total\n{rows}")
    assert lines_of(reading) == [("K-0", "2025-03-19", wanted[0]), ("K-1", "2025-02-18", wanted[1])]
    assert reading.faults == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(encoding: str, separator: str) -> None:
    rows = [["Nº pedido", "Fecha", "Código cliente", "Importe"], ["P-1", "19/03/2025", "Peña", '"118,21"']]
    text = "\r\n".join(separator.join(row) for row in rows)
    reading = orders(text.encode(encoding))
    assert lines_of(reading) == [("Peña", "2025-03-19", 118.21)]
    assert bool(reading.notes) == (encoding == "latin-1")


def test_what_no_value_decides_is_said_and_can_be_chosen() -> None:
    text = "Customer;Date;Amount\nC-1;03/04/2025;1.182\n"
    reading = orders(text)
    # Semicolons separate cells where a comma marks decimals, so a dot separates thousands.
    assert lines_of(reading) == [("C-1", "2025-04-03", 1182)]
    assert [note.split(";")[0] for note in reading.notes] == [
        "Column Date is read as date, d/m/yyyy",
        "Column Amount is read as number, 1.234,50",
    ]
    assert lines_of(orders(text, dates="mdy", decimal=".")) == [("C-1", "2025-03-04", 1.182)]
    typed = orders(text, types={"Date": "mdy", "Amount": "comma"})
    assert lines_of(typed) == [("C-1", "2025-03-04", 1182)]
    assert typed.notes == []


def test_another_column_of_the_file_decides_for_one_that_does_not() -> None:
    text = 'Customer,Date,Amount,Shipping\nC-1,2025-01-03,1.182,"4,50"\n'
    assert lines_of(orders(text)) == [("C-1", "2025-01-03", 1182)]


def test_quantity_times_price_is_the_amount_where_there_is_none() -> None:
    reading = orders("Customer;Date;Cantidad;Precio unitario\nC-1;2025-01-03;3;0,1\n")
    assert lines_of(reading) == [("C-1", "2025-01-03", 0.3)]
    assert "amount is Cantidad × Precio unitario." in reading.notes
    assert reading.missing == []


def test_rows_without_a_key_are_left_out_and_counted() -> None:
    reading = orders("Customer,Date,Amount\n,2025-01-03,1\nC-1,2025-01-03,2\n ,2025-01-03,3\n")
    assert lines_of(reading) == [("C-1", "2025-01-03", 2)]
    assert reading.notes == ["2 rows without Customer left out."]
    assert reading.lines == [[3]]


def test_faults_are_grouped_by_cause_with_the_line_on_which_a_row_begins() -> None:
    rows = 'C-1,19/3/2025,1,"a\nb"\n\nC-2,3/20/2025,2,\nC-3,3/21/2025,3,\nC-4,1/2/2025,x,\nC-5,1/2/2025\n'
    reading = orders("Customer,Date,Amount,Note\n" + rows, types={"Date": "dmy"})
    assert [str(cause) for cause in reading.faults] == [
        "line 8: the row has not as many cells as the header (4), such as '2 cells'",
        "column Date, lines 5, 6: the value is no date, d/m/yyyy, such as '3/20/2025'",
        "column Amount, line 7: the value is no number, 1,234.50, such as 'x'",
    ]
    assert [cause.other for cause in reading.faults] == [None, "mdy", None]
    kept = orders("Customer,Date,Amount,Note\n" + rows, types={"Date": "dmy"}, skips_faults=True)
    assert lines_of(kept) == [("C-1", "2025-03-19", 1)]
    assert (kept.faults, kept.notes[0]) == ([], "4 rows with faults left out.")


def test_features_are_numbers_flags_codes_and_texts() -> None:
    text = "id;visits;member;zip;plan;spend;label\n1;3;Yes;00127;007;1,5;Yes\n2;;no;10115;gold; ;No\n"
    reading = read(text.encode(), [FEATURES], Choices())
    assert reading.items == [
        {
            "id": "1",
            "features": {"visits": 3, "member": True, "zip": "00127", "plan": "007", "spend": 1.5},
            "label": 1,
        },
        {"id": "2", "features": {"member": False, "zip": "10115", "plan": "gold"}, "label": 0},
    ]


@pytest.mark.parametrize("content", [workbook(), workbook(dates=False)])
def test_a_workbook_is_read_with_its_types(content: bytes) -> None:
    reading = orders(content)
    assert lines_of(reading) == [
        ("K-1", "2025-01-03", 120.5),
        ("K-1", "2025-02-11", 80),
        ("K-2", "2025-03-01", 1182),
    ]
    assert len(ORDERS) - 2 == reading.rows


def test_a_workbook_that_would_fill_the_memory_is_refused() -> None:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b'r="E4"', b'r="XFD1048576"')
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in {**parts, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, content)
    with pytest.raises(NotATable, match="spans 1,048,576 rows and 16,384 columns"):
        orders(target.getvalue())


@pytest.mark.parametrize("name", ["shopify", "stripe"])
def test_exports_of_shops_need_no_mapping(name: str) -> None:
    reading = orders((DATA / f"{name}.csv").read_bytes())
    assert [order[2] for order in lines_of(reading)] == [120.5, 80, 1182]
    assert len(reading.items) == 2
    assert reading.faults == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file needs a line of column names and at least one row"),
        (b"Customer,Date\n", "the file needs a line of column names and at least one row"),
        (b'a,b\n1,2\n"3,4\n', "line 3: a quote does not close"),
        (b'{"columns": 3}', "wanted are `columns`, a list of names, and `rows`, a list of lists of values"),
    ],
)
def test_what_is_no_table_is_said(content: bytes, said: str) -> None:
    with pytest.raises(NotATable, match=said.replace("(", r"\(")):
        orders(content)


def test_a_workbook_without_sheets_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as whole, zipfile.ZipFile(file, "w") as emptied:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "xl/workbook.xml":
                content = re.sub(rb"<sheets>.*</sheets>", b"<sheets></sheets>", content, flags=re.DOTALL)
            emptied.writestr(name, content)
    with pytest.raises(NotATable, match="at least one row"):
        read_source(file.getvalue())
