"""A pool of worker processes on one machine. A worker that ends by itself is restarted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from abintel.settings import Settings
from jobs.store import schema
from stores.processes import environment

_GRACE_SECONDS = 20.0
_POLL_SECONDS = 0.5
_RESTART_SECONDS = 5.0
"""Delay before a worker is restarted, so that a worker that cannot start does not keep a core busy."""


class WorkerPool:
    """Worker processes.

    Call it from a thread that lives as long as the workers should: the kernel ends them with the thread that
    started them.

    Args:
        size: number of workers.
        environment: the environment of the processes.
    """

    def __init__(self, size: int, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._workers: list[subprocess.Popen[bytes]] = []
        self._missing = size
        self._start_at = 0.0

    def maintain(self) -> None:
        """Starts missing workers. Call it regularly."""
        ended = [worker for worker in self._workers if worker.poll() is not None]
        if ended:
            self._workers = [worker for worker in self._workers if worker not in ended]
            self._missing += len(ended)
            self._start_at = time.monotonic() + _RESTART_SECONDS
        if self._missing and time.monotonic() >= self._start_at:
            while self._missing:
                self._workers.append(
                    subprocess.Popen([sys.executable, "-m", "jobs.workers.worker"], env=self._environment)
                )
                self._missing -= 1

    def stop(self) -> None:
        """Asks the workers to end. Their running jobs go back to the queue."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Waits for stopped workers, and kills those that take too long."""
        deadline = time.monotonic() + _GRACE_SECONDS
        for worker in self._workers:
            try:
                worker.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._workers = []


def run(settings: Settings, size: int) -> None:
    """Runs workers until SIGTERM or SIGINT.

    Raises:
        SettingError: ``ABINTEL_JOBS_URL`` names no database that can be used.
        CannotStart: the jobs' store cannot be opened, or its schema is not the code's.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    schema.ensure(settings)
    pool = WorkerPool(size, environment(settings))
    while not stop.is_set():
        pool.maintain()
        stop.wait(_POLL_SECONDS)
    pool.stop()
    pool.wait()
