"""Jobs: calls that the server answers later."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from abintel_client.errors import AbintelError, problem_from

ENDED = ("succeeded", "failed", "cancelled")


class JobCancelled(AbintelError):
    """The job was cancelled, so it has no result."""


class Server(Protocol):
    """What a job needs of a client."""

    def get(self, path: str) -> Any:
        """The answer to a GET request."""
        ...

    def delete(self, path: str) -> None:
        """Sends a DELETE request."""
        ...


class Job:
    """A job of the tenant.

    Attributes:
        id: the id that the server gave it.
        status: ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``, at the last refresh.
        progress: 0 to 1, at the last refresh.
    """

    def __init__(self, server: Server, state: dict[str, Any]) -> None:
        self._server = server
        self._update(state)

    def _update(self, state: dict[str, Any]) -> None:
        self.id: str = state["job_id"]
        self.status: str = state["status"]
        self.progress: float = float(state.get("progress") or 0.0)
        self._state = state

    def refresh(self) -> Job:
        """Reads status and progress from the server."""
        self._update(self._server.get(f"/api/v1/jobs/{self.id}"))
        return self

    def cancel(self) -> None:
        """Cancels the job; one that has ended does not change."""
        self._server.delete(f"/api/v1/jobs/{self.id}")

    def wait(self, seconds: float | None = None, *, progress: bool = True, every: float = 0.5) -> Job:
        """Waits until the job has ended.

        Args:
            seconds: the longest wait; None for no limit.
            progress: whether to show a progress bar, if tqdm is installed.
            every: seconds between two requests; they grow to 5.

        Raises:
            TimeoutError: the job is not done in time; it continues.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        show, close = _bar(self.id) if progress else (_no_bar, _no_close)
        try:
            while self.refresh().status not in ENDED:
                show(self.progress)
                if deadline is not None and time.monotonic() >= deadline:
                    raise TimeoutError(f"job {self.id} is {self.status} after {seconds:g} s; it goes on")
                time.sleep(every)
                every = min(every * 1.3, 5.0)
            show(1.0)
        finally:
            close()
        return self

    def result(self, seconds: float | None = None, *, progress: bool = True) -> Any:
        """Waits until the job has ended, and returns the answer of its route.

        Raises:
            Problem: the job failed, and why.
            JobCancelled: the job was cancelled.
            TimeoutError: the job is not done in time; it continues.
        """
        return self._server.get(f"/api/v1/jobs/{self.ended(seconds, progress=progress).id}/result")

    def ended(self, seconds: float | None = None, *, progress: bool = True) -> Job:
        """Waits until the job has succeeded.

        Raises:
            Problem, JobCancelled, TimeoutError: as in :meth:`result`.
        """
        if self.status not in ENDED:
            self.wait(seconds, progress=progress)
        if self.status == "cancelled":
            raise JobCancelled(f"job {self.id} was cancelled")
        if self.status == "failed":
            problem = self._state.get("problem") or {}
            raise problem_from(int(problem.get("status", 500)), problem)
        return self

    def __repr__(self) -> str:
        return f"<Job {self.id}: {self.status}, {self.progress:.0%}>"


def _no_bar(share: float) -> None:
    pass


def _no_close() -> None:
    pass


def _bar(name: str) -> tuple[Callable[[float], None], Callable[[], None]]:
    """Functions that update and close a progress bar."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _no_bar, _no_close
    bar = tqdm(total=100, desc=name, bar_format="{l_bar}{bar}| {elapsed}")

    def show(share: float) -> None:
        bar.n = round(100 * share)
        bar.refresh()

    return show, bar.close
