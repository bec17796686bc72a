"""The users of a load test over time, and what is made of its requests."""

from __future__ import annotations

from pathlib import Path

from loadtests.judge import TURNED_AWAY, Objective
from loadtests.memory import slope
from loadtests.phases import (
    PHASES,
    REQUESTS,
    Phase,
    Request,
    misses_of_overload,
    misses_of_soak,
    read_phases,
    read_requests,
    summaries,
    table,
)
from loadtests.shapes import HELD_SECONDS, STEP_SECONDS, Moment, Overload, ramp, spike

PHASE = [Phase(0.0, "bearable", 1), Phase(30.0, "overload", 4), Phase(60.0, "recovery", 1)]
SLO = {"nps": Objective(p95_ms=100.0, max_failure_share=0.0)}


def requests(overloaded_ms: float = 25.0, after_ms: float = 10.0, turned_away: int = 50) -> list[Request]:
    """Ten requests a second for 90 s; of those while too many are sent, some turned away."""
    found = [
        Request(
            at / 10 + 0.05, "nps", overloaded_ms if 300 <= at < 600 else 10.0 if at < 600 else after_ms, False
        )
        for at in range(900)
    ]
    return sorted(found + turned(40.0, turned_away))


def test_a_ramp_ends_with_all_users_and_a_spike_goes_back() -> None:
    steps = [ramp(8, 80)(float(now)) for now in range(0, 90, 10)]
    assert [None if one is None else one.users for one in steps] == [1, 2, 3, 4, 5, 6, 7, 8, None]
    assert [spike(2, 30)(now) for now in (0.0, 15.0, 29.9, 30.0)] == [
        Moment(2, "before"),
        Moment(8, "spike"),
        Moment(2, "after"),
        None,
    ]


def test_an_overload_finds_what_a_server_can_bear_and_sends_four_times_that() -> None:
    now, answered, seen = 0.0, 0.0, []
    shape = Overload(4, 10.0, lambda: int(answered))
    while (moment := shape(now)) is not None:
        seen.append(moment)
        answered += min(moment.users * 10.0, 100.0)  # a server that answers a hundred requests a second
        now += 1.0
    phases = list(dict.fromkeys(seen))
    assert [one.users for one in phases] == [4, 6, 9, 14, 9, 9, 36, 9]
    assert [one.phase for one in phases][-3:] == ["bearable", "overload", "recovery"]
    assert seen.count(Moment(4, "search 1")) == STEP_SECONDS
    assert abs(seen.count(Moment(36, "overload")) - HELD_SECONDS) <= 1


def test_what_is_kept_up_with_for_a_step_only_is_not_what_a_server_can_bear() -> None:
    now, answered, seen = 0.0, 0.0, []
    shape = Overload(4, 10.0, lambda: int(answered))
    while (moment := shape(now)) is not None:
        seen.append(moment)
        tired = moment.phase in ("settling", "bearable")
        answered += min(moment.users * 10.0, 80.0 if tired else 100.0)
        now += 1.0
    phases = list(dict.fromkeys(seen))
    assert [(one.users, one.phase) for one in phases][3:] == [
        (14, "search 4"),
        (9, "settling"),
        (9, "bearable"),
        (6, "settling"),
        (6, "bearable"),
        (24, "overload"),
        (6, "recovery"),
    ]


def misses(found: list[Request]) -> list[str]:
    """What an overload missed."""
    return list(misses_of_overload(PHASE, sorted(found), SLO))


def turned(moment: float, count: int) -> list[Request]:
    """Requests that were turned away."""
    return [Request(moment, "nps" + TURNED_AWAY, 1.0, False)] * count


def test_an_overload_that_was_borne_misses_nothing() -> None:
    assert misses(requests()) == []


def test_what_an_overload_has_to_keep_is_named() -> None:
    assert misses(requests(overloaded_ms=31)) == [
        "p95 of what is accepted is 31 ms, 3.1 times that before (10 ms)"
    ]
    assert misses(requests(turned_away=0)) == ["nothing was turned away"]
    assert misses(requests(after_ms=40)) == ["10 s after it p95 is 40 ms"]
    assert misses([*requests(), Request(89.0, "nps", 5.0, True)]) == ["1 requests failed"]
    assert list(misses_of_overload(PHASE[:1], [], SLO)) == ["the overload did not come to its end"]
    slow = [one if place % 25 else one._replace(ms=101.0) for place, one in enumerate(requests())]
    assert misses(slow) == ["288 of 300 are answered in time of what it bears: begin with fewer"]
    assert misses([*requests(), *turned(15.0, 7), *turned(85.0, 4)]) == []
    assert misses([*requests(), *turned(85.0, 9)]) == ["10 s after it 9 of 209 are turned away"]


def test_requests_of_all_processes_are_filed_by_the_phase_they_were_sent_in(tmp_path: Path) -> None:
    (tmp_path / PHASES).write_text("0.000,before,2\n10.000,after,4\n")
    (tmp_path / f"{REQUESTS}-1.csv").write_text("1.0,nps,20,0\n10.5,nps,600,0\n12.0,nps,20,1\n12.5,nps")
    (tmp_path / f"{REQUESTS}-2.csv").write_text("11.0,nps (turned away),1,0\n")
    found = summaries(read_phases(tmp_path), read_requests(tmp_path), SLO)
    assert [(one.phase.name, one.answered, one.in_time, one.turned_away, one.failed) for one in found] == [
        ("before", 2, 1, 0, 0),
        ("after", 0, 0, 1, 1),
    ]
    assert table(found).splitlines()[2:] == [
        "| before | 2 | 0 | 50.0% | 310 ms | 571 ms | 0 | 0 |",
        "| after | 4 | 0 | 0.0% | – | – | 1 | 1 |",
    ]


def test_memory_is_judged_after_the_warm_up() -> None:
    flat = [(10.0 * at, 500.0 + (at if at < 30 else 30)) for at in range(180)]
    grows = [(at, mb + at / 30) for at, mb in flat]
    assert slope(flat) == 0
    assert slope(grows) == 2
    well = [Request(1.0, "nps", 1.0, False)]
    assert list(misses_of_soak([], well, flat)) == []
    assert list(misses_of_soak([], well, grows)) == ["memory grows by 2.00 MB a minute (at most 1)"]
    assert list(misses_of_soak([], [], flat[:20])) == [
        "no request",
        "too short to tell how memory goes on: 720 s are warm-up",
    ]
