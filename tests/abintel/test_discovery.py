"""What is served, what is left out and what keeps the server from starting; with real distributions."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from abintel.discovery import CannotStart, Roster, discover, missing_library, report
from tests.serving import ROOT

PLUGIN = """
from abintel.answer import Answer
from abintel.endpoint import Endpoint, Plugin
from abintel.fields import Body, Integer

class {prefix}Request(Body):
    size: Integer

class {prefix}Answer(Answer):
    size: int

def handle(request, call):
    return {{"size": request.size}}

PLUGIN = Plugin("{name}", (
    Endpoint("{route}", "How big?", {prefix}Request, {prefix}Answer, handle, {{"one": {{"size": 1}}}}),
))
"""
Install = Callable[..., None]


def plugin(name: str, route: str = "how_big", prefix: str = "HowBig") -> str:
    return PLUGIN.format(name=name, route=route, prefix=prefix)


def write(site: Path, name: str, code: str, requires: tuple[str, ...] = (), entry: str | None = None) -> None:
    """A distribution ``abintel-<name>`` with the module ``throwaway_<name>``, as an installer leaves it."""
    (site / f"throwaway_{name}.py").write_text(code, encoding="utf-8")
    info = site / f"abintel_{name}-1.0.dist-info"
    info.mkdir()
    metadata = ["Metadata-Version: 2.1", f"Name: abintel-{name}", "Version: 1.0"]
    for requirement in requires:
        metadata += [f"Provides-Extra: {name}", f'Requires-Dist: {requirement}; extra == "{name}"']
    (info / "METADATA").write_text("\n".join([*metadata, ""]), encoding="utf-8")
    points = f"[abintel.plugins]\n{entry or name} = throwaway_{name}:PLUGIN\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes a distribution and puts it on the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(*arguments: str, **options: tuple[str, ...] | str) -> None:
        write(tmp_path, *arguments, **options)

    yield install
    for name in [name for name in sys.modules if name.startswith("throwaway_")]:
        del sys.modules[name]


def refusal(*only: str) -> str:
    with pytest.raises(CannotStart) as raised:
        discover(only)
    return str(raised.value)


def served(roster: Roster) -> list[str]:
    return [plugin.name for plugin in roster.plugins]


def test_a_strangers_plugin_is_served_beside_ours(install: Install) -> None:
    install("bakery", plugin("bakery"))
    roster = discover(["customer", "bakery"])
    assert served(roster) == ["bakery", "customer"]
    assert roster.endpoints[0].route == "/api/v1/ai/how_big"
    assert [plugin.name for plugin, _ in roster][:2] == ["bakery", "customer"]


def test_without_names_everything_installed_is_served(install: Install) -> None:
    install("bakery", plugin("bakery"))
    assert {"bakery", "customer"} <= set(served(discover()))


def test_no_plugin_to_serve_is_refused() -> None:
    assert refusal() == "no plugin to serve in the group 'abintel.plugins'"


def test_an_unknown_name_is_refused_with_those_there_are(install: Install) -> None:
    install("bakery", plugin("bakery"))
    text = refusal("customer", "clvv", "bread")
    assert text.startswith("ABINTEL_PLUGINS names bread, clvv, but installed are: bakery, clv, customer")


def test_a_route_twice_is_refused(install: Install) -> None:
    install("one", plugin("one"))
    install("two", plugin("two", prefix="Other"))
    assert refusal("one", "two") == "route /api/v1/ai/how_big is in plugin 'one' and in 'two'"


def test_a_schema_name_twice_is_refused(install: Install) -> None:
    install("one", plugin("one", "how_big"))
    install("two", plugin("two", "how_small"))
    assert refusal("one", "two") == (
        "schema 'HowBigRequest' is defined differently by how_big and by how_small: "
        "rename one, or one would overwrite the other in the API description"
    )


def test_a_schema_named_like_the_servers_own_is_refused(install: Install) -> None:
    code = plugin("one").replace("HowBigAnswer", "ProblemDocument")
    install("one", code)
    assert refusal("one").startswith(
        "schema 'ProblemDocument' is defined differently by the server and by how_big: rename one"
    )


@pytest.mark.parametrize("name", ["to_async", "to_sync", "is_ready"])
def test_a_route_named_like_a_method_of_bentoml_is_refused(install: Install, name: str) -> None:
    install("one", plugin("one", name))
    assert refusal("one") == f"route /api/v1/ai/{name} of plugin 'one': the name is BentoML's own"


def test_two_plugins_of_one_name_are_refused(install: Install) -> None:
    install("one", plugin("one"))
    install("two", plugin("two", "how_small", "Other"), entry="one")
    text = refusal("one")
    assert text.startswith("two plugins are called 'one': throwaway_")


def test_a_plugin_that_calls_itself_otherwise_is_refused(install: Install) -> None:
    install("one", plugin("two"))
    assert refusal("one") == "plugin 'one' calls itself 'two'; name both alike"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise ValueError('no oven')", "ValueError('no oven')"),
        ("import no_such_module", "ModuleNotFoundError(\"No module named 'no_such_module'\")"),
        ("raise OSError('disk on fire')", "OSError('disk on fire')"),
        ("x = 1", "AttributeError(\"module 'throwaway_one' has no attribute 'PLUGIN'\")"),
        ("def", "SyntaxError('invalid syntax', "),
    ],
)
def test_a_plugin_that_does_not_import_is_refused(install: Install, code: str, error: str) -> None:
    install("one", code)
    assert refusal("one", "customer").startswith(f"plugin 'one' does not import: {error}")


def test_an_object_that_is_no_plugin_is_refused(install: Install) -> None:
    install("one", "PLUGIN = []")
    assert refusal("one") == "plugin 'one': throwaway_one:PLUGIN is no abintel.endpoint.Plugin"


def test_a_schema_that_cannot_be_read_fast_is_refused(install: Install) -> None:
    code = plugin("one").replace(
        "class HowBigAnswer",
        "@model_validator(mode='after')\n    def x(self): return self\n\nclass HowBigAnswer",
    )
    install(
        "one",
        "from pydantic import model_validator\n"
        + code.replace("size: Integer\n\n@", "size: Integer\n\n    @"),
    )
    assert refusal("one") == (
        "route /api/v1/ai/how_big of plugin 'one': HowBigRequest has validators: "
        "put its rules into the endpoint's check"
    )


LOADER = "libgomp.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    "code",
    [
        f"raise OSError({LOADER!r})",
        f"raise ImportError({LOADER!r})",
        f"class LibraryError(ValueError): pass\nraise LibraryError('could not be loaded: [{LOADER}]')",
    ],
)
def test_a_missing_system_library_leaves_its_plugin_out_and_serves_the_rest(
    install: Install, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    install("one", code)
    roster = discover(["one", "customer"])
    assert served(roster) == ["customer"]
    reason = "the system library libgomp.so.1 is missing; install it: apt-get install -y libgomp1"
    assert roster.left_out == {"one": reason}
    with caplog.at_level(logging.INFO, "abintel.discovery"):
        report(roster)
    assert caplog.messages[-1] == f"plugin one is not served: {reason}"
    assert caplog.messages[0].startswith("plugin customer: /api/v1/ai/customer_features, ")


def test_a_missing_library_of_the_only_plugin_is_refused_with_the_reason(install: Install) -> None:
    install("one", f"raise OSError({LOADER!r})")
    assert refusal("one") == (
        "no plugin to serve in the group 'abintel.plugins' "
        "(one: the system library libgomp.so.1 is missing; install it: apt-get install -y libgomp1)"
    )


def test_a_library_of_no_known_package_is_named() -> None:
    assert missing_library("libodd.so.2") == (
        "the system library libodd.so.2 is missing; install the package that brings it"
    )


def test_an_extra_that_is_not_installed_leaves_its_plugin_out(install: Install) -> None:
    install("one", "raise ValueError('must not be imported')", requires=("no-such-dist>=2", "numpy"))
    roster = discover()
    assert "customer" in served(roster)
    assert roster.left_out["one"] == "no-such-dist not installed; install abintel[one]"


def test_an_extra_that_is_not_installed_is_refused_if_its_plugin_is_named(install: Install) -> None:
    install("one", plugin("one"), requires=("no-such-dist>=2", "nor-this-one"))
    assert refusal("one", "customer") == (
        "plugin 'one': no-such-dist, nor-this-one not installed; install abintel[one]"
    )


def test_an_extra_that_is_installed_serves_its_plugin(install: Install) -> None:
    install("one", plugin("one"), requires=("numpy>=1",))
    assert served(discover(["one"])) == ["one"]


@pytest.mark.parametrize("name", ["plugins", "registry"])
def test_another_distributions_package_of_our_name_is_refused(name: str, tmp_path: Path) -> None:
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").touch()
    assert starting(tmp_path) == (
        f"the package {name!r} is another distribution's ({package}); "
        "install abintel into an environment of its own"
    )


def test_another_distribution_that_installs_our_package_is_refused(tmp_path: Path) -> None:
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
    (info / "top_level.txt").write_text("registry\n", encoding="utf-8")
    assert starting(tmp_path) == (
        "the package 'registry' is also installed by stranger; install abintel into an environment of its own"
    )


def starting(first_on_path: Path) -> str:
    """Why a process with another folder first on its path does not start."""
    program = (
        "from abintel.discovery import CannotStart, discover\n"
        "try: discover(['customer'])\n"
        "except CannotStart as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(first_on_path), str(ROOT)])}
    ran = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment, cwd="/"
    )
    return ran.stdout.strip()
