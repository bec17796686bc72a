"""A worker's side of its child: starts it, gives it jobs, measures it, ends it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any, cast

import psutil

from jobs.workers.messages import receive, send


class ChildDied(Exception):
    """The child ended before it had said how its job went; the text says how it ended."""


class Child:
    """A process that runs :mod:`jobs.workers.child`.

    Start it in a thread that lives as long as the worker: the kernel ends the child with the thread that
    started it.

    Args:
        environment: that it runs in.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jobs.workers.child"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A group of its own, so that all of it can be ended.
            start_new_session=True,
        )
        self._orders = cast(IO[bytes], self._process.stdin)
        self._outcomes = cast(IO[bytes], self._process.stdout)
        self._seen = psutil.Process(self._process.pid)
        self._said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.ready = threading.Event()
        threading.Thread(target=self._listen, name="child", daemon=True).start()

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def give(self, order: Mapping[str, Any]) -> None:
        """Has it do a job.

        Raises:
            ChildDied: it has ended.
        """
        try:
            send(self._orders, dict(order))
        except BrokenPipeError:
            raise ChildDied(self._end()) from None

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """What it says next; None if it says nothing for some seconds.

        Raises:
            ChildDied: it has ended.
        """
        try:
            said = self._said.get(timeout=seconds)
        except queue.Empty:
            return None
        if said is None:
            raise ChildDied(self._end())
        return said

    def memory(self) -> int:
        """Bytes of memory that it has; 0 if it has ended."""
        try:
            return int(self._seen.memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def kill(self) -> None:
        """Ends it, and what it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _listen(self) -> None:
        while (said := receive(self._outcomes)) is not None:
            if said["said"] == "ready":
                self.ready.set()
            else:
                self._said.put(said)
        self._said.put(None)

    def _end(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"
