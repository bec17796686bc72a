"""Both servers on loopback, a request's time, and the memory that it takes at its peak."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
import psutil

from abintel.compile_cache import set_compile_cache
from loadtests.run import free_port, own_server, stop, wait_until_ready

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "/api/v1/ai/"
LONGEST_SECONDS = 900.0
LOOK_SECONDS = 0.2
"""Between two looks at a job."""


class Measured(NamedTuple):
    """One request.

    Attributes:
        seconds: from the first byte sent to the last one received.
        mib: what it added to the peak memory of the server's processes.
        answer: the body that came back.
    """

    seconds: float
    mib: float
    answer: bytes


class Refused(Exception):
    """The server's answer was no 200; the text is its status and the start of its body."""


class Server(NamedTuple):
    """A server to measure.

    Attributes:
        url: its address.
        headers: of every request.
        pid: its first process; its children count as well.
    """

    url: str
    headers: Mapping[str, str]
    pid: int

    def call(self, route: str, body: bytes) -> Measured:
        """Sends a body to a route, by a connection of its own.

        Raises:
            Refused: the answer was no 200.
            TimeoutError: there was none in 900 s.
        """
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LONGEST_SECONDS)
        before = _held(self.pid)
        try:
            connection.connect()
            began = time.perf_counter()
            connection.request("POST", PREFIX + route, body, dict(self.headers))
            answer = connection.getresponse()
            content, status = answer.read(), answer.status
            if status == 202:
                content, status = self._result(connection, answer.headers["Location"])
            seconds = time.perf_counter() - began
        finally:
            connection.close()
        if status != 200:
            raise Refused(f"{route}: {status}: {content[:500].decode('utf-8', 'replace')}")
        return Measured(seconds, _added(before), content)

    def _result(self, connection: http.client.HTTPConnection, job: str) -> tuple[bytes, int]:
        """What a job that outlasts `Prefer: wait` comes to, and its status."""
        give_up = time.monotonic() + LONGEST_SECONDS
        while True:
            connection.request("GET", job, headers=dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                return content, answer.status
            if orjson.loads(content)["status"] not in ("queued", "running"):
                break
            if time.monotonic() > give_up:
                raise TimeoutError(f"{job} has not ended in {LONGEST_SECONDS:.0f} s")
            time.sleep(LOOK_SECONDS)
        connection.request("GET", f"{job}/result", headers=dict(self.headers))
        answer = connection.getresponse()
        return answer.read(), answer.status


def _processes(pid: int) -> list[int]:
    try:
        first = psutil.Process(pid)
        return [pid, *(child.pid for child in first.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _peak(pid: int) -> int:
    """The most memory that a process has held since it was last asked to forget, in KiB (Linux)."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) if match else 0


def _held(pid: int) -> dict[int, int]:
    """What each process of a server holds, in KiB; their peaks start from there."""
    held = {}
    for each in _processes(pid):
        try:
            Path(f"/proc/{each}/clear_refs").write_text("5")
            held[each] = _peak(each)
        except OSError:
            continue
    return held


def _added(before: Mapping[int, int]) -> float:
    """What the peaks have grown by since, over the processes that there still are, in MiB."""
    added = 0
    for each, held in before.items():
        try:
            added += max(0, _peak(each) - held)
        except OSError:
            continue
    return added / 1024


@contextmanager
def ours(processes: int = 1) -> Iterator[Server]:
    """``abintel serve``: one worker of jobs, the settings' defaults, but no limit of the rate.

    What it compiles is kept for the next run, as an installation keeps it.

    Args:
        processes: that serve; by default one does.
    """
    set_compile_cache(ROOT / ".abintel")
    variables = {**os.environ, "ABINTEL_RATE_LIMIT": "100000/s", "ABINTEL_WORKERS": str(processes)}
    with (
        tempfile.TemporaryDirectory(prefix="abintel-bench-") as folder,
        own_server(folder, variables, job_workers=1) as own,
    ):
        yield Server(own.url, {**own.headers, "Prefer": "wait=60"}, own.pid)


@contextmanager
def obvious() -> Iterator[Server]:
    """The obvious implementation under uvicorn, with what threads its libraries like."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="obvious-", suffix=".log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.obvious.app", str(port)],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_ready(process, port, Path(log.name))
            yield Server(f"http://127.0.0.1:{port}", {"Content-Type": "application/json"}, process.pid)
        finally:
            stop(process)
