"""``make bench``: every route beside the obvious implementation, in one run, into ``benchmarks/RESULTS.md``.

Both servers stand on loopback; each measurement is a whole request, from the first byte sent to the last one
received, ours and the obvious one's in turns with the same body. What trains a model gets another body each
time, so that it trains anew; rows "again" send the same one. ``ROUTES=customer_rfm,nps`` measures those alone
and writes nothing; ``QUICK=1`` measures the quarters alone.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks import light, serving
from benchmarks.agreement import disagreements
from benchmarks.serving import Measured, Refused, Server
from benchmarks.work import Work
from benchmarks.works import WORKS

RESULTS = Path(__file__).with_name("RESULTS.md")
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
LEAST_RUNS, MOST_RUNS = 3, 15
SECONDS_A_ROW = 4.0
"""Further pairs are measured until a row took this long; one that takes longer is measured once."""
LONGEST_OBVIOUS_SECONDS = 12.0
"""Once the obvious implementation took longer for a work, it is not given the larger bodies of that work."""
LEAST_RATIO = 5.0


class Row(NamedTuple):
    """What was measured of a work at a size.

    Attributes:
        work: what.
        size: of its unit.
        mb: of the body.
        ours: our measurements.
        theirs: those of the obvious implementation; empty if it was not given this size.
    """

    work: Work
    size: int
    mb: float
    ours: list[Measured]
    theirs: list[Measured]

    @property
    def seconds(self) -> float:
        """Our median."""
        return statistics.median(one.seconds for one in self.ours)

    @property
    def ratio(self) -> float | None:
        """The obvious implementation's median, in ours."""
        if not self.theirs:
            return None
        return statistics.median(one.seconds for one in self.theirs) / self.seconds


def measure(work: Work, size: int, ours: Server, obvious: Server, beside: bool) -> Row:
    """Measures pairs, and holds the answers of the first to each other.

    Args:
        work: what.
        size: of its unit.
        ours: our server.
        obvious: the other one.
        beside: whether the other one is given this size.

    Raises:
        AssertionError: the answers differ where they have to agree; the text says how.
    """
    mine: list[Measured] = []
    theirs: list[Measured] = []
    seed, began, mb = 1, time.monotonic(), 0.0
    if work.again:
        ours.call(work.route, orjson.dumps(work.body(size, seed)))
    while len(mine) < MOST_RUNS:
        body = orjson.dumps(work.body(size, seed))
        mb = len(body) / 1e6
        mine.append(ours.call(work.route, body))
        slow = bool(theirs) and theirs[0].seconds > 2 * SECONDS_A_ROW
        if beside and not slow:
            theirs.append(obvious.call(work.route, body))
            if len(theirs) == 1:
                wrong = disagreements(work, work.read(mine[-1].answer), work.read(theirs[-1].answer))
                assert not wrong, f"{work.route}, {size}: " + "; ".join(wrong)
        mine[-1] = mine[-1]._replace(answer=b"")
        if theirs:
            theirs[-1] = theirs[-1]._replace(answer=b"")
        seed += not work.again
        spent = time.monotonic() - began
        if spent > SECONDS_A_ROW and (len(mine) >= LEAST_RUNS or spent > LEAST_RUNS * SECONDS_A_ROW):
            break
    return Row(work, size, mb, mine, theirs)


def bears(work: Work, size: int, rows: Sequence[Row]) -> bool:
    """Whether the obvious implementation is given a size, after what it took for the smaller ones."""
    if work.obvious_up_to is not None and size > work.obvious_up_to:
        return False
    own = [row.theirs for row in rows if row.work is work]
    return not own or (bool(own[-1]) and own[-1][0].seconds <= LONGEST_OBVIOUS_SECONDS)


def exponent(rows: Sequence[Row]) -> float:
    """The growth of our time: slope of its logarithm over that of the size, by least squares.

    >>> from types import SimpleNamespace
    >>> round(exponent([SimpleNamespace(size=n, seconds=n**2) for n in (1, 2, 4)]), 3)
    2.0
    """
    x, y = [math.log(row.size) for row in rows], [math.log(row.seconds) for row in rows]
    middle, height = statistics.fmean(x), statistics.fmean(y)
    return sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / sum(
        (a - middle) ** 2 for a in x
    )


def time_text(seconds: float) -> str:
    """Seconds as a reader wants them.

    >>> time_text(0.00312), time_text(0.0421), time_text(1.234), time_text(123.4)
    ('3.1 ms', '42 ms', '1.23 s', '123 s')
    """
    if seconds < 0.01:
        return f"{1000 * seconds:.1f} ms"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


HEAD = (
    "| route | work | body | ours | range | obvious | range | ratio | peak memory, ours | obvious | to reach "
    "| documented |\n" + "| --- " * 12 + "|"
)


def line(row: Row) -> str:
    """A line of the table."""

    def side(measured: Sequence[Measured]) -> tuple[str, str, str]:
        if not measured:
            return ("–", "–", "–")
        times = [one.seconds for one in measured]
        return (
            time_text(statistics.median(times)),
            f"{time_text(min(times))} to {time_text(max(times))}",
            f"{max(one.mib for one in measured):.0f} MiB",
        )

    mine, my_range, my_peak = side(row.ours)
    theirs, their_range, their_peak = side(row.theirs)
    target = row.work.targets.get(row.size)
    cells = (
        row.work.route,
        f"{row.size:,} {row.work.unit}, {row.work.name}" + (", again" if row.work.again else ""),
        f"{row.mb:.1f} MB",
        mine,
        my_range,
        theirs,
        their_range,
        "–" if row.ratio is None else f"{row.ratio:.1f}",
        my_peak,
        their_peak,
        "–" if target is None else time_text(target) + ("" if row.seconds <= target else ", missed"),
        row.work.documented,
    )
    return "| " + " | ".join(cells) + " |"


def summary(rows: Sequence[Row]) -> Iterable[str]:
    """Growth and bound of each work, and what the ratios come to."""
    yield "| route | work | exponent | bounded by |\n| --- | --- | --- | --- |"
    for work in dict.fromkeys(row.work for row in rows):
        own = [row for row in rows if row.work is work]
        grown = f"{exponent(own):.2f}" if len(own) > 1 else "–"
        name = work.name + (", again" if work.again else "")
        yield f"| {work.route} | {name} | {grown} | {work.bound} |"
    yield ""
    by_route: dict[str, list[float]] = {}
    for row in rows:
        if row.ratio is not None and row.size >= row.work.maximum // 4:
            by_route.setdefault(row.work.route, []).append(row.ratio)
    medians = {route: statistics.median(ratios) for route, ratios in by_route.items()}
    slower = sorted(route for route, ratios in by_route.items() if min(ratios) < 1)
    if medians:
        yield (
            f"Median ratio over {len(medians)} routes: {statistics.median(medians.values()):.1f} (to reach: "
            f"{LEAST_RATIO:g}); slower than the obvious somewhere at a quarter or more: "
            f"{', '.join(slower) or 'none'}."
        )


def main() -> None:
    """Measures and prints, and writes the results if everything was measured."""
    wanted = {name for name in os.environ.get("ROUTES", "").split(",") if name}
    quick = bool(os.environ.get("QUICK"))
    unknown = wanted - {work.route for work in WORKS}
    if unknown:
        sys.exit(f"ROUTES: unknown: {', '.join(sorted(unknown))}")
    works = [work for work in WORKS if not wanted or work.route in wanted]
    rows: list[Row] = []
    wrong: list[str] = []
    print(HEAD, flush=True)
    with serving.ours() as ours, serving.obvious() as obvious:
        for work in works:
            for size in work.sizes[: 1 if quick else None]:
                try:
                    rows.append(measure(work, size, ours, obvious, bears(work, size, rows)))
                except (AssertionError, Refused, OSError) as error:
                    wrong.append(str(error))
                    print(f"{work.route}, {size:,} {work.unit}: {error}", file=sys.stderr, flush=True)
                else:
                    print(line(rows[-1]), flush=True)
    found = list(summary(rows))
    print("\n" + "\n".join(found))
    if wrong:
        sys.exit(f"{len(wrong)} works could not be measured, or their answers differ; nothing was written")
    if not wanted and not quick:
        server = light.table(light.measured())
        print("\n" + server)
        written = "\n".join([BEGIN, "", HEAD, *map(line, rows), "", *found, "", server, "", END])
        text = RESULTS.read_text(encoding="utf-8")
        RESULTS.write_text(
            text[: text.index(BEGIN)] + written + text[text.index(END) + len(END) :], encoding="utf-8"
        )


if __name__ == "__main__":
    main()
