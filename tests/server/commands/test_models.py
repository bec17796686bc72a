"""``abintel models``: what a reviewer does from a terminal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from abintel.settings import Settings
from registry.names import model_name
from server.cli import main
from tests.registry import conftest as registries
from tests.registry.conftest import Asker

# A registry on SQLite, where the other commands' tests take the record of jobs on both databases.
migrated = registries.migrated
settings = registries.settings
registry = registries.registry
ask = registries.ask

NAME = model_name("acme", "mean_of_labels", {"campaign_id": "Spring Promo"})


class Terminal:
    def __init__(self, settings: Settings) -> None:
        self._env = {"ABINTEL_HOME": str(settings.home), "MLFLOW_TRACKING_URI": None}

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["models", *arguments], env=self._env)


@pytest.fixture
def terminal(settings: Settings, ask: Asker) -> Terminal:
    ask([1.0, 2.0, 3.0])
    ask([1.0, 2.0, 6.0])
    return Terminal(settings)


def test_list_names_models_and_champions(terminal: Terminal) -> None:
    assert terminal("list").output == f"{NAME}  champion 2 of 2\n"
    assert json.loads(terminal("list", "acme", "--json").output)[0]["champion"] == "2"
    assert terminal("list", "other").output == "no models\n"


def test_show_tells_versions_and_the_record_of_champions(terminal: Terminal) -> None:
    shown = json.loads(terminal("show", NAME, "--json").output)
    assert [row["version"] for row in shown["versions"]] == ["2", "1"]
    assert [entry["champion"] for entry in shown["champion_record"]] == ["1 trained", "2 trained"]
    assert "champion since 2026-03-01T12:00:00Z: 1 trained" in terminal("show", NAME).output


def test_promote_rolls_back_reject_takes_out_and_pin_holds(terminal: Terminal, ask: Asker) -> None:
    assert terminal("promote", NAME, "1").output == f"{NAME}: version 1 is champion\n"
    assert ask().info["model_version"] == "1"
    assert terminal("pin", NAME).output == f"{NAME}: pinned\n"
    ask([7.0, 8.0, 9.0])
    assert ask().info["model_version"] == "1"
    assert terminal("pin", NAME, "--off").output == f"{NAME}: unpinned\n"
    assert terminal("reject", NAME, "1").output == f"{NAME}: version 1 is rejected\n"
    assert ask().model is None


def test_sweep_lists_first_and_removes_with_yes(terminal: Terminal) -> None:
    # The versions of these tests were trained on 1 March 2026 and have expired since.
    dry = terminal("sweep").output
    assert dry.endswith("2 would be removed; say --yes\n")
    assert len(json.loads(terminal("show", NAME, "--json").output)["versions"]) == 2
    assert terminal("sweep", "--yes").output.endswith("2 removed\n")
    assert json.loads(terminal("show", NAME, "--json").output)["versions"] == []


def test_a_name_that_is_not_there_is_told_in_a_line(terminal: Terminal) -> None:
    result = terminal("show", "nobody")
    assert result.exit_code == 2
    assert result.output == "abintel: no model 'nobody'; `abintel models list` shows all models\n"
