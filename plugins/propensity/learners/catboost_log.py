"""CatBoost has one log per process; a thread takes it and never returns it.

Every fit, and every pool that is built for a prediction, takes CatBoost's log and frees it at the end.
Another fit that runs at that moment then writes to freed memory: one in some 20,000 to 60,000 fits of 50
rows, four at a time, ended the process (CatBoost 1.2.10; its issue 2620 is about the same log). While a
thread holds the log, fits leave it alone.
"""

from __future__ import annotations

import functools
import threading
from concurrent.futures import Future

_once = threading.Lock()


def hold_log() -> None:
    """Lets a thread hold the log until the process ends. Call it before CatBoost is used.

    Raises:
        catboost.CatBoostError: other code holds the log.
    """
    with _once:
        _held()


@functools.cache
def _held() -> None:
    taken: Future[None] = Future()
    threading.Thread(target=_hold, args=(taken,), name="catboost-log", daemon=True).start()
    taken.result()


def _hold(taken: Future[None]) -> None:
    from catboost import CatBoostError
    from catboost.core import log_fixup

    try:
        with log_fixup(_discard, _discard):
            taken.set_result(None)
            threading.Event().wait()
    except CatBoostError as error:
        taken.set_exception(error)


def _discard(text: str) -> None:
    """CatBoost's log is silenced for the whole process: the first fit to finish would restore it."""
