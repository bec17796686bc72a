"""What one serving process holds: settings, plugins, stores, threads. Opened before it is ready."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import datetime
import gc
import logging
from collections.abc import Callable, Iterator

import jobs.store.schema
from abintel import preload
from abintel.charts import drawing
from abintel.compiled import warm
from abintel.discovery import Roster
from abintel.problem import Problem
from abintel.settings import Settings
from jobs.store.blobs import Blobs
from jobs.store.record import Record
from jobs.workers.heartbeat import Heartbeats
from registry import schema
from registry.registry import Registry
from server.credentials import open_store
from server.credentials.verifier import Verifier
from server.http.metrics import Metrics
from server.load.heap import Trimming
from server.load.rate_limit import RateLimiter
from server.load.turns import Turns
from stores.admission import Crowd
from stores.migrations import State

THREADS = 16
TRAININGS = 12
"""Threads that may train, or wait for a training; the rest always serve."""

DRAWINGS = 2
"""Threads that draw pictures: one prepares while the other waits for the process that draws."""

WRITINGS = 4
"""Threads that write to the record of jobs: where it is locked they wait, and nobody else does."""

JOBS_BUSY_SECONDS = 5.0
"""How long a caller is kept waiting for another's transaction in the jobs' SQLite."""

QUEUE = 64
"""Requests that may wait for their turn or a thread; what comes on top is told to come back (503).

As many a tenant may have in all, with those whose bodies are still on the way and those whose answers are
not read yet: who sends and reads slowly keeps no place of another's.
"""

REQUEST_SECONDS = 120.0
log = logging.getLogger(__name__)


def utc_now() -> datetime.datetime:
    """The clock."""
    return datetime.datetime.now(datetime.UTC)


class Runtime:
    """The state of one serving process.

    Args:
        settings: as the operator set them.
        roster: the plugins to serve.
        clock: gives the current UTC moment.
    """

    def __init__(
        self, settings: Settings, roster: Roster, clock: Callable[[], datetime.datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.roster = roster
        self.clock = clock
        self.ready = False
        self.under_way = 0
        self.turns = Turns(THREADS)
        self.at_loop = Crowd()
        self._held: collections.Counter[str] = collections.Counter()
        self.overrun = 0
        """Requests that were answered 503 for taking too long, and whose thread still works."""

    @property
    def learns(self) -> bool:
        """Whether any endpoint has a trainable model."""
        return any(endpoint.trainable is not None for endpoint in self.roster.endpoints)

    @property
    def saturated(self) -> bool:
        """Whether as many requests as may wait are waiting."""
        return self.under_way + self.overrun >= THREADS + QUEUE

    def admit(self) -> None:
        """Lets a request through to the threads.

        Raises:
            Problem: 503, as many as may wait are waiting.
        """
        if self.saturated:
            raise too_many()

    @contextlib.contextmanager
    def held(self, tenant: str) -> Iterator[None]:
        """Counts a request among its tenant's.

        Raises:
            Problem: 503, the tenant has as many as one may have.
        """
        if self._held[tenant] >= THREADS + QUEUE:
            raise too_many()
        self._held[tenant] += 1
        try:
            yield
        finally:
            self._held[tenant] -= 1
            if not self._held[tenant]:
                del self._held[tenant]

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Counts something that works in a thread among what is under way."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    @property
    def workers(self) -> int:
        """How many workers of jobs were heard of lately.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the jobs' database does not answer.
        """
        return Heartbeats(self.record.engine).seen(self.clock())

    def prepare(self) -> None:
        """Once per server, before its processes start: creates empty stores, refuses unusable ones."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        open_store(self.settings).close()
        jobs.store.schema.ensure(self.settings)
        if self.learns and schema.check(self.settings.tracking_uri) is State.EMPTY:
            # Workers that made the same database at once would trip over each other.
            Registry(self.settings).open()

    def open(self) -> None:
        """Connects the stores; the process is ready when this returns."""
        self.metrics = Metrics(self.settings)
        self.credentials = open_store(self.settings)
        self.verifier = Verifier(self.credentials)
        self.verifier.open()
        self.limiter = RateLimiter(self.settings) if self.settings.rate_limit else None
        self.record = Record(self.settings.jobs_url, busy_seconds=JOBS_BUSY_SECONDS)
        self.blobs = Blobs(self.settings.job_root)
        self.registry = Registry(
            self.settings, trainings=TRAININGS, patient=False, observe=self.metrics.model_event
        )
        if self.learns:
            self._open_registry()
        warm(self.roster, self.settings.home)
        self.threads = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.drawings = concurrent.futures.ThreadPoolExecutor(DRAWINGS, thread_name_prefix="drawing")
        self.writings = concurrent.futures.ThreadPoolExecutor(WRITINGS, thread_name_prefix="writing")
        # What was imported stays: the collector need not look at it again while it serves.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self.trimming = Trimming()
        self.trimming.open()
        self.ready = True
        preload.start_preloading(self.roster)

    def _open_registry(self) -> None:
        from registry.store import RegistryUnavailable

        try:
            self.registry.open()
        except RegistryUnavailable as error:
            log.error("the model registry does not answer; serving what needs no stored model: %s", error)

    def close(self) -> None:
        """Ends the threads and closes the stores."""
        self.ready = False
        self.trimming.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.drawings.shutdown(wait=False, cancel_futures=True)
        self.writings.shutdown(wait=False, cancel_futures=True)
        drawing.close()
        self.verifier.close()
        self.credentials.close()
        self.record.close()
        if self.limiter is not None:
            self.limiter.close()


def too_many() -> Problem:
    """What is said to those who are sent away."""
    return Problem(
        503,
        "saturated",
        "The server is answering as many requests as it can; try again.",
        headers={"Retry-After": "2"},
    )
