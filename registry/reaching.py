"""What it is to reach MLflow: its failures under one name, and no waiting for it twice in a row."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

SLOW_SECONDS = 1.0
REST_SECONDS = 5.0
"""How long MLflow is left alone after it kept a caller waiting in vain."""


class RegistryUnavailable(Exception):
    """MLflow does not answer, or not in time."""


@contextlib.contextmanager
def reaching_mlflow() -> Iterator[None]:
    """Turns whatever a missing MLflow raises into :class:`RegistryUnavailable`."""
    import mlflow  # noqa: F401  # all of it, before anybody looks at the clock
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, requests.RequestException, SQLAlchemyError, OSError) as error:
        raise RegistryUnavailable(f"{type(error).__name__}: {str(error)[:200]}") from error


class Reach:
    """Reaches MLflow, as often as it is called.

    An MLflow that hangs costs each caller its 2 s and one retry, and with it a thread that other routes need.
    So after such a wait one caller at a time tries again, every :data:`REST_SECONDS`; the others are told at
    once. A failure that comes fast, such as a refused connection, costs nothing and changes nothing.
    """

    def __init__(self) -> None:
        self._hangs = False
        self._again_at = float("-inf")
        self._trying = threading.Lock()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises :class:`RegistryUnavailable` for what goes wrong within."""
        tries = self._hangs
        if tries and (time.monotonic() < self._again_at or not self._trying.acquire(blocking=False)):
            raise RegistryUnavailable("it did not answer in time a moment ago")
        began = float("inf")
        try:
            with reaching_mlflow():
                # Not before: MLflow is imported here, and that takes seconds.
                began = time.monotonic()
                yield
            self._hangs = False
        except RegistryUnavailable:
            self._again_at = time.monotonic() + REST_SECONDS
            self._hangs = time.monotonic() - began >= SLOW_SECONDS
            raise
        finally:
            if tries:
                self._trying.release()
