"""Files of a model that are not what was registered: refused, alarmed, and trained anew."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from abintel.discovery import discover
from abintel.endpoint import Endpoint
from abintel.problem import Problem
from abintel.settings import Settings
from registry import artifact
from registry.administration import Administration
from registry.names import model_name
from registry.registry import Registry
from tests.campaign import ROUTE, campaign, unlabelled
from tests.plugins.calls import Registry as Models
from tests.plugins.calls import answered
from tests.registry.conftest import Asker
from tests.registry.mean_endpoint import Trainings
from tests.serving import Server
from tests.stores.test_logs import lines

NAME = model_name("acme", "mean_of_labels", {"campaign_id": "Spring Promo"})
ROWS = [1.0, 2.0, 3.0, 4.0]
NOTE = "version 1 of the stored model is damaged and not served"


def files_of(settings: Settings, name: str = NAME, number: str = "1") -> Path:
    """The folder of a version in the artifact store."""
    store = Administration(settings).store
    version = store.by_number(name, number)
    assert version is not None
    return Path(store.client.get_run(version.run_id).info.artifact_uri.removeprefix("file://")) / "model"


class Worker(Asker):
    """A process of its own, as far as memory goes, with what it observed."""

    def __init__(self, settings: Settings) -> None:
        self.observed: list[str] = []
        super().__init__(Registry(settings, observe=lambda event, _: self.observed.append(event)))


def flip(data: Path) -> None:
    content = bytearray((data / "mean.json").read_bytes())
    content[len(content) // 2] ^= 1
    (data / "mean.json").write_bytes(content)


def truncate(data: Path) -> None:
    os.truncate(data / "info.json", 5)


def empty(data: Path) -> None:
    os.truncate(data / "mean.json", 0)


def lose_a_file(data: Path) -> None:
    (data / "mean.json").unlink()


def lose_the_model(data: Path) -> None:
    shutil.rmtree(data.parent)


def lose_the_run(data: Path) -> None:
    shutil.rmtree(data.parent.parent.parent)


def add_a_file(data: Path) -> None:
    (data / "more.txt").write_text("more")


def rename_a_file(data: Path) -> None:
    (data / "mean.json").rename(data / "mean.jsn")


def make_a_folder_of_a_file(data: Path) -> None:
    (data / "mean.json").unlink()
    (data / "mean.json").mkdir()


def link_elsewhere(data: Path) -> None:
    (data / "mean.json").unlink()
    (data / "mean.json").symlink_to("/etc/hostname")


DAMAGES = [
    *(flip, truncate, empty, lose_a_file, lose_the_model, lose_the_run),
    *(add_a_file, rename_a_file, make_a_folder_of_a_file, link_elsewhere),
]


def events(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str, str]]:
    """Reason, model, version and level of each alarm."""
    return [
        (record.reason, record.model, record.version, record.levelname)
        for record in caplog.records
        if getattr(record, "event", None) == "model_refused"
    ]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_model_is_refused_alarmed_and_trained_anew(
    ask: Asker, settings: Settings, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    cold = ask(ROWS)
    damage(files_of(settings) / "data")
    worker = Worker(settings)
    refused = worker()
    assert (refused.model, refused.note) == (None, NOTE)
    assert worker.warnings == [
        ("model_damaged", f"{NOTE.capitalize()}; send labelled rows to train a new one.")
    ]
    reason = "gone" if damage in (lose_the_model, lose_the_run) else "changed"
    assert events(caplog) == [(reason, NAME, "1", "CRITICAL")]
    assert worker.observed == ["damaged"]
    anew = worker(ROWS)
    assert (anew.model, anew.info["model_version"], anew.info["cached"]) == (cold.model, "2", False)
    assert Trainings.count == 2
    assert Worker(settings)().info["model_version"] == "2"


def test_another_model_s_valid_files_are_refused(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask([50.0, 70.0], tenant="other")
    others = files_of(settings, model_name("other", "mean_of_labels", {"campaign_id": "Spring Promo"}))
    mine = files_of(settings)
    shutil.rmtree(mine)
    shutil.copytree(others, mine)
    assert Worker(settings)().note == NOTE
    assert Worker(settings)(ROWS).model == 2.5


def test_an_older_version_s_files_are_refused_in_place_of_the_newer_s(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    ask([*ROWS, 9.0])
    shutil.rmtree(files_of(settings, number="2"))
    shutil.copytree(files_of(settings), files_of(settings, number="2"))
    assert Worker(settings)().note == NOTE.replace("1", "2")
    assert Worker(settings)(ROWS).info["model_version"] == "1", "what is whole is reused"


def test_a_pipe_in_place_of_a_file_does_not_hang(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    file = files_of(settings) / "data" / "mean.json"
    file.unlink()
    os.mkfifo(file)
    worker = Worker(settings)
    assert worker().note == NOTE
    assert worker(ROWS).info["model_version"] == "2"


def test_files_are_hashed_when_they_are_loaded_and_not_for_each_request(
    ask: Asker, settings: Settings
) -> None:
    ask(ROWS)
    worker = Worker(settings)
    assert worker().model == 2.5
    flip(files_of(settings) / "data")
    assert [worker(day=day).model for day in range(5)] == [2.5] * 5, "from memory"
    assert Worker(settings)().model is None


def test_a_refusal_is_alarmed_once_and_ends_when_the_files_are_back(
    ask: Asker, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ask(ROWS)
    file = files_of(settings) / "data" / "mean.json"
    good = file.read_bytes()
    file.write_bytes(b"1.0")
    worker = Worker(settings)
    for _ in range(5):
        assert worker().note == NOTE
    assert len(events(caplog)) == 1
    file.write_bytes(good)
    assert worker().note == NOTE, "looked at again 20 s later"
    assert Worker(settings)().model == 2.5


def test_a_damaged_champion_is_alarmed_when_another_replaces_it(
    ask: Asker, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ask([*ROWS, 5.0, 6.0])
    flip(files_of(settings) / "data")
    assert Worker(settings)([1.0, 2.0]).info["model_version"] == "2"
    assert events(caplog) == [("changed", NAME, "1", "CRITICAL")]
    assert Worker(settings)().info["model_version"] == "2"


@pytest.mark.parametrize("tag", ["data_digest", "expires_at", "fingerprint"])
def test_a_version_without_a_tag_of_ours_is_not_served(
    ask: Asker, settings: Settings, tag: str, caplog: pytest.LogCaptureFixture
) -> None:
    ask(ROWS)
    Administration(settings).store.client.delete_model_version_tag(NAME, "1", tag)
    with caplog.at_level(logging.WARNING):
        assert Worker(settings)().model is None
    assert f"version 1 of {NAME} is not served: it has no tag '{tag}'" in caplog.text
    assert Worker(settings)(ROWS).info["model_version"] == "2"


class Hostile:
    """What leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._mark),)


def hostile(mark: Path) -> bytes:
    content = pickle.dumps(Hostile(mark))
    pickle.loads(content)  # it does what it is there for
    mark.rmdir()
    return content


def forge(settings: Settings, number: str = "1") -> None:
    """Gives the registry the digest of whatever the files now are: only the loaders are left to refuse."""
    store = Administration(settings).store
    store.tag_version(NAME, number, "data_digest", artifact.digest(files_of(settings, number=number)))


@pytest.mark.parametrize("forged", [False, True], ids=["as registered", "with a forged digest"])
@pytest.mark.parametrize(
    "name", ["data/mean.json", "data/info.json", "data/model.pkl", "data/__init__.py", "model.pkl", "MLmodel"]
)
def test_a_pickle_in_the_artifact_store_is_never_loaded(
    ask: Asker, settings: Settings, tmp_path: Path, name: str, forged: bool
) -> None:
    ask(ROWS)
    mark, place = tmp_path / "mark", files_of(settings)
    (place / name).write_bytes(hostile(mark))
    if forged:
        forge(settings)
    served = Worker(settings)()
    # Beside the data nothing is read; another file among them is, if anything, a reason to refuse.
    is_read = name in ("data/mean.json", "data/info.json")
    refused = is_read or (name.startswith("data/") and not forged)
    assert served.model == (None if refused else 2.5)
    assert Worker(settings)(ROWS).model == 2.5
    assert not mark.exists()


def test_what_mlflow_would_run_of_a_model_is_not_looked_at(
    ask: Asker, settings: Settings, tmp_path: Path
) -> None:
    ask(ROWS)
    mark, place = tmp_path / "mark", files_of(settings)
    (place / "model.pkl").write_bytes(hostile(mark))
    (place / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n"
        "  sklearn:\n    pickled_model: model.pkl\n    serialization_format: pickle\n"
    )
    assert Worker(settings)().model == 2.5
    assert not mark.exists()


def a_fit(endpoint: Endpoint) -> Any:
    """A model that an endpoint trained for one of its examples, None if none has enough to learn from."""
    bodies = [*endpoint.examples.values()]
    if endpoint.route == ROUTE:
        bodies.insert(0, campaign("pickles"))
    for body in bodies:
        models = Models(endpoint)
        with suppress(Problem):
            answered(endpoint, body, models)
        if models.fit is not None:
            return models.fit.model
    return None


def with_objects(content: Path, mark: Path) -> None:
    """The arrays of a file, each one an array of hostile objects."""
    with np.load(content, allow_pickle=False) as arrays:
        names = list(arrays)
    objects = np.array([Hostile(mark)], dtype=object)
    with content.open("wb") as file:
        np.savez(file, **dict.fromkeys(names, objects))


@pytest.mark.slow
def test_no_learner_s_loader_unpickles(tmp_path: Path) -> None:
    seen = set()
    for endpoint in discover().endpoints:
        model = a_fit(endpoint) if endpoint.trainable is not None else None
        if endpoint.trainable is None or model is None:
            continue
        seen.add(endpoint.name)
        mark, saved = tmp_path / f"{endpoint.name}-mark", tmp_path / endpoint.name
        saved.mkdir()
        endpoint.trainable.save(model, saved)
        for file in sorted(saved.iterdir()):
            good = file.read_bytes()
            file.write_bytes(hostile(mark))
            with pytest.raises(Exception):  # noqa: B017, PT011
                endpoint.trainable.load(saved)
            if file.suffix == ".npz":
                file.write_bytes(good)
                with_objects(file, mark)
                with pytest.raises(Exception):  # noqa: B017, PT011
                    endpoint.trainable.load(saved)
            file.write_bytes(good)
        assert not mark.exists()
        endpoint.trainable.load(saved)
    assert {"propensity_respond_campaign", "purchasing_segmentation", "forecast_revenue"} <= seen


def test_over_http_a_damaged_model_is_a_note_a_warning_a_log_line_and_a_figure(
    served: Server, acme: httpx.Client
) -> None:
    body = campaign("damaged on disk")
    cold = acme.post(ROUTE, json=body).json()
    name = model_name("acme", "propensity_respond_campaign", {"campaign_id": "damaged on disk"})
    data = files_of(served.settings, name) / "data"
    for file in data.iterdir():
        if file.name != "info.json":
            file.write_bytes(hostile(served.home / "mark"))
    answers = []
    for _ in range(6):
        # Two workers; the one that trained has the model in memory.
        with served.client(served.credential("acme")) as client:
            answers.append(client.post(ROUTE, json=unlabelled(body)))
    assert {answer.status_code for answer in answers} == {200}
    pages = [answer.json() for answer in answers]
    for page in pages:
        if page["predictions"][0]["probability"] is None:
            assert page["model_info"]["note"].endswith(f"; {NOTE}")
            assert [warning["code"] for warning in page["warnings"]] == ["model_damaged"]
        else:
            assert page["predictions"] == cold["predictions"]
    if all(page["predictions"] == cold["predictions"] for page in pages):
        pytest.skip("all six connections went to the worker that has the model in memory")
    alarms = [line for line in lines(served) if line.get("event") == "model_refused"]
    assert {(line["level"], line["model"], line["version"]) for line in alarms} >= {("critical", name, "1")}
    assert 'event="damaged"' in httpx.get(f"{served.url}/metrics").text
    assert not (served.home / "mark").exists()
    assert json.loads(json.dumps(acme.post(ROUTE, json=body).json()))["predictions"] == cold["predictions"]
