"""The clock is set: a month on, and back. An expired model is never served, and none is lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from abintel.settings import Settings
from registry.registry import Registry
from tests.campaign import campaign, unlabelled
from tests.registry.conftest import Asker
from tests.registry.mean_endpoint import Trainings
from tests.registry.test_over_http import on

ROWS = [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("jump", [30, 31, 400, 20_000], ids="{} days on".format)
def test_a_clock_set_on_past_expiry_serves_nothing_expired(ask: Asker, jump: float) -> None:
    ask(ROWS)
    assert ask().model == 2.5, "in memory, and confirmed a moment ago"
    expired = ask(day=jump)
    assert (expired.model, expired.note) == (None, "the stored model expired at 2026-03-31T12:00:00Z")
    assert ask(ROWS, day=jump).info["model_version"] == "2", "trained anew"
    assert ask(day=jump + 1).info["model_version"] == "2"


def test_a_clock_that_was_ahead_and_is_right_again_has_lost_nothing(ask: Asker) -> None:
    ask(ROWS)
    assert ask(day=400).model is None
    assert ask(day=1).model == 2.5
    assert ask(ROWS, day=1).info["model_version"] == "1"
    assert Trainings.count == 1


def test_what_was_trained_while_the_clock_was_ahead_is_used_and_expires_when_it_says(ask: Asker) -> None:
    ahead = ask(ROWS, day=400)
    assert (ask(day=0).model, ask(day=0).info["trained_at"]) == (2.5, ahead.info["trained_at"])
    assert ask(ROWS, day=0).info["cached"] is True
    assert ask([*ROWS, 9.0], day=1).info["model_version"] == "2"
    assert ask(day=2).info["model_version"] == "2"
    assert ask(day=31).model is None, "champion is the newer one, by number"


def test_a_clock_set_back_asks_the_registry_again(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    worker = Asker(Registry(settings))
    assert worker(day=3).info["model_version"] == "1"
    ask.registry.store.client.set_registered_model_alias(
        ask.registry.store.search("name LIKE 'acme.%'")[0].name, "champion", "1"
    )
    ask([*ROWS, 9.0], day=1)
    assert worker(day=-3).info["model_version"] == "2", "what was confirmed in the future is not believed"


@pytest.mark.slow
def test_over_http_a_clock_that_jumps_on_and_back(tmp_path: Path) -> None:
    start = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
    body = campaign("jumping")
    with on(start, tmp_path) as call:
        [cold] = call(body)
    with on(start + datetime.timedelta(days=31), tmp_path) as call:
        [expired] = call(unlabelled(body))
    assert {row["probability"] for row in expired["predictions"]} == {None}
    assert expired["warnings"][0]["code"] == "model_expired"
    with on(start - datetime.timedelta(days=31), tmp_path) as call:
        back, again = call(unlabelled(body), body)
    assert back["predictions"] == again["predictions"] == cold["predictions"]
    assert again["model_info"]["cached"] is True
