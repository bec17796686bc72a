"""``abintel worker``: takes jobs from the queue, one at a time, and has its child do them.

DBOS counts running jobs per process, by a figure that belongs to the queue and is the same for all workers.
So a worker does one job at a time, and ``--concurrency N`` is N processes (:mod:`jobs.workers.crew`).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from abintel.settings import Settings
from jobs.job import Job
from jobs.store import schema
from jobs.store.blobs import Blobs
from jobs.store.engine import QUEUE, RUN, worker_config
from jobs.store.record import Record
from jobs.store.sweep import clear, sweep, sweep_orphans
from jobs.workers.calls import Calls
from jobs.workers.children import Child
from jobs.workers.heartbeat import BEAT_SECONDS, Heartbeats, this_process
from jobs.workers.recovery import Recovery
from jobs.workers.run import DELAYS, Divided, Done, Halted, Run
from stores import logs
from stores.outages import Outage
from stores.processes import end_with_parent, environment

POLL_SECONDS = 0.25
"""How often a worker that is free looks for a job."""
_SWEEP_SECONDS = 60.0
_ORPHANS_SECONDS = 3600.0
_UPKEEP_SECONDS = 0.2
_END_SECONDS = 10
# Restarting a child that cannot start would keep a core busy.
_REST_SECONDS = 5.0
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Worker:
    """One worker process.

    Args:
        settings: as the operator set them.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._self = this_process(uuid.uuid4().hex)
        self._record = Record(settings.jobs_url)
        self._blobs = Blobs(settings.job_root)
        self._heartbeats = Heartbeats(self._record.engine)
        self._recovery = Recovery(self._record, self._heartbeats)
        self._stop = threading.Event()
        self._free = threading.Event()
        self._free.set()
        self._child: Child | None = None
        self._outage = Outage("the jobs' database does not answer")

    @property
    def stopping(self) -> bool:
        """Whether the worker is to end."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Has :meth:`work` end: the job that is under way goes back to the queue."""
        self._stop.set()

    def child(self) -> Child | None:
        """The child, once it is ready."""
        child = self._child
        return child if child is not None and child.lives and child.ready.is_set() else None

    def work(self) -> None:
        """Does jobs until it is told to stop."""
        # Its row comes before its first job: see Recovery.
        self._heartbeats.beat(self._self, _now())
        for target in (self._keep_beating, self._keep_house):
            threading.Thread(target=target, daemon=True).start()
        launched = False
        # The kernel ends a child with the thread that started it: this one.
        while not self.stopping:
            if self._child is None or not self._child.lives:
                self._child = Child(environment(self._settings))
                self._await(self._child)
            if not launched and self.child() is not None:
                self._launch()
                launched = True
                log.info("worker %s takes jobs", self._self.id)
            self._stop.wait(_UPKEEP_SECONDS)
        self._end()

    def _await(self, child: Child) -> None:
        while child.lives and not child.ready.is_set() and not self.stopping:
            self._stop.wait(_UPKEEP_SECONDS)
        if not child.lives and not child.ready.is_set():
            log.error("the process for jobs did not start; trying again")
            self._stop.wait(_REST_SECONDS)

    def _launch(self) -> None:
        DBOS(config=worker_config(self._settings.jobs_url, self._self.id))
        logs.configure()

        def run(job_id: str, number: int) -> None:
            self._run(job_id, number)

        DBOS.workflow(name=RUN, max_recovery_attempts=None)(run)
        calls = Calls(self._settings, self._record)
        calls.register()
        DBOS.launch()
        calls.listen()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=1,
            # A tenant's jobs are a partition: free workers choose a tenant by lot, then its oldest job.
            partition_worker_concurrency=1,
            global_concurrency=self._settings.job_concurrency,
            partition_concurrency=self._settings.tenant_job_concurrency,
            polling_interval_sec=POLL_SECONDS,
        )

    def _end(self) -> None:
        """DBOS is left as it is: what it took last, or did not end in time, is nobody's without this worker's
        row, and another worker queues it anew."""
        self._free.wait(_END_SECONDS)
        if self._child is not None:
            self._child.kill()
        with suppress(SQLAlchemyError):
            self._heartbeats.leave(self._self.id)
        log.info("worker %s has ended", self._self.id)

    # a run, in a thread of DBOS's

    def _run(self, job_id: str, number: int) -> None:
        if self.stopping:
            # To return would be to have ended the run.
            threading.Event().wait()
        self._free.clear()
        try:
            self._attempt(job_id, number)
        finally:
            self._free.set()

    def _attempt(self, job_id: str, number: int) -> None:
        try:
            job = self._insist(lambda: self._record.claim(job_id, number, self._self.id, _now()))
            if job is not None:
                self._do(job)
        except Exception:
            log.exception("a run failed", extra={"request_id": job_id})
            self._insist(lambda: self._record.put_back(job_id, number, fault=True, delay_seconds=DELAYS[-1]))

    def _do(self, job: Job) -> None:
        record = self._record
        try:
            outcome = Run(job, self, record, self._settings.job_memory_mb * 2**20).outcome()
        except Halted:
            # Cancelled, or another worker's: then this changes nothing.
            if self.stopping:
                self._insist(lambda: record.put_back(job.id, job.run))
        else:
            if isinstance(outcome, Done):
                done = outcome
                self._insist(
                    lambda: record.succeed(job.id, job.run, _now(), done.result, done.size, done.form)
                )
            elif isinstance(outcome, Divided):
                parts = outcome.parts
                self._insist(lambda: record.divide(job.id, job.run, parts))
            elif outcome.may_pass and job.faults < len(DELAYS):
                delay = DELAYS[job.faults]
                self._insist(lambda: record.put_back(job.id, job.run, fault=True, delay_seconds=delay))
            else:
                problem = outcome.problem
                self._insist(lambda: record.fail(job.id, job.run, _now(), problem))
        clear(record, self._blobs, job.known_as)

    def _insist(self, action: Callable[[], Result]) -> Result:
        """Writes to the record, however long its database is away: the work is done.

        Raises:
            SQLAlchemyError: it is away and the worker is to end; another one finds what it leaves.
        """
        while True:
            try:
                return action()
            except SQLAlchemyError as error:
                if self.stopping:
                    raise
                self._outage.report(error)
                self._stop.wait(1.0)

    # beside the runs

    def _keep_beating(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            with self._told():
                self._heartbeats.beat(self._self, _now())

    def _keep_house(self) -> None:
        swept = orphans = float("-inf")
        retention = timedelta(hours=self._settings.job_retention_hours)
        while not self._stop.wait(BEAT_SECONDS):
            with self._told():
                self._recovery.look()
                if time.monotonic() - swept > _SWEEP_SECONDS:
                    swept = time.monotonic()
                    sweep(self._record, self._blobs, retention, _now())
                if time.monotonic() - orphans > _ORPHANS_SECONDS:
                    orphans = time.monotonic()
                    sweep_orphans(self._record, self._blobs)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Says that a store does not answer, and lets the next round try again."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            self._outage.report(error)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """One worker, until SIGTERM or SIGINT: ``python -m jobs.workers.worker``."""
    end_with_parent()
    settings = Settings.from_environment()
    logs.configure()
    schema.ensure(settings)
    worker = Worker(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.work()
    # DBOS's threads would keep the process.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
