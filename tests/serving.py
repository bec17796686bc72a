"""A served instance for tests: the real command, real stores, on loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from abintel.settings import Settings
from server.credentials import open_store
from server.credentials.permissions import Permissions
from server.credentials.store import Credential
from server.http.runtime import utc_now
from stores.processes import end_with_parent, environment

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 420.0


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(home: Path, port: int, **settings: str) -> dict[str, str]:
    """An environment in which only the given settings of ours are set, and no worker stands beside a server
    unless they say so: starting one takes a core for seconds. A server ends at once, without draining."""
    ours = ("ABINTEL_", "MLFLOW_", "BENTOML_", "PROMETHEUS_", "HOST", "PORT")
    base = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    own = {
        **{"ABINTEL_HOME": str(home), "HOST": "127.0.0.1", "PORT": str(port)},
        **{"ABINTEL_JOB_WORKERS": "0", "ABINTEL_DRAIN_SECONDS": "0"},
    }
    return {**base, **own, **settings}


class Server:
    """``abintel serve`` in a process group of its own.

    Args:
        home: data folder.
        settings: environment variables.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = clean_environment(home, self.port, **settings)
        self.settings = Settings.from_environment(self.env)
        self.log = home.parent / f"{home.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.secrets: list[str] = []
        """Secrets of the credentials that were made for it, and their ids."""

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self._kill()

    def command(self) -> list[str]:
        """What is run."""
        return [
            str(Path(sys.executable).with_name("abintel")),
            "serve",
            "--service",
            str(ROOT / "service.py"),
        ]

    def variables(self) -> dict[str, str]:
        """The environment that it runs in."""
        return environment(self.settings, self.env)

    def start(self) -> Server:
        """Starts it, and waits until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=self.variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Returns when ``/readyz`` says yes; fails with the log if the server ended."""
        assert self.process is not None
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log.read_text()[-4000:]}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not become ready:\n{self.log.read_text()[-4000:]}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it; gives its exit code."""
        assert self.process is not None
        if number == signal.SIGKILL:
            self._kill()
        elif self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self._kill()
            raise

    def _kill(self) -> None:
        """kill -9 of the command and of every process under it."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            command = psutil.Process(self.process.pid)
            for process in [command, *command.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def credential(self, tenant: str, permissions: Permissions | None = None) -> Credential:
        """A new credential, made as the command line makes it."""
        self.home.mkdir(parents=True, exist_ok=True)
        store = open_store(self.settings)
        try:
            made = store.create(tenant, utc_now(), permissions or Permissions())
        finally:
            store.close()
        self.secrets += [made.secret, made.customer_api_id]
        return made

    def client(self, credential: Credential, **options: Any) -> httpx.Client:
        """An HTTP client that calls as a tenant."""
        headers = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
        return httpx.Client(base_url=self.url, headers=headers, timeout=150, **options)
