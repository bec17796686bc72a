"""One served instance for the whole session: two workers, one for jobs, every plugin, two tenants."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from abintel.compile_cache import set_compile_cache
from tests.canaries import found_in
from tests.serving import ROOT, Server

# Before a plugin is imported: this process and every server that a test starts compile once for all.
set_compile_cache(ROOT / ".abintel")

# A loaded machine is no fault.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

LONG = {"contract", "faults", "jobs", "registry", "docs", "console", "intruders", "judging"}
"""Folders whose files take minutes."""


OF_SERVED = re.compile(r"\b(served|acme|other): (Server|httpx\.Client)\b")
"""How a file's tests and fixtures say that they take the served instance."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has the long files come first: of two processes that share them, none is left with one at the end."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


class ByServer(LoadFileScheduling):
    """Gives all files that take the served instance to one process: it starts a single one, and what it
    learns first it need not learn twice. The other process does the other files meanwhile."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "served" if _takes_served(file) else file


@functools.cache
def _takes_served(file: str) -> bool:
    return OF_SERVED.search((ROOT / file).read_text("utf-8")) is not None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """``--dist loadgroup`` parts the files so; its own marks of groups do nothing with this pytest, whose
    items no longer keep the name that pytest-xdist 3.8 writes them into."""
    return ByServer(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that most HTTP tests share; they must not stop it."""
    server = Server(tmp_path_factory.mktemp("served") / "home", ABINTEL_WORKERS="2", ABINTEL_JOB_WORKERS="1")
    server.start()
    yield server
    metrics = httpx.get(f"{server.url}/metrics", timeout=30).text
    server.stop()
    # Over all that the tests of this process sent: no secret, payload or customer's id was written down.
    assert found_in(server.log.read_text(encoding="utf-8"), server.secrets) == []
    assert found_in(metrics, server.secrets) == []


@pytest.fixture(scope="session")
def acme(served: Server) -> Iterator[httpx.Client]:
    """Calls as the tenant ``acme``."""
    with served.client(served.credential("acme")) as client:
        yield client


@pytest.fixture(scope="session")
def other(served: Server) -> Iterator[httpx.Client]:
    """Calls as another tenant."""
    with served.client(served.credential("other")) as client:
        yield client
