"""Turns: few at a time, in their order, none for ever; and more than can be answered are sent away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from abintel.edge.runtime import THREADS
from abintel.edge.turns import (
    INTERVAL_SECONDS,
    PLACES,
    TARGET_SECONDS,
    TURN_SECONDS,
    Delay,
    TooMany,
    Turns,
)


async def settle() -> None:
    """Lets everything that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


class Guests:
    """Those who have had, have, or wait for a turn."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[int] = []
        self.ends = [asyncio.Event() for _ in range(8)]

    async def _dine(self, guest: int) -> None:
        async with self.turns.turn("acme", asyncio.get_running_loop().time()):
            self.begun.append(guest)
            await self.ends[guest].wait()

    async def come(self, count: int) -> list[asyncio.Task[None]]:
        """So many guests, one after the other."""
        tasks = []
        for guest in range(count):
            tasks.append(asyncio.create_task(self._dine(guest)))
            await settle()
        return tasks


def test_turns_are_given_in_the_order_of_coming() -> None:
    async def scene() -> None:
        guests = Guests(Turns(places=2, seconds=60))
        tasks = await guests.come(5)
        assert guests.begun == [0, 1]
        for done in range(5):
            guests.ends[done].set()
            await settle()
            assert guests.begun == list(range(min(5, done + 3)))
        await asyncio.gather(*tasks)
        await guests.come(2)
        assert guests.begun[-2:] == [0, 1]

    asyncio.run(scene())


def test_nobody_waits_for_one_who_is_not_done_in_time() -> None:
    async def scene() -> None:
        guests = Guests(Turns(places=1, seconds=0.01))
        tasks = await guests.come(3)
        async with asyncio.timeout(10):
            while len(guests.begun) < 3:
                await asyncio.sleep(0.005)
        for end in guests.ends:
            end.set()
        await asyncio.gather(*tasks)
        # A turn that ended by its time is not given away twice.
        later = Guests(guests.turns)
        waiting = await later.come(2)
        assert later.begun == [0]
        for end in later.ends:
            end.set()
        await asyncio.gather(*waiting)

    asyncio.run(scene())


@pytest.mark.parametrize("moment", ["waiting", "called"])
def test_who_goes_away_gives_his_turn_to_the_next(moment: str) -> None:
    async def scene() -> None:
        guests = Guests(Turns(places=1, seconds=60))
        tasks = await guests.come(3)
        if moment == "called":
            # His turn comes, and before he knows he is gone.
            guests.ends[0].set()
            await asyncio.sleep(0)
        tasks[1].cancel()
        guests.ends[0].set()
        await settle()
        assert tasks[1].cancelled()
        assert guests.begun == [0, 2]
        guests.ends[2].set()
        await asyncio.gather(tasks[0], tasks[2])

    asyncio.run(scene())


def test_what_fails_ends_its_turn() -> None:
    async def scene() -> None:
        turns = Turns(places=1, seconds=60)
        with pytest.raises(ZeroDivisionError):
            async with turns.turn("acme", asyncio.get_running_loop().time()):
                raise ZeroDivisionError
        now = asyncio.get_running_loop().time()
        async with asyncio.timeout(10), turns.turn("acme", now):
            pass

    asyncio.run(scene())


def noted(delay: Delay, moments: Iterable[float], seconds: float, tenant: str = "acme") -> list[bool]:
    """Which of the requests that begin at these moments, after so long, are sent away."""
    away = []
    for moment in moments:
        try:
            delay.has_waited(tenant, seconds, moment)
        except TooMany:
            away.append(True)
        else:
            away.append(False)
    return away


def tenths(first: float, last: float) -> list[float]:
    """Moments within so many intervals, ten in each."""
    return [INTERVAL_SECONDS * tenth / 10 for tenth in range(round(first * 10), round(last * 10))]


LONG, SHORT = 5 * TARGET_SECONDS, TARGET_SECONDS / 2


def test_a_burst_is_borne_and_what_goes_on_is_not() -> None:
    delay = Delay()
    assert not any(noted(delay, tenths(0, 1), LONG))
    assert all(noted(delay, tenths(1, 5), LONG))
    # Those who waited short are taken all the same, and end it.
    assert not any(noted(delay, tenths(5, 7), SHORT))
    assert not any(noted(delay, tenths(7, 8), LONG))


def test_what_was_long_ago_says_nothing() -> None:
    delay = Delay()
    noted(delay, tenths(0, 1), LONG)
    assert not any(noted(delay, [60.0], LONG))


def test_a_few_who_waited_long_among_many_who_did_not_are_taken() -> None:
    delay = Delay()
    for moment in tenths(0, 9):
        assert noted(delay, [moment] * 2, SHORT) == [False] * 2
        assert noted(delay, [moment], LONG) == [False]


def test_who_asks_for_much_less_than_his_share_pays_for_nobody() -> None:
    delay = Delay()
    modest: list[bool] = []
    greedy: list[bool] = []
    for moment in tenths(0, 9):
        greedy += noted(delay, [moment] * 9, LONG)
        modest += noted(delay, [moment] * 2, LONG, "modest")
    assert not any(modest)
    assert all(greedy[90:])
    # Two who ask for as much are treated alike.
    even = Delay()
    first, second = [], []
    for moment in tenths(0, 9):
        first += noted(even, [moment] * 3, LONG)
        second += noted(even, [moment] * 3, LONG, "other")
    assert all(first[30:])
    assert all(second[30:])


def test_all_threads_have_begun_before_a_burst_is_too_much() -> None:
    assert THREADS / PLACES * TURN_SECONDS < INTERVAL_SECONDS / 2


def test_who_waited_too_long_is_sent_away_and_gives_his_turn_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(*_: object) -> None:
        raise TooMany

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        turns = Turns(places=1, seconds=60)
        with monkeypatch.context() as patched:
            patched.setattr(Delay, "has_waited", too_late)
            for _ in range(3):
                with pytest.raises(TooMany):
                    async with turns.turn("acme", loop.time()):
                        pass
        async with asyncio.timeout(10), turns.turn("acme", loop.time()):
            pass

    asyncio.run(scene())
