"""The server in a container with a read-only root, as a user without a name."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from abintel.compile_cache import warm_up
from abintel.discovery import discover
from tests.campaign import ROUTE, campaign, unlabelled
from tests.serving import ROOT, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting takes root and util-linux"
    ),
]
USER = 54_321
SCRIPT = """
set -e
root=$1; home=$2; compiled=$3; python=$4; shift 4
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root"
for name in bin sbin lib lib64; do
  [ -L "/$name" ] && cp -P "/$name" "$root/$name"
done
for folder in /proc /dev /usr /etc $python; do
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
for folder in /usr /etc $python; do
  mount -o remount,bind,ro "$root$folder"
done
mkdir -p "$root/tmp" "$root/data" "$root/compiled"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$home" "$root/data"
mount --bind "$compiled" "$root/compiled"
mount -o remount,bind,ro "$root/compiled"
mount -o remount,ro "$root"
exec "$@"
"""
"""Runs a command over a root as that of a container: the system, Python and the project, read-only."""


class Container(Server):
    """``bentoml serve`` over a root of which only the data folder and /tmp can be written."""

    def __init__(self, home: Path, root: Path, compiled: Path) -> None:
        super().__init__(home, ABINTEL_PLUGINS="customer,propensity")
        self._root, self._compiled = root, compiled

    def command(self) -> list[str]:
        python = {str(ROOT), sys.base_prefix, sys.prefix}
        return [
            *("unshare", "--mount", "sh", "-c", SCRIPT, "sh"),
            *(str(self._root), str(self.home), str(self._compiled), " ".join(sorted(python))),
            *("chroot", f"--userspec={USER}:0", str(self._root)),
            *("env", "ABINTEL_HOME=/data", "NUMBA_CACHE_DIR=/compiled"),
            *(sys.executable, "-m", "bentoml", "serve", "service:svc", "--working-dir", str(ROOT)),
            *("--host", "127.0.0.1", "--port", str(self.port)),
        ]

    def variables(self) -> dict[str, str]:
        return {
            **{name: value for name, value in self.env.items() if name.startswith("ABINTEL_")},
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/nonexistent",
            "BENTOML_HOME": "/tmp/bentoml",  # noqa: S108
            "BENTOML_DO_NOT_TRACK": "True",
        }


def test_a_server_on_a_read_only_root_as_any_user_trains_and_answers(tmp_path: Path) -> None:
    home, root, compiled = (tmp_path / name for name in ("home", "root", "compiled"))
    for folder in (home, root):
        folder.mkdir()
    warm_up(discover(["customer", "propensity"]), home)
    shutil.copytree(os.environ["NUMBA_CACHE_DIR"], compiled)
    server = Container(home, root, compiled)
    credential = server.credential("acme")
    for path in (home, *home.rglob("*")):
        os.chown(path, USER, USER)
    with server, server.client(credential) as client:
        body = campaign("spring")
        trained = client.post(ROUTE, json=body)
        assert trained.status_code == 200, trained.text
        assert (
            client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == trained.json()["predictions"]
        )
        assert httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
        assert {path.stat().st_uid for path in home.rglob("*")} == {USER}
        # The image's compiled code is used: it is copied to where it may be written.
        [copied] = (home / "compiled").iterdir()
        functions = {path.name for path in compiled.glob("*_*")}
        assert functions
        assert functions <= {path.name for path in copied.iterdir()}
