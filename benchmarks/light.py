"""A server apart from its routes' work: small requests, reading and writing much, starting, idling.

``python -m benchmarks.light`` prints the table; ``make bench`` measures it after the routes.
"""

from __future__ import annotations

import datetime
import http.client
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson
import psutil

from abintel.answer import Encoder
from abintel.compile_cache import set_compile_cache
from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import Call
from benchmarks import serving
from benchmarks.serving import PREFIX, ROOT, Server
from benchmarks.works.customer import ordered
from loadtests.run import own_server

SMALL = 100
LARGE = 74_000
"""Customers whose orders make 20 MB."""
LIGHT_REQUESTS = 200
LIGHT_SECONDS = 0.05
"""Between two requests at light load."""
WRK_SECONDS = 15
IDLE_SECONDS = 30.0
IDLE_SHARE = 0.1
"""Share of a core; below it the server has finished preloading its plugins."""
PAIRS = 7
MISSING = "wrk is not installed"


class Figure(NamedTuple):
    """A line of the table: what, how much, and what was to reach."""

    what: str
    measured: str
    to_reach: str


def small_requests(server: Server) -> Figure:
    """100 customers' RFM, twenty requests a second over one connection."""
    body = orjson.dumps(ordered(SMALL, 1))
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    times = []
    for _ in range(LIGHT_REQUESTS):
        began = time.perf_counter()
        connection.request("POST", PREFIX + "customer_rfm", body, dict(server.headers))
        answer = connection.getresponse()
        answer.read()
        times.append(1000 * (time.perf_counter() - began))
        assert answer.status == 200, answer.status
        time.sleep(LIGHT_SECONDS)
    connection.close()
    p95 = statistics.quantiles(times, n=20)[-1]
    shown = f"p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms"
    return Figure(f"customer_rfm, {SMALL} customers, light load", shown, "p50 < 6 ms")


def many_requests(server: Server, processes: int) -> Figure:
    """The same from wrk, which is on the same cores, as fast as it goes."""
    who = "one serving process" if processes == 1 else f"{processes} serving processes"
    what = f"customer_rfm, {SMALL} customers, wrk with 16 connections on the same two cores, {who}"
    if shutil.which("wrk") is None:
        return Figure(what, MISSING, "800 requests/s")
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder) / "body.json", Path(folder) / "post.lua"
        body.write_bytes(orjson.dumps(ordered(SMALL, 1)))
        headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in server.headers.items())
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = io.open("{body}", "rb"):read("*a")\n{headers}', encoding="utf-8"
        )
        ran = subprocess.run(
            [
                "wrk",
                "-t1",
                "-c16",
                f"-d{WRK_SECONDS}s",
                "--latency",
                "-s",
                script,
                f"{server.url}{PREFIX}customer_rfm",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)
    middle = re.search(r"^\s+50%\s+(\S+)", ran.stdout, re.MULTILINE)
    assert rate is not None, ran.stdout
    assert middle is not None, ran.stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", ran.stdout)
    shown = f"{float(rate[1]):,.0f} requests/s, p50 {middle[1]}" + (f", {wrong[1]} refused" if wrong else "")
    return Figure(what, shown, "800 requests/s")


def reading_and_writing() -> Figure:
    """20 MB of orders read and checked, and their answer checked and written; the route's own work not."""
    [endpoint] = [one for one in discover().endpoints if one.name == "customer_rfm"]
    sent = orjson.dumps(ordered(LARGE, 1))
    decoder, encoder = Decoder(endpoint.request), Encoder(endpoint.response)
    call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
    answer = endpoint.handle(decoder.decode(sent), call)
    times = []
    for _ in range(PAIRS):
        began = time.perf_counter()
        decoder.decode(sent)
        written = encoder.encode(answer)
        times.append(time.perf_counter() - began)
    what = f"JSON of {len(sent) / 1e6:.1f} MB in and {len(written) / 1e6:.1f} MB out"
    shown = f"{statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f} s)"
    return Figure(what, shown, "< 0.5 s")


def starts() -> Iterator[Figure]:
    """The second start over a data folder, and what the serving process holds when it has idled."""
    for plugins, seconds, mb in (("", 25, 1000), ("customer", 10, 450)):
        variables = {**os.environ, "ABINTEL_PLUGINS": plugins} if plugins else dict(os.environ)
        with tempfile.TemporaryDirectory(prefix="abintel-bench-") as folder:
            with own_server(folder, variables):
                time.sleep(5)
            began = time.monotonic()
            with own_server(folder, variables) as server:
                took = time.monotonic() - began
                time.sleep(IDLE_SECONDS)
                held = max(_serving(server.pid or 0))
        name = f"the plugin {plugins} alone" if plugins else "all plugins"
        yield Figure(f"second start to /readyz, {name}", f"{took:.1f} s", f"< {seconds} s")
        yield Figure(f"idle serving process, {name}", f"{held:.0f} MB", f"< {mb} MB")


def _settle(pid: int) -> None:
    """Returns when a server that was just started has nothing more to do."""
    first = psutil.Process(pid)
    processes = [first, *first.children(recursive=True)]
    worked = sum(_seconds(one) for one in processes)
    while True:
        time.sleep(2)
        before, worked = worked, sum(_seconds(one) for one in processes)
        if worked - before < 2 * IDLE_SHARE:
            return


def _seconds(process: psutil.Process) -> float:
    """Of a processor that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _serving(pid: int) -> list[float]:
    """MB (resident) of each process of a server."""
    first = psutil.Process(pid)
    return [one.memory_info().rss / 1e6 for one in (first, *first.children(recursive=True))]


def table(figures: list[Figure]) -> str:
    """As Markdown."""
    return "\n".join(
        [
            "| what | measured | to reach |",
            "| --- | --- | --- |",
            *(f"| {' | '.join(one)} |" for one in figures),
        ]
    )


def measured() -> list[Figure]:
    """All of it."""
    set_compile_cache(ROOT / ".abintel")
    with serving.ours() as server:
        _settle(server.pid)
        figures = [small_requests(server), many_requests(server, 1)]
    with serving.ours(processes=2) as server:
        _settle(server.pid)
        figures.append(many_requests(server, 2))
    return [*figures, reading_and_writing(), *starts()]


if __name__ == "__main__":
    print(table(measured()))
