"""What a server depends on, for tests to take away: MLflow's server, a PostgreSQL, a fast wire, a disk."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from stores.processes import end_with_parent
from tests.serving import free_port


def patiently(happened: Callable[[], Any], seconds: float = 120.0) -> None:
    """Returns once a question gives anything true; an exception of the network is a no."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError, psycopg.OperationalError):
            if happened():
                return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def kill_9(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process and of all under it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        for one in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
    process.wait()


class Tracking:
    """``mlflow server``, artifacts and all, that can be killed and started again where it was.

    Args:
        folder: of its database and its artifacts.
        migrated: an empty database of MLflow's, to begin with.
        options: of the command.
        variables: of its environment.
    """

    def __init__(self, folder: Path, migrated: Path, *options: str, **variables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._options = options
        self._variables = variables
        self._database = folder / "server.db"
        shutil.copy(migrated, self._database)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "mlflow.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(Path(sys.executable).with_name("mlflow")), "server", "--workers", "1"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                    *("--backend-store-uri", f"sqlite:///{self._database}"),
                    *("--artifacts-destination", str(self._folder / "artifacts")),
                    *self._options,
                ],
                cwd=self._folder,
                env={
                    **os.environ,
                    **self._variables,
                    "MLFLOW_DISABLE_TELEMETRY": "true",
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        patiently(lambda: httpx.get(f"{self.url}/health", timeout=2).status_code == 200)

    def kill(self) -> None:
        if self._process is not None:
            kill_9(self._process)
            self._process = None


class Wire:
    """A proxy before a server that passes everything on, as late as it is told to.

    Attributes:
        delay: seconds that each piece of an answer is held back.
        cut: whether connections are refused.
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self.delay = 0.0
        self.cut = False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            if self.cut:
                caller.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream))
            except OSError:
                caller.close()
                continue
            for source, target, late in ((caller, server, False), (server, caller, True)):
                threading.Thread(target=self._pass_on, args=(source, target, late), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if late:
                    time.sleep(self.delay)
                if self.cut:
                    break
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Postgres:
    """A PostgreSQL that can be killed and started again; its data outlive it."""

    def __init__(self) -> None:
        found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
        if not found:
            pytest.skip("no PostgreSQL server here; to run this test: apt-get install -y postgresql")
        self._binaries = max(found, key=lambda path: float(path.parent.name))
        self._folder = Path(tempfile.mkdtemp(prefix="abintel-postgres-"))
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._run = functools.partial(
            subprocess.run, user=user, cwd=self._folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        self._data = str(self._folder / "data")
        self._run(
            [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "-E", "UTF8"],
            check=True,
        )
        self.port = free_port()
        self.server = f"postgresql://postgres@127.0.0.1:{self.port}"

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder}"
        command = [self._binaries / "pg_ctl", "-D", self._data, "-l", self._folder / "log"]
        self._run([*command, "-o", options, "-w", "-t", "60", "start"], check=True)
        patiently(lambda: psycopg.connect(f"{self.server}/postgres").close() is None)

    def database(self, name: str) -> str:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"{self.server}/{name}"

    def kill(self) -> None:
        """kill -9 of the postmaster and of every process under it."""
        pid = int((Path(self._data) / "postmaster.pid").read_text().split()[0])
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=20)

    def remove(self) -> None:
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Disk:
    """A small disk of its own (tmpfs), to fill up.

    Args:
        place: an empty folder.
        megabytes: its size.
    """

    def __init__(self, place: Path, megabytes: int) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.place = place
        self._filler = place / "filler"
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
        mounted = subprocess.run(["mount", *options], capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"a small disk cannot be mounted here, which takes root: {mounted.stderr.strip()}")

    def fill(self) -> None:
        """Leaves no room at all."""
        with self._filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size) == size:
                        pass

    def clear(self) -> None:
        """Makes room again."""
        self._filler.unlink(missing_ok=True)

    def write_protect(self) -> None:
        """What is opened from now on can only be read; open files are not concerned."""
        for options in (["--bind"], ["-o", "remount,ro,bind"]):
            subprocess.run(["mount", *options, str(self.place), str(self.place)], check=True)

    def unprotect(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)

    def remove(self) -> None:
        for _ in range(2):
            subprocess.run(["umount", "-l", str(self.place)], capture_output=True)
