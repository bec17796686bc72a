"""An MLflow that hangs is left alone for a while, by all but one caller at a time."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED, UNAUTHENTICATED

from registry import circuit_breaker
from registry.circuit_breaker import CircuitBreaker, RegistryRefused, RegistryUnavailable


@pytest.fixture
def breaker(monkeypatch: pytest.MonkeyPatch) -> CircuitBreaker:
    monkeypatch.setattr(circuit_breaker, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(circuit_breaker, "RETRY_SECONDS", 0.5)
    return CircuitBreaker()


def hang(seconds: float, error: Exception | None = None) -> None:
    time.sleep(seconds)
    raise error or OSError("gone")


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


def artifact_error(status: int) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(f"{status}", response=response)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MlflowException("who?", UNAUTHENTICATED), 401),
        (MlflowException("no", PERMISSION_DENIED), 403),
        (artifact_error(401), 401),
        (artifact_error(403), 403),
    ],
)
def test_a_refusal_is_told_from_an_outage_and_never_opens_the_circuit(
    breaker: CircuitBreaker, error: Exception, status: int
) -> None:
    with pytest.raises(RegistryRefused) as caught, breaker():
        hang(0.3, error)
    assert caught.value.status == status
    assert f"({status})" in caught.value.headline
    with breaker():
        pass


def test_another_status_is_an_outage(breaker: CircuitBreaker) -> None:
    with pytest.raises(RegistryUnavailable) as caught, breaker():
        raise artifact_error(502)
    assert type(caught.value) is RegistryUnavailable


def test_the_last_failure_is_reported_until_mlflow_answers(breaker: CircuitBreaker) -> None:
    assert breaker.failure() is None
    fail(breaker, 0.0)
    assert breaker.failure() == "the model registry does not answer, 0 s ago"
    with breaker():
        pass
    assert breaker.failure() is None


def test_a_denied_permission_is_reported_although_other_calls_succeed(
    breaker: CircuitBreaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RegistryRefused), breaker():
        raise MlflowException("no", PERMISSION_DENIED)
    with breaker():
        pass
    assert breaker.failure() == "the model registry denies this server a permission (403), 0 s ago"
    monkeypatch.setattr(circuit_breaker, "DENIAL_SECONDS", -1.0)
    assert breaker.failure() is None
