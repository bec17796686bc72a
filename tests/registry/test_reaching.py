"""An MLflow that hangs is left alone for a while, by all but one caller at a time."""

from __future__ import annotations

import threading
import time

import pytest

from registry import reaching
from registry.reaching import Reach, RegistryUnavailable


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Reach:
    monkeypatch.setattr(reaching, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(reaching, "REST_SECONDS", 0.5)
    return Reach()


def hang(seconds: float) -> None:
    time.sleep(seconds)
    raise OSError("gone")


def fail(reach: Reach, after: float) -> str:
    with pytest.raises(RegistryUnavailable) as caught, reach():
        hang(after)
    return str(caught.value)


def test_a_failure_that_comes_fast_changes_nothing(reach: Reach) -> None:
    assert fail(reach, 0.0) == "OSError: gone"
    with reach():
        pass


def test_after_a_wait_in_vain_nobody_waits_until_it_has_rested(reach: Reach) -> None:
    fail(reach, 0.3)
    with pytest.raises(RegistryUnavailable, match="did not answer in time a moment ago"), reach():
        raise AssertionError("not reached")
    time.sleep(0.6)
    with reach():
        pass
    with reach():
        pass


def test_then_one_caller_at_a_time_tries(reach: Reach) -> None:
    fail(reach, 0.3)
    time.sleep(0.6)
    inside, done = threading.Event(), threading.Event()

    def tries() -> None:
        with reach():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=tries)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(RegistryUnavailable), reach():
        raise AssertionError("not reached")
    done.set()
    thread.join()
    with reach():
        pass


def test_a_refusal_after_a_hang_is_no_hang(reach: Reach) -> None:
    fail(reach, 0.3)
    time.sleep(0.6)
    fail(reach, 0.0)
    with reach():
        pass
