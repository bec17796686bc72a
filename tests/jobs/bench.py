"""A server, its workers and the odd jobs that they do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from stores.processes import end_with_parent
from tests.serving import Server

ODD = "/api/v1/ai/odd_job"
PARTS = "/api/v1/ai/odd_parts"
UNDER_WAY = ("queued", "running")


def odd_server(folder: Path, **settings: str) -> Server:
    """A server that has the odd jobs' plugin and nothing else, so that it starts fast."""
    site = folder / "site"
    about = site / "oddjobs-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("oddjobs.py"), site / "oddjobs.py")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: oddjobs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[abintel.plugins]\noddjobs = oddjobs:PLUGIN\n")
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    return Server(folder / "home", ABINTEL_PLUGINS="oddjobs", PYTHONPATH=path, **settings)


class Workers:
    """``abintel worker`` beside a server, in a process group of its own."""

    def __init__(self, server: Server, concurrency: int = 1) -> None:
        self._log = server.log.with_suffix(".workers.log")
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("abintel"), "worker", "--concurrency", str(concurrency)],
                env=server.variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def processes(self) -> list[psutil.Process]:
        """The command and all that it started."""
        with suppress(psutil.NoSuchProcess):
            command = psutil.Process(self.process.pid)
            return [command, *command.children(recursive=True)]
        return []

    def kill(self) -> None:
        """kill -9 of all of it."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ends it as an operator does; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


def until(happened: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What a question gives once it gives anything true."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        answer = happened()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def submit(client: httpx.Client, route: str, body: Any, **headers: str) -> str:
    """Submits a job; gives its path."""
    path = route if route == PARTS else f"{route}_async"
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def described(client: httpx.Client, job: str) -> dict[str, Any]:
    """What a job's page says."""
    answer = client.get(job)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ended(client: httpx.Client, jobs: Iterable[str], seconds: float = 120.0) -> list[dict[str, Any]]:
    """What the jobs' pages say once all have ended."""

    def all_ended() -> list[dict[str, Any]]:
        pages = [described(client, job) for job in jobs]
        return pages if all(page["status"] not in UNDER_WAY for page in pages) else []

    return list(until(all_ended, seconds))
