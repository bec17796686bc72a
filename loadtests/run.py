"""``make load``: starts a server with its own data folder, runs locust and evaluates the measurements.

``SHAPE`` is smoke (all users at once), ramp, spike, soak or overload; ``USERS`` are interactive ones,
``BESIDE`` as many that train and as many that send megabytes; ``PROCESSES`` are locust's. Smoke and soak are
judged by ``slo.yaml``.

With ``LOAD_URL``, ``LOAD_CUSTOMER_API_ID`` and ``LOAD_SECRET`` in the environment it calls that served
instance instead, on this machine only.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from abintel.discovery import CannotStart, discover
from abintel.endpoint import Endpoint
from abintel.settings import SettingError, Settings
from loadtests.judge import Measured, SloError, judge, passed, read_objectives, read_stats, table
from loadtests.memory import memory_of, shown, write
from loadtests.phases import (
    PHASES,
    REQUESTS,
    misses_of_overload,
    misses_of_soak,
    read_phases,
    read_requests,
    summaries,
)
from loadtests.phases import table as summarised
from loadtests.shapes import OVERLOAD, SHAPES
from server.credentials import open_store
from server.http.runtime import utc_now
from stores.processes import environment

HERE = Path(__file__).resolve().parent
REPORTS = HERE / "reports"
SLO = HERE / "slo.yaml"
START_SECONDS = 180.0
CALL_SECONDS = 150.0
STOP_SECONDS = 40.0
LONGEST_SECONDS = 3600
# The server under load must not use the stores of the operator's environment.
_NOT_HANDED_ON = ("ABINTEL_", "MLFLOW_", "BENTOML_", "PROMETHEUS_", "HOST", "PORT")
_HANDED_ON = ("ABINTEL_PLUGINS", "ABINTEL_WORKERS", "ABINTEL_RATE_LIMIT")


class LoadError(Exception):
    """Nothing was measured; the text says why and what to do."""


class Served(NamedTuple):
    """A server under load.

    Attributes:
        url: its address, without a slash at its end.
        headers: of every request, with the credential.
        pid: its first process, None if it is not ours.
    """

    url: str
    headers: dict[str, str]
    pid: int | None


def main(variables: Mapping[str, str] = os.environ) -> int:
    """Runs the load test; returns 0 if every objective was met, 1 if one was missed, 2 if nothing was
    measured."""
    try:
        plan = Plan.of(variables)
        endpoints = discover(Settings.from_environment(variables).plugins).endpoints
        objectives = read_objectives(SLO)
        with served(variables) as server:
            warm_up(server.url, server.headers, endpoints)
            with memory_of(server.pid) as memory:
                stats = run_locust(server, plan, variables)
    except (LoadError, CannotStart, SettingError, SloError) as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    phases, requests = read_phases(REPORTS), read_requests(REPORTS)
    print(summarised(summaries(phases, requests, objectives)), flush=True)
    print(
        f"reports: {REPORTS.relative_to(HERE.parent)}/load.html, load_stats.csv, {PHASES}, {REQUESTS}-*.csv"
    )
    misses: list[str] = []
    if plan.shape == "soak":
        misses += misses_of_soak(phases, requests, memory)
        write(memory, REPORTS / "memory.csv")
        print(f"memory: {shown(memory)}")
    if plan.shape == OVERLOAD:
        misses += misses_of_overload(phases, requests, objectives)
    for miss in misses:
        print(f"missed: {miss}")
    if plan.shape not in ("smoke", "soak"):
        return 1 if misses else 0
    names = {endpoint.name for endpoint in endpoints}
    kinds = ("", ", training", ", bulk") if plan.beside else ("",)
    wanted = {
        name: objective
        for name, objective in objectives.items()
        if any(name == route + kind for route in names for kind in kinds)
    }
    verdicts = judge({**dict.fromkeys(names, Measured()), **read_stats(stats)}, wanted)
    print(table(verdicts))
    return 0 if passed(verdicts) and not misses else 1


class Plan(NamedTuple):
    """The load test that the environment variables describe.

    Attributes:
        shape: name of the shape.
        seconds: that it takes; an overload takes what it needs.
        users: interactive ones.
        beside: as many training users, and as many bulk users.
        processes: of locust.
    """

    shape: str
    seconds: int
    users: int
    beside: int
    processes: int

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Plan:
        """The plan of an environment.

        Raises:
            LoadError: a variable is none of what it may be.
        """
        shape = variables.get("SHAPE", "smoke")
        if shape not in (*SHAPES, OVERLOAD):
            raise LoadError(f"SHAPE={shape!r}: wanted is one of {', '.join((*SHAPES, OVERLOAD))}")
        return cls(
            shape,
            duration(variables.get("DURATION", "30s")),
            count("USERS", variables.get("USERS", "2"), 1),
            count("BESIDE", variables.get("BESIDE", "0"), 0),
            count("PROCESSES", variables.get("PROCESSES", "1"), 1),
        )


def duration(text: str) -> int:
    """Seconds of a duration as locust writes it.

    >>> duration("30s"), duration("2m"), duration("1m30s"), duration("45")
    (30, 120, 90, 45)
    """
    match = re.fullmatch(r"(?:(\d{1,4})m)?(?:(\d{1,4})s?)?", text.strip())
    seconds = 60 * int(match[1] or 0) + int(match[2] or 0) if match else 0
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise LoadError(f"DURATION={text!r}: wanted is 1s to {LONGEST_SECONDS // 60}m, such as 30s or 1m30s")
    return seconds


def count(name: str, text: str, least: int) -> int:
    """The number in a variable."""
    if not re.fullmatch(r"\d{1,3}", text) or int(text) < least:
        raise LoadError(f"{name}={text!r}: wanted is a number from {least} to 999")
    return int(text)


def loopback(url: str) -> str:
    """A URL of this machine, without a slash at its end.

    Raises:
        LoadError: it is no http URL, or of another host: a load test of somebody else's server is an attack.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if (
        parts.scheme != "http"
        or not port
        or parts.path not in ("", "/")
        or parts.query
        or "@" in parts.netloc
    ):
        raise LoadError(f"LOAD_URL={url!r}: wanted is http://127.0.0.1:PORT")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise LoadError(f"LOAD_URL={url!r}: {host} is not this machine; load is put on 127.0.0.1 only")
    return url.rstrip("/")


@contextmanager
def served(variables: Mapping[str, str]) -> Iterator[Served]:
    """The server to call: the one in the environment variables, or a new one."""
    url = variables.get("LOAD_URL")
    if url:
        identifier, secret = variables.get("LOAD_CUSTOMER_API_ID"), variables.get("LOAD_SECRET")
        if not identifier or not secret:
            raise LoadError("LOAD_URL needs LOAD_CUSTOMER_API_ID and LOAD_SECRET")
        yield Served(loopback(url), _headers(identifier, secret), None)
        return
    with tempfile.TemporaryDirectory(prefix="abintel-load-") as folder, own_server(folder, variables) as own:
        yield own


@contextmanager
def own_server(folder: str, variables: Mapping[str, str], job_workers: int = 0) -> Iterator[Served]:
    """``abintel serve`` on a free port, with its data in a folder, ended by its process id.

    Args:
        folder: of its data.
        variables: the environment, of which a few settings are handed on.
        job_workers: worker processes of jobs; without, the routes are measured by themselves.
    """
    port = free_port()
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith(_NOT_HANDED_ON) or name in _HANDED_ON
    }
    place = {"ABINTEL_HOME": folder, "HOST": "127.0.0.1", "PORT": str(port)}
    own = {**kept, **place, "ABINTEL_JOB_WORKERS": str(job_workers)}
    settings = Settings.from_environment(own)
    store = open_store(settings)
    try:
        credential = store.create("load", utc_now())
    finally:
        store.close()
    REPORTS.mkdir(exist_ok=True)
    log = REPORTS / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("abintel")),
                *("serve", "--service", str(HERE.parent / "service.py")),
            ],
            env=environment(settings, own),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_ready(server, port, log)
        headers = _headers(credential.customer_api_id, credential.secret)
        yield Served(f"http://127.0.0.1:{port}", headers, server.pid)
    finally:
        stop(server)


def warm_up(url: str, headers: Mapping[str, str], endpoints: tuple[Endpoint, ...]) -> None:
    """Calls every example once without measuring: it trains models, and stops at the first error.

    Raises:
        LoadError: the server does not answer, or with a problem.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CALL_SECONDS)
    try:
        for endpoint in endpoints:
            for name, body in endpoint.examples.items():
                started = time.perf_counter()
                connection.request("POST", endpoint.route, json.dumps(body), dict(headers))
                answer = connection.getresponse()
                content = answer.read()
                if answer.status not in (200, 202):
                    said = content[:500].decode("utf-8", "replace")
                    raise LoadError(f"{endpoint.name}, example {name!r}: {answer.status}: {said}")
                milliseconds = 1000 * (time.perf_counter() - started)
                print(f"first answer of {endpoint.name}, {name}: {milliseconds:.0f} ms", flush=True)
    except (OSError, http.client.HTTPException) as error:
        raise LoadError(f"{url} does not answer: {error}") from error
    finally:
        connection.close()


def run_locust(server: Served, plan: Plan, variables: Mapping[str, str]) -> Path:
    """Runs locust without its web page; returns the path of its statistics.

    Raises:
        LoadError: locust itself failed.
    """
    REPORTS.mkdir(exist_ok=True)
    for old in (*REPORTS.glob("load*"), *REPORTS.glob(f"{REQUESTS}-*"), REPORTS / PHASES):
        old.unlink(missing_ok=True)
    own = {
        **variables,
        "LOAD_CUSTOMER_API_ID": server.headers["X-Customer-Api-Id"],
        "LOAD_SECRET": server.headers["X-Secret"],
        "LOAD_SHAPE": plan.shape,
        "LOAD_SECONDS": str(plan.seconds),
        "LOAD_USERS": str(plan.users),
        "LOAD_BESIDE": str(plan.beside),
        "LOAD_REPORTS": str(REPORTS),
        "LOAD_SLO": str(SLO),
    }
    longest = LONGEST_SECONDS if plan.shape == OVERLOAD else plan.seconds + 120
    locust = subprocess.Popen(
        [
            *(sys.executable, "-m", "locust", "--headless", "--only-summary", "--skip-log"),
            *("--locustfile", str(HERE / "locustfile.py"), "--host", server.url),
            *(("--processes", str(plan.processes)) if plan.processes > 1 else ()),
            *("--csv", str(REPORTS / "load"), "--html", str(REPORTS / "load.html")),
            *("--stop-timeout", "15", "--exit-code-on-error", "0"),
        ],
        cwd=HERE.parent,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = locust.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        said = f"no end after {longest} s"
    finally:
        stop(locust)
    stats = REPORTS / "load_stats.csv"
    if locust.returncode != 0 or not stats.is_file():
        raise LoadError(f"locust failed ({locust.returncode}):\n{said[-4000:]}")
    return stats


def _headers(identifier: str, secret: str) -> dict[str, str]:
    return {"X-Customer-Api-Id": identifier, "X-Secret": secret, "Content-Type": "application/json"}


def free_port() -> int:
    """A free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Waits for a 200 of ``/readyz``.

    Raises:
        LoadError: it did not come, with the end of the server's log.
    """
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise LoadError(f"the server did not become ready:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Terminates a process, and kills it if it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
