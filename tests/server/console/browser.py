"""The system's Chromium, driven as a person would: what is seen, named and pressed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from server.credentials.store import Credential

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "the console's tests need Chromium: install it (Debian: apt-get install chromium)"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# The browser's own line for a call that the server refused; the page shows why.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


def chromium() -> str | None:
    """Path of the system's Chromium, None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def launched(playwright: Playwright, path: str) -> Browser:
    """A browser without a profile of anybody's."""
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))


class Console:
    """The console in a tab of its own.

    Attributes:
        page: the tab.
        said: errors and warnings of the page's scripts.
        asked: addresses of every request that the tab made.
    """

    def __init__(self, page: Page, url: str, credential: Credential) -> None:
        self.page = page
        self.url = url
        self.credential = credential
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{url}/console/")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.match(message.text):
            self.said.append(message.text)

    def sign_in(self, secret: str | None = None) -> None:
        """Fills the form, and sends it."""
        self.page.get_by_label("X-Customer-Api-Id").fill(self.credential.customer_api_id)
        self.page.get_by_label("X-Secret").fill(secret or self.credential.secret)
        self.page.get_by_role("button", name="Sign in").click()

    def open(self, route: str) -> None:
        """Signs in, and opens a route's page."""
        if self.page.locator("#signin").is_visible():
            self.sign_in()
            self.page.locator("#route h2").wait_for()
        if not self.page.locator("#roster").is_visible():
            self.page.locator("#roster-box summary").click()
        self.page.get_by_role("link", name=route, exact=True).click()
        self.page.get_by_role("heading", name=route, exact=True).wait_for()

    def write(self, body: str) -> None:
        """Puts a body into the JSON editor."""
        self.page.get_by_role("tab", name="JSON").first.click()
        self.page.get_by_label("Body (JSON)").fill(body)

    def run(self) -> None:
        """Runs the call, and waits for what comes of it."""
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.locator("#answer [role=tablist], #answer .problem").first.wait_for(timeout=120_000)

    def show(self, form: str) -> None:
        """Turns to a form of the answer: Picture, Table, JSON or Code."""
        self.page.locator("#answer").get_by_role("tab", name=form).click()

    def table(self) -> list[list[str]]:
        """The cells of the answer's table, a list per row."""
        self.show("Table")
        return [
            row.locator("td").all_inner_texts() for row in self.page.locator("#answer .rows tbody tr").all()
        ]

    def figure(self, name: str) -> str:
        """A figure beside the table."""
        self.show("Table")
        return (
            self.page.locator("#answer .figures div", has=self.page.get_by_text(name, exact=True))
            .locator("dd")
            .inner_text()
        )

    def is_within_the_page(self) -> bool:
        """Whether nothing reaches out of the page at its side."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


Open = Callable[..., Console]
"""Opens a console for a tenant."""


@contextmanager
def tab(browser: Browser, url: str, credential: Credential, **options: Any) -> Iterator[Console]:
    """A console in a context of its own: no cookie, no storage, no cache of another's."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
    # A page that waits is a page that fails: what takes long says so itself.
    context.set_default_timeout(20_000)
    try:
        yield Console(context.new_page(), url, credential)
    finally:
        context.close()


def barriers(page: Page, axe: Path) -> list[str]:
    """What axe-core calls serious or critical, with where it is."""
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{fault['id']}: {', '.join(str(node['target'][0]) for node in fault['nodes'][:5])}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
