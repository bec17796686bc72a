"""What is measured: a route, a body of any size for it, and what was promised for which size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """A body of a route at several sizes.

    Attributes:
        route: the route's name.
        name: what is in the body, without its size.
        unit: what the size counts (``customers``).
        body: size and seed to the body; other seeds give other data of the same kind, so a model is trained
            anew.
        maximum: the documented maximum, or the largest body of 20 MB, or what the route is made for; measured
            are a quarter, half and all of it.
        targets: size to the seconds that it has to be answered in, where something was promised; these sizes
            are measured too.
        documented: the API documents' own figure.
        bound: what bounds the route, as a profile shows it.
        again: the body is sent once before, unmeasured, and each measurement sends the same: with its model
            stored.
        same: fields in which our answer and that of the obvious implementation have to agree, with the
            largest relative difference: paths of keys, ``*`` for every item (``customers.*.frequency``).
            Empty for what is learned.
        alike: of what is learned, path of the numbers whose order has to agree, and the least rank
            correlation.
        read: the answer's bytes to what `same` and `alike` lead into.
        obvious_up_to: the largest size that the obvious implementation is given, where more would not fit
            in memory or take longer than its limit.
    """

    route: str
    name: str
    unit: str
    body: Callable[[int, int], dict[str, Any]]
    maximum: int
    targets: Mapping[int, float] = field(default_factory=dict)
    documented: str = "–"
    bound: str
    again: bool = False
    same: Mapping[str, float] = field(default_factory=dict)
    alike: tuple[str, float] | None = None
    read: Callable[[bytes], Any] = orjson.loads
    obvious_up_to: int | None = None

    @property
    def sizes(self) -> list[int]:
        """A quarter, half and all of the maximum, and the sizes with a target, ascending."""
        return sorted({self.maximum // 4, self.maximum // 2, self.maximum, *self.targets})
