"""A hand-made plugin whose handler does what the test says, and the application that serves it in process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import Field

from abintel.answer import Answer
from abintel.discovery import Roster
from abintel.endpoint import Call, Document, Endpoint, Parameter, Plugin
from abintel.fields import Body, Integer
from abintel.problem import Problem
from abintel.settings import Settings
from server.credentials import open_store
from server.http.bento import AbintelService, build
from server.http.runtime import utc_now

Result = TypeVar("Result")
KETTLE = "/api/v1/ai/kettle"


class KettleRequest(Body):
    act: str = Field(description="What the handler does.")


class KettleByCups(Body):
    cups: Integer = Field(description="How many cups.")


class KettleAnswer(Answer):
    said: str = Field(description="What the handler says.")


class Kettle:
    """A handler that waits for the test where it is told to."""

    def __init__(self) -> None:
        self.boiling = threading.Semaphore(0)
        self.taken_off = threading.Event()
        self.warmed = False

    def handle(self, request: Any, call: Call) -> dict[str, Any]:
        """Answers, waits, breaks its promise or fails."""
        act = getattr(request, "act", "")
        if act == "wait":
            self.boiling.release()
            assert self.taken_off.wait(60)
        if act == "break":
            return {"said": ["canary-value"]}
        if act == "raise":
            raise ValueError("canary-text")
        if act == "problem":
            raise Problem(409, "no-water", "There is no water.", headers={"Retry-After": "7"})
        if act == "warn":
            call.warn("lime", "There is lime in it.")
        if act == "headers":
            return {"said": ",".join(sorted(call.headers))}
        return {"said": f"{call.tenant} {call.now.isoformat()} {call.lang} {call.currency}"}

    @property
    def roster(self) -> Roster:
        """Three routes: one with one kind of body, one with two, one whose answer is a document."""
        kettle = Endpoint(
            name="kettle",
            summary="Does the water boil?",
            request=KettleRequest,
            response=KettleAnswer,
            handle=self.handle,
            examples={"plain": {"act": "boil"}, "warned": {"act": "warn"}},
            headers=(Parameter("X-Lid", "Whether the lid is on."),),
            writes_words=True,
            warnings={"lime": "There is lime in it."},
        )
        either = Endpoint(
            name="prepare",
            summary="A kettle of two kinds of body.",
            request=KettleRequest | KettleByCups,
            response=KettleAnswer,
            handle=self.handle,
            examples={"by act": {"act": "boil"}, "by cups": {"cups": 2}},
        )
        label = Endpoint(
            name="label",
            summary="A label to stick on it.",
            request=KettleRequest,
            response=Document("application/pdf", "The label."),
            handle=lambda request, call: f"%PDF {call.query.get('size', 'small')}".encode() + b" " * 2000,
            examples={"plain": {"act": "print"}},
            query=(Parameter("size", "How large."),),
        )
        return Roster((Plugin("kitchen", (kettle, either, label), warm=self.warm),), {})

    def warm(self) -> None:
        """Remembers that it was called."""
        self.warmed = True


class Kitchen:
    """One serving process's application, called in this process.

    Attributes:
        client: calls it as the tenant ``acme``.
        kettle: its handler.
    """

    def __init__(self, service: AbintelService, client: httpx.AsyncClient, kettle: Kettle) -> None:
        self.service = service
        self.client = client
        self.kettle = kettle

    def start(self, act: str, **options: Any) -> asyncio.Task[httpx.Response]:
        """A request that goes on in the background."""
        return asyncio.create_task(self.client.post(KETTLE, json={"act": act}, **options))

    async def until(self, happened: Callable[[], bool]) -> None:
        """Returns when something has happened."""
        async with asyncio.timeout(60):
            while not happened():
                await asyncio.sleep(0.01)

    async def until_boiling(self) -> None:
        """Returns when one more handler waits."""
        assert await asyncio.to_thread(self.kettle.boiling.acquire, timeout=60)


@contextlib.asynccontextmanager
async def kitchen(
    home: Path,
    clock: Callable[[], Any] = utc_now,
    endpoints: Sequence[Endpoint] | None = None,
    **environment: str,
) -> AsyncIterator[Kitchen]:
    """Serves the kettle, or other endpoints, with its lifespan, until the block ends."""
    settings = Settings.from_environment({"ABINTEL_HOME": str(home), **environment})
    kettle = Kettle()
    roster = Roster((Plugin("kitchen", endpoints),), {}) if endpoints else kettle.roster
    service = build(settings, roster, clock=clock)
    service.runtime.prepare()
    store = open_store(settings)
    credential = store.create("acme", utc_now())
    store.close()
    headers = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
    app = service.to_asgi()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kitchen", headers=headers) as client,
    ):
        try:
            yield Kitchen(service, client, kettle)
        finally:
            kettle.taken_off.set()


def cook(home: Path, scene: Callable[[Kitchen], Coroutine[Any, Any, Result]], **options: Any) -> Result:
    """Runs a scene in a kitchen of its own."""

    async def play() -> Result:
        async with kitchen(home, **options) as scenery:
            return await scene(scenery)

    return asyncio.run(play())


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A serving process sets up logging and the collector for itself; here both are put back."""
    root = logging.getLogger()
    handlers, level, thresholds = list(root.handlers), root.level, gc.get_threshold()
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    gc.unfreeze()
    gc.set_threshold(*thresholds)
