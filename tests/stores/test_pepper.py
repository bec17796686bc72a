from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from abintel.discovery import CannotStart
from abintel.settings import Settings
from stores.pepper import load_pepper


def _settings(home: Path, **environment: str) -> Settings:
    return Settings.from_environment({"ABINTEL_HOME": str(home), **environment})


def _put(home: Path, found: multiprocessing.SimpleQueue[bytes]) -> None:
    found.put(load_pepper(_settings(home)))


def test_the_setting_is_the_pepper_and_no_file_is_made(tmp_path: Path) -> None:
    assert load_pepper(_settings(tmp_path, ABINTEL_PEPPER="0123456789abcdef")) == b"0123456789abcdef"
    assert list(tmp_path.iterdir()) == []


def test_a_short_pepper_is_warned_of_without_being_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_pepper(_settings(tmp_path, ABINTEL_PEPPER="salt&vinegar"))
    assert "ABINTEL_PEPPER is shorter than 16 characters" in caplog.text
    assert "vinegar" not in caplog.text


def test_a_pepper_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = load_pepper(_settings(tmp_path / "home"))
    assert len(first) == 43
    assert load_pepper(_settings(tmp_path / "home")) == first
    assert (tmp_path / "home" / "pepper").stat().st_mode & 0o777 == 0o600
    assert load_pepper(_settings(tmp_path / "other")) != first


def test_first_starts_at_once_agree_on_one_pepper(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    found = context.SimpleQueue()
    processes = [context.Process(target=_put, args=(tmp_path, found)) for _ in range(4)]
    for process in processes:
        process.start()
    peppers = {found.get() for _ in processes}
    for process in processes:
        process.join()
    assert peppers == {load_pepper(_settings(tmp_path))}


def test_an_empty_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("\n")
    with pytest.raises(CannotStart, match="pepper is empty: restore it from a backup, or delete it and make"):
        load_pepper(_settings(tmp_path))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"file/home/pepper cannot be used: .*; or set ABINTEL_PEPPER"):
        load_pepper(_settings(tmp_path / "file" / "home"))
