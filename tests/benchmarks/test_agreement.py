"""The benchmark's obvious implementation: it stands for every route, and an answer that differs is found."""

from benchmarks.agreement import disagreements
from benchmarks.obvious.app import app
from benchmarks.work import Work
from benchmarks.works import WORKS
from tests.contract.roster import ROSTER


def work(**settings: object) -> Work:
    return Work(
        route="nps", name="x", unit="rows", body=lambda size, seed: {}, maximum=4, bound="x", **settings
    )


def test_every_route_is_measured_beside_an_obvious_one() -> None:
    routes = {route for plugin in ROSTER.values() for route in plugin}
    assert {each.route for each in WORKS} == routes
    assert {path.removeprefix("/api/v1/ai/") for path in app().openapi()["paths"]} - {"/readyz"} == routes


def test_a_quarter_half_and_all_and_what_was_promised_are_measured() -> None:
    assert work(targets={3: 0.5}).sizes == [1, 2, 3, 4]


def test_numbers_within_the_tolerance_agree_and_others_are_named() -> None:
    same = work(same={"rows.*.value": 1e-3})
    ours = {"rows": [{"value": 1.0}, {"value": 100.0}]}
    assert disagreements(same, ours, {"rows": [{"value": 1.0005}, {"value": 100.0}]}) == []
    assert disagreements(same, ours, {"rows": [{"value": 1.0}, {"value": 101.0}]}) == [
        "rows.*.value: 1 of 2 differ: 100.0 and 101.0 at 1"
    ]


def test_nothing_to_compare_is_no_agreement() -> None:
    assert disagreements(work(same={"rows.*.value": 0}), {"rows": []}, {"rows": []}) == [
        "rows.*.value: nothing to compare"
    ]


def test_what_is_learned_has_to_rank_alike() -> None:
    alike = work(alike=("*.score", 0.9))
    rows = [{"score": value} for value in range(10)]
    assert disagreements(alike, rows, rows) == []
    assert disagreements(alike, rows, rows[::-1]) == [
        "*.score: rank correlation -1.000, at least 0.9 is wanted"
    ]
