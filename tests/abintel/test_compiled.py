from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path

import pytest

from abintel.compiled import begin_to_import, import_late, keep_compiled, warm
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


@pytest.fixture
def slow_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    (tmp_path / "slow_to_import.py").write_text("import threading\nby = threading.current_thread().name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "slow_to_import", raising=False)
    return "slow_to_import"


def test_late_modules_are_imported_and_one_that_is_missing_keeps_no_other(
    slow_module: str, caplog: pytest.LogCaptureFixture
) -> None:
    import_late(Roster((Plugin("oven", (), late=("missing_library", slow_module)),), {}))
    assert slow_module in sys.modules
    assert "missing_library cannot be imported: No module named 'missing_library'" in caplog.text


def test_a_server_imports_them_in_a_thread_of_their_own(slow_module: str) -> None:
    begin_to_import(Roster((Plugin("oven", (), late=(slow_module,)),), {}))
    for thread in threading.enumerate():
        if thread.name == "imports":
            thread.join()
    assert sys.modules[slow_module].by == "imports"
