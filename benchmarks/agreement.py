"""Whether the obvious implementation's answer says what ours says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from scipy.stats import spearmanr

from benchmarks.work import Work

SHOWN = 3


def values(answer: Any, path: str) -> Iterator[Any]:
    """What a path of keys leads to, ``*`` standing for every item in turn.

    >>> list(values({"a": [{"b": 1}, {"b": 2}]}, "a.*.b"))
    [1, 2]
    """
    head, _, rest = path.partition(".")
    if head == "*":
        found = answer.values() if isinstance(answer, Mapping) else answer
    else:
        found = [answer[int(head) if isinstance(answer, list) else head]]
    for one in found:
        if rest:
            yield from values(one, rest)
        else:
            yield one


def _differ(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return not math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    return bool(one != other)


def disagreements(work: Work, ours: Any, theirs: Any) -> list[str]:
    """What differs of two answers that must not, as sentences; empty if they agree.

    Args:
        work: says what has to agree, and how closely.
        ours: our answer.
        theirs: that of the obvious implementation.
    """
    said = []
    for path, tolerance in work.same.items():
        pairs = list(zip(values(ours, path), values(theirs, path), strict=True))
        if not pairs:
            said.append(f"{path}: nothing to compare")
        wrong = [(place, *pair) for place, pair in enumerate(pairs) if _differ(*pair, tolerance)]
        if wrong:
            shown = ", ".join(f"{mine!r} and {other!r} at {place}" for place, mine, other in wrong[:SHOWN])
            said.append(f"{path}: {len(wrong)} of {len(pairs)} differ: {shown}")
    if work.alike is not None:
        path, least = work.alike
        mine, other = list(values(ours, path)), list(values(theirs, path))
        found = float(spearmanr(mine, other).statistic) if len(mine) == len(other) else math.nan
        if not found >= least:
            said.append(f"{path}: rank correlation {found:.3f}, at least {least} is wanted")
    return said
