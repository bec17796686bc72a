from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from abintel.compiled import keep_compiled, warm
from abintel.discovery import Roster
from abintel.endpoint import Plugin


def test_compiled_code_is_kept_under_the_data_folder_unless_the_environment_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    keep_compiled(tmp_path)
    kept = Path(os.environ["NUMBA_CACHE_DIR"])
    assert kept.parent == tmp_path / "compiled"
    keep_compiled(tmp_path / "elsewhere")
    assert Path(os.environ["NUMBA_CACHE_DIR"]) == kept


def test_every_plugin_is_warmed_and_the_time_is_told(caplog: pytest.LogCaptureFixture) -> None:
    warmed: list[str] = []
    plugins = [Plugin(name, (), warm=lambda name=name: warmed.append(name)) for name in ("stove", "oven")]
    with caplog.at_level(logging.INFO, "abintel.compiled"):
        warm(Roster((*plugins, Plugin("fridge", ())), {}))
    assert warmed == ["stove", "oven"]
    assert "plugin oven warm after" in caplog.text
