"""The routes, one file each, and a check that two of them share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from abintel.faults import shown
from abintel.problem import Fault, pointer


def equal_bounds(member: str, bounds: Mapping[str, float]) -> Iterator[Fault]:
    """A fault for every band that starts where another does: neither could be told from the other."""
    first: dict[float, str] = {}
    for name, bound in bounds.items():
        known = first.setdefault(bound, name)
        if known != name:
            yield Fault(
                pointer(member, name),
                f"{shown(bound)} is the lower bound of {shown(known)} already; give each its own.",
            )
