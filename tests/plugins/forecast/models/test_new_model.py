"""A forecasting model is one file and one line of the roster."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from abintel.decode import Decoder
from abintel.endpoint import Call
from plugins.forecast import models, requests
from plugins.forecast.endpoints.forecast_revenue import ENDPOINT, SUBJECT
from plugins.forecast.examples import daily_example
from plugins.forecast.judging.reuse import kept_of, newly_judged
from plugins.forecast.models import roster
from plugins.forecast.training import champion_file, table_file
from plugins.forecast.training.table_file import Row
from tests.plugins.calls import NOW, Registry, answered

FILE = '''
"""Repeats the last days, as many as the series repeats itself after."""

import numpy as np

from plugins.forecast.models.model import Model


def choose(z):
    errors = {days: float(np.abs(z[days:] - z[:-days]).mean()) for days in range(2, 20)}
    return {"period": min(errors, key=errors.get), "learned_from": len(z)}


def forecast(sample, horizon):
    return np.resize(sample.z[-sample.choice["period"] :], horizon)


MODEL = Model("Echo", forecast, slow=True, own_process=True, choose=choose)
'''
ROWS = [
    {"date": row["date"], "revenue": 1000.0 + 60.0 * (day * day % 11)}
    for day, row in enumerate(daily_example("revenue", 106))
]


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(FILE)
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    module: Any = importlib.import_module("plugins.forecast.models.echo")
    monkeypatch.setattr(roster, "ROSTER", (*roster.ROSTER, module.MODEL))


def registry() -> Registry:
    others: dict[str, Registry] = {}
    others[ENDPOINT.name] = made = Registry(ENDPOINT, others=others)
    return made


def body(days: int) -> dict[str, Any]:
    return {"forecast_period": 2, "data": ROWS[:days]}


@pytest.mark.usefixtures("echo")
def test_an_invented_model_is_judged_stored_reloaded_and_reported(tmp_path: Path) -> None:
    kept = registry()
    first = answered(ENDPOINT, body(100), kept)["forecast_result"]
    assert first["best_algorithm"] == "Echo"
    [row] = [row for row in first["evaluation_metrics"]["model_candidates"] if row["algorithm"] == "Echo"]
    assert row["folds"] == 4
    assert "skipped" not in row
    assert kept.fit is not None
    champion = kept.fit.model
    assert champion.selection.choices["Echo"]["period"] == 11
    assert kept.fit.params["choice of Echo"] == champion.selection.choices["Echo"]
    champion_file.save(champion, tmp_path)
    assert champion_file.load(tmp_path).selection == champion.selection
    grown = answered(ENDPOINT, body(106), kept)
    assert grown["model_info"]["choice"] == "carried_on"
    assert grown["forecast_result"]["best_algorithm"] == "Echo"
    assert kept.fit.model.selection.choices == champion.selection.choices


@pytest.mark.usefixtures("echo")
def test_a_table_of_many_series_keeps_what_an_invented_model_chose(tmp_path: Path) -> None:
    call = Call(tenant="acme", now=NOW)
    request = Decoder(ENDPOINT.request).decode(json.dumps(body(100)).encode())
    series = requests.history_of(request.data, None, request, SUBJECT, call.warn)
    table = {"A": Row(kept_of(series, newly_judged(series)), "2025-04-28T12:00:00+00:00")}
    table_file.save(table, tmp_path)
    assert table_file.load(tmp_path) == table
    assert table["A"].kept.selection.choices["Echo"]["learned_from"] < 100
