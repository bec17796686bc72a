"""Tables in the command line, in the client and over HTTP: one set of rules, the same bodies."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from abintel_client import BadRequest, Client, UnreadableTable
from click.testing import CliRunner

from server.cli import main
from tests.serving import Server
from tests.spreadsheets import DATA, workbook

EU = "\ufeffCustomer ID;Order Date;Amount\nK-2;19/03/2025;118,21\n;18/02/2025;1\nK-1;04/05/2025;1.110,66\n"
US = 'Customer ID,Order Date,Order Total\nK-2,3/19/2025,"$118.21"\nK-1,5/4/2025,"$1,110.66"\n'
LATIN = "Nº pedido;Código cliente;Fecha;Categoría;Importe\nP;K;1/2/2025;Té;1,5\n"
OWN = "Kunde\tWann\tWert\nK-1\t03/04/2025\t1.182\n"
MAPPING = {"Kunde": "customer_id", "Wann": "date", "Wert": "amount"}
CHURN = "customerID,gender,tenure,Churn\n001,Male,36,No\n002,Female, ,Yes\n003,Male,3,Yes\n"
DAILY = "Day,Net sales,Promo\n01/01/2024,1246.0,yes\n15/01/2024,1183.07,no\n"
FILES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "eu.csv": ("customer_rfm", EU.encode(), {}),
    "whole.csv": ("customer_rfm", EU.replace("118,21", "1.182").replace("1.110,66", "276").encode(), {}),
    "us.csv": ("customer_rfm", US.encode(), {}),
    "utf16.csv": ("customer_rfm", EU.encode("utf-16"), {}),
    "latin1.csv": ("customer_features", LATIN.encode("latin-1"), {"dates": "mdy"}),
    "typed.tsv": ("customer_rfm", OWN.encode(), {"map": MAPPING, "dates": "dmy", "decimal": ","}),
    "shopify.csv": ("customer_rfm", (DATA / "shopify.csv").read_bytes(), {}),
    "stripe.csv": ("customer_rfm", (DATA / "stripe.csv").read_bytes(), {}),
    "pedidos.xlsx": ("customer_rfm", workbook(), {}),
    "churn.csv": ("churn_risk", CHURN.encode(), {"skip_faults": True}),
    "daily.csv": ("forecast_revenue", DAILY.encode(), {}),
}


def _options(said: dict[str, Any]) -> list[str]:
    options = [f"--map={column}={field}" for column, field in said.get("map", {}).items()]
    options += [f"--{name}={said[name]}" for name in ("dates", "decimal") if name in said]
    return options + ["--skip-faults"] * said.get("skip_faults", False)


@pytest.mark.parametrize("name", FILES)
def test_the_command_line_and_the_client_send_the_same_bytes(
    name: str, served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route, content, said = FILES[name]
    file = tmp_path / name
    file.write_bytes(content)
    credential = served.credential("acme")
    sent: list[bytes] = []

    def keep(address: str, headers: Any, body: Any, reading: Any) -> tuple[bytes, str]:
        sent.append(json.dumps(body).encode())
        return b"{}", "application/json"

    monkeypatch.setattr("server.commands.call._answer", keep)
    environment = {
        "ABINTEL_URL": served.url,
        "ABINTEL_CUSTOMER_API_ID": credential.customer_api_id,
        "ABINTEL_SECRET": credential.secret,
    }
    done = CliRunner().invoke(main, ["call", route, str(file), "--json", *_options(said)], env=environment)
    assert done.exit_code == 0, done.output

    class Kept(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/api/v1/ai/"):
                body = request.read()
                packed = request.headers.get("content-encoding") == "gzip"
                sent.append(gzip.decompress(body) if packed else body)
                return httpx.Response(200, json={})
            return super().handle_request(request)

    with Client(served.url, credential.customer_api_id, credential.secret, transport=Kept()) as client:
        table = client.from_table(route, file, **said)
        client.call(route, table.body)
    assert sent[0] == sent[1]
    assert done.stderr.splitlines() == table.notes


def test_a_data_frame_keeps_its_types_and_takes_a_mapping(served: Server) -> None:
    credential = served.credential("acme")
    frame = pd.DataFrame(
        {
            "Kunde": ["K-1", None, "K-1"],
            "Wann": pd.to_datetime(["2025-03-04", "2025-03-05", "2025-03-06"]),
            "Wert": [1.182, 2.0, float("nan")],
        }
    )
    with Client(served.url, credential.customer_api_id, credential.secret) as client:
        table = client.from_table("customer_rfm", frame, map=MAPPING, skip_faults=True)
        assert table.body == {
            "customers": [{"customer_id": "K-1", "transactions": [{"date": "2025-03-04", "amount": 1.182}]}]
        }
        assert table.notes == ["1 row without Kunde left out.", "1 row with faults left out."]
        assert client.from_frame("customer_rfm", frame, MAPPING, skip_faults=True) == table
        with pytest.raises(TypeError, match="bytes is no data frame; from_table reads files"):
            client.from_frame("customer_rfm", b"a,b\n1,2\n")  # type: ignore[arg-type]
        with pytest.raises(UnreadableTable, match="column Wert, line 4: the cell is empty"):
            client.from_table("customer_rfm", frame, map=MAPPING)
        with pytest.raises(UnreadableTable, match="no column fits customer_id, date, amount"):
            client.from_table("customer_rfm", b"a,b\n1,2\n")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"map": "x"}, "map: wanted is a JSON object of texts, by the column's name."),
        ({"map": '{"Nobody": "date"}'}, "No column is named 'Nobody'"),
        ({"map": '{"Amount": "colour"}'}, "Customers has no field 'colour'"),
        ({"types": '{"Amount": "colour"}'}, "There is no type 'colour'"),
        ({"array": "rows"}, "The route takes no rows of rows; it takes customers."),
    ],
)
def test_a_choice_that_does_not_fit_is_named(acme: httpx.Client, query: dict[str, str], said: str) -> None:
    headers = {"Content-Type": "text/csv"}
    answer = acme.post("/api/v1/tables/customer_rfm", params=query, content=EU.encode(), headers=headers)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_the_reader_is_guarded_as_the_routes_are(served: Server, acme: httpx.Client) -> None:
    headers = {"Content-Type": "text/csv"}
    path = "/api/v1/tables/customer_rfm"
    assert httpx.post(f"{served.url}{path}", content=b"a", headers=headers).status_code == 401
    assert acme.post("/api/v1/tables/nothing", content=b"a", headers=headers).status_code == 404
    assert acme.get(path).status_code == 405
    assert acme.post(path, content=b"a", headers={"Content-Type": "text/html"}).status_code == 415
    packed = acme.post(
        path, content=gzip.compress(EU.encode()), headers={**headers, "Content-Encoding": "gzip"}
    )
    assert packed.json()["rows"] == 3
    identifier, secret = acme.headers["X-Customer-Api-Id"], acme.headers["X-Secret"]
    with (
        Client(served.url, identifier, secret) as client,
        pytest.raises(BadRequest, match="The file needs a"),
    ):
        client.from_table("customer_rfm", b"")
