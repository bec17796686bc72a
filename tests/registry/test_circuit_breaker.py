"""An MLflow that hangs is left alone for a while, by all but one caller at a time."""

from __future__ import annotations

import threading
import time

import pytest

from registry import circuit_breaker
from registry.circuit_breaker import CircuitBreaker, RegistryUnavailable


@pytest.fixture
def breaker(monkeypatch: pytest.MonkeyPatch) -> CircuitBreaker:
    monkeypatch.setattr(circuit_breaker, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(circuit_breaker, "RETRY_SECONDS", 0.5)
    return CircuitBreaker()


def hang(seconds: float) -> None:
    time.sleep(seconds)
    raise OSError("gone")


def fail(breaker: CircuitBreaker, after: float) -> str:
    with pytest.raises(RegistryUnavailable) as caught, breaker():
        hang(after)
    return str(caught.value)


def test_a_failure_that_comes_fast_changes_nothing(breaker: CircuitBreaker) -> None:
    assert fail(breaker, 0.0) == "OSError: gone"
    with breaker():
        pass


def test_after_a_wait_in_vain_nobody_waits_until_it_has_rested(breaker: CircuitBreaker) -> None:
    fail(breaker, 0.3)
    with pytest.raises(RegistryUnavailable, match="did not answer in time a moment ago"), breaker():
        raise AssertionError("not reached")
    time.sleep(0.6)
    with breaker():
        pass
    with breaker():
        pass


def test_then_one_caller_at_a_time_tries(breaker: CircuitBreaker) -> None:
    fail(breaker, 0.3)
    time.sleep(0.6)
    inside, done = threading.Event(), threading.Event()

    def tries() -> None:
        with breaker():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=tries)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(RegistryUnavailable), breaker():
        raise AssertionError("not reached")
    done.set()
    thread.join()
    with breaker():
        pass


def test_a_refusal_after_a_hang_is_no_hang(breaker: CircuitBreaker) -> None:
    fail(breaker, 0.3)
    time.sleep(0.6)
    fail(breaker, 0.0)
    with breaker():
        pass
