"""``abintel worker``: takes jobs from the queue, one at a time, and runs them in its child process.

DBOS limits the running jobs per process, and the limit is the same for all workers of a queue. So a worker
runs one job at a time, and ``--concurrency N`` starts N processes (:mod:`jobs.workers.pool`).
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
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
from jobs.store.queue import QUEUE, RUN, worker_config
from jobs.store.record import Record
from jobs.store.sweep import clear, sweep, sweep_orphans
from jobs.workers.callback_queue import CallbackQueue
from jobs.workers.child_process import ChildProcess
from jobs.workers.heartbeat import BEAT_SECONDS, Heartbeats, this_process
from jobs.workers.recovery import Recovery
from jobs.workers.run import DELAYS, Divided, Done, Halted, Run
from registry.daily import Daily
from stores import logs
from stores.outages import Outage
from stores.processes import end_with_parent, environment

POLL_SECONDS = 0.25
"""How often an idle worker polls the queue."""
_SWEEP_SECONDS = 60.0
_ORPHANS_SECONDS = 3600.0
_CHECK_SECONDS = 0.2
_END_SECONDS = 10
# Restarting a child that cannot start would keep a core busy.
_RESTART_SECONDS = 5.0
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Worker:
    """One worker process.

    Args:
        settings: the operator's settings.
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
        self._child: ChildProcess | None = None
        self._sweeper: subprocess.Popen[bytes] | None = None
        self._outage = Outage("the jobs' database does not answer")

    @property
    def stopping(self) -> bool:
        """Whether the worker is stopping."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Makes :meth:`work` return. The running job goes back to the queue."""
        self._stop.set()

    def child(self) -> ChildProcess | None:
        """The child process; None until it is ready."""
        child = self._child
        return child if child is not None and child.is_alive and child.ready.is_set() else None

    def work(self) -> None:
        """Runs jobs until it is stopped."""
        # The row must exist before the first job: see Recovery.
        self._heartbeats.beat(self._self, _now())
        for target in (self._send_heartbeats, self._maintain):
            threading.Thread(target=target, daemon=True).start()
        launched = False
        # The kernel ends a child with the thread that started it: this one.
        while not self.stopping:
            if self._child is None or not self._child.is_alive:
                self._child = ChildProcess(environment(self._settings))
                self._await_child(self._child)
            if not launched and self.child() is not None:
                self._launch()
                launched = True
                log.info("worker %s takes jobs", self._self.id)
            self._stop.wait(_CHECK_SECONDS)
        self._end()

    def _await_child(self, child: ChildProcess) -> None:
        while child.is_alive and not child.ready.is_set() and not self.stopping:
            self._stop.wait(_CHECK_SECONDS)
        if not child.is_alive and not child.ready.is_set():
            log.error("the process for jobs did not start; trying again")
            self._stop.wait(_RESTART_SECONDS)

    def _launch(self) -> None:
        DBOS(config=worker_config(self._settings.jobs_url, self._self.id))
        logs.configure()

        def run(job_id: str, number: int) -> None:
            self._run(job_id, number)

        DBOS.workflow(name=RUN, max_recovery_attempts=None)(run)
        callbacks = CallbackQueue(self._settings, self._record)
        callbacks.register()
        DBOS.launch()
        callbacks.listen()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=1,
            # Each tenant is a partition: an idle worker picks a tenant at random, then its oldest job.
            partition_worker_concurrency=1,
            global_concurrency=self._settings.job_concurrency,
            partition_concurrency=self._settings.tenant_job_concurrency,
            polling_interval_sec=POLL_SECONDS,
        )

    def _end(self) -> None:
        """Ends the worker without shutting DBOS down.

        Without this worker's row, a job that DBOS took last or that did not end in time counts as lost, and
        another worker requeues it.
        """
        self._free.wait(_END_SECONDS)
        if self._child is not None:
            self._child.kill()
        with suppress(SQLAlchemyError):
            self._heartbeats.leave(self._self.id)
        log.info("worker %s has ended", self._self.id)

    # a run, in a thread of DBOS

    def _run(self, job_id: str, number: int) -> None:
        if self.stopping:
            # Returning would mark the workflow as done.
            threading.Event().wait()
        self._free.clear()
        try:
            self._attempt(job_id, number)
        finally:
            self._free.set()

    def _attempt(self, job_id: str, number: int) -> None:
        try:
            job = self._retry(lambda: self._record.claim(job_id, number, self._self.id, _now()))
            if job is not None:
                self._do(job)
        except Exception:
            log.exception("a run failed", extra={"request_id": job_id})
            self._retry(lambda: self._record.requeue(job_id, number, fault=True, delay_seconds=DELAYS[-1]))

    def _do(self, job: Job) -> None:
        record = self._record
        try:
            outcome = Run(job, self, record, self._settings.job_memory_mb * 2**20).outcome()
        except Halted:
            # A run that was cancelled or given to another worker is not changed by this.
            if self.stopping:
                self._retry(lambda: record.requeue(job.id, job.run))
        else:
            if isinstance(outcome, Done):
                done = outcome
                self._retry(
                    lambda: record.succeed(job.id, job.run, _now(), done.result, done.size, done.form)
                )
            elif isinstance(outcome, Divided):
                parts = outcome.parts
                self._retry(lambda: record.divide(job.id, job.run, parts))
            elif outcome.may_pass and job.faults < len(DELAYS):
                delay = DELAYS[job.faults]
                self._retry(lambda: record.requeue(job.id, job.run, fault=True, delay_seconds=delay))
            else:
                problem = outcome.problem
                self._retry(lambda: record.fail(job.id, job.run, _now(), problem))
        clear(record, self._blobs, job.public_id)

    def _retry(self, action: Callable[[], Result]) -> Result:
        """Retries a database operation until it succeeds, so that finished work is not lost.

        Raises:
            SQLAlchemyError: the database is down and the worker is stopping; another worker takes over.
        """
        while True:
            try:
                return action()
            except SQLAlchemyError as error:
                if self.stopping:
                    raise
                self._outage.report(error)
                self._stop.wait(1.0)

    # background threads

    def _send_heartbeats(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            with self._report_outages():
                self._heartbeats.beat(self._self, _now())

    def _maintain(self) -> None:
        swept = orphans = float("-inf")
        retention = timedelta(hours=self._settings.job_retention_hours)
        while not self._stop.wait(BEAT_SECONDS):
            with self._report_outages():
                self._recovery.recover()
                if time.monotonic() - swept > _SWEEP_SECONDS:
                    swept = time.monotonic()
                    sweep(self._record, self._blobs, retention, _now())
                if time.monotonic() - orphans > _ORPHANS_SECONDS:
                    orphans = time.monotonic()
                    sweep_orphans(self._record, self._blobs)
                self._sweep_models()

    def _sweep_models(self) -> None:
        """Starts the daily sweep of trained models, in a process of its own, because MLflow is large."""
        is_running = self._sweeper is not None and self._sweeper.poll() is None
        if not is_running and Daily(self._settings.home).is_due():
            # The kernel ends it with the thread that started it: this one.
            command = [sys.executable, "-m", "registry.sweeping"]
            self._sweeper = subprocess.Popen(command, env=environment(self._settings))

    @contextmanager
    def _report_outages(self) -> Iterator[None]:
        """Logs that a store does not answer. The next iteration tries again."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            self._outage.report(error)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Runs one worker until SIGTERM or SIGINT: ``python -m jobs.workers.worker``."""
    end_with_parent()
    settings = Settings.from_environment()
    logs.configure()
    schema.ensure(settings)
    worker = Worker(settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.work()
    # DBOS's threads would keep the process alive.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
