"""Compares locust's measurements with the objectives: ``python -m loadtests.judge STATS.csv SLO.yaml``."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

TURNED_AWAY = " (turned away)"
"""Suffix of a route's name for rejected requests (429, 503), which are not failures and are timed
separately."""


class SloError(ValueError):
    """An invalid objective; the text names the route and the expected value."""


class Measured(NamedTuple):
    """Locust's counts for a route.

    Attributes:
        requests: requests with a final answer, failures among them.
        failures: neither a 200 nor turned away.
        turned_away: answered 429 or 503.
        p95_ms: 95th percentile of the time to the answer, None where there was none.
    """

    requests: int = 0
    failures: int = 0
    turned_away: int = 0
    p95_ms: float | None = None


class Objective(NamedTuple):
    """The objective of a route.

    Attributes:
        p95_ms: longest 95th percentile.
        max_failure_share: largest share of failures, 0 to 1.
    """

    p95_ms: float
    max_failure_share: float


class Verdict(NamedTuple):
    """A route and the objectives that it missed; none if it passed."""

    route: str
    measured: Measured
    objective: Objective | None
    misses: tuple[str, ...]


def read_stats(path: Path) -> dict[str, Measured]:
    """The counts of each route, from the ``_stats.csv`` that locust writes.

    Raises:
        OSError: locust wrote none.
        KeyError: the file is no such table.
    """
    found: dict[str, Measured] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, requests = row["Name"], int(row["Request Count"])
            if name == "Aggregated":
                continue
            route = name.removesuffix(TURNED_AWAY)
            before = found.get(route, Measured())
            if route != name:
                found[route] = before._replace(turned_away=requests)
            else:
                found[route] = before._replace(
                    requests=requests,
                    failures=int(row["Failure Count"]),
                    p95_ms=float(row["95%"]) if requests else None,
                )
    return found


def read_objectives(path: Path) -> dict[str, Objective]:
    """The objective of each route.

    Raises:
        SloError: an entry that is not a positive ``p95_ms`` and a ``max_failure_share`` from 0 to 1.
    """
    objectives = {}
    for route, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
        try:
            objective = Objective(**{key: float(value) for key, value in entry.items()})
        except (AttributeError, TypeError, ValueError):
            objective = None
        if objective is None or not (objective.p95_ms > 0 and 0 <= objective.max_failure_share <= 1):
            raise SloError(
                f"{path.name}: {route}: {entry!r}: wanted are p95_ms above 0 and max_failure_share 0 to 1"
            )
        objectives[route] = objective
    return objectives


def judge(stats: Mapping[str, Measured], objectives: Mapping[str, Objective]) -> list[Verdict]:
    """A verdict for every route that was called or has an objective, sorted by name."""
    verdicts = []
    for route in sorted({*stats, *objectives}):
        measured, objective = stats.get(route, Measured()), objectives.get(route)
        verdicts.append(Verdict(route, measured, objective, tuple(_misses(measured, objective))))
    return verdicts


def _misses(measured: Measured, objective: Objective | None) -> Iterable[str]:
    if objective is None:
        yield "no objective"
        return
    if measured.requests == 0 or measured.p95_ms is None:
        yield "all turned away" if measured.turned_away else "no request"
        return
    if measured.p95_ms > objective.p95_ms:
        yield "p95"
    if measured.failures > objective.max_failure_share * measured.requests:
        yield "failures"


def table(verdicts: Iterable[Verdict]) -> str:
    """The verdicts as aligned text, one line per route."""
    rows = [("route", "requests", "failures", "turned away", "p95", "objective", "verdict")]
    for route, measured, objective, misses in verdicts:
        limit = "-"
        if objective is not None:
            limit = f"{objective.p95_ms:g} ms, {objective.max_failure_share:.1%}"
        rows.append(
            (
                route,
                str(measured.requests),
                str(measured.failures),
                str(measured.turned_away),
                "-" if measured.p95_ms is None else f"{measured.p95_ms:g} ms",
                limit,
                f"missed: {', '.join(misses)}" if misses else "ok",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 0 < column < 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def passed(verdicts: Iterable[Verdict]) -> bool:
    """Whether every route met its objective."""
    return not any(verdict.misses for verdict in verdicts)


def main(arguments: list[str]) -> int:
    """Prints the table; 1 if an objective was missed, 2 if there is nothing to judge."""
    if len(arguments) != 2:
        print("usage: python -m loadtests.judge STATS.csv SLO.yaml", file=sys.stderr)
        return 2
    stats, slo = map(Path, arguments)
    try:
        verdicts = judge(read_stats(stats), read_objectives(slo))
    except (OSError, SloError) as error:
        print(f"judge: {error}", file=sys.stderr)
        return 2
    print(table(verdicts))
    return 0 if verdicts and passed(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
