"""``abintel serve``: what it refuses, in a line, and what it prints when it is ready."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from abintel.discovery import discover
from server.credentials.store import Credential
from server.openapi.document import describe
from server.start import banner
from tests.contract.roster import ROSTER
from tests.serving import ROOT, clean_environment, free_port


def serve(home: Path, port: int, service: Path = ROOT / "service.py", **settings: str) -> tuple[int, str]:
    """Runs the command to its end; gives exit code and standard error."""
    ended = subprocess.run(
        [Path(sys.executable).with_name("abintel"), "serve", "--service", service],
        env=clean_environment(home, port, **settings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ended.returncode, ended.stderr


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        expected = (
            f"abintel: cannot serve on HOST=127.0.0.1 PORT={port}: Address already in use; choose others\n"
        )
        assert serve(tmp_path, port) == (2, expected)


def test_a_folder_that_cannot_be_written_is_told() -> None:
    code, text = serve(Path("/proc/nowhere"), free_port())
    assert (code, text) == (
        2,
        "abintel: ABINTEL_HOME=/proc/nowhere: cannot write there: No such file or directory\n",
    )


def test_a_service_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, text = serve(tmp_path, free_port(), tmp_path / "service.py")
    assert code == 2
    assert text.endswith("service.py is not there; run this where service.py is, or name it\n")


def test_a_plugin_that_is_not_there_is_told_and_nothing_is_served(tmp_path: Path) -> None:
    code, text = serve(tmp_path, free_port(), ABINTEL_PLUGINS="customer,nobody")
    assert code == 2
    assert f"abintel: ABINTEL_PLUGINS names nobody, but installed are: {', '.join(ROSTER)}" in text


def test_a_store_of_newer_code_is_refused(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        database.execute("create table alembic_version (version_num varchar(32))")
        database.execute("insert into alembic_version values ('ffffffffffff')")
    code, text = serve(tmp_path, free_port())
    assert code == 2
    assert "abintel: the store of MLflow is newer than the installed MLflow" in text


@pytest.fixture
def printed() -> str:
    credential = Credential("development", "an-id", "a-secret")
    return banner("http://127.0.0.1:3000", describe(discover(["customer"])), credential)


def test_the_banner_names_the_url_and_the_credential(printed: str) -> None:
    assert (
        "abintel serves 4 routes at http://127.0.0.1:3000 (API reference: http://127.0.0.1:3000/)" in printed
    )
    assert "console: http://127.0.0.1:3000/console/" in printed
    assert "X-Customer-Api-Id: an-id" in printed
    assert "X-Secret: a-secret" in printed


def test_the_call_in_the_banner_is_one_line_that_a_shell_understands(printed: str) -> None:
    [line] = [line for line in printed.splitlines() if line.startswith("curl ")]
    words = shlex.split(line)
    assert words[4].startswith("http://127.0.0.1:3000/api/v1/ai/")
    assert json.loads(words[-1])
