"""Lets a reviewer open a version with ``mlflow.pyfunc.load_model`` and score a data frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from abintel.discovery import discover
from abintel.endpoint import Trainable
from registry.artifact import INFO


class Scorer:
    """A version as MLflow's python_function flavour."""

    def __init__(self, trainable: Trainable, model: Any) -> None:
        self._trainable = trainable
        self._model = model

    def predict(self, frame: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Scores of the rows of a pandas data frame, shape ``(n,)``."""
        return np.asarray(self._trainable.score(self._model, frame.to_dict("records")), dtype=np.float64)


def _load_pyfunc(path: str) -> Scorer:
    folder = Path(path)
    name = json.loads((folder / INFO).read_text(encoding="utf-8"))["endpoint"]
    for endpoint in discover().endpoints:
        if endpoint.name == name and endpoint.trainable is not None:
            return Scorer(endpoint.trainable, endpoint.trainable.load(folder))
    raise LookupError(f"no installed plugin has a trainable endpoint {name!r}")
