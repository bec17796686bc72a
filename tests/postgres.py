"""A PostgreSQL for tests: a server of their own, started once, and a new database for each test.

Use it in a test module as ``postgres_url = postgres.postgres_url``.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_BINARIES = Path("/usr/lib/postgresql")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """URL of an empty database, dropped after the test; skips where PostgreSQL is not installed."""
    server = _server()
    if server is None:
        pytest.skip("no PostgreSQL server here; to run this test: apt-get install -y postgresql")
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield f"{server}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@functools.cache
def _server() -> str | None:
    """Starts the server, which ends with this process; its URL without a database, None if not installed."""
    versions = [path for path in _BINARIES.glob("*/bin") if (path / "initdb").exists()]
    if not versions:
        return None
    binaries = max(versions, key=lambda path: float(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="abintel-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # PostgreSQL refuses to run as root; the package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    run = functools.partial(
        subprocess.run, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    data = str(folder / "data")
    run([binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    log = str(folder / "log")
    run([binaries / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"])
    atexit.register(run, [binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    return f"postgresql://postgres@127.0.0.1:{port}"
