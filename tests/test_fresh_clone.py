"""The promise of the README: in a fresh clone and an empty environment, `make run` answers its own call."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.serving import ROOT, free_port

START_SECONDS = 400.0


class MakeRun:
    """`make run` in a clone, with nothing in the environment but a path and an empty home."""

    def __init__(self, clone: Path, home: Path, port: int) -> None:
        python = Path(os.path.realpath(shutil.which("python3") or "/usr/bin/python3")).parent
        self._env = {"PATH": f"{python}:/usr/bin:/bin", "HOME": str(home), "PORT": str(port)}
        self._clone = clone
        self._output = clone.parent / "output.txt"

    def __enter__(self) -> MakeRun:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                ["make", "run"],
                cwd=self._clone,
                env=self._env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def curl_line(self) -> str:
        """The line that it prints when it is ready."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            for line in self._output.read_text(encoding="utf-8").splitlines():
                if line.startswith("curl "):
                    return line
            time.sleep(0.2)
        raise AssertionError(f"no call was printed:\n{self._output.read_text(encoding='utf-8')[-4000:]}")

    def paste(self, line: str) -> dict[str, object]:
        """Runs a line in a shell."""
        answer = subprocess.run(["bash", "-c", line], env=self._env, capture_output=True, check=True)
        return dict(json.loads(answer.stdout))

    def interrupt(self) -> None:
        """Ctrl-C: SIGINT to the whole foreground group."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(40)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_make_run_answers_the_call_that_it_prints_and_again_the_second_time(tmp_path: Path) -> None:
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    port = free_port()
    lines = []
    for _ in range(2):
        with MakeRun(clone, home, port) as run:
            lines.append(run.curl_line())
            assert run.paste(lines[-1])["customers"]
            run.interrupt()
    assert lines[0] == lines[1], "the development credential stays"
    data = b"".join(path.read_bytes() for path in (clone / ".abintel").rglob("*") if path.is_file())
    secret = lines[0].partition("X-Secret: ")[2].partition("'")[0]
    assert len(secret) > 30
    assert secret.encode() not in data, "secrets are stored hashed only"
