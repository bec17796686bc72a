"""The state of one serving process: settings, plugins, stores and threads."""

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
from abintel.compile_cache import warm_up
from abintel.discovery import Roster
from abintel.endpoint import Call, Endpoint
from abintel.problem import Problem
from abintel.settings import Settings
from jobs.store.blobs import Blobs
from jobs.store.record import Record
from jobs.workers.heartbeat import Heartbeats
from registry import schema
from registry.bound import CallModels
from registry.registry import Registry
from server.credentials import open_store
from server.credentials.audit import AuditTrail
from server.credentials.permissions import Caller
from server.credentials.verifier import Verifier
from server.http.draining import Draining
from server.http.metrics import Metrics
from server.load.heap import HeapTrimmer
from server.load.rate_limit import RateLimiter
from server.load.slots import ComputeSlots
from stores.load_shedding import OverloadDetector
from stores.migrations import State

THREADS = 16
TRAININGS = 12
"""How many threads may train or wait for a training. The other threads always serve."""

DRAWINGS = 2
"""Threads that prepare pictures: one prepares while the other waits for the drawing process."""

WRITINGS = 4
"""Threads that write to the jobs' database. Only these wait when it is locked."""

JOBS_BUSY_SECONDS = 5.0
"""How long a request waits for another transaction in the jobs' SQLite database."""

QUEUE = 64
"""How many requests may wait for a slot or a thread. Further requests get a 503.

``THREADS + QUEUE`` is also the most requests that one tenant may have open, counting those whose body is
still arriving and those whose answer is not read yet. A tenant that sends and reads slowly so takes no
capacity from the others.
"""

REQUEST_SECONDS = 120.0
log = logging.getLogger(__name__)


def utc_now() -> datetime.datetime:
    """The current moment, UTC."""
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
        self.draining = Draining(settings.drain_seconds)
        self.under_way = 0
        self.slots = ComputeSlots(THREADS)
        self.inline_overload = OverloadDetector()
        self._open_requests: collections.Counter[str] = collections.Counter()
        self.overrun = 0
        """Requests that were answered 503 because they took too long, and whose thread still works."""

    @property
    def learns(self) -> bool:
        """Whether any endpoint has a trainable model."""
        return any(endpoint.trainable is not None for endpoint in self.roster.endpoints)

    @property
    def is_saturated(self) -> bool:
        """Whether all threads and all waiting places are taken."""
        return self.under_way + self.overrun >= THREADS + QUEUE

    def admit(self) -> None:
        """Admits a request to the threads.

        Raises:
            Problem: 503, the process is saturated.
        """
        if self.is_saturated:
            raise saturated()

    @contextlib.contextmanager
    def tenant_request(self, tenant: str) -> Iterator[None]:
        """Counts an open request of a tenant.

        Raises:
            Problem: 503, the tenant has too many open requests.
        """
        if self._open_requests[tenant] >= THREADS + QUEUE:
            raise saturated()
        self._open_requests[tenant] += 1
        try:
            yield
        finally:
            self._open_requests[tenant] -= 1
            if not self._open_requests[tenant]:
                del self._open_requests[tenant]

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Counts a request that occupies a thread or waits for one."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    def models(self, caller: Caller, endpoint: Endpoint, call: Call) -> CallModels:
        """The caller's models, for the handler of a call. A read-only credential trains none."""

        def check_training() -> None:
            caller.permissions.check_write("train models")

        return self.registry.bound(
            call.tenant, endpoint, call.now, call.warn, call.is_example, check_training
        )

    @property
    def workers(self) -> int:
        """How many job workers have sent a heartbeat recently.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the jobs' database does not answer.
        """
        return Heartbeats(self.record.engine).count_alive(self.clock())

    def prepare(self) -> None:
        """Runs once per server, before its processes start: creates missing stores and rejects unusable
        ones."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        open_store(self.settings).close()
        jobs.store.schema.ensure(self.settings)
        if self.learns and schema.check(self.settings.tracking_uri) is State.EMPTY:
            # Processes that created the same database at the same time would fail.
            Registry(self.settings).open()

    def open(self) -> None:
        """Connects to the stores. The process is ready when this returns."""
        self.metrics = Metrics(self.settings)
        self.credentials = open_store(self.settings)
        self.audit = AuditTrail(self.settings.database_url)
        self.verifier = Verifier(self.credentials, self.clock)
        self.verifier.open()
        self.limiter = RateLimiter(self.settings) if self.settings.rate_limit else None
        self.record = Record(self.settings.jobs_url, busy_seconds=JOBS_BUSY_SECONDS)
        self.blobs = Blobs(self.settings.job_root)
        self.registry = Registry(
            self.settings, trainings=TRAININGS, shed_fits=True, observe=self.metrics.model_event
        )
        if self.learns:
            self._open_registry()
        warm_up(self.roster, self.settings.home)
        self.threads = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.drawings = concurrent.futures.ThreadPoolExecutor(DRAWINGS, thread_name_prefix="drawing")
        self.writings = concurrent.futures.ThreadPoolExecutor(WRITINGS, thread_name_prefix="writing")
        # Imported objects live as long as the process, so the garbage collector need not scan them again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self.trimmer = HeapTrimmer()
        self.trimmer.open()
        self.ready = True
        preload.start_preloading(self.roster)

    def _open_registry(self) -> None:
        from registry.store import RegistryUnavailable

        try:
            self.registry.open()
        except RegistryUnavailable as error:
            log.error("%s; serving only what needs no stored model: %s", error.headline, error)

    def close(self) -> None:
        """Ends the threads and closes the stores."""
        self.ready = False
        self.trimmer.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.drawings.shutdown(wait=False, cancel_futures=True)
        self.writings.shutdown(wait=False, cancel_futures=True)
        drawing.close()
        self.verifier.close()
        self.credentials.close()
        self.audit.close()
        self.record.close()
        if self.limiter is not None:
            self.limiter.close()


def saturated() -> Problem:
    """503 for a request that is rejected because the server is overloaded."""
    return Problem(
        503,
        "saturated",
        "The server is answering as many requests as it can; try again.",
        headers={"Retry-After": "2"},
    )
