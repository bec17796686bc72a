"""A worker's handle on its child process: starts it, sends it jobs, measures its memory and ends it."""

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
    """The child process ended before it reported an outcome; the text says how it ended."""


class ChildProcess:
    """A process that runs :mod:`jobs.workers.child`.

    Start it in a thread that lives as long as the worker: the kernel ends the child with the thread that
    started it.

    Args:
        environment: the environment of the process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jobs.workers.child"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Its own process group, so that its children can be killed with it.
            start_new_session=True,
        )
        self._orders = cast(IO[bytes], self._process.stdin)
        self._outcomes = cast(IO[bytes], self._process.stdout)
        self._psutil = psutil.Process(self._process.pid)
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.ready = threading.Event()
        threading.Thread(target=self._listen, name="child", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def send(self, order: Mapping[str, Any]) -> None:
        """Sends a job.

        Raises:
            ChildDied: the process has ended.
        """
        try:
            send(self._orders, dict(order))
        except BrokenPipeError:
            raise ChildDied(self._end()) from None

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None if there is none within some seconds.

        Raises:
            ChildDied: the process has ended.
        """
        try:
            message = self._messages.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise ChildDied(self._end())
        return message

    def memory(self) -> int:
        """Resident memory in bytes; 0 if the process has ended."""
        try:
            return int(self._psutil.memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def kill(self) -> None:
        """Kills the process and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _listen(self) -> None:
        while (message := receive(self._outcomes)) is not None:
            if message["said"] == "ready":
                self.ready.set()
            else:
                self._messages.put(message)
        self._messages.put(None)

    def _end(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"
