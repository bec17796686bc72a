"""The console, in a real browser, against the served instance."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from abintel.discovery import discover
from tests.campaign import campaign, unlabelled
from tests.contract.roster import ROSTER
from tests.server.console.browser import MISSING, Open, barriers, chromium
from tests.serving import ROOT

AXE = ROOT / "tests" / "data" / "axe" / "axe.min.js"
ORDERS = "Customer;Order date;Total\nC-1;2025-01-03;120,50\nC-1;2025-02-11;80\nC-2;2025-03-01;40\n"
pytestmark = pytest.mark.skipif(chromium() is None, reason=MISSING)


def example(route: str, name: str | None = None) -> dict[str, Any]:
    [endpoint] = [one for one in discover(list(ROSTER)).endpoints if one.name == route]
    return dict(endpoint.examples[name] if name else endpoint.example)


def test_whoever_signs_in_sees_the_routes_by_plugin(console: Open) -> None:
    seen = console()
    seen.sign_in()
    sections = seen.page.locator("#roster section")
    expect(sections).to_have_count(len(ROSTER))
    shown = {
        section.locator("h3").inner_text().lower(): tuple(section.locator("a").all_inner_texts())
        for section in sections.all()
    }
    assert shown == ROSTER
    seen.page.get_by_role("button", name="Sign out").click()
    expect(seen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert seen.page.locator("#roster a").count() == 0


def test_a_wrong_secret_is_told_and_lets_nobody_in(console: Open) -> None:
    seen = console()
    seen.sign_in("not-the-secret")
    expect(seen.page.get_by_role("alert")).to_contain_text(
        "401 The headers X-Customer-Api-Id and X-Secret are missing or do not fit."
    )
    expect(seen.page.get_by_label("X-Secret")).to_be_visible()
    seen.sign_in()
    expect(seen.page.locator("#route h2")).to_be_visible()


def test_a_csv_is_mapped_by_its_column_names_and_answered(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    upload = {"name": "orders.csv", "mimeType": "text/csv", "buffer": b"\xef\xbb\xbf" + ORDERS.encode()}
    seen.page.get_by_label("CSV or Excel file for customers").set_input_files(upload)
    for column, field in (("Customer", "customer_id"), ("Order date", "date"), ("Total", "amount")):
        expect(seen.page.get_by_label(column, exact=True)).to_have_value(field)
    expect(seen.page.locator(".upload caption")).to_have_text("The first 3 of 3 rows, as they are read")
    expect(seen.page.locator(".counts")).to_have_text("In the body: 2 rows of customers")
    seen.page.get_by_label("today").fill("2025-04-24")
    seen.run()
    # Semicolons part the cells, so that 120,50 is a number.
    assert [row[:4] for row in seen.table()] == [["C-1", "72", "2", "200.5"], ["C-2", "54", "1", "40"]]


def test_a_bad_row_of_a_csv_is_named_by_its_line_and_mended(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    bad = ORDERS.replace("2025-02-11", "2025-02-30") + "C-3;2025-03-02\n"
    file = seen.page.get_by_label("CSV or Excel file for customers")
    file.set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": bad.encode()})
    faults = seen.page.locator(".upload .problem")
    expect(faults).to_contain_text("line 5: the row has not as many cells as the header (3)")
    expect(faults).to_contain_text(
        "column Order date, line 3: the value is no date, yyyy-mm-dd, such as '2025-02-30'"
    )
    expect(seen.page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    file.set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": ORDERS.encode()})
    expect(faults).to_have_count(0)
    seen.run()
    assert len(seen.table()) == 2


def test_a_fault_that_the_server_finds_is_named_by_column_and_lines(console: Open) -> None:
    seen = console()
    seen.open("nps")
    rows = "".join(f"C-{index},{11 if index in (2, 4) else 9}\n" for index in range(6))
    upload = {"name": "nps.csv", "mimeType": "text/csv", "buffer": f"Customer,Score\n{rows}".encode()}
    seen.page.get_by_label("CSV or Excel file for data").set_input_files(upload)
    expect(seen.page.locator(".counts")).to_have_text("In the body: 6 rows of data")
    seen.run()
    [fault] = seen.page.locator("#answer .problem tbody tr").all()
    assert fault.locator("td").all_inner_texts() == [
        "Score",
        "4, 6",
        "Input should be less than or equal to 10; got 11.",
    ]


def test_a_file_that_is_no_table_is_refused_in_words(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    for content, said in (
        (b"Customer,Total\n", "The file needs a line of column names and at least one row."),
        (b'Customer,Total\n"C-1,5\n', "Line 2: a quote does not close."),
        (b"PK\x03\x04 no workbook", "The file is not an Excel workbook that can be read"),
    ):
        upload = {"name": "orders.csv", "mimeType": "text/csv", "buffer": content}
        seen.page.get_by_label("CSV or Excel file for customers").set_input_files(upload)
        expect(seen.page.locator(".upload .problem")).to_contain_text(said)


def test_a_table_is_sorted_filtered_and_taken_away_without_formulas(console: Open, tmp_path: Path) -> None:
    seen = console()
    seen.open("nps")
    rows = [
        {"customer_id": f"C-{index}", "answer": answer, "store": store}
        for index, (answer, store) in enumerate([(9, "=1+1"), (10, "Zoo"), (3, "Ärmel"), (9, "@x")])
    ]
    seen.write(json.dumps({"group_by": "store", "data": rows}))
    seen.run()
    seen.show("Table")
    header = seen.page.get_by_role("columnheader", name="group")
    for order, wanted in (("ascending", "@x"), ("descending", "Zoo")):
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", order)
        assert wanted in seen.table()[0]
    with seen.page.expect_download() as taken:
        seen.page.get_by_role("button", name="Download CSV").click()
    taken.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        cells = [line["group"] for line in csv.DictReader(file)]
    assert sorted(cells) == sorted(["'=1+1", "Zoo", "Ärmel", "'@x"])
    seen.page.get_by_label("Filter").fill("zo")
    expect(seen.page.locator("#answer .rows tbody tr")).to_have_count(1)


def test_the_form_and_the_json_are_one_body(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    assert seen.page.get_by_label("today").input_value() == example("customer_rfm")["today"]
    seen.page.get_by_label("today").fill("2025-06-01")
    seen.page.get_by_role("tab", name="JSON").first.click()
    editor = seen.page.get_by_label("Body (JSON)")
    written = json.loads(editor.input_value())
    assert written == {**example("customer_rfm"), "today": "2025-06-01"}
    editor.fill("{")
    seen.page.get_by_role("tab", name="Form").click()
    seen.page.get_by_role("button", name="Run", exact=True).click()
    expect(seen.page.locator("#answer .problem")).to_contain_text("The body is not JSON")
    seen.write(json.dumps({**written, "bins": 3}))
    seen.page.get_by_role("tab", name="Form").click()
    assert seen.page.get_by_label("bins").input_value() == "3"


def test_the_call_is_shown_as_curl_and_as_python_without_the_secret(console: Open) -> None:
    seen = console()
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.open("customer_rfm")
    seen.page.get_by_label("lang").select_option("es")
    seen.run()
    expect(seen.page.locator("#status")).to_have_text("The picture is drawn.")
    seen.show("Code")
    copied = {}
    for name in ("curl", "Python"):
        seen.page.get_by_role("button", name=f"Copy as {name}").click()
        expect(seen.page.locator("#status")).to_have_text(f"{name} copied.")
        copied[name] = str(seen.page.evaluate("navigator.clipboard.readText()"))
    assert f"curl -s -X POST '{seen.url}/api/v1/ai/customer_rfm?lang=es'" in copied["curl"]
    assert (
        'client.call("customer_rfm", body, query={"lang":"es"}, headers={"X-Example":"true"})'
        in copied["Python"]
    )
    compile(copied["Python"], "copied", "exec")
    assert seen.credential.secret not in str(copied)


def test_a_model_is_trained_listed_and_scores_from_the_cache(console: Open) -> None:
    seen = console("console-trains")
    seen.open("propensity_respond_campaign")
    body = campaign("from-the-console")
    seen.write(json.dumps(body))
    seen.run()
    assert seen.figure("model_info.cached") == "false"
    trained = [row[:2] for row in seen.table()]
    seen.write(json.dumps(unlabelled(body)))
    seen.run()
    assert seen.figure("model_info.cached") == "true"
    assert [row[:2] for row in seen.table()] == trained
    seen.page.get_by_role("link", name="Models").click()
    row = seen.page.locator("#models tbody tr")
    expect(row).to_have_count(1)
    cells = row.locator("td").all_inner_texts()
    assert cells[:4] == ["propensity_respond_campaign", "from-the-console", "1", "champion"]
    assert "roc_auc" in cells[5]


def test_a_job_is_followed_to_its_end_and_found_again(console: Open) -> None:
    seen = console("console-jobs")
    seen.open("customer_rfm")
    seen.page.get_by_role("button", name="Run as a job").click()
    expect(seen.page.locator("#answer .job .badge")).to_have_text("succeeded", timeout=120_000)
    seen.show("Table")
    seen.page.locator("#answer .rows").wait_for()
    assert seen.page.locator("#answer progress").evaluate("bar => bar.value") == 1
    assert [row[0] for row in seen.table()] == [
        customer["customer_id"] for customer in example("customer_rfm")["customers"]
    ]
    seen.page.get_by_role("link", name="Jobs").click()
    row = seen.page.locator("#jobs tbody tr")
    expect(row).to_have_count(1)
    assert row.locator("td").all_inner_texts()[:2] == ["customer_rfm", "succeeded"]
    row.get_by_role("button").click()
    expect(seen.page.locator("#jobs .rows tbody tr")).to_have_count(3)


def test_a_job_is_cancelled_from_its_page(console: Open) -> None:
    seen = console("console-cancels")
    seen.open("propensity_respond_campaign")
    seen.write(json.dumps(campaign("cancelled", rows=4000, labelled=4000, features=12)))
    seen.page.get_by_role("button", name="Run as a job").click()
    seen.page.get_by_role("button", name="Cancel").click()
    expect(seen.page.locator("#answer .job .badge")).to_have_text("cancelled", timeout=60_000)
    assert seen.page.locator("#answer .rows").count() == 0


@pytest.mark.slow
def test_a_failing_job_says_why(console: Open) -> None:
    seen = console("console-fails")
    seen.open("dynamic_pricing_recommend")
    # What only the computing finds: no candidate price keeps such a margin.
    seen.page.get_by_label("X-Min-Margin-Pct").fill("0.999")
    seen.page.get_by_role("button", name="Run as a job").click()
    expect(seen.page.locator("#answer .problem")).to_contain_text("400", timeout=120_000)


PICTURE = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "title": "Customers by tier",
    "width": 500,
    "data": {"values": [{"tier": "Loyal", "n": 30}, {"tier": "At-Risk", "n": 9}]},
    "transform": [{"calculate": "datum.n * 2", "as": "twice"}],
    "mark": {"type": "bar", "tooltip": True},
    "encoding": {
        "x": {"field": "tier", "type": "nominal"},
        "y": {"field": "twice", "type": "quantitative", "title": "customers"},
        "color": {"condition": {"test": "datum.twice > 50", "value": "teal"}, "value": "orange"},
    },
}


def test_a_picture_is_drawn_under_the_policy_and_taken_away(console: Open, tmp_path: Path) -> None:
    """The description is the test's own: whatever the server draws, the page can draw it without `eval`."""
    seen = console()

    def answer(route: Route) -> None:
        if "vegalite" in (route.request.header_value("accept") or ""):
            route.fulfill(content_type="application/vnd.vegalite.v6+json", body=json.dumps(PICTURE))
        else:
            route.continue_()

    seen.page.route("**/api/v1/ai/customer_rfm", answer)
    seen.open("customer_rfm")
    seen.run()
    seen.page.locator("#answer").get_by_role("tab", name="Picture").click()
    drawn = seen.page.get_by_role("img", name="Customers by tier")
    expect(drawn).to_be_visible()
    assert drawn.locator(".mark-rect path[fill='teal']").count() == 1
    for ending, begins in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with seen.page.expect_download() as taken:
            seen.page.get_by_role("button", name=f"Download {ending.upper()}").click()
        taken.value.save_as(tmp_path / f"picture.{ending}")
        assert (tmp_path / f"picture.{ending}").read_bytes().startswith(begins)


def test_an_answer_is_first_seen_as_the_picture_that_the_server_describes(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    seen.run()
    picture = seen.page.locator("#answer .picture svg")
    expect(picture).to_be_visible()
    expect(picture).to_contain_text("Recency")


def test_a_value_for_each_customer_is_a_table(console: Open) -> None:
    seen = console()
    seen.open("purchasing_segmentation")
    seen.run()
    seen.show("Table")
    labels = len(example("purchasing_segmentation")["customers"])
    seen.page.get_by_label("Rows").select_option(label=f"labels ({labels})")
    expect(seen.page.locator("#answer .rows tbody tr")).to_have_count(labels)


def test_a_document_is_offered_as_a_file(console: Open, tmp_path: Path) -> None:
    seen = console()
    seen.open("segmentation_report_pdf")
    seen.page.get_by_role("button", name="Run", exact=True).click()
    button = seen.page.get_by_role("button", name="Download the PDF")
    button.wait_for(timeout=120_000)
    with seen.page.expect_download() as taken:
        button.click()
    taken.value.save_as(tmp_path / "report.pdf")
    assert taken.value.suggested_filename == "segmentation_report_pdf.pdf"
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_route_has_a_page_with_what_its_body_needs(console: Open) -> None:
    seen = console()
    for endpoint in discover(list(ROSTER)).endpoints:
        seen.open(endpoint.name)
        seen.page.get_by_role("tab", name="JSON").first.click()
        assert json.loads(seen.page.get_by_label("Body (JSON)").input_value()) == endpoint.example
        run = "Run as a job" if endpoint.runs_as_job else "Run"
        expect(seen.page.get_by_role("button", name=run, exact=True)).to_be_enabled()


def test_the_tab_keeps_the_credential_and_nothing_else(console: Open) -> None:
    seen = console()
    seen.open("customer_rfm")
    seen.run()
    stored = seen.page.evaluate(
        "Promise.all([localStorage.length, Object.keys(sessionStorage), document.cookie,"
        " indexedDB.databases().then((all) => all.length), caches.keys().then((all) => all.length)])"
    )
    assert stored == [0, ["abintel-credential"], "", 0, 0]
    assert not any(seen.credential.secret in url for url in seen.asked)
    seen.page.reload()
    expect(seen.page.get_by_role("heading", name="customer_rfm")).to_be_visible()
    seen.page.get_by_role("button", name="Sign out").click()
    seen.page.reload()
    expect(seen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert seen.page.evaluate("sessionStorage.length") == 0


def test_the_file_is_twelve_stops_from_the_top_and_the_answer_has_the_focus(console: Open) -> None:
    seen = console()
    for route in ("customer_rfm", "forecast_units"):
        seen.open(route)
        file = seen.page.locator("input[type=file]").first
        seen.page.evaluate("document.activeElement.blur()")
        seen.page.evaluate("getSelection().collapse(document.body, 0)")
        for _ in range(12):
            seen.page.keyboard.press("Tab")
            if file.evaluate("box => box === document.activeElement"):
                break
        expect(file).to_be_focused()
    seen.open("nps")
    seen.page.keyboard.press("ArrowDown")
    expect(seen.page.locator("#roster a:focus")).not_to_have_text("nps")
    seen.page.keyboard.press("Home")
    expect(seen.page.locator("#roster a").first).to_be_focused()
    seen.run()
    expect(seen.page.locator("#answer")).to_be_focused()


def test_numbers_keep_their_digits_and_the_first_column_stays_in_view(console: Open) -> None:
    seen = console()
    figures = [12345678.91, 1234567890123, 0.000123456789, 1e-9, 2620, 0.5, 0, -98765.4321]
    rows = [
        {"customer_id": f"C-{index}", "figure": figure, **{f"column_{wide}": wide for wide in range(40)}}
        for index, figure in enumerate(figures)
    ]
    seen.page.route("**/api/v1/ai/nps", lambda route: route.fulfill(json={"rows": rows}))
    seen.open("nps")
    seen.run()
    assert [row[1] for row in seen.table()] == [
        *("12,345,678.91", "1,234,567,890,123", "0.000123457", "1E-9", "2620", "0.5", "0", "-98,765.43"),
    ]
    cells = seen.page.locator("#answer .rows tbody tr").first.locator("td")
    expect(cells.nth(1)).to_have_attribute("title", "12345678.91")
    seen.page.get_by_role("columnheader", name="figure").get_by_role("button").click()
    assert [row[0] for row in seen.table()][:2] == ["C-7", "C-6"]
    last = cells.last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(cells.first).to_be_in_viewport()


def test_the_system_s_dark_is_taken_over_and_can_be_left(console: Open) -> None:
    seen = console(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert seen.page.evaluate(ground) == "rgb(16, 20, 25)"
    seen.page.get_by_role("button", name="Switch to light colours").click()
    assert seen.page.evaluate(ground) == "rgb(246, 247, 249)"
    seen.page.get_by_role("button", name="Switch to dark colours").click()
    assert seen.page.evaluate(ground) == "rgb(16, 20, 25)"


def test_it_is_readable_390_pixels_wide(console: Open) -> None:
    seen = console("console-phone", viewport={"width": 390, "height": 844}, has_touch=True)
    assert seen.is_within_the_page()
    seen.open("customer_rfm")
    expect(seen.page.locator("#roster")).to_be_hidden()
    seen.page.get_by_label("CSV or Excel file for customers").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": ORDERS.encode()}
    )
    seen.page.locator(".mapping").wait_for()
    assert seen.is_within_the_page()
    seen.run()
    assert seen.is_within_the_page()
    for title in ("JSON", "Code"):
        seen.page.locator("#answer").get_by_role("tab", name=title).click()
        assert seen.is_within_the_page(), title
    for page in ("Models", "Jobs"):
        seen.page.get_by_role("link", name=page).click()
        expect(seen.page.locator(f"#{page.lower()} h2")).to_be_visible()
        assert seen.is_within_the_page(), page


def test_everything_is_reached_by_keyboard(console: Open) -> None:
    seen = console()
    keys = seen.page.keyboard
    seen.page.get_by_label("X-Customer-Api-Id").focus()
    keys.type(seen.credential.customer_api_id)
    keys.press("Tab")
    keys.type(seen.credential.secret)
    keys.press("Enter")
    seen.page.locator("#route h2").wait_for()
    seen.page.get_by_role("link", name="customer_rfm", exact=True).focus()
    keys.press("Enter")
    seen.page.get_by_role("heading", name="customer_rfm").wait_for()
    keys.press("Control+Enter")
    seen.page.locator("#answer [role=tablist]").wait_for()
    tabs = seen.page.locator("#answer [role=tab]")
    tabs.first.focus()
    keys.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    keys.press("End")
    expect(tabs.last).to_be_focused()
    keys.press("Tab")
    expect(seen.page.locator("#answer [role=tabpanel]:visible")).to_be_focused()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_serious_barrier(console: Open, colours: str) -> None:
    seen = console("console-trains", color_scheme=colours)
    assert barriers(seen.page, AXE) == []
    seen.sign_in("wrong")
    seen.page.get_by_role("alert").wait_for()
    assert barriers(seen.page, AXE) == []
    seen.open("customer_rfm")
    seen.page.get_by_label("CSV or Excel file for customers").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": ORDERS.replace("80", "x").encode()}
    )
    seen.page.locator(".upload .problem").wait_for()
    assert barriers(seen.page, AXE) == []
    seen.page.get_by_role("tab", name="JSON").first.click()
    assert barriers(seen.page, AXE) == []
    seen.open("nps")
    seen.run()
    for title in ("Table", "JSON", "Code", "Picture"):
        seen.page.locator("#answer").get_by_role("tab", name=title).click()
        assert barriers(seen.page, AXE) == [], title
    for page in ("Models", "Jobs"):
        seen.page.get_by_role("link", name=page).click()
        expect(seen.page.locator(f"#{page.lower()} h2")).to_be_visible()
        assert barriers(seen.page, AXE) == [], page
