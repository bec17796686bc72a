"""Evaluates a load test by phase, and the memory of the server."""

from __future__ import annotations

import bisect
import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from loadtests.judge import TURNED_AWAY, Objective
from loadtests.memory import WARM_UP_SECONDS, slope
from loadtests.shapes import KEEPS_UP, RATE

PHASES = "phases.csv"
"""File with the start, name and users of each phase."""
REQUESTS = "requests"
"""Prefix of the files with the requests."""
WORST_TIMES = 3.0
"""The factor by which the p95 of accepted requests may grow during an overload."""
RECOVERS_SECONDS = 10.0
TURNED_AWAY_SHARE = 0.01
"""The largest allowed share of rejected requests in a soak."""
SLOPE = 1.0
"""The allowed growth of a server's memory after the warm-up, in MB a minute."""


class Request(NamedTuple):
    """A finished request: its end (seconds), name, duration, and whether it failed."""

    moment: float
    name: str
    ms: float
    failed: bool


class Phase(NamedTuple):
    """A phase of a shape: its start (seconds), name and number of interactive users."""

    began: float
    name: str
    users: int


class Summary(NamedTuple):
    """A phase's requests.

    Attributes:
        answered: successes.
        in_time: those of them within the 95th percentile that their route has to keep.
        p50_ms, p95_ms: of the successes; None without any.
        turned_away: 429 and 503 with a word when to come back.
        failed: all others.
    """

    phase: Phase
    seconds: float
    answered: int
    in_time: int
    p50_ms: float | None
    p95_ms: float | None
    turned_away: int
    failed: int


def read_phases(folder: Path) -> list[Phase]:
    """The phases in order."""
    with (folder / PHASES).open(encoding="utf-8", newline="") as file:
        return [Phase(float(began), name, int(users)) for began, name, users in csv.reader(file)]


def read_requests(folder: Path) -> list[Request]:
    """The requests of all processes, sorted by their end."""
    found: list[Request] = []
    for path in sorted(folder.glob(f"{REQUESTS}-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            # The last line may be incomplete, because locust kills its processes.
            rows = [row for row in csv.reader(file) if len(row) == len(Request._fields)]
        found += [Request(float(moment), name, float(ms), failed == "1") for moment, name, ms, failed in rows]
    return sorted(found)


def quantile(values: Sequence[float], share: float) -> float | None:
    """A percentile by linear interpolation; None for no values.

    >>> quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    4.8
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def summaries(
    phases: Sequence[Phase], requests: Sequence[Request], objectives: Mapping[str, Objective]
) -> list[Summary]:
    """The requests of each phase, by the time that they were sent."""
    filed: dict[int, list[Request]] = defaultdict(list)
    starts = [phase.began for phase in phases]
    for request in requests:
        filed[bisect.bisect_right(starts, request.moment - request.ms / 1000) - 1].append(request)
    last = requests[-1].moment if requests else (starts[-1] if starts else 0.0)
    found = []
    for place, phase in enumerate(phases):
        of = filed[place]
        turned = [one for one in of if one.name.endswith(TURNED_AWAY)]
        answered = [one for one in of if not one.failed and not one.name.endswith(TURNED_AWAY)]
        well = [one.ms for one in answered]
        end = starts[place + 1] if place + 1 < len(starts) else last
        found.append(
            Summary(
                phase,
                max(end - phase.began, 1e-9),
                len(well),
                sum(one.name in objectives and one.ms <= objectives[one.name].p95_ms for one in answered),
                quantile(well, 0.5),
                quantile(well, 0.95),
                len(turned),
                sum(one.failed for one in of),
            )
        )
    return found


def table(found: Iterable[Summary]) -> str:
    """The phases as a Markdown table."""
    lines = [
        "| phase | users | answered a second | in time | p50 | p95 | turned away | failed |",
        "| --- " * 8 + "|",
    ]
    for one in found:
        p50, p95 = ("–" if ms is None else f"{ms:,.0f} ms" for ms in (one.p50_ms, one.p95_ms))
        lines.append(
            f"| {one.phase.name} | {one.phase.users} | {one.answered / one.seconds:,.0f} | "
            f"{one.in_time / max(1, one.answered + one.turned_away + one.failed):.1%} | {p50} | {p95} | "
            f"{one.turned_away:,} | {one.failed:,} |"
        )
    return "\n".join(lines)


def misses_of_overload(
    phases: Sequence[Phase], requests: Sequence[Request], objectives: Mapping[str, Objective]
) -> Iterator[str]:
    """The objectives that an overload missed, as sentences."""
    by_name = {one.phase.name: one for one in summaries(phases, requests, objectives)}
    bearable, overload, recovery = (by_name.get(name) for name in ("bearable", "overload", "recovery"))
    if bearable is None or overload is None or recovery is None:
        yield "the overload did not come to its end"
        return
    sent = RATE * bearable.phase.users * bearable.seconds
    if bearable.in_time < KEEPS_UP * sent:
        yield f"{bearable.in_time} of {sent:.0f} are answered in time of what it bears: begin with fewer"
    failed = bearable.failed + overload.failed + recovery.failed
    if failed:
        yield f"{failed} requests failed"
    if not overload.turned_away:
        yield "nothing was turned away"
    calm, busy = bearable.p95_ms, overload.p95_ms
    if calm is None or busy is None:
        yield "nothing was answered"
    elif busy > WORST_TIMES * calm:
        yield f"p95 of what is accepted is {busy:.0f} ms, {busy / calm:.1f} times that before ({calm:.0f} ms)"
    if calm is not None:
        since = recovery.phase.began + RECOVERS_SECONDS
        after = [one for one in requests if one.moment - one.ms / 1000 >= since]
        p95 = quantile([one.ms for one in after if not one.name.endswith(TURNED_AWAY)], 0.95)
        turned = sum(one.name.endswith(TURNED_AWAY) for one in after)
        if p95 is None or p95 > WORST_TIMES * calm:
            yield f"{RECOVERS_SECONDS:g} s after it p95 is {p95 or math.nan:.0f} ms"
        before = bearable.turned_away / sent
        if turned > max(TURNED_AWAY_SHARE, before) * len(after):
            yield f"{RECOVERS_SECONDS:g} s after it {turned} of {len(after)} are turned away"


def misses_of_soak(
    phases: Sequence[Phase], requests: Sequence[Request], memory: Sequence[tuple[float, float]]
) -> Iterator[str]:
    """The objectives that a soak missed, as sentences."""
    failed = sum(one.failed for one in requests)
    if not requests:
        yield "no request"
    if failed:
        yield f"{failed} requests failed"
    turned = sum(one.name.endswith(TURNED_AWAY) for one in requests)
    if turned > TURNED_AWAY_SHARE * len(requests):
        yield f"{turned} of {len(requests)} requests were turned away"
    grows = slope(memory)
    if grows is None:
        yield f"too short to tell how memory goes on: {WARM_UP_SECONDS:g} s are warm-up"
    elif grows > SLOPE:
        yield f"memory grows by {grows:.2f} MB a minute (at most {SLOPE:g})"
