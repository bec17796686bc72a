"""Turns: few at a time, in their order, none for ever, and how long another one would wait."""

from __future__ import annotations

import asyncio

import pytest

from abintel.edge.turns import Turns


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
        async with self.turns.turn():
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
            async with turns.turn():
                raise ZeroDivisionError
        async with asyncio.timeout(10), turns.turn():
            assert turns.wait == 0

    asyncio.run(scene())


def test_the_wait_is_how_many_are_before_one_and_how_fast_turns_end() -> None:
    async def scene() -> None:
        guests = Guests(Turns(places=1, seconds=60))
        tasks = await guests.come(7)
        # Nothing is known of how fast they are.
        assert guests.turns.wait == 0
        for done in range(3):
            await asyncio.sleep(0.05)
            guests.ends[done].set()
            await settle()
        # Three wait, and one began every 0.05 s.
        assert 0.14 < guests.turns.wait < 1.5
        for end in guests.ends:
            end.set()
        await asyncio.gather(*tasks)
        assert guests.turns.wait == 0

    asyncio.run(scene())
