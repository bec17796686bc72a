"""One training at a time: locks between processes, given back by the dead."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from stores.locks import Locks, LocksUnavailable, LockTimeout, locks_for
from tests import postgres

postgres_url = postgres.postgres_url
NOBODY = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture(params=["file", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A database URL and a data folder."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url")), tmp_path
    return "sqlite:///", tmp_path


@pytest.fixture
def locks(where: tuple[str, Path]) -> Locks:
    return locks_for(*where)


def hold_forever(where: tuple[str, Path], held: Any) -> None:
    with locks_for(*where).hold("model", 10):
        held.set()
        time.sleep(600)


def test_a_lock_is_held_by_one(locks: Locks, where: tuple[str, Path]) -> None:
    with locks.hold("model", 1), pytest.raises(LockTimeout), locks_for(*where).hold("model", 0.1):
        pass
    with locks_for(*where).hold("model", 1):
        pass


def test_threads_of_one_process_exclude_each_other(locks: Locks) -> None:
    inside, most, guard = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with locks.hold("model", 20):
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with guard:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_locks_of_different_models_do_not_wait_for_each_other(locks: Locks) -> None:
    with locks.hold("model", 1), locks.hold("another model", 0.1):
        pass


def test_where_no_file_can_be_locked_it_says_so(tmp_path: Path) -> None:
    locks = locks_for("sqlite:///", tmp_path)
    (tmp_path / "locks").rmdir()
    (tmp_path / "locks").write_text("no folder")
    with pytest.raises(LocksUnavailable), locks.hold("model", 1):
        raise AssertionError("not reached")


def test_where_postgresql_does_not_answer_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(LocksUnavailable), locks_for(NOBODY, tmp_path).hold("model", 1):
        raise AssertionError("not reached")


def test_a_lock_outlives_its_holders_death_for_nobody(locks: Locks, where: tuple[str, Path]) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=hold_forever, args=(where, held))
    holder.start()
    assert held.wait(60)
    with pytest.raises(LockTimeout), locks.hold("model", 0.1):
        pass
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with locks.hold("model", 20):
        pass
