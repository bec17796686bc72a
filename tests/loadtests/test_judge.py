"""Objectives kept and missed, on statistics as locust writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.bodies import BULKS, TRAININGS
from loadtests.judge import Measured, SloError, judge, main, read_objectives, read_stats, table
from tests.contract.roster import ROSTER
from tests.serving import ROOT

HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,"
    "99.99%,100%\n"
)
SLO = "nps: {p95_ms: 50, max_failure_share: 0.01}\n"


def line(name: str, requests: int, failures: int, p95: int | str) -> str:
    return f"POST,{name},{requests},{failures},7,8.1,2,60,300,20,0,7,8,9,10,12,{p95},60,60,60,60,60\n"


def verdict(tmp_path: Path, *lines: str, slo: str = SLO) -> int:
    stats, objectives = tmp_path / "load_stats.csv", tmp_path / "slo.yaml"
    stats.write_text("".join([HEADER, *lines, line("Aggregated", 1, 0, 1).replace("POST", "")]))
    objectives.write_text(slo)
    return main([str(stats), str(objectives)])


def test_a_route_that_keeps_its_objective_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps", 200, 2, 50)) == 0
    assert capsys.readouterr().out == (
        "route  requests  failures  turned away    p95  objective    verdict\n"
        "nps         200         2            0  50 ms  50 ms, 1.0%  ok\n"
    )


def test_a_p95_over_the_objective_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps", 200, 0, 51)) == 1
    assert capsys.readouterr().out.endswith("51 ms  50 ms, 1.0%  missed: p95\n")


def test_more_failures_than_the_share_are_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps", 200, 3, 20)) == 1
    assert capsys.readouterr().out.endswith("missed: failures\n")


def test_both_misses_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps", 200, 200, 90)) == 1
    assert capsys.readouterr().out.endswith("missed: p95, failures\n")


def test_a_route_without_a_request_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path) == 1
    assert capsys.readouterr().out.endswith("missed: no request\n")


def test_a_route_without_an_objective_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps", 9, 0, 5), line("customer_rfm", 9, 0, 5)) == 1
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split() == ["customer_rfm", "9", "0", "0", "5", "ms", "-", "missed:", "no", "objective"]


def test_requests_that_were_turned_away_are_a_class_of_their_own(tmp_path: Path) -> None:
    lines = (line("nps", 100, 0, 20), line("nps (turned away)", 900, 0, 2))
    assert verdict(tmp_path, *lines) == 0
    stats = read_stats(tmp_path / "load_stats.csv")
    assert stats == {"nps": Measured(requests=100, failures=0, turned_away=900, p95_ms=20)}


def test_a_route_that_only_turned_away_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(tmp_path, line("nps (turned away)", 900, 0, 2)) == 1
    assert capsys.readouterr().out.endswith("missed: all turned away\n")


def test_a_row_of_locust_without_a_request_is_no_request(tmp_path: Path) -> None:
    assert verdict(tmp_path, line("nps", 0, 0, "N/A")) == 1


def test_routes_are_judged_by_name() -> None:
    verdicts = judge({"b": Measured(), "a": Measured()}, {})
    assert [verdict.route for verdict in verdicts] == ["a", "b"]
    assert table([]).startswith("route")


def test_nothing_to_judge_is_told_from_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.csv"), str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err.startswith("judge: ")


@pytest.mark.parametrize(
    "entry",
    [
        "{p95_ms: 0, max_failure_share: 0}",
        "{p95_ms: 9, max_failure_share: 2}",
        "{p95_ms: 9}",
        "9",
        "{p95: 9}",
    ],
)
def test_an_objective_that_is_none_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "slo.yaml"
    path.write_text(f"nps: {entry}\n")
    with pytest.raises(SloError, match=r"slo.yaml: nps: .*wanted are p95_ms above 0"):
        read_objectives(path)


def test_every_route_has_an_objective_and_no_objective_is_of_another() -> None:
    routes = {route for routes in ROSTER.values() for route in routes}
    beside = {f"{route}, training" for route in TRAININGS} | {f"{route}, bulk" for route in BULKS}
    assert set(read_objectives(ROOT / "loadtests" / "slo.yaml")) == routes | beside
