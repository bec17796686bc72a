from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from abintel.compile_cache import set_compile_cache, warm_up
from abintel.discovery import Roster
from abintel.endpoint import Plugin


def test_compiled_code_is_kept_under_the_data_folder_unless_the_environment_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    set_compile_cache(tmp_path)
    kept = Path(os.environ["NUMBA_CACHE_DIR"])
    assert kept.parent == tmp_path / "compiled"
    set_compile_cache(tmp_path / "elsewhere")
    assert Path(os.environ["NUMBA_CACHE_DIR"]) == kept


def test_every_plugin_is_warmed_and_the_time_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "compiled"))
    warmed: list[str] = []
    plugins = [Plugin(name, (), warm=lambda name=name: warmed.append(name)) for name in ("stove", "oven")]
    with caplog.at_level(logging.INFO, "abintel.compile_cache"):
        warm_up(Roster((*plugins, Plugin("fridge", ())), {}), tmp_path)
    assert warmed == ["stove", "oven"]
    assert "plugin oven warm after" in caplog.text
    assert "first start: compiling 2 of 3: oven" in caplog.text


def test_a_start_with_compiled_code_does_not_say_that_it_compiles(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "stove").mkdir()
    (tmp_path / "stove" / "kernel.nbi").touch()
    with caplog.at_level(logging.INFO, "abintel.compile_cache"):
        warm_up(Roster((Plugin("stove", ()),), {}), tmp_path)
    assert "plugin stove warm after" in caplog.text
    assert "first start" not in caplog.text


def test_who_shares_the_folder_shares_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "compiled"))
    order: list[str] = []
    stove_is_on, oven_is_on = threading.Event(), threading.Event()

    def stove() -> None:
        order.append("stove")
        stove_is_on.set()
        assert oven_is_on.wait(30)  # the other one does not wait for this one

    def oven() -> None:
        order.append("oven")
        oven_is_on.set()

    roster = Roster((Plugin("stove", (), warm=stove), Plugin("oven", (), warm=oven)), {})
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(warm_up, roster, tmp_path)
        assert stove_is_on.wait(30)
        second = pool.submit(warm_up, roster, tmp_path)
        first.result(30)
        second.result(30)
    assert order[:2] == ["stove", "oven"]
    assert sorted(order) == ["oven", "oven", "stove", "stove"]


def test_compiled_code_that_is_only_to_be_read_is_warmed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "a file" / "compiled"))
    warmed: list[str] = []
    warm_up(Roster((Plugin("stove", (), warm=lambda: warmed.append("stove")),), {}), tmp_path)
    assert warmed == ["stove"]
    assert (tmp_path / "stove.lock").exists()


def test_code_of_another_processor_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("llvmlite.binding")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "processor.txt").write_text("another\n+oldest\n")
    for _ in range(2):
        warm_up(Roster((), {}), tmp_path)
    [told] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told.startswith("the compiled code is for the processor another, and this one is ")
