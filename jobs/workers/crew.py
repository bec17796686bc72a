"""Several workers on one machine: a process each, started again if it ends by itself."""

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
_LOOK_SECONDS = 0.5
_REST_SECONDS = 5.0
"""Before a worker that ended is started again: one that cannot start must not keep a core busy."""


class Crew:
    """Worker processes.

    Call it from a thread that lives as long as they should: the kernel ends them with the thread that started
    them.

    Args:
        size: how many.
        environment: that they run in.
    """

    def __init__(self, size: int, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._workers: list[subprocess.Popen[bytes]] = []
        self._missing = size
        self._start_at = 0.0

    def tend(self) -> None:
        """Starts the workers that there are not; call it now and then."""
        ended = [worker for worker in self._workers if worker.poll() is not None]
        if ended:
            self._workers = [worker for worker in self._workers if worker not in ended]
            self._missing += len(ended)
            self._start_at = time.monotonic() + _REST_SECONDS
        if self._missing and time.monotonic() >= self._start_at:
            while self._missing:
                self._workers.append(
                    subprocess.Popen([sys.executable, "-m", "jobs.workers.worker"], env=self._environment)
                )
                self._missing -= 1

    def dismiss(self) -> None:
        """Tells them to end; what they were doing goes back to the queue."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Waits for those that were dismissed, and ends those that take too long."""
        give_up = time.monotonic() + _GRACE_SECONDS
        for worker in self._workers:
            try:
                worker.wait(max(0.0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._workers = []


def run(settings: Settings, size: int) -> None:
    """Has some workers work until SIGTERM or SIGINT.

    Raises:
        SettingError: ``ABINTEL_JOBS_URL`` names no database that can be used.
        CannotStart: the jobs' store cannot be opened, or its schema is not the code's.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    schema.ensure(settings)
    crew = Crew(size, environment(settings))
    while not stop.is_set():
        crew.tend()
        stop.wait(_LOOK_SECONDS)
    crew.dismiss()
    crew.wait()
