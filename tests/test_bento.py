"""The bento, built as an operator builds it, installed into an empty environment and served from there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from abintel.discovery import discover
from tests.contract.roster import ROSTER
from tests.serving import ROOT, Server, clean_environment

UV = Path(sys.executable).with_name("uv")


def test_the_bento_names_the_wheel_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [package] = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))["python"]["packages"]
    assert package.endswith(f"@ ./wheels/abintel-{project['version']}-py3-none-any.whl")
    extras = package.partition("[")[2].partition("]")[0].split(",")
    assert set(extras) == set(project["optional-dependencies"]) == set(ROSTER)


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built bento's folder."""
    home = tmp_path_factory.mktemp("bento")
    env = {**clean_environment(home / "abintel", 3000), "BENTOML_HOME": str(home)}
    subprocess.run(["make", "bento"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    [folder] = [path for path in (home / "bentos" / "abintel").iterdir() if path.is_dir()]
    return folder


@pytest.fixture(scope="module")
def image(bento: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the bento's own requirements, installed as its Dockerfile installs them."""
    venv = tmp_path_factory.mktemp("image") / "venv"
    env = {
        **os.environ,
        "UV_SYSTEM_CERTS": "1",
        "UV_OVERRIDE": str(bento / "src" / "wheels" / "overrides.txt"),
    }
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, venv], env=env, check=True)
    requirements = bento / "env" / "python" / "requirements.txt"
    subprocess.run(
        [
            *(UV, "--quiet", "--directory", bento / "src", "pip", "install"),
            *("--python", venv / "bin" / "python", "-r", requirements),
        ],
        env=env,
        check=True,
    )
    return venv


class BentoServer(Server):
    """``bentoml serve`` of a bento, from an environment of its own."""

    def __init__(self, home: Path, bento: Path, venv: Path) -> None:
        super().__init__(home)
        self._bento, self._venv = bento, venv

    def command(self) -> list[str]:
        bentoml = self._venv / "bin" / "bentoml"
        return [str(bentoml), "serve", str(self._bento), "--host", "127.0.0.1", "--port", str(self.port)]

    def variables(self) -> dict[str, str]:
        return {
            "PATH": f"{self._venv / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home.parent),
            "ABINTEL_HOME": str(self.home),
            "BENTOML_HOME": str(self.home.parent / "bentoml"),
            "BENTOML_DO_NOT_TRACK": "True",
        }


@pytest.fixture(scope="module")
def served_bento(bento: Path, image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = BentoServer(tmp_path_factory.mktemp("bento-served") / "home", bento, image)
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_route_of_every_plugin_answers_from_the_bento(served_bento: Server) -> None:
    with served_bento.client(served_bento.credential("acme")) as client:
        for plugin in discover(list(ROSTER)).plugins:
            endpoint = plugin.endpoints[0]
            answer = client.post(endpoint.route, json=endpoint.example)
            assert answer.status_code == 200, answer.text


@pytest.mark.slow
def test_the_bento_holds_no_test_and_no_source_but_the_service(bento: Path) -> None:
    files = {str(path.relative_to(bento / "src")) for path in (bento / "src").rglob("*") if path.is_file()}
    ours = {name for name in files if not name.startswith(("wheels/", "__pycache__/"))}
    assert ours == {"service.py", "bentofile.yaml"}


@pytest.mark.slow
def test_the_wheel_of_the_bento_has_the_console_and_its_licences(bento: Path) -> None:
    [wheel] = (bento / "src" / "wheels").glob("*.whl")
    console = ROOT / "server" / "console" / "static"
    wanted = {str(path.relative_to(ROOT)) for path in console.rglob("*") if path.is_file()}
    assert len(wanted) > 20
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.slow
def test_the_client_is_a_wheel_of_its_own_that_needs_httpx_and_pydantic_only(tmp_path: Path) -> None:
    build = ["build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", tmp_path]
    subprocess.run([UV, *build, ROOT / "clients" / "python"], check=True)
    [path] = tmp_path.glob("abintel_client-*.whl")
    wheel = zipfile.ZipFile(path)
    names = wheel.namelist()
    assert {"abintel_client/routes.py", "abintel_client/py.typed"} <= set(names)
    [metadata] = [name for name in names if name.endswith("METADATA")]
    needed = re.findall(r"^Requires-Dist: (.+)$", wheel.read(metadata).decode(), re.MULTILINE)
    assert [one for one in needed if "extra" not in one] == ["httpx", "pydantic>=2"]


@pytest.mark.slow
def test_the_dockerfile_has_what_operators_rely_on(bento: Path) -> None:
    dockerfile = (bento / "env" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    last_user = [line for line in dockerfile.splitlines() if line.startswith("USER")][-1]
    assert last_user == "USER bentoml", "the container must not run as root"
    assert "ENV BENTOML_CONTAINERIZED=true" in dockerfile, (
        "a dead worker ends the container; see operating.md"
    )
    assert "ENV ABINTEL_HOME=$ABINTEL_HOME" in dockerfile
    assert "libgomp1" in dockerfile
    assert "EXPOSE 3000" in dockerfile
    config = yaml.safe_load((bento / "bento.yaml").read_text(encoding="utf-8"))
    assert config["services"][0]["config"]["workers"] == 1
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    for path in ("/livez", "/readyz"):
        assert path in operating


@pytest.mark.slow
def test_the_bento_describes_its_routes(bento: Path) -> None:
    schema = json.loads((bento / "apis" / "schema.json").read_text(encoding="utf-8"))
    routes = {route["route"].rpartition("/")[2] for route in schema["routes"]}
    # What answers with a job is among the pages of jobs.
    described = [one.name for one in discover(list(ROSTER)).endpoints if not one.runs_as_job]
    assert routes == set(described)
