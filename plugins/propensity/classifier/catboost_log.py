"""CatBoost's log, of which a process has one: held by a thread that never gives it back.

Whatever fits, or builds a pool to predict from, takes CatBoost's log and frees it at its end. Others that
fit at that moment write to what was freed: of some 20,000 to 60,000 fits of 50 rows, four at a time, one
ended the process (CatBoost 1.2.10; its issue 2620 is of the same log). While a thread has the log, what
others do leaves it alone.
"""

from __future__ import annotations

import functools
import threading
from concurrent.futures import Future

_once = threading.Lock()


def hold_log() -> None:
    """Has a thread take the log for as long as the process lives. Call it before CatBoost is used.

    Raises:
        catboost.CatBoostError: somebody else has the log.
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
    """Silence is of the process, too: who ends his fit lets those of others speak."""
