"""ComputeSlots: few at a time, in their order, none for ever."""

from __future__ import annotations

import asyncio

import pytest

from server.load.slots import ComputeSlots
from stores.load_shedding import OverloadDetector, Overloaded

THREADS = 16


async def settle() -> None:
    """Lets everything that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


class Guests:
    """Those who have had, have, or wait for a turn."""

    def __init__(self, slots: ComputeSlots) -> None:
        self.slots = slots
        self.begun: list[int] = []
        self.ends = [asyncio.Event() for _ in range(8)]

    async def _dine(self, guest: int) -> None:
        async with self.slots.slot("acme", asyncio.get_running_loop().time()):
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
        guests = Guests(ComputeSlots(THREADS, slots=2, seconds=60))
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
        guests = Guests(ComputeSlots(THREADS, slots=1, seconds=0.01))
        tasks = await guests.come(3)
        async with asyncio.timeout(10):
            while len(guests.begun) < 3:
                await asyncio.sleep(0.005)
        for end in guests.ends:
            end.set()
        await asyncio.gather(*tasks)
        # A turn that ended by its time is not given away twice.
        later = Guests(guests.slots)
        waiting = await later.come(2)
        assert later.begun == [0]
        for end in later.ends:
            end.set()
        await asyncio.gather(*waiting)

    asyncio.run(scene())


def test_a_turn_waits_for_a_thread() -> None:
    async def scene() -> None:
        guests = Guests(ComputeSlots(threads=3, slots=1, seconds=0.01))
        tasks = await guests.come(5)
        async with asyncio.timeout(10):
            while len(guests.begun) < 3:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert guests.begun == [0, 1, 2], "all threads are taken"
        for done in (1, 3):
            guests.ends[done].set()
            await settle()
        async with asyncio.timeout(10):
            while len(guests.begun) < 5:
                await asyncio.sleep(0.005)
        for end in guests.ends:
            end.set()
        await asyncio.gather(*tasks)

    asyncio.run(scene())


@pytest.mark.parametrize("moment", ["waiting", "called"])
def test_who_goes_away_gives_his_turn_to_the_next(moment: str) -> None:
    async def scene() -> None:
        guests = Guests(ComputeSlots(THREADS, slots=1, seconds=60))
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
        slots = ComputeSlots(THREADS, slots=1, seconds=60)
        with pytest.raises(ZeroDivisionError):
            async with slots.slot("acme", asyncio.get_running_loop().time()):
                raise ZeroDivisionError
        now = asyncio.get_running_loop().time()
        async with asyncio.timeout(10), slots.slot("acme", now):
            pass

    asyncio.run(scene())


def test_during_an_overload_one_has_his_turn_at_a_time() -> None:
    async def scene() -> None:
        detector = OverloadDetector(target=3600, interval=3600)
        guests = Guests(ComputeSlots(THREADS, slots=2, seconds=60, detector=detector))
        tasks = await guests.come(6)
        detector.overloaded = True
        for done, begun in ((0, [0, 1]), (1, [0, 1, 5]), (5, [0, 1, 5, 4])):
            guests.ends[done].set()
            await settle()
            assert guests.begun == begun
        # When the crowd is gone, the places are all there again, and nobody is forgotten.
        detector.overloaded = False
        guests.ends[4].set()
        await settle()
        assert guests.begun == [0, 1, 5, 4, 2, 3]
        for done in (2, 3):
            guests.ends[done].set()
        await asyncio.gather(*tasks)

    asyncio.run(scene())


def test_of_too_many_who_came_last_is_the_next() -> None:
    async def scene() -> None:
        detector = OverloadDetector(target=3600, interval=3600)
        guests = Guests(ComputeSlots(THREADS, slots=1, seconds=60, detector=detector))
        tasks = await guests.come(4)
        detector.overloaded = True
        for done in (0, 3, 2, 1):
            guests.ends[done].set()
            await settle()
        assert guests.begun == [0, 3, 2, 1]
        await asyncio.gather(*tasks)

    asyncio.run(scene())


def test_who_waited_too_long_is_sent_away_and_gives_his_turn_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(*_: object) -> None:
        raise Overloaded

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        slots = ComputeSlots(THREADS, slots=1, seconds=60)
        with monkeypatch.context() as patched:
            patched.setattr(OverloadDetector, "record_wait", too_late)
            for _ in range(3):
                with pytest.raises(Overloaded):
                    async with slots.slot("acme", loop.time()):
                        pass
        async with asyncio.timeout(10), slots.slot("acme", loop.time()):
            pass

    asyncio.run(scene())
