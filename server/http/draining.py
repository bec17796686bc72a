"""Graceful shutdown of a serving process.

After SIGTERM the process reports that it is not ready, and still answers for a while, so that a load balancer
can notice. Then it closes its socket: new connections are refused. It finishes the requests in flight; those
that take too long get a 503. At last the process ends, whatever still runs in its threads.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
import threading
from typing import Any

import uvicorn

from abintel.problem import Problem

ANSWER_SECONDS = 13.0
"""How long requests in flight may take once the socket is closed."""
END_SECONDS = 18.0
"""When the process ends, counted from the same moment."""
log = logging.getLogger(__name__)


class Draining:
    """The shutdown of one process.

    Args:
        seconds: how long new requests are answered after SIGTERM.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._requests: set[asyncio.Task[Any]] = set()
        self.has_begun = False
        """Whether SIGTERM has arrived."""
        self.is_over = False
        """Whether the requests that are still in flight get a 503."""

    def install(self) -> None:
        """Takes over SIGTERM from uvicorn, if uvicorn has it. Call it from the event loop."""
        loop = asyncio.get_running_loop()
        finish = signal.getsignal(signal.SIGTERM)
        server = getattr(finish, "__self__", None)
        if isinstance(server, uvicorn.Server):
            signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(self._begin, server))

    def enter(self) -> asyncio.Task[Any] | None:
        """Registers the current request as in flight."""
        task = asyncio.current_task()
        if task is not None:
            self._requests.add(task)
        return task

    def leave(self, task: asyncio.Task[Any] | None) -> None:
        """The request is answered."""
        if task is not None:
            self._requests.discard(task)

    def _begin(self, server: uvicorn.Server) -> None:
        if self.has_begun:
            return
        self.has_begun = True
        log.info("draining", extra={"seconds": self._seconds})
        # A thread, because the event loop may have ended while a thread pool still works.
        watch = threading.Timer(self._seconds + END_SECONDS, os._exit, [0])
        watch.daemon = True
        watch.start()
        asyncio.get_running_loop().call_later(self._seconds, self._close, server)

    def _close(self, server: uvicorn.Server) -> None:
        """Stops listening, and lets uvicorn shut down."""
        for listener in server.servers:
            for listening in listener.sockets:
                # BentoML's main process holds the same socket: closing this copy would leave it listening,
                # and connections would wait for an answer that never comes.
                with socket.socket(fileno=os.dup(listening.fileno())) as shared:
                    listener.close()
                    try:
                        shared.shutdown(socket.SHUT_RDWR)
                    except OSError as error:
                        # Another worker, which listens on the same socket, was first.
                        if error.errno != errno.ENOTCONN:
                            raise
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._give_up)
        server.handle_exit(signal.SIGTERM, None)

    def _give_up(self) -> None:
        self.is_over = True
        for task in list(self._requests):
            task.cancel()


def shutting_down() -> Problem:
    """503 for a request that is not answered before the process ends."""
    return Problem(
        503,
        "shutting-down",
        "The server is shutting down and could not finish this request; try again.",
        headers={"Retry-After": "5"},
    )
