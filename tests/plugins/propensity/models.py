"""Registries of one request, for handlers under test, and data of known truth."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint, Fit, Served
from abintel.problem import bad_body
from plugins.propensity import automl
from plugins.propensity.automl import Outcome
from plugins.propensity.design import learn
from plugins.propensity.fingerprint import canonical
from plugins.propensity.scorer import Scorer


def stored(scorer: Scorer) -> Scorer:
    """A model after a trip through its files."""
    with tempfile.TemporaryDirectory() as folder:
        scorer.save(Path(folder))
        return Scorer.load(Path(folder))


class Registry:
    """Trains when the labels suffice, keeps the last model, and serves it after a trip through its files."""

    def __init__(self, endpoint: Endpoint, note: str | None = None) -> None:
        assert endpoint.trainable is not None
        self._trainable = endpoint.trainable
        self._note = note
        self._kept: Served | None = None
        self.fit: Fit | None = None

    def serve(self, request: Any) -> Served:
        training = self._trainable.training(request)
        if training is None:
            return self._kept or Served(None, {}, self._note)
        self.fit = training.fit()
        with tempfile.TemporaryDirectory() as folder:
            self._trainable.save(self.fit.model, Path(folder))
            model = self._trainable.load(Path(folder))
        self._kept = Served(model, json.loads(json.dumps(dict(self.fit.info))))
        return self._kept


def answered(
    endpoint: Endpoint, body: Mapping[str, Any], registry: Registry | None = None, **call: Any
) -> dict[str, Any]:
    """The answer to a body, as the edge would send it: decoded, checked, handled, encoded."""
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    known = Call(
        tenant="acme",
        now=datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC),
        models=registry or Registry(endpoint),
        **call,
    )
    faults = list(endpoint.check(request, known))
    if faults:
        raise bad_body(faults)
    answer = dict(endpoint.handle(request, known))
    if known.warnings:
        assert {warning["code"] for warning in known.warnings} <= set(endpoint.warnings)
        answer["warnings"] = known.warnings
    return dict(json.loads(Encoder(endpoint.response).encode(answer)))


def logistic_truth(
    rows: int, seed: int, weights: Sequence[float] = (1.0, -0.8, 0.5)
) -> tuple[list[dict[str, Any]], list[int], NDArray[np.float64]]:
    """Rows of ``x0, x1, …``, their outcomes, and the probabilities that the outcomes were drawn with."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(rows, len(weights)))
    truth = np.asarray(expit(values @ np.asarray(weights)))
    labels = (chance.random(rows) < truth).astype(int).tolist()
    names = [f"x{column}" for column in range(len(weights))]
    return [dict(zip(names, row, strict=True)) for row in values.tolist()], labels, truth


def trained(rows: list[dict[str, Any]], labels: list[int]) -> Outcome:
    """What the AutoML finds on labelled rows."""
    data = canonical(rows, labels)
    design, _ = learn(data.columns)
    return automl.train(design, data)
