"""Plugins are imported by every process, most of which never train: what takes seconds is imported late."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.contract.roster import ROSTER

SLOW = {
    "altair",
    "catboost",
    "fpdf",
    "lightgbm",
    "mlflow",
    "pandas",
    "scipy.stats",
    "sklearn",
    "statsforecast",
    "xgboost",
}


@pytest.mark.parametrize("name", ROSTER)
def test_importing_a_plugin_imports_no_library_of_learners(name: str) -> None:
    code = f"import sys, plugins.{name}; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert set(imported.stdout.split()) & SLOW == set()
