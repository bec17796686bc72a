"""The number of users over the time of a load test: smoke, ramp, spike, soak, overload.

A shape is a function of the seconds since the start; the overload also reads how the server keeps up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

STEPS = 8
"""The number of steps of a ramp."""
TIMES = 4
"""The factor by which a spike or an overload multiplies the users."""
STEP_SECONDS = 20.0
"""The duration of a step of an overload's search for the capacity, in seconds."""
GROWTH = 1.5
KEEPS_UP = 0.97
"""A server keeps up if it answers this share of the requests within their objectives."""
SETTLING_SECONDS = 10.0
"""Pause until the backlog of the failed step is done, in seconds."""
HELD_SECONDS = 30.0
LONGEST_SEARCH = 12
RATE = 10.0
"""The request rate of an interactive user, per second."""


class Moment(NamedTuple):
    """The users that a shape requests.

    Attributes:
        users: of the interactive class.
        phase: its name, which requests are filed under.
    """

    users: int
    phase: str


Shape = Callable[[float], Moment | None]
"""A function from the seconds since the start to the requested users; None ends the test."""


def smoke(users: int, seconds: float) -> Shape:
    """All users from the start.

    >>> smoke(8, 30)(29.9), smoke(8, 30)(30)
    (Moment(users=8, phase='smoke'), None)
    """
    return lambda now: Moment(users, "smoke") if now < seconds else None


def soak(users: int, seconds: float) -> Shape:
    """All users from the start, for a long time."""
    return lambda now: Moment(users, "soak") if now < seconds else None


def ramp(users: int, seconds: float) -> Shape:
    """Adds an eighth of the users in each eighth of the time.

    >>> [ramp(16, 80)(now).users for now in (0, 10, 79)]
    [2, 4, 16]
    """

    def at(now: float) -> Moment | None:
        step = int(STEPS * now / seconds)
        if step >= STEPS:
            return None
        return Moment(max(1, users * (step + 1) // STEPS), f"ramp {step + 1}")

    return at


def spike(users: int, seconds: float) -> Shape:
    """Four times the users in the middle third.

    >>> [spike(8, 30)(now).users for now in (0, 10, 20)]
    [8, 32, 8]
    """

    def at(now: float) -> Moment | None:
        third = int(3 * now / seconds)
        phases = (Moment(users, "before"), Moment(TIMES * users, "spike"), Moment(users, "after"))
        return phases[third] if third < len(phases) else None

    return at


@dataclass
class Overload:
    """Searches the capacity, holds that load, sends four times as much, and returns to it.

    What it keeps up with for a step, but not while it is held, is not what it can bear: a step less is.

    Attributes:
        users: to start with.
        rate: requests a second of one user, as long as the server keeps up.
        in_time: how many requests were answered so far within what their routes have to keep.
        bearable: users that the server bore, once that is known.
    """

    users: int
    rate: float
    in_time: Callable[[], int]
    bearable: int | None = None
    _step: int = 0
    _began: float = 0.0
    _before: int = 0
    _settles: float = 0.0
    _is_sure: bool = False

    def __call__(self, now: float) -> Moment | None:
        """The requested users at a time."""
        if self.bearable is None and now - self._began >= STEP_SECONDS:
            self._judge(now)
        if self.bearable is None:
            return self._searching
        held = now - self._settles - SETTLING_SECONDS
        if held >= HELD_SECONDS and not self._is_sure:
            self._is_sure = self._keeps_up(now) or self._step == 0
            if not self._is_sure:
                held = self._settle(self._step - 1, now)
        if held < 0:
            self._count(now)
            return Moment(self.bearable, "settling")
        phases = (
            Moment(self.bearable, "bearable"),
            Moment(TIMES * self.bearable, "overload"),
            Moment(self.bearable, "recovery"),
        )
        place = int(held / HELD_SECONDS)
        return phases[place] if place < len(phases) else None

    @property
    def _searching(self) -> Moment:
        return Moment(round(self.users * GROWTH**self._step), f"search {self._step + 1}")

    def _count(self, now: float) -> None:
        """Starts counting."""
        self._began, self._before = now, self.in_time()

    def _keeps_up(self, now: float) -> bool:
        meant = self._searching.users * self.rate * (now - self._began)
        return self.in_time() - self._before >= KEEPS_UP * meant

    def _judge(self, now: float) -> None:
        """Starts the next step, or ends the search at the last step that the server kept up with."""
        kept = self._keeps_up(now)
        if kept and self._step + 1 < LONGEST_SEARCH:
            self._step += 1
            self._count(now)
        else:
            self._settle(self._step if kept else max(0, self._step - 1), now)

    def _settle(self, step: int, now: float) -> float:
        """Holds the users of a step; returns the seconds since it is held, negative until then."""
        self._step, self._settles = step, now
        self.bearable = self._searching.users
        return -SETTLING_SECONDS


SHAPES: dict[str, Callable[[int, float], Shape]] = {
    "smoke": smoke,
    "ramp": ramp,
    "spike": spike,
    "soak": soak,
}
"""The shapes by name, without the overload, which needs more than users and seconds."""
OVERLOAD = "overload"
