from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from abintel import late
from abintel.discovery import Roster
from abintel.endpoint import Plugin


@pytest.fixture
def slow_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    (tmp_path / "slow_to_import.py").write_text("import threading\nby = threading.current_thread().name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "slow_to_import", raising=False)
    return "slow_to_import"


def test_what_fails_is_told_and_keeps_no_other_plugin(
    slow_module: str, caplog: pytest.LogCaptureFixture
) -> None:
    stove = Plugin("stove", (), late=late.importing("missing_library"))
    late.do_late(Roster((stove, Plugin("oven", (), late=late.importing(slow_module))), {}))
    assert slow_module in sys.modules
    assert "plugin stove: what it does late failed" in caplog.text
    assert "No module named 'missing_library'" in caplog.text


def test_a_server_does_it_in_a_thread_of_its_own(slow_module: str) -> None:
    late.begin(Roster((Plugin("oven", (), late=late.importing(slow_module)),), {}))
    for thread in threading.enumerate():
        if thread.name == "late":
            thread.join()
    assert sys.modules[slow_module].by == "late"
