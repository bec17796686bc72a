"""Heartbeats of workers, and the detection of dead workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psutil
from sqlalchemy import Engine, delete, insert, select, update

from jobs.store.tables import workers

BEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
"""Silence after which a worker counts as dead. On its own machine it counts as dead once its process is
gone."""
SEEN_WITHIN = timedelta(seconds=30)
"""The age of a heartbeat up to which ``/readyz`` counts its worker. Clocks must differ by less."""


class Worker(NamedTuple):
    """A row of the table of workers (:mod:`jobs.store.tables`)."""

    id: str
    machine: str
    pid: int
    born: float
    beats: int


def this_process(worker_id: str) -> Worker:
    """The row of the current process."""
    return Worker(worker_id, machine(), os.getpid(), psutil.Process().create_time(), 0)


def machine() -> str:
    """Identifies the scope of process ids: the boot of the kernel, and the PID namespace (container)."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{boot}/{os.readlink('/proc/self/ns/pid')}"


class Heartbeats:
    """The table of workers.

    Args:
        engine: engine of the jobs' database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, worker: Worker, now: datetime) -> None:
        """Records a heartbeat. A worker that was presumed dead is inserted again."""
        beat = update(workers).where(workers.c.id == worker.id).values(beats=workers.c.beats + 1, beat_at=now)
        with self._engine.begin() as connection:
            if connection.execute(beat).rowcount == 0:
                connection.execute(insert(workers).values(**worker._asdict(), beat_at=now))

    def leave(self, worker_id: str) -> None:
        """Removes a worker that has ended, or whose jobs were requeued after its death."""
        with self._engine.begin() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker_id))

    def all(self) -> list[Worker]:
        """All workers in the table."""
        columns = [workers.c[name] for name in Worker._fields]
        with self._engine.connect() as connection:
            return [Worker(*row) for row in connection.execute(select(*columns))]

    def count_alive(self, now: datetime) -> int:
        """The number of workers with a recent heartbeat."""
        with self._engine.connect() as connection:
            beats = connection.execute(select(workers.c.beat_at)).scalars().all()
        return sum(now - beat < SEEN_WITHIN for beat in beats)


class LivenessWatch:
    """Detects dead workers by this process's clock, because clocks of other machines may be wrong."""

    def __init__(self) -> None:
        self._machine = machine()
        self._last_beats: dict[str, tuple[int, float]] = {}

    def living(self, known: Iterable[Worker]) -> set[str]:
        """The ids of the workers that are not known to be dead.

        Args:
            known: the current rows of the table.
        """
        now = time.monotonic()
        last_beats = {}
        for worker in known:
            beats, since = self._last_beats.get(worker.id, (-1, now))
            last_beats[worker.id] = (worker.beats, since if worker.beats == beats else now)
        self._last_beats = last_beats
        return {worker.id for worker in known if self._is_alive(worker, now)}

    def _is_alive(self, worker: Worker, now: float) -> bool:
        if worker.machine == self._machine and not _runs(worker):
            return False
        return now - self._last_beats[worker.id][1] < DEAD_AFTER_SECONDS


def _runs(worker: Worker) -> bool:
    try:
        process = psutil.Process(worker.pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - worker.born) < 1.0
    except psutil.NoSuchProcess:
        return False
