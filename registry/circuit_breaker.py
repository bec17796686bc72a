"""A circuit breaker around MLflow: one exception for its failures, and no second wait for an MLflow that
hangs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

SLOW_SECONDS = 1.0
"""A failed call that took so long means that MLflow hangs."""
RETRY_SECONDS = 5.0
"""How long MLflow is left alone after it hung."""


class RegistryUnavailable(Exception):
    """MLflow does not answer, or not in time."""


@contextlib.contextmanager
def mlflow_errors() -> Iterator[None]:
    """Turns every exception of an unreachable MLflow into :class:`RegistryUnavailable`."""
    import mlflow  # noqa: F401  # the whole import happens before anybody looks at the clock
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, requests.RequestException, SQLAlchemyError, OSError) as error:
        raise RegistryUnavailable(f"{type(error).__name__}: {str(error)[:200]}") from error


class CircuitBreaker:
    """Wraps calls of MLflow.

    An MLflow that hangs costs each caller 2 s and one retry, and keeps a thread that other routes need. After
    such a wait the circuit is open: one caller tries again every :data:`RETRY_SECONDS`, and the others fail
    at once. A fast failure, such as a refused connection, costs nothing and does not open the circuit.
    """

    def __init__(self) -> None:
        self._open = False
        self._retry_at = float("-inf")
        self._trying = threading.Lock()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Guards the calls in a block.

        Raises:
            RegistryUnavailable: MLflow does not answer, or the circuit is open.
        """
        retries = self._open
        if retries and (time.monotonic() < self._retry_at or not self._trying.acquire(blocking=False)):
            raise RegistryUnavailable("it did not answer in time a moment ago")
        began = float("inf")
        try:
            with mlflow_errors():
                # The clock starts only now: entering the block imports MLflow, which takes seconds.
                began = time.monotonic()
                yield
            self._open = False
        except RegistryUnavailable:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._open = time.monotonic() - began >= SLOW_SECONDS
            raise
        finally:
            if retries:
                self._trying.release()
