"""A browser, and consoles in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.server.console.browser import Console, Open, chromium, launched, tab
from tests.serving import Server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # For this module only: while it runs, no other event loop can run in this thread.
    with sync_playwright() as playwright:
        found = launched(playwright, str(chromium()))
        yield found
        found.close()


@pytest.fixture
def console(browser: Browser, served: Server) -> Iterator[Open]:
    """Opens consoles, each of a credential of its own; afterwards, none of them had an error to tell and
    none had asked another host for anything."""
    opened: list[Any] = []

    def open_one(tenant: str = "console", **options: Any) -> Console:
        held = tab(browser, served.url, served.credential(tenant), **options)
        found = held.__enter__()
        opened.append((held, found))
        return found

    yield open_one
    for held, found in opened:
        held.__exit__(None, None, None)
        assert found.said == []
        assert [url for url in found.asked if not url.startswith((f"{served.url}/", "blob:", "data:"))] == []
