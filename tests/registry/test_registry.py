"""The 30-day reuse rules, against real MLflow on disk, with the clock an argument."""

from __future__ import annotations

import dataclasses
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mlflow.models import Model

from abintel.endpoint import Fit, Served, Training
from abintel.problem import Problem
from abintel.settings import Settings
from registry.administration import Administration
from registry.fit_queue import SMALL_ROWS
from registry.names import model_name
from registry.registry import Registry
from registry.rules import Version
from registry.store import Store
from tests.registry.conftest import DAY, START, Asker, elsewhere
from tests.registry.mean_endpoint import ENDPOINT, MeanRequest, Trainings

NAME = model_name("acme", "mean_of_labels", {"campaign_id": "Spring Promo"})
ROWS = [1.0, 2.0, 3.0, 4.0]


def champion(store: Store) -> str | None:
    version = store.by_alias(NAME, "champion")
    return version.number if version else None


def without_cached(served: Served) -> dict[str, object]:
    return {key: value for key, value in served.info.items() if key != "cached"}


def only_version(store: Store) -> Version:
    [version] = store.search(f"name = '{NAME}'")
    return version


def test_labels_train_a_model_that_later_scores_without_labels(ask: Asker, settings: Settings) -> None:
    cold = ask(ROWS)
    assert (cold.model, cold.info["cached"], cold.info["model_version"]) == (2.5, False, "1")
    assert cold.info["trained_at"] == "2026-03-01T12:00:00Z"
    assert cold.info["expires_at"] == "2026-03-31T12:00:00Z"
    for warm in (ask(day=3), elsewhere(settings)(day=3)):
        assert (warm.model, warm.info["cached"]) == (2.5, True)
        assert without_cached(warm) == without_cached(cold)
    assert Trainings.count == 1


def test_the_same_labels_in_any_order_are_not_trained_again(ask: Asker, settings: Settings) -> None:
    cold = ask(ROWS)
    warm = elsewhere(settings)(list(reversed(ROWS)), day=29.9)
    assert warm.info["cached"] is True
    assert without_cached(warm) == without_cached(cold)
    assert Trainings.count == 1


def test_other_labels_train_a_new_champion(ask: Asker) -> None:
    ask(ROWS)
    assert ask([*ROWS, 9.0], day=1).info["model_version"] == "2"
    assert ask(day=1).info["model_version"] == "2"


def test_reuse_never_moves_the_champion(ask: Asker) -> None:
    ask(ROWS)
    ask([*ROWS, 9.0], day=1)
    assert ask(ROWS, day=2).info["model_version"] == "1"
    assert champion(ask.registry.store) == "2"


def test_after_30_days_a_model_is_never_served(ask: Asker) -> None:
    ask(ROWS)
    assert ask(day=30 - 1e-4).model == 2.5
    expired = ask(day=30)
    assert expired.model is None
    assert expired.note == "the stored model expired at 2026-03-31T12:00:00Z"
    assert ask.warnings == [
        (
            "model_expired",
            "The stored model expired at 2026-03-31T12:00:00Z; send labelled rows to train a new one.",
        )
    ]
    assert ask(ROWS, day=30).info["model_version"] == "2"
    assert ask(day=31).info["model_version"] == "2"


def test_the_time_to_live_is_a_setting(settings: Settings) -> None:
    ask = Asker(Registry(dataclasses.replace(settings, model_ttl_days=2)))
    assert ask(ROWS).info["expires_at"] == "2026-03-03T12:00:00Z"


def test_without_a_model_and_without_labels_there_is_nothing(ask: Asker) -> None:
    assert ask() == Served(None, {}, None)


def test_tenants_and_scopes_do_not_share_models(ask: Asker) -> None:
    ask(ROWS)
    assert ask(tenant="other").model is None
    assert ask(campaign="spring promo").model is None
    assert ask(ROWS, tenant="other").info["model_version"] == "1"


@pytest.mark.parametrize(
    ("rows", "quality"), [([1.0], 0.8), ([1.0, 2.0, 3.0, 4.0, 5.0], 0.7499)], ids=["few rows", "worse"]
)
def test_a_lesser_model_is_challenger_and_answers_only_its_own_request(
    ask: Asker, rows: list[float], quality: float
) -> None:
    ask([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    lesser = ask([*rows, 7.0], day=1, quality=quality)
    assert lesser.info["model_version"] == "2"
    assert champion(ask.registry.store) == "1"
    challenger = ask.registry.store.by_alias(NAME, "challenger")
    assert challenger is not None
    assert challenger.number == "2"
    assert ask(day=1).info["model_version"] == "1"
    assert ask([*rows, 7.0], day=2, quality=quality).info == {**lesser.info, "cached": True}


def test_a_lesser_model_replaces_an_expired_champion(ask: Asker) -> None:
    ask([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    ask([1.0, 7.0], day=31, quality=0.5)
    assert champion(ask.registry.store) == "2"


def test_few_rows_do_not_wait_for_the_fit_of_many(ask: Asker) -> None:
    begun, done = threading.Event(), threading.Event()
    assert ENDPOINT.trainable is not None
    quickly = ENDPOINT.trainable.training

    def training(request: MeanRequest) -> Training:
        found = quickly(request)
        assert found is not None

        def fit() -> Fit:
            begun.set()
            assert done.wait(60)
            return found.fit()

        return dataclasses.replace(found, fit=fit)

    slow = dataclasses.replace(ENDPOINT, trainable=dataclasses.replace(ENDPOINT.trainable, training=training))
    many = MeanRequest(campaign_id="many", labels=[1.0] * SMALL_ROWS + [2.0], quality=0.8, kept=False)
    with ThreadPoolExecutor() as pool:
        held = pool.submit(ask.registry.serve, "acme", slow, many, START, lambda *_: None)
        assert begun.wait(60)
        try:
            assert ask([*ROWS], kept=False).model == 2.5
            assert not held.done()
        finally:
            done.set()
        assert held.result(60).info["train_rows"] == SMALL_ROWS + 1


def test_a_model_that_is_not_to_be_kept_answers_its_own_request_alone(ask: Asker) -> None:
    for attempt in (1, 2):
        fleeting = ask(ROWS, kept=False)
        assert (fleeting.model, fleeting.info["cached"], fleeting.note) == (2.5, False, None)
        assert "model_version" not in fleeting.info
        assert Trainings.count == attempt
    assert ask().model is None
    assert ask.registry.store.search(f"name = '{NAME}'") == []
    ask([*ROWS, 9.0])
    assert ask(ROWS, kept=False).model == 2.5
    assert ask().model == pytest.approx(3.8)


class TestAnotherEndpointsChampion:
    """As the handler of an endpoint without a model of its own asks for it."""

    def test_is_served_and_never_trained(self, ask: Asker) -> None:
        median = dataclasses.replace(ENDPOINT, name="median_of_labels")
        bound = ask.registry.bound("acme", median, START, lambda *_: None)
        request = MeanRequest(campaign_id="Spring Promo", labels=ROWS)
        assert bound.champion(ENDPOINT, request) == Served(None, {})
        trained = ask([*ROWS, 9.0])
        served = bound.champion(ENDPOINT, request)
        assert (served.model, served.info) == (trained.model, {**trained.info, "cached": True})
        assert Trainings.count == 1

    def test_is_not_served_when_expired_and_says_nothing_of_it(self, ask: Asker) -> None:
        warned: list[str] = []
        ask(ROWS)
        later = START + 30 * DAY
        bound = ask.registry.bound("acme", ENDPOINT, later, lambda code, _: warned.append(code))
        served = bound.champion(ENDPOINT, MeanRequest(campaign_id="Spring Promo", labels=[]))
        assert (served.model, warned) == (None, [])

    def test_is_the_tenants_own(self, ask: Asker) -> None:
        ask(ROWS)
        bound = ask.registry.bound("other", ENDPOINT, START, lambda *_: None)
        assert bound.champion(ENDPOINT, MeanRequest(campaign_id="Spring Promo", labels=[])).model is None


def test_a_pinned_model_keeps_its_champion(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    Administration(settings).pin(NAME, True)
    assert ask([*ROWS, 9.0], day=1).info["model_version"] == "2"
    assert champion(ask.registry.store) == "1"
    Administration(settings).pin(NAME, False)
    ask([*ROWS, 10.0], day=1)
    assert champion(ask.registry.store) == "3"


def test_a_rejected_version_is_out_of_service_and_its_labels_train_a_challenger(
    ask: Asker, settings: Settings
) -> None:
    ask(ROWS)
    assert ask().model == 2.5
    Administration(settings).reject(NAME, "1")
    assert ask().model is None
    assert ask().note == "the stored model was rejected in review"
    again = ask(ROWS)
    assert again.info["model_version"] == "2"
    assert ask().model is None, "a challenger answers only its own request"


def test_moving_champion_in_mlflow_rolls_back_within_a_minute(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask([*ROWS, 9.0])
    worker = elsewhere(settings)
    assert worker(day=1).info["model_version"] == "2"
    Store(settings.tracking_uri, settings.artifact_root).client.set_registered_model_alias(
        NAME, "champion", "1"
    )
    minute = 60 / 86_400
    assert worker(day=1 + minute).info["model_version"] == "1"
    record = [what for _, what in ask.registry.store.champion_record(NAME)]
    assert record == ["1 trained", "2 trained", "1 set by a reviewer"]


def test_a_promotion_by_command_counts_at_once(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask([*ROWS, 9.0])
    assert ask().info["model_version"] == "2"
    Administration(settings).promote(NAME, "1", START)
    assert ask().info["model_version"] == "1"


def test_the_version_carries_what_a_reviewer_looks_for(ask: Asker) -> None:
    ask(ROWS)
    store = ask.registry.store
    entity = store.client.get_model_version(NAME, "1")
    assert entity.tags["tenant"] == "acme"
    assert entity.tags["endpoint"] == "mean_of_labels"
    assert entity.tags["scope"] == '{"campaign_id":"Spring Promo"}'
    assert entity.tags["rows"] == "4"
    assert entity.tags["features"] == '["label"]'
    assert len(entity.tags["fingerprint"]) == len(entity.tags["data_digest"]) == 64
    assert entity.description.startswith("# Mean")
    run = store.client.get_run(entity.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"algorithm": "Mean", "trim": "0"}
    assert run.data.metrics == {"roc_auc": 0.8, "Mean/roc_auc": 0.8, "Median/roc_auc": 0.5}
    files = {file.path for file in store.client.list_artifacts(entity.run_id, "review")}
    assert files == {"review/curve.svg", "review/model-card.md", "review/candidates.json"}
    with store.files(only_version(store)) as folder:
        model = Model.load(str(folder))
        assert model.signature.inputs.input_names() == ["label", "kind"]
        assert model.load_input_example(str(folder)).to_dict("records") == [{"label": 1.0, "kind": "a"}]
        assert re.search(r"^abintel==\d", (folder / "requirements.txt").read_text())


@pytest.mark.parametrize("damage", ["swapped", "gone"])
def test_damaged_files_are_refused_and_trained_anew(
    ask: Asker, settings: Settings, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    ask([*ROWS, 5.0, 6.0])
    version = only_version(ask.registry.store)
    run = ask.registry.store.client.get_run(version.run_id)
    file = Path(run.info.artifact_uri.removeprefix("file://")) / "model" / "data" / "mean.json"
    if damage == "swapped":
        file.write_text("99.0")
    else:
        file.unlink()
    worker = elsewhere(settings)
    with caplog.at_level(logging.CRITICAL):
        nothing = worker()
    assert nothing.model is None
    assert nothing.note is not None
    assert nothing.note == "version 1 of the stored model is damaged and not served"
    assert f"version 1 of {NAME} is damaged and not served: digest" in caplog.text
    # Fewer rows than the damaged champion had: what cannot be served protects nothing.
    assert worker([1.0, 2.0]).model == 1.5
    assert elsewhere(settings)().model == 1.5


def test_a_writer_that_died_before_promoting_left_a_whole_version_that_is_promoted(
    ask: Asker, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(Store, "promote", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            ask(ROWS)
    assert champion(ask.registry.store) is None
    assert elsewhere(settings)().info["model_version"] == "1"
    assert champion(ask.registry.store) == "1"


def test_a_dead_process_leaves_no_run_behind(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    client = ask.registry.store.client
    experiment = client.get_experiment_by_name("abintel.acme.mean_of_labels")
    host = client.get_run(only_version(ask.registry.store).run_id).data.tags["abintel.writer"].split(":")[0]
    abandoned = client.create_run(experiment.experiment_id, tags={"abintel.writer": f"{host}:999999999"})
    alive = client.create_run(experiment.experiment_id, tags={"abintel.writer": f"{host}:1"})
    Registry(settings).open()
    assert client.get_run(abandoned.info.run_id).info.lifecycle_stage == "deleted"
    assert client.get_run(alive.info.run_id).info.lifecycle_stage == "active"


def test_threads_that_want_the_same_model_train_it_once(ask: Asker, settings: Settings) -> None:
    answers: list[Served] = []
    askers = [elsewhere(settings) for _ in range(4)]
    threads = [threading.Thread(target=lambda asker=asker: answers.append(asker(ROWS))) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Trainings.count == 1
    assert [answer.model for answer in answers] == [2.5] * 4
    assert len(ask.registry.store.search(f"name = '{NAME}'")) == 1


def test_without_its_lock_a_training_goes_on(
    settings: Settings, ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = dataclasses.replace(settings, database_url="postgresql://nobody@127.0.0.1:9/nothing")
    served = Asker(Registry(nowhere))(ROWS)
    assert (served.model, served.info["model_version"]) == (2.5, "1")
    assert "training without the lock" in caplog.text
    assert ask().model == 2.5


class TestWithoutMlflow:
    """A tracking server that is not there: nobody listens on port 9 of loopback."""

    @pytest.fixture
    def down(self, settings: Settings, monkeypatch: pytest.MonkeyPatch, ask: Asker) -> Asker:
        ask(ROWS)
        ask()
        monkeypatch.setattr(ask.registry, "store", Store("http://127.0.0.1:9", settings.artifact_root))
        return ask

    def test_a_request_with_labels_is_answered_and_says_so(self, down: Asker) -> None:
        served = down([5.0, 7.0])
        assert served.model == 6.0
        assert served.info["registry"] == "unavailable"
        assert served.info["cached"] is False

    def test_a_champion_confirmed_within_ten_minutes_answers_and_says_so(self, down: Asker) -> None:
        nine_minutes = 9 / 1440
        served = down(day=nine_minutes)
        assert served.model == 2.5
        assert served.info["registry"] == "unavailable"

    def test_after_ten_minutes_it_is_503(self, down: Asker) -> None:
        with pytest.raises(Problem) as caught:
            down(day=11 / 1440)
        assert caught.value.status == 503
        assert "Retry-After" in caught.value.headers

    def test_a_model_that_is_not_to_be_kept_needs_no_mlflow(self, down: Asker) -> None:
        served = down([5.0, 7.0], kept=False)
        assert (served.model, served.info["cached"]) == (6.0, False)
        assert "registry" not in served.info

    def test_a_model_that_was_never_confirmed_is_503(self, down: Asker) -> None:
        with pytest.raises(Problem) as caught:
            down(campaign="another")
        assert caught.value.slug == "registry-unavailable"


def test_deleting_a_tenant_leaves_the_others(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask(ROWS, tenant="other")
    run = ask.registry.store.client.get_run(only_version(ask.registry.store).run_id)
    assert Administration(settings).delete_tenant("acme") == 1
    assert not list(Path(run.info.artifact_uri.removeprefix("file://")).rglob("*.json"))
    assert elsewhere(settings)().model is None
    assert elsewhere(settings)(tenant="other").model == 2.5


def test_sweep_removes_what_expired_and_nothing_else(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask([*ROWS, 5.0], day=10)
    administration = Administration(settings)
    expired = administration.expired(START + 31 * DAY)
    assert [version.number for version in expired] == ["1"]
    administration.sweep(expired)
    assert [version.number for version in administration.model(NAME).versions] == ["2"]
