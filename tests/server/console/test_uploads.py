"""Files in the console: what they replace, and what keeps a call from running."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.campaign import campaign
from tests.server.console.browser import MISSING, Console, Open, chromium
from tests.serving import Server
from tests.spreadsheets import DATA, workbook

ORDERS = "customer_id,date,amount\nC-1,2025-01-03,120.50\nC-1,2025-02-11,80\nC-2,2025-03-01,40\n"
pytestmark = pytest.mark.skipif(chromium() is None, reason=MISSING)


def put(seen: Console, content: str | bytes, array: str = "customers", name: str = "orders.csv") -> None:
    """Chooses a file for an array of the body."""
    buffer = content.encode() if isinstance(content, str) else content
    file = {"name": name, "mimeType": "text/csv", "buffer": buffer}
    seen.page.locator(".upload", has_text=f"for {array}").locator("input[type=file]").set_input_files(file)


def body(seen: Console) -> dict[str, object]:
    """The body as the JSON editor shows it."""
    seen.page.get_by_role("tab", name="JSON").first.click()
    shown = json.loads(seen.page.get_by_label("Body (JSON)").input_value())
    seen.page.get_by_role("tab", name="Form").click()
    return dict(shown)


def test_a_file_clears_what_the_example_set_and_asks_for_it(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    seen.page.get_by_label("bins").fill("3")
    put(seen, ORDERS)
    expect(seen.page.locator(".asked")).to_contain_text("set today, or leave them to the server")
    assert {name: value for name, value in body(seen).items() if name != "customers"} == {"bins": 3}
    assert seen.page.get_by_label("today").input_value() == ""


def test_a_scope_that_the_example_set_is_asked_for_before_the_call_can_run(console: Open) -> None:
    seen = console()
    seen.open("propensity_buy_product")
    put(seen, "customer_id,visits\nC-1,3\nC-2,4\n", "customers")
    run = seen.page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_disabled()
    expect(seen.page.locator(".asked")).to_contain_text("Not ready to run: fill in product_sku.")
    seen.page.get_by_label("product_sku").fill("SKU-77")
    seen.page.get_by_label("product_sku").blur()
    expect(run).to_be_enabled()


def test_after_a_refused_file_nothing_runs(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    run = seen.page.get_by_role("button", name="Run", exact=True)
    put(seen, b"customer_id,date\n")
    expect(seen.page.locator(".upload .problem")).to_be_visible()
    expect(run).to_be_disabled()
    expect(seen.page.get_by_role("button", name="Run as a job")).to_be_disabled()
    expect(seen.page.locator(".asked")).to_contain_text("the file for customers was not read")
    put(seen, "customer_id,date\nC-1,2025-01-03\n")
    expect(run).to_be_disabled()
    expect(seen.page.locator(".asked")).to_contain_text("no column of customers for amount")
    put(seen, ORDERS)
    expect(run).to_be_enabled()


def test_a_run_of_the_example_says_so_and_one_of_other_rows_does_not(console: Open, served: Server) -> None:
    seen = console("console-example")
    sent: list[str | None] = []
    seen.page.on(
        "request",
        lambda request: sent.append(request.headers.get("x-example")) if request.method == "POST" else None,
    )
    seen.open("nps")
    seen.page.locator("#route").get_by_label("group_by").fill("")
    seen.run()
    assert set(sent) == {"true"}
    sent.clear()
    put(seen, "customer_id,answer\nC-1,9\n", "data")
    expect(seen.page.locator(".counts")).to_have_text("In the body: 1 row of data")
    seen.run()
    assert sent
    assert set(sent) == {None}


def test_a_model_of_an_example_has_a_scope_of_its_own(served: Server) -> None:
    credential = served.credential("trains-an-example")
    with served.client(credential) as client:
        for headers in ({"X-Example": "true"}, {}):
            done = client.post(
                "/api/v1/ai/propensity_respond_campaign", json=campaign("shared"), headers=headers
            )
            assert done.json()["model_info"]["cached"] is False
        models = client.get("/api/v1/models").json()["models"]
    scopes = [model["scope"] for model in models]
    assert {"campaign_id": "shared"} in scopes
    assert {"campaign_id": "shared", "example": "example"} in scopes


def test_dates_that_do_not_say_their_order_are_read_otherwise_by_a_button(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    put(seen, "Customer;Fecha;Importe\nC-1;03/04/2025;1.182\nC-2;05/06/2025;87\n")
    notes = seen.page.get_by_role("list", name="What was read")
    expect(notes).to_contain_text(
        "Column Fecha is read as date, d/m/yyyy; its values would also fit date, m/d"
    )
    expect(seen.page.locator(".upload td").nth(1)).to_have_text("2025-04-03")
    expect(seen.page.locator(".upload td").nth(2)).to_have_text("1182")
    seen.page.get_by_role("button", name="Read Fecha as date, m/d/yyyy").click()
    expect(seen.page.locator(".upload td").nth(1)).to_have_text("2025-03-04")
    seen.page.get_by_label("How Importe is read").select_option("point")
    expect(seen.page.locator(".upload td").nth(2)).to_have_text("1.182")
    expect(seen.page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_dates_of_another_order_are_one_fault_and_a_button(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    put(seen, "Customer,Date,Amount\nC-1,3/19/2025,1\nC-2,3/20/2025,2\nC-3,4/2/2025,3\n")
    kind = seen.page.get_by_label("How Date is read")
    expect(kind).to_have_value("mdy")
    kind.select_option("dmy")
    fault = seen.page.locator(".upload .problem tbody tr")
    expect(fault).to_contain_text(
        "column Date, lines 2, 3: the value is no date, d/m/yyyy, such as '3/19/2025'"
    )
    fault.get_by_role("button", name="Read Date as date, m/d/yyyy").click()
    expect(kind).to_have_value("mdy")
    expect(seen.page.locator(".counts")).to_have_text("In the body: 3 rows of customers")


@pytest.mark.parametrize("name", ["pedidos.xlsx", "shopify.csv", "stripe.csv"])
def test_an_export_is_answered_with_no_choice_at_all(console: Open, name: str) -> None:
    seen = console()
    seen.open("customer_rfm")
    put(seen, workbook() if name.endswith("xlsx") else (DATA / name).read_bytes(), name=name)
    expect(seen.page.locator(".counts")).to_have_text("In the body: 2 rows of customers")
    seen.page.get_by_label("today").fill("2025-04-24")
    seen.run()
    totals = {row[0]: (row[2], row[3]) for row in seen.table()}
    assert sorted(totals.values()) == [("1", "1182"), ("2", "200.5")]


def test_a_forecast_s_file_goes_to_its_days(console: Open) -> None:
    seen = console()
    seen.open("forecast_revenue")
    put(seen, "Day,Net sales,Promo\n01/01/2024,1246.0,yes\n15/01/2024,1183.07,no\n", "data")
    expect(seen.page.get_by_label("Net sales", exact=True)).to_have_value("revenue")
    sent = body(seen)["data"]
    assert sent == [
        {"date": "2024-01-01", "revenue": 1246, "Promo": True},
        {"date": "2024-01-15", "revenue": 1183.07, "Promo": False},
    ]
