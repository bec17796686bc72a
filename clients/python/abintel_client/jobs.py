"""Jobs: calls that the server keeps working on after it has answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from abintel_client.errors import AbintelError, problem_from

if TYPE_CHECKING:
    from abintel_client.client import Client

ENDED = ("succeeded", "failed", "cancelled")


class JobCancelled(AbintelError):
    """The job was cancelled; it has no result."""


class Job:
    """A job of the tenant.

    Attributes:
        id: the server's name for it.
        status: ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``, as last seen.
        progress: 0 to 1, as last seen.
    """

    def __init__(self, client: Client, seen: dict[str, Any]) -> None:
        self._client = client
        self._see(seen)

    def _see(self, seen: dict[str, Any]) -> None:
        self.id: str = seen["job_id"]
        self.status: str = seen["status"]
        self.progress: float = float(seen.get("progress") or 0.0)
        self._seen = seen

    def refresh(self) -> Job:
        """Asks the server how far it is."""
        self._see(self._client.get(f"/api/v1/jobs/{self.id}"))
        return self

    def cancel(self) -> None:
        """Ends it; a job that has ended stays as it is."""
        self._client.delete(f"/api/v1/jobs/{self.id}")

    def wait(self, seconds: float | None = None, *, progress: bool = True, every: float = 0.5) -> Job:
        """Returns when it has ended.

        Args:
            seconds: to wait at most; None waits for ever.
            progress: show a bar, if tqdm is installed.
            every: seconds between questions, growing to 5.

        Raises:
            TimeoutError: it has not ended in time; it goes on.
        """
        give_up = None if seconds is None else time.monotonic() + seconds
        show, close = _bar(self.id) if progress else (_nothing, _closed)
        try:
            while self.refresh().status not in ENDED:
                show(self.progress)
                if give_up is not None and time.monotonic() >= give_up:
                    raise TimeoutError(f"job {self.id} is {self.status} after {seconds:g} s; it goes on")
                time.sleep(every)
                every = min(every * 1.3, 5.0)
            show(1.0)
        finally:
            close()
        return self

    def result(self, seconds: float | None = None, *, progress: bool = True) -> Any:
        """Waits for the end and gives the route's own answer.

        Raises:
            Problem: the job failed, with its reason.
            JobCancelled: it was cancelled.
            TimeoutError: it has not ended in time.
        """
        return self._client.get(f"/api/v1/jobs/{self.ended(seconds, progress=progress).id}/result")

    def ended(self, seconds: float | None = None, *, progress: bool = True) -> Job:
        """Waits for the end, which has to be a good one.

        Raises:
            Problem, JobCancelled, TimeoutError: as of :meth:`result`.
        """
        if self.status not in ENDED:
            self.wait(seconds, progress=progress)
        if self.status == "cancelled":
            raise JobCancelled(f"job {self.id} was cancelled")
        if self.status == "failed":
            problem = self._seen.get("problem") or {}
            raise problem_from(int(problem.get("status", 500)), problem)
        return self

    def __repr__(self) -> str:
        return f"<Job {self.id}: {self.status}, {self.progress:.0%}>"


def _nothing(share: float) -> None:
    pass


def _closed() -> None:
    pass


def _bar(name: str) -> tuple[Callable[[float], None], Callable[[], None]]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _nothing, _closed
    bar = tqdm(total=100, desc=name, bar_format="{l_bar}{bar}| {elapsed}")

    def show(share: float) -> None:
        bar.n = round(100 * share)
        bar.refresh()

    return show, bar.close
