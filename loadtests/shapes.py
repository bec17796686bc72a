"""How many users there are at each moment of a load test: smoke, ramp, spike, soak, overload.

A shape is a function of the seconds since the start; the overload also reads how the server keeps up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

STEPS = 8
"""Of a ramp."""
TIMES = 4
"""The users of a spike and of an overload, over those before it."""
STEP_SECONDS = 20.0
"""Of an overload's search for what the server can bear."""
GROWTH = 1.5
KEEPS_UP = 0.97
"""Share of the requests meant to be sent that is answered in time, from which on a server keeps up."""
SETTLING_SECONDS = 10.0
"""Until what was left of the step that was too much is done."""
HELD_SECONDS = 30.0
LONGEST_SEARCH = 12
RATE = 10.0
"""Requests a second that an interactive user means to send."""


class Moment(NamedTuple):
    """What a shape wants.

    Attributes:
        users: of the interactive class.
        phase: its name, which requests are filed under.
    """

    users: int
    phase: str


Shape = Callable[[float], Moment | None]
"""Seconds since the start to what is wanted; None ends the test."""


def smoke(users: int, seconds: float) -> Shape:
    """All users from the start.

    >>> smoke(8, 30)(29.9), smoke(8, 30)(30)
    (Moment(users=8, phase='smoke'), None)
    """
    return lambda now: Moment(users, "smoke") if now < seconds else None


def soak(users: int, seconds: float) -> Shape:
    """All users from the start, for long."""
    return lambda now: Moment(users, "soak") if now < seconds else None


def ramp(users: int, seconds: float) -> Shape:
    """An eighth of the users more in each eighth of the time.

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
    """Searches for what the server can bear, holds it, sends four times that, and goes back.

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
        """What is wanted now."""
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
        """Counts from now on."""
        self._began, self._before = now, self.in_time()

    def _keeps_up(self, now: float) -> bool:
        meant = self._searching.users * self.rate * (now - self._began)
        return self.in_time() - self._before >= KEEPS_UP * meant

    def _judge(self, now: float) -> None:
        """Goes on to the next step, or has found the last one that was kept up with."""
        kept = self._keeps_up(now)
        if kept and self._step + 1 < LONGEST_SEARCH:
            self._step += 1
            self._count(now)
        else:
            self._settle(self._step if kept else max(0, self._step - 1), now)

    def _settle(self, step: int, now: float) -> float:
        """Holds the users of a step; the seconds until it is held, below 0."""
        self._step, self._settles = step, now
        self.bearable = self._searching.users
        return -SETTLING_SECONDS


SHAPES: dict[str, Callable[[int, float], Shape]] = {
    "smoke": smoke,
    "ramp": ramp,
    "spike": spike,
    "soak": soak,
}
"""By name; the overload is made of more than users and seconds."""
OVERLOAD = "overload"
