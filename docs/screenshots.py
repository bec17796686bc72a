"""Takes the pictures of ``docs/console/`` from a server of its own: ``make screenshots``."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from abintel.compile_cache import set_compile_cache  # noqa: E402
from tests.campaign import campaign  # noqa: E402
from tests.server.console.browser import MISSING, chromium, launched, tab  # noqa: E402
from tests.serving import Server  # noqa: E402

FOLDER = ROOT / "docs" / "console"
COLOURS = 128
UNDER_WAY = 0.02
ORDERS = """Customer,Order date,Total
C-1001,2025-01-03,120.50
C-1001,2025-02-30,80.00
C-1002,2025-03-01,64.90
C-1003,2025-03-18,eighty
C-1004,2025-04-02,39.00
"""


def keep(page: Page, name: str) -> None:
    """Writes what is seen as a small PNG."""
    page.wait_for_timeout(300)
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    palette = seen.quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    """Takes them all."""
    path = chromium()
    if path is None:
        raise SystemExit(MISSING)
    FOLDER.mkdir(parents=True, exist_ok=True)
    set_compile_cache(ROOT / ".abintel")
    home = Path(tempfile.mkdtemp(prefix="abintel-screenshots-"))
    settings = {"ABINTEL_JOB_WORKERS": "1", "ABINTEL_MLFLOW_URL": "http://127.0.0.1:5000"}
    with Server(home / "home", **settings) as server, sync_playwright() as playwright:
        browser = launched(playwright, path)
        credential = server.credential("acme")
        with tab(browser, server.url, credential) as seen:
            page = seen.page
            seen.open("customer_rfm")
            file = {"name": "orders.csv", "mimeType": "text/csv", "buffer": ORDERS.encode()}
            page.get_by_label("CSV or Excel file for customers").set_input_files(file)
            seen.run()
            page.locator("#route").evaluate("part => scrollTo(0, part.offsetTop)")
            page.set_viewport_size({"width": 1280, "height": 1250})
            keep(page, "upload")
            page.set_viewport_size({"width": 1280, "height": 860})
            seen.open("propensity_respond_campaign")
            seen.write(json.dumps(campaign("Summer-Preview-2025", rows=240, labelled=200)))
            page.get_by_role("button", name="Run as a job").click()
            bar = page.locator("#answer progress")
            while bar.evaluate("bar => bar.value") < UNDER_WAY:
                page.wait_for_timeout(50)
            keep(page, "job")
            page.locator("#answer .picture svg").wait_for(timeout=120_000)
            page.locator("#answer").evaluate("part => part.scrollIntoView()")
            keep(page, "answer")
            page.get_by_role("button", name="Switch to dark colours").click()
            page.get_by_role("link", name="Models").click()
            page.locator("#models table").wait_for()
            page.set_viewport_size({"width": 1280, "height": 320})
            keep(page, "models")
        with tab(browser, server.url, credential, viewport={"width": 390, "height": 844}) as seen:
            seen.open("customer_loyalty")
            seen.run()
            seen.page.locator("#answer .picture svg").wait_for()
            seen.page.locator("#answer").evaluate("part => part.scrollIntoView()")
            keep(seen.page, "phone")
        browser.close()
    for picture in sorted(FOLDER.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
