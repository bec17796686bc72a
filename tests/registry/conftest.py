"""A real MLflow store for each test, copied from one that is migrated once."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abintel.endpoint import Served
from abintel.settings import Settings
from registry.registry import Registry
from tests.registry.mean_endpoint import ENDPOINT, MeanRequest, Trainings

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database."""
    home = tmp_path_factory.mktemp("mlflow")
    Registry(Settings.from_environment({"ABINTEL_HOME": str(home)})).open()
    return home / "mlflow.db"


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    """Settings whose stores are in a folder of the test's own."""
    shutil.copy(migrated, tmp_path / "mlflow.db")
    return Settings.from_environment({"ABINTEL_HOME": str(tmp_path)})


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)


class Asker:
    """Asks a registry as an endpoint's handler would, at a moment of the test's choice."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.warnings: list[tuple[str, str]] = []

    def __call__(
        self,
        labels: list[float] | None = None,
        *,
        day: float = 0,
        tenant: str = "acme",
        campaign: str = "Spring Promo",
        quality: float = 0.8,
        kept: bool = True,
    ) -> Served:
        self.warnings.clear()
        request = MeanRequest(campaign_id=campaign, labels=labels or [], quality=quality, kept=kept)
        now = START + day * DAY
        return self.registry.serve(
            tenant, ENDPOINT, request, now, lambda code, text: self.warnings.append((code, text))
        )


@pytest.fixture
def ask(registry: Registry) -> Asker:
    Trainings.count = 0
    return Asker(registry)


def elsewhere(settings: Settings) -> Callable[..., Any]:
    """Asks as another worker would: with a memory of its own."""
    return Asker(Registry(settings))
