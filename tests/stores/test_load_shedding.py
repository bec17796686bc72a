"""A burst is borne; of more than can be answered some are answered soon and some are sent away."""

from __future__ import annotations

from collections.abc import Iterable

from server.http.runtime import THREADS
from stores.load_shedding import (
    INTERVAL_SECONDS,
    MIN_OVERDUE,
    TARGET_SECONDS,
    OverloadDetector,
    Overloaded,
    WaitingQueue,
)

LONG, SHORT = 5 * TARGET_SECONDS, TARGET_SECONDS / 2


def noted(
    detector: OverloadDetector, moments: Iterable[float], seconds: float, tenant: str = "acme"
) -> list[bool]:
    """Which of the requests that begin at these moments, after so long, are sent away."""
    away = []
    for moment in moments:
        try:
            detector.record_wait(tenant, seconds, moment)
        except Overloaded:
            away.append(True)
        else:
            away.append(False)
    return away


def moments(first: float, last: float, of_each: int = 2 * MIN_OVERDUE) -> list[float]:
    """Moments within so many intervals, as many in each."""
    return [INTERVAL_SECONDS * one / of_each for one in range(round(first * of_each), round(last * of_each))]


def test_a_burst_is_borne_and_what_goes_on_is_not() -> None:
    detector = OverloadDetector()
    assert not any(noted(detector, moments(0, 1), LONG))
    assert all(noted(detector, moments(1, 5), LONG))
    # Those who waited short are taken all the same, and end it.
    assert not any(noted(detector, moments(5, 7), SHORT))
    assert not any(noted(detector, moments(7, 8), LONG))


def test_a_crowd_is_there_until_few_of_it_are_late() -> None:
    detector, many = OverloadDetector(), 4 * MIN_OVERDUE
    noted(detector, moments(0, 1), LONG)
    for every, first, is_crowd in ((3, 1, True), (5, 6, False)):
        away = [
            noted(detector, [moment], SHORT if place % every else LONG)[0]
            for place, moment in enumerate(moments(first, first + 5, many))
        ]
        assert away[2 * many :] == [is_crowd and place % every == 0 for place in range(2 * many, 5 * many)]


def test_little_that_comes_at_once_ends_a_crowd() -> None:
    detector = OverloadDetector()
    noted(detector, moments(0, 1), LONG)
    away = []
    for moment in moments(1, 9, of_each=1):
        away.append(sum(noted(detector, [moment] * 4, SHORT) + noted(detector, [moment] * 4, LONG)))
    assert away[0] == 4
    assert away[2:] == [0] * 6


def test_as_many_as_there_are_threads_are_no_crowd() -> None:
    assert MIN_OVERDUE >= THREADS
    assert not any(noted(OverloadDetector(), moments(0, 9, of_each=MIN_OVERDUE), LONG))


def test_what_was_long_ago_says_nothing() -> None:
    detector = OverloadDetector()
    noted(detector, moments(0, 1), LONG)
    assert not any(noted(detector, [60.0], LONG))


def test_a_few_who_waited_long_among_many_who_did_not_are_taken() -> None:
    detector = OverloadDetector()
    for moment in moments(0, 9):
        assert noted(detector, [moment] * 2, SHORT) == [False] * 2
        assert noted(detector, [moment], LONG) == [False]


def test_who_asks_for_much_less_than_his_share_pays_for_nobody() -> None:
    detector = OverloadDetector()
    modest: list[bool] = []
    greedy: list[bool] = []
    for moment in moments(0, 9, of_each=10):
        greedy += noted(detector, [moment] * 9, LONG)
        modest += noted(detector, [moment] * 2, LONG, "modest")
    assert not any(modest)
    assert all(greedy[90:])
    # Who was not there before has no more than the others.
    assert not any(noted(detector, [9 * INTERVAL_SECONDS] * 2, LONG, "new"))
    assert any(noted(detector, [9 * INTERVAL_SECONDS] * 99, LONG, "new"))
    # Many who ask now and then are too many, too.
    each = OverloadDetector()
    away = [noted(each, [m], LONG, str(place % 97))[0] for place, m in enumerate(moments(0, 9))]
    assert all(away[4 * MIN_OVERDUE :])
    # Two who ask for as much are treated alike.
    even = OverloadDetector()
    first, second = [], []
    for moment in moments(0, 9, of_each=10):
        first += noted(even, [moment] * 3, LONG)
        second += noted(even, [moment] * 3, LONG, "other")
    assert all(first[30:])
    assert all(second[30:])


def left(line: WaitingQueue[str], now: float) -> list[str]:
    """All who wait, in the order of their turns."""
    found = []
    while (who := line.take(now)) is not None:
        found.append(who)
    return found


def test_the_next_is_who_came_first_and_of_too_many_who_came_last() -> None:
    detector = OverloadDetector()
    line: WaitingQueue[str] = WaitingQueue(detector)
    assert left(line, 0.0) == []
    for overloaded, order in ((False, "abcd"), (True, "abdc")):
        for place, who in enumerate("abcd"):
            line.put(who, since=place * TARGET_SECONDS / 2)
        detector.overloaded = overloaded
        # The first two have waited too long by now, and are told.
        assert left(line, now=1.75 * TARGET_SECONDS) == list(order)
