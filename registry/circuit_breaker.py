"""A circuit breaker around MLflow: one exception for its failures, and no second wait for an MLflow that
hangs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

SLOW_SECONDS = 1.0
"""A failed call that took so long means that MLflow hangs."""
RETRY_SECONDS = 5.0
"""How long MLflow is left alone after it hung."""


DENIAL_SECONDS = 600.0
"""How long a denied permission is reported. Other calls succeed meanwhile, so success does not end it."""
_STATUS = {"UNAUTHENTICATED": 401, "CUSTOMER_UNAUTHORIZED": 401, "PERMISSION_DENIED": 403}
"""MLflow's error codes for the statuses of a refusal."""


class RegistryUnavailable(Exception):
    """MLflow does not answer, or not in time.

    Attributes:
        headline: the fault in a few words, for the log, ``/readyz`` and the problem document.
        remedy: what helps.
    """

    headline = "the model registry does not answer"
    remedy = "try again"


class RegistryRefused(RegistryUnavailable):
    """MLflow answers, but with 401 (it does not know the credentials) or 403 (they lack a permission).

    Args:
        status: 401 or 403.
        detail: what MLflow said.
    """

    remedy = "the operator of this server must correct this first"

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        if status == 401:
            self.headline = "the model registry does not accept this server's credentials (401)"
        else:
            self.headline = "the model registry denies this server a permission (403)"


@contextlib.contextmanager
def mlflow_errors() -> Iterator[None]:
    """Turns every exception of an unreachable MLflow into :class:`RegistryUnavailable`, and a refusal into
    :class:`RegistryRefused`."""
    import mlflow  # noqa: F401  # the whole import happens before anybody looks at the clock
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, requests.RequestException, SQLAlchemyError, OSError) as error:
        detail = f"{type(error).__name__}: {str(error)[:200]}"
        status = _status(error)
        if status in (401, 403):
            raise RegistryRefused(status, detail) from error
        raise RegistryUnavailable(detail) from error


def _status(error: Exception) -> int | None:
    """The HTTP status in an exception of MLflow's client: its own, or that of requests for artifacts."""
    response = getattr(error, "response", None)
    if response is not None:
        return int(response.status_code)
    return _STATUS.get(getattr(error, "error_code", ""))


@dataclass(frozen=True)
class _Failure:
    at: float
    headline: str


class CircuitBreaker:
    """Wraps calls of MLflow.

    An MLflow that hangs costs each caller 2 s and one retry, and keeps a thread that other routes need. After
    such a wait the circuit is open: one caller tries again every :data:`RETRY_SECONDS`, and the others fail
    at once. A fast failure, such as a refused connection, costs nothing and does not open the circuit. Nor
    does a refusal (401, 403), however slow, because MLflow answers.
    """

    def __init__(self) -> None:
        self._open = False
        self._retry_at = float("-inf")
        self._trying = threading.Lock()
        self._failed: _Failure | None = None
        self._denied: _Failure | None = None

    def failure(self) -> str | None:
        """What the last failed call reported, and its age; None if MLflow has answered since.

        A denied permission is reported for :data:`DENIAL_SECONDS`, although other calls succeed.
        """
        failure = self._failed or self._denied
        if failure is None:
            return None
        age = time.monotonic() - failure.at
        if failure is self._denied and age > DENIAL_SECONDS:
            return None
        return f"{failure.headline}, {age:.0f} s ago"

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
            self._failed = None
        except RegistryUnavailable as error:
            now = time.monotonic()
            self._retry_at = now + RETRY_SECONDS
            self._open = now - began >= SLOW_SECONDS and not isinstance(error, RegistryRefused)
            if isinstance(error, RegistryRefused) and error.status == 403:
                self._failed, self._denied = None, _Failure(now, error.headline)
            else:
                self._failed = _Failure(now, error.headline)
            raise
        finally:
            if retries:
                self._trying.release()
