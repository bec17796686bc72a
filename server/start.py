"""``abintel serve``: starts BentoML's server and the job workers, and prints how to call the server."""

from __future__ import annotations

import http.client
import json
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abintel.discovery import CannotStart
from abintel.endpoint import PREFIX as ENDPOINTS
from abintel.settings import Settings
from jobs.workers.pool import WorkerPool
from server.credentials import open_store
from server.credentials.development import development_credential
from server.credentials.store import Credential
from server.http.draining import END_SECONDS
from server.http.guard import OWN_POLLS
from server.http.runtime import utc_now
from server.targets import ASYNC
from stores.pepper import load_pepper
from stores.processes import end_with_parent, environment, kill_tree

_GRACE_SECONDS = END_SECONDS + 2
"""How long the server may take to end, after the seconds of draining. It ends by itself before that."""


def serve(service: Path, development: bool) -> int:
    """Serves until SIGINT or SIGTERM; returns the exit code.

    Args:
        service: the file that builds the BentoML service.
        development: whether to create and print this machine's development credential.

    Raises:
        CannotStart: the file is missing, or the folder, port or store of credentials is unusable.
        SettingError: a setting that cannot be used.
    """
    settings = Settings.from_environment()
    if not service.is_file():
        raise CannotStart(f"{service} is not there; run this where service.py is, or name it")
    _check_home(settings.home)
    _check_port(settings.host, settings.port)
    credential = _credential(settings) if development else None
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("bentoml")),
            "serve",
            f"{service.stem}:svc",
            *("--working-dir", str(service.parent)),
            *("--host", settings.host),
            *("--port", str(settings.port)),
        ],
        env=environment(settings),
        preexec_fn=end_with_parent,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    url = _url(settings)
    description = _wait(server, url, stop)
    if description is not None:
        print(banner(url, description, credential), flush=True)
    # The workers start after the server, so that the two do not compete for the processor.
    pool = WorkerPool(settings.job_workers, environment(settings))
    while server.poll() is None and not stop.is_set():
        pool.maintain()
        stop.wait(0.5)
    pool.stop()
    code = _end(server, settings.drain_seconds + _GRACE_SECONDS) if stop.is_set() else server.wait()
    pool.wait()
    return code


def banner(url: str, description: Mapping[str, Any], credential: Credential | None) -> str:
    """The address of the server and an example call to paste.

    Args:
        url: address of the server.
        description: its OpenAPI document.
        credential: the credential to show, if there is one.
    """
    examples = _examples(description)
    lines = ["", f"abintel serves {len(examples)} routes at {url} (API reference: {url}/)"]
    lines.append(f"console: {url}/console/")
    if credential is None:
        lines.append("make a credential: abintel credentials create TENANT")
    else:
        route, body = next(iter(examples.items()))
        lines += [
            f"credential of the tenant {credential.tenant}:",
            f"  X-Customer-Api-Id: {credential.customer_api_id}",
            f"  X-Secret: {credential.secret}",
            "try it:",
            curl(url + route, body, credential),
        ]
    return "\n".join([*lines, ""])


def curl(url: str, body: Any, credential: Credential) -> str:
    """A curl command that posts a body."""
    parts = [
        *("curl", "-s", "-X", "POST", url),
        *("-H", f"X-Customer-Api-Id: {credential.customer_api_id}"),
        *("-H", f"X-Secret: {credential.secret}"),
        *("-H", "Content-Type: application/json"),
        *("-d", json.dumps(body)),
    ]
    return shlex.join(parts)


def _examples(description: Mapping[str, Any]) -> dict[str, Any]:
    """The first example of each route of an OpenAPI document."""
    examples = {}
    for route, methods in description["paths"].items():
        if route.startswith(ENDPOINTS) and not route.endswith(ASYNC):
            content = methods["post"]["requestBody"]["content"]["application/json"]
            examples[route] = next(iter(content["examples"].values()))["value"]
    return examples


def _check_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except OSError as error:
        raise CannotStart(f"ABINTEL_HOME={home}: cannot write there: {error.strerror}") from error


def _check_port(host: str, port: int) -> None:
    """Fails now if the port is taken. Otherwise the answers of another server would look like ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"cannot serve on HOST={host} PORT={port}: {error.strerror or error}; choose others"
            ) from error


def _credential(settings: Settings) -> Credential | None:
    store = open_store(settings)
    try:
        return development_credential(store, load_pepper(settings), utc_now())
    finally:
        store.close()


def _url(settings: Settings) -> str:
    # This is only an address to call: a server on all addresses is called on loopback.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def _wait(server: subprocess.Popen[bytes], url: str, stop: threading.Event) -> Any:
    """The server's OpenAPI document once it is ready, however long that takes; None if it ended or was
    stopped."""
    while server.poll() is None and not stop.is_set():
        try:
            with _open(f"{url}/readyz", 2):
                pass
            with _open(f"{url}/docs.json", 30) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException):
            # Not ready yet, or its process was just replaced.
            stop.wait(0.2)
    return None


def _open(url: str, seconds: float) -> Any:
    """The answer of our own server."""
    request = urllib.request.Request(url, headers={"User-Agent": OWN_POLLS})
    return urllib.request.urlopen(request, timeout=seconds)


def _end(server: subprocess.Popen[bytes], seconds: float) -> int:
    """Terminates the server, kills it and its children if it takes longer than that, and returns the exit
    code."""
    server.terminate()
    try:
        code = server.wait(seconds)
    except subprocess.TimeoutExpired:
        kill_tree(server.pid)
        return 1
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code
