"""Nothing grows forever: the daily sweep, against real MLflow on disk."""

from __future__ import annotations

import dataclasses
import logging
import os
import time
from pathlib import Path

import pytest

from abintel.settings import KeptVersions, Settings
from registry import sweeping
from registry.administration import Administration
from registry.daily import Daily
from registry.names import model_name
from registry.store import HISTORY
from registry.sweeping import KEPT_ENTRIES, Swept, sweep
from stores.locks import locks_for
from tests.registry.conftest import DAY, START, Asker, elsewhere

NAME = model_name("acme", "mean_of_labels", {"campaign_id": "Spring Promo"})


def numbers(settings: Settings) -> list[str]:
    return [version.number for version in Administration(settings).model(NAME).versions]


@pytest.fixture
def kept(settings: Settings) -> Settings:
    return dataclasses.replace(settings, keep_versions=KeptVersions(2, 90))


def test_expired_versions_go_with_runs_and_files_and_the_champion_stays(ask: Asker, kept: Settings) -> None:
    for day in range(5):
        ask([1.0, 2.0, float(day)], day=day)
    administration = Administration(kept)
    administration.reject(NAME, "2")
    administration.store.tag_version(NAME, "3", "pinned", "true")
    administration.promote(NAME, "4", START)
    client = ask.registry.store.client
    first = ask.registry.store.by_number(NAME, "1")
    assert first is not None
    artifacts = Path(client.get_run(first.run_id).info.artifact_uri.removeprefix("file://"))
    assert list(artifacts.rglob("*.json"))
    ask([5.0, 6.0], day=100)
    ask([5.0, 7.0], day=101)

    assert sweep(kept, START + 89 * DAY) == Swept()
    assert sweep(kept, START + 102 * DAY) == Swept(versions=3)

    assert numbers(kept) == ["7", "6", "3", "2"], "the newest two, the pinned and the rejected one"
    assert client.get_run(first.run_id).info.lifecycle_stage == "deleted"
    assert not list(artifacts.rglob("*.json"))
    assert elsewhere(kept)(day=102).info["model_version"] == "7"
    assert sweep(kept, START + 102 * DAY) == Swept()


def test_an_expired_champion_and_challenger_stay(ask: Asker, kept: Settings) -> None:
    ask([1.0, 2.0, 3.0, 4.0])
    ask([1.0, 2.0], quality=0.1)
    Administration(kept).pin(NAME, True)
    none = dataclasses.replace(kept, keep_versions=KeptVersions(0, 0))
    assert sweep(none, START + 365 * DAY) == Swept()
    assert numbers(kept) == ["2", "1"]


def test_live_versions_stay(ask: Asker, kept: Settings) -> None:
    for last in (3.0, 4.0, 5.0):
        ask([1.0, 2.0, last])
    none = dataclasses.replace(kept, keep_versions=KeptVersions(0, 0))
    assert sweep(none, START + 29 * DAY) == Swept()
    assert ask([1.0, 2.0, 3.0], day=29).info["cached"] is True


def test_runs_and_models_without_a_version_go_after_a_day(ask: Asker, kept: Settings) -> None:
    ask([1.0, 2.0])
    store = ask.registry.store
    registered = store.by_number(NAME, "1")
    assert registered is not None
    experiment = store.client.get_run(registered.run_id).info.experiment_id
    began = int(START.timestamp() * 1000)
    lost = store.client.create_run(experiment, began, {"abintel.writer": "elsewhere:1"}).info.run_id
    other = store.client.create_run(experiment, began).info.run_id
    store.client.create_registered_model("acme.empty", tags={"tenant": "acme"})
    assert sweep(kept, START + DAY / 2) == Swept()
    in_two_days = START.fromtimestamp(time.time(), START.tzinfo) + 2 * DAY
    assert sweep(kept, in_two_days) == Swept(runs=1, models=1)
    assert store.client.get_run(lost).info.lifecycle_stage == "deleted"
    for run_id in (other, registered.run_id):
        assert store.client.get_run(run_id).info.lifecycle_stage == "active"
    assert store.model("acme.empty") is None


def test_the_history_of_champions_is_bounded_and_goes_on(ask: Asker, kept: Settings) -> None:
    ask([1.0, 2.0])
    for number in range(2, KEPT_ENTRIES + 4):
        key = f"{HISTORY}{number:06d}/2026-03-01T12:00:00Z"
        ask.registry.store.tag_model(NAME, key, f"{number} promoted by a reviewer")
    assert sweep(kept, START) == Swept(entries=3)
    record = ask.registry.store.champion_record(NAME)
    assert (len(record), record[0][1]) == (KEPT_ENTRIES, "4 promoted by a reviewer")
    ask([1.0, 3.0])
    assert ask.registry.store.champion_record(NAME)[-1][1] == "2 trained"
    assert f"{HISTORY}{KEPT_ENTRIES + 4:06d}/2026-03-01T12:00:00Z" in ask.registry.store.model_tags(NAME)


def test_a_model_that_is_being_trained_is_left_alone(ask: Asker, kept: Settings) -> None:
    for last in (3.0, 4.0, 5.0, 6.0):
        ask([1.0, 2.0, last])
    with locks_for(kept.database_url, kept.home).hold(NAME, timeout=1):
        assert sweep(kept, START + 100 * DAY) == Swept()
    assert sweep(kept, START + 100 * DAY) == Swept(versions=2)


def test_nothing_is_removed_if_all_is_kept(ask: Asker, settings: Settings) -> None:
    ask([1.0, 2.0])
    assert sweep(dataclasses.replace(settings, keep_versions=None), START + 1000 * DAY) == Swept()


def test_the_command_sweeps_once_a_day_and_logs_a_line(
    ask: Asker, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for last in (3.0, 4.0, 5.0):
        ask([1.0, 2.0, last])
    monkeypatch.setenv("ABINTEL_HOME", str(settings.home))
    monkeypatch.setenv("ABINTEL_KEEP_VERSIONS", "1/30d")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(sweeping, "end_with_parent", lambda: None)
    monkeypatch.setattr(sweeping.logs, "configure", lambda: None)
    daily = Daily(settings.home)
    assert not daily.is_due(), "the first sweep begins a day after the first start"
    with caplog.at_level(logging.INFO):
        sweeping.main()
        assert "swept" not in caplog.text
        yesterday = time.time() - 86_401
        os.utime(settings.home / "models.swept", (yesterday, yesterday))
        assert daily.is_due()
        sweeping.main()
    [line] = [record for record in caplog.records if getattr(record, "event", "") == "models_swept"]
    assert line.getMessage().startswith("swept the models: removed 2 versions, 0 runs ")
    assert vars(line)["versions"] == 2
    assert numbers(settings) == ["3"]
    assert not daily.is_due()


def test_an_mlflow_that_is_away_is_tried_again_in_an_hour(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ABINTEL_HOME", str(settings.home))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setattr(sweeping, "end_with_parent", lambda: None)
    monkeypatch.setattr(sweeping.logs, "configure", lambda: None)
    last = settings.home / "models.swept"
    last.touch()
    os.utime(last, (0, 0))
    sweeping.main()
    assert "the models were not swept: the model registry does not answer: " in caplog.text
    assert 22.9 * 3600 < time.time() - last.stat().st_mtime < 23.1 * 3600
