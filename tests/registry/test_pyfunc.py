"""A reviewer opens a version with MLflow's own loader and scores a data frame."""

from __future__ import annotations

from pathlib import Path

import mlflow.pyfunc
import numpy as np
import orjson
import pandas as pd
import pytest

from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.settings import Settings
from registry.pyfunc import _load_pyfunc
from registry.registry import Registry
from tests.campaign import campaign
from tests.registry.conftest import START

[ENDPOINT] = [
    endpoint
    for endpoint in discover(["propensity"]).endpoints
    if endpoint.name == "propensity_respond_campaign"
]


def test_mlflow_scores_as_the_server_does(settings: Settings) -> None:
    body = campaign("reviewed by pyfunc")
    registry = Registry(settings)
    request = Decoder(ENDPOINT.request).decode(orjson.dumps(body))
    served = registry.serve("acme", ENDPOINT, request, START, lambda code, text: None)
    rows = [customer["features"] for customer in body["customers"]]
    assert ENDPOINT.trainable is not None
    expected = ENDPOINT.trainable.score(served.model, rows)
    [version] = registry.store.search("tags.tenant = 'acme'")
    with registry.store.files(version) as folder:
        model = mlflow.pyfunc.load_model(str(folder))
        scores = model.predict(pd.DataFrame(rows))
    np.testing.assert_array_equal(scores, expected)


def test_a_version_of_a_plugin_that_is_not_installed_is_told(tmp_path: Path) -> None:
    (tmp_path / "info.json").write_text('{"endpoint": "gone"}', encoding="utf-8")
    with pytest.raises(LookupError, match="no installed plugin has a trainable endpoint 'gone'"):
        _load_pyfunc(str(tmp_path))
