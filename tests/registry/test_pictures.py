from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from abintel.charts.drawing import CannotDraw
from abintel.endpoint import Endpoint, Served, Training
from abintel.settings import Settings
from registry.circuit_breaker import SLOW_SECONDS
from registry.registry import Registry
from tests.registry.conftest import START
from tests.registry.mean_endpoint import ENDPOINT, MeanRequest


class Slow(Mapping[str, bytes]):
    """Pictures that take as long as an MLflow that hangs."""

    def __getitem__(self, name: str) -> bytes:
        return b"<svg/>"

    def __iter__(self) -> Iterator[str]:
        time.sleep(SLOW_SECONDS + 0.1)
        return iter(["slow.svg"])

    def __len__(self) -> int:
        return 1


class Broken(Slow):
    """Pictures of which one cannot be drawn."""

    def __iter__(self) -> Iterator[str]:
        raise CannotDraw("it is broken")


def with_pictures(pictures: Mapping[str, bytes]) -> Endpoint:
    trainable = ENDPOINT.trainable
    assert trainable is not None

    def training(request: Any) -> Training:
        made = trainable.training(request)
        assert made is not None
        return replace(made, fit=lambda: replace(made.fit(), pictures=pictures))

    return replace(ENDPOINT, trainable=replace(trainable, training=training))


def served(registry: Registry, endpoint: Endpoint) -> Served:
    request = MeanRequest(campaign_id="Spring Promo", labels=[1.0, 2.0, 3.0])
    return registry.serve("acme", endpoint, request, START, lambda code, text: None)


def test_pictures_come_with_the_version(registry: Registry, settings: Settings) -> None:
    assert served(registry, with_pictures(Slow())).info["model_version"] == "1"
    assert [
        path.read_bytes() for path in Path(settings.artifact_root.removeprefix("file://")).rglob("slow.svg")
    ] == [b"<svg/>"]


def test_a_picture_that_cannot_be_drawn_leaves_nothing_half_stored(registry: Registry) -> None:
    with pytest.raises(CannotDraw):
        served(registry, with_pictures(Broken()))
    assert registry.store.models() == []
    assert registry.store.remove_abandoned_runs() == 0
    assert served(registry, ENDPOINT).info["model_version"] == "1"


def test_the_time_that_pictures_take_is_not_mlflow_s(registry: Registry, settings: Settings) -> None:
    root = Path(settings.artifact_root.removeprefix("file://"))
    root.parent.mkdir(parents=True, exist_ok=True)
    root.write_text("in the way of a folder", encoding="utf-8")
    assert served(registry, with_pictures(Slow())).info["registry"] == "unavailable"
    root.unlink()
    assert served(registry, ENDPOINT).info["model_version"] == "1"
