"""Files in the console: what they replace, and what keeps a call from running."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.campaign import campaign
from tests.server.console.browser import MISSING, Console, Open, chromium
from tests.serving import Server

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
    put(seen, "customer_id,visits\nC-1,3\nC-2,4\n", seen.page.locator(".upload label").first.inner_text()[8:])
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
