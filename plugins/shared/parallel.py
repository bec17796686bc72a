"""Tasks that share the processors: each runs in one thread, and the results keep the order of the tasks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")


def in_parallel(
    tasks: Sequence[Callable[[], T]], done: Callable[[float], None] = lambda share: None
) -> list[T]:
    """Results in the order of the tasks, whatever the number of processors.

    Args:
        tasks: started in this order, as many at a time as there are processors. Put the longest first: a long
            task that starts last leaves the other processors idle.
        done: told the share of finished tasks after each, by the calling thread.

    >>> in_parallel([lambda: 1, lambda: 2])
    [1, 2]
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(task) for task in tasks]
        for count, _ in enumerate(as_completed(futures), 1):
            done(count / len(futures))
        return [future.result() for future in futures]
