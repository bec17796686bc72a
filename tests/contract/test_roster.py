"""Exactly the documented routes, each with its file and its test file where the URL says."""

from pathlib import Path

import pytest

from abintel.discovery import discover
from tests.contract.roster import ROSTER
from tests.serving import ROOT

ROUTES = [(plugin, route) for plugin, routes in ROSTER.items() for route in routes]


def test_the_roster_is_exactly_the_documented_one() -> None:
    found = {
        plugin.name: tuple(endpoint.name for endpoint in plugin.endpoints)
        for plugin in discover(list(ROSTER)).plugins
    }
    assert found == ROSTER


@pytest.mark.parametrize(("plugin", "route"), ROUTES)
def test_a_url_names_its_file_and_its_test(plugin: str, route: str) -> None:
    assert (ROOT / "plugins" / plugin / "endpoints" / f"{route}.py").is_file()
    assert (ROOT / "tests" / "plugins" / plugin / "endpoints" / f"test_{route}.py").is_file()


@pytest.mark.parametrize(("plugin", "route"), ROUTES)
def test_the_load_test_has_an_objective_for_it(plugin: str, route: str) -> None:
    objectives = Path(ROOT / "loadtests" / "slo.yaml").read_text(encoding="utf-8")
    assert f"{route}:" in objectives, f"{plugin}/{route} has no objective"
