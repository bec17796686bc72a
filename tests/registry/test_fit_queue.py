"""Fits one after the other; of more than can be done, those that waited too long are told to come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from abintel.problem import Problem
from abintel.settings import Settings
from registry import fit_queue
from registry.fit_queue import SMALL_ROWS, FitQueues
from registry.registry import Registry
from tests.registry.conftest import Asker

CALLERS = 12


def asked(
    sent: FitQueues, rows: int, may_shed: bool, seconds: float, until: Callable[[float], bool]
) -> tuple[int, list[str]]:
    """How many fits were done by callers that ask again and again, and what the others were told."""
    began, done, told, at_once = time.monotonic(), [0], [], [0]
    guard = threading.Lock()

    def call(_: int) -> None:
        while until(time.monotonic() - began):
            try:
                with sent.slot("acme", rows, may_shed):
                    at_once[0] += 1
                    assert at_once[0] == 1, "two fits at once"
                    time.sleep(seconds)
                    at_once[0] -= 1
                    done[0] += 1
            except Problem as problem:
                with guard:
                    told.append(f"{problem.status} {problem.slug} {problem.headers['Retry-After']}")
                time.sleep(0.02)

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(call, range(CALLERS)))
    return done[0], told


@pytest.mark.parametrize(("may_shed", "rows"), [(False, SMALL_ROWS), (True, SMALL_ROWS + 1)])
def test_fits_of_many_rows_and_fits_that_may_not_be_shed_wait(
    monkeypatch: pytest.MonkeyPatch, may_shed: bool, rows: int
) -> None:
    monkeypatch.setattr(fit_queue, "TARGET_SECONDS", 0.05)
    monkeypatch.setattr(fit_queue, "INTERVAL_SECONDS", 0.2)
    done, told = asked(FitQueues(), rows, may_shed, 0.02, lambda now: now < 0.5)
    assert done > CALLERS
    assert told == []


def test_more_fits_than_can_be_done_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_queue, "TARGET_SECONDS", 0.05)
    monkeypatch.setattr(fit_queue, "INTERVAL_SECONDS", 0.2)
    sent = FitQueues()
    done, told = asked(sent, SMALL_ROWS, True, 0.02, lambda now: now < 1.0)
    assert done > CALLERS
    assert set(told) == {"503 saturated 2"}
    # Whoever comes when they are gone is taken.
    time.sleep(0.3)
    assert asked(sent, SMALL_ROWS, True, 0.0, lambda now: now < 0.01)[1] == []


def test_a_fit_that_fails_leaves_the_lane() -> None:
    sent = FitQueues()
    with pytest.raises(ZeroDivisionError), sent.slot("acme", 1, may_shed=True):
        raise ZeroDivisionError
    with sent.slot("acme", 1, may_shed=True):
        pass


@pytest.mark.parametrize(
    ("shed_fits", "kept", "may_shed"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_only_a_server_sheds_fits_and_only_those_whose_model_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, shed_fits: bool, kept: bool, may_shed: bool
) -> None:
    seen: list[tuple[str, int, bool]] = []
    slot = FitQueues.slot

    def noted(self: FitQueues, tenant: str, rows: int, may_shed: bool) -> Any:
        seen.append((tenant, rows, may_shed))
        return slot(self, tenant, rows, may_shed)

    monkeypatch.setattr(FitQueues, "slot", noted)
    assert Asker(Registry(settings, shed_fits=shed_fits))([1.0, 2.0], kept=kept).model == 1.5
    assert seen == [("acme", 2, may_shed)]
