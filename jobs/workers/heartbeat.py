"""Who works, and who has died: workers' heartbeats, and how another worker reads them."""

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
"""Of silence; a worker of this machine is known to be dead as soon as its process is gone."""
SEEN_WITHIN = timedelta(seconds=30)
"""How old the last heartbeat of a worker may be for ``/readyz``; clocks may differ by less."""


class Worker(NamedTuple):
    """A worker as its row describes it; see :mod:`jobs.store.tables`."""

    id: str
    machine: str
    pid: int
    born: float
    beats: int


def this_process(worker_id: str) -> Worker:
    """The running process as a worker."""
    return Worker(worker_id, machine(), os.getpid(), psutil.Process().create_time(), 0)


def machine() -> str:
    """Names what ids of processes mean something in: one start of one kernel, and the container within it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{boot}/{os.readlink('/proc/self/ns/pid')}"


class Heartbeats:
    """The table of workers.

    Args:
        engine: of the jobs' database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, worker: Worker, now: datetime) -> None:
        """Says that a worker lives; one that was thought dead comes back so."""
        living = (
            update(workers).where(workers.c.id == worker.id).values(beats=workers.c.beats + 1, beat_at=now)
        )
        with self._engine.begin() as connection:
            if connection.execute(living).rowcount == 0:
                connection.execute(insert(workers).values(**worker._asdict(), beat_at=now))

    def leave(self, worker_id: str) -> None:
        """Removes a worker: it ended, or what it left has been taken care of."""
        with self._engine.begin() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker_id))

    def all(self) -> list[Worker]:
        """The workers that have not left."""
        columns = [workers.c[name] for name in Worker._fields]
        with self._engine.connect() as connection:
            return [Worker(*row) for row in connection.execute(select(*columns))]

    def seen(self, now: datetime) -> int:
        """How many workers were heard of lately."""
        with self._engine.connect() as connection:
            beats = connection.execute(select(workers.c.beat_at)).scalars().all()
        return sum(now - beat < SEEN_WITHIN for beat in beats)


class Watch:
    """Tells the dead from the living by this process's own clock: those of other machines may be wrong."""

    def __init__(self) -> None:
        self._machine = machine()
        self._heard: dict[str, tuple[int, float]] = {}

    def living(self, known: Iterable[Worker]) -> set[str]:
        """Ids of the workers that are not known to be dead.

        Args:
            known: as the table has them now.
        """
        instant = time.monotonic()
        heard = {}
        for worker in known:
            beats, since = self._heard.get(worker.id, (-1, instant))
            heard[worker.id] = (worker.beats, since if worker.beats == beats else instant)
        self._heard = heard
        return {worker.id for worker in known if self._lives(worker, instant)}

    def _lives(self, worker: Worker, instant: float) -> bool:
        if worker.machine == self._machine and not _runs(worker):
            return False
        return instant - self._heard[worker.id][1] < DEAD_AFTER_SECONDS


def _runs(worker: Worker) -> bool:
    try:
        process = psutil.Process(worker.pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - worker.born) < 1.0
    except psutil.NoSuchProcess:
        return False
