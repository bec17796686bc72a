from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from abintel import preload
from abintel.discovery import Roster
from abintel.endpoint import Plugin


@pytest.fixture
def slow_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    (tmp_path / "slow_to_import.py").write_text("import threading\nby = threading.current_thread().name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "slow_to_import", raising=False)
    return "slow_to_import"


def test_a_failed_preload_is_logged_and_other_plugins_still_preload(
    slow_module: str, caplog: pytest.LogCaptureFixture
) -> None:
    stove = Plugin("stove", (), preload=preload.importing("missing_library"))
    preload.preload_plugins(Roster((stove, Plugin("oven", (), preload=preload.importing(slow_module))), {}))
    assert slow_module in sys.modules
    assert "plugin stove: preloading failed" in caplog.text
    assert "No module named 'missing_library'" in caplog.text


def test_a_server_preloads_in_a_separate_thread(slow_module: str) -> None:
    preload.start_preloading(Roster((Plugin("oven", (), preload=preload.importing(slow_module)),), {}))
    for thread in threading.enumerate():
        if thread.name == "preload":
            thread.join()
    assert sys.modules[slow_module].by == "preload"
