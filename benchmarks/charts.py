"""Pictures of the routes' examples, warm: SVG and PNG of each, from the answer to the bytes.

    python -m benchmarks.charts [route ...]

Answers are those of the routes' pages, so that nothing is trained here. The target is half a second. Time of
processors, here and in the process that draws, says more than the clock where the machine has other work.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from abintel.charts import PNG, SVG, Reader, drawing
from abintel.decode import Decoder
from abintel.discovery import Roster, discover
from abintel.endpoint import Endpoint

ROOT = Path(__file__).resolve().parent.parent
TARGET = 0.5
TIMES = 3
_EXAMPLE = re.compile(
    r"^### ([^\n]+)\n\n```json\n(.*?)```\n\nis answered with[^\n]*\n\n```json\n(.*?)```",
    re.MULTILINE | re.DOTALL,
)


class Figures(NamedTuple):
    """Medians of a picture: seconds by the clock, seconds of processors, and its bytes."""

    clock: float
    processor: float
    size: int


def main(routes: Collection[str]) -> None:
    """Prints a line per example: medians in milliseconds, and bytes."""
    roster: Roster = discover()
    print("| route | example | SVG, ms (processor) | PNG, ms (processor) | SVG, kB | PNG, kB |")
    print("| --- | --- | --- | --- | --- | --- |")
    slow = []
    for endpoint in roster.endpoints:
        if endpoint.chart is None or (routes and endpoint.name not in routes):
            continue
        page = (ROOT / "docs" / "routes" / f"{endpoint.name}.md").read_text(encoding="utf-8")
        for name, body, answer in _EXAMPLE.findall(page):
            request = Decoder(endpoint.request).decode(body.encode())
            svg, png = (_measured(endpoint, request, json.loads(answer), form) for form in (SVG, PNG))
            times = (f"{1000 * one.clock:.0f} ({1000 * one.processor:.0f})" for one in (svg, png))
            sizes = (f"{one.size / 1000:.0f}" for one in (svg, png))
            print(f"| {endpoint.name} | {name} | {' | '.join((*times, *sizes))} |", flush=True)
            slow += [f"{endpoint.name}: {name}"] * (max(svg.processor, png.processor) > TARGET)
    print(f"\n{len(slow)} over {TARGET} s of processor{': ' if slow else ''}{', '.join(slow)}")


def _measured(endpoint: Endpoint, request: Any, answer: Any, form: str) -> Figures:
    """Figures of a picture; the first is not counted."""
    assert endpoint.chart is not None
    clock, processor = [], []
    for _ in range(TIMES + 1):
        started, worked = time.perf_counter(), _processor()
        picture = drawing.draw(endpoint.chart(request, answer, Reader()), form)
        clock.append(time.perf_counter() - started)
        processor.append(_processor() - worked)
    return Figures(statistics.median(clock[1:]), statistics.median(processor[1:]), len(picture))


def _processor() -> float:
    """Seconds that this process and its child have worked."""
    found = [psutil.Process(), *psutil.Process().children()]
    return sum(sum(one.cpu_times()[:2]) for one in found)


if __name__ == "__main__":
    main(sys.argv[1:])
