"""The server needs ``mlflow-skinny`` only: it works without what the full package requires in addition."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT

FULL_ONLY = ("docker", "flask", "flask_cors", "graphene", "gunicorn", "huey", "matplotlib", "skops")
PROGRAM = f"""
import datetime, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {FULL_ONLY}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from abintel.settings import Settings
from registry import schema
from registry.administration import Administration
from registry.registry import Registry
from tests.registry.mean_endpoint import ENDPOINT, MeanRequest

settings = Settings.from_environment({{"ABINTEL_HOME": sys.argv[1]}})
now = datetime.datetime.now(datetime.UTC)

def model(labels):
    registry = Registry(settings)
    registry.open()
    request = MeanRequest(campaign_id="a", labels=labels, quality=0.8)
    return registry.serve("acme", ENDPOINT, request, now, print).model

print(model([1.0, 2.0]), model([]))
[summary] = Administration(settings).models()
print(summary.champion)
import mlflow.pyfunc
from mlflow.db import upgrade
upgrade.main([settings.tracking_uri], standalone_mode=False)
print(schema.state(schema.database(settings.tracking_uri)).value)
"""


def test_a_model_is_trained_stored_and_reused_without_the_full_package(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines() == ["1.5 1.5", "1", "up to date"], result.stderr[-2000:]
