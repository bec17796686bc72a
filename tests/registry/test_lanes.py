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
from registry import lanes
from registry.lanes import FEW_ROWS, Lanes
from registry.registry import Registry
from tests.registry.conftest import Asker

CALLERS = 12


def asked(
    sent: Lanes, rows: int, patient: bool, seconds: float, until: Callable[[float], bool]
) -> tuple[int, list[str]]:
    """How many fits were done by callers that ask again and again, and what the others were told."""
    began, done, told, at_once = time.monotonic(), [0], [], [0]
    guard = threading.Lock()

    def call(_: int) -> None:
        while until(time.monotonic() - began):
            try:
                with sent.fit("acme", rows, patient):
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


@pytest.mark.parametrize(("patient", "rows"), [(True, FEW_ROWS), (False, FEW_ROWS + 1)])
def test_who_is_patient_and_who_fits_many_rows_waits(
    monkeypatch: pytest.MonkeyPatch, patient: bool, rows: int
) -> None:
    monkeypatch.setattr(lanes, "TARGET_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "BURST_SECONDS", 0.2)
    done, told = asked(Lanes(), rows, patient, 0.02, lambda now: now < 0.5)
    assert done > CALLERS
    assert told == []


def test_more_fits_than_can_be_done_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "TARGET_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "BURST_SECONDS", 0.2)
    sent = Lanes()
    done, told = asked(sent, FEW_ROWS, False, 0.02, lambda now: now < 1.0)
    assert done > CALLERS
    assert set(told) == {"503 saturated 2"}
    # Whoever comes when they are gone is taken.
    time.sleep(0.3)
    assert asked(sent, FEW_ROWS, False, 0.0, lambda now: now < 0.01)[1] == []


def test_a_fit_that_fails_leaves_the_lane() -> None:
    sent = Lanes()
    with pytest.raises(ZeroDivisionError), sent.fit("acme", 1, patient=False):
        raise ZeroDivisionError
    with sent.fit("acme", 1, patient=False):
        pass


@pytest.mark.parametrize(
    ("patient", "kept", "waits"), [(False, False, False), (False, True, True), (True, False, True)]
)
def test_only_a_server_and_only_what_is_not_kept_is_impatient(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, patient: bool, kept: bool, waits: bool
) -> None:
    seen: list[tuple[str, int, bool]] = []
    fit = Lanes.fit

    def noted(self: Lanes, tenant: str, rows: int, patient: bool) -> Any:
        seen.append((tenant, rows, patient))
        return fit(self, tenant, rows, patient)

    monkeypatch.setattr(Lanes, "fit", noted)
    assert Asker(Registry(settings, patient=patient))([1.0, 2.0], kept=kept).model == 1.5
    assert seen == [("acme", 2, waits)]
