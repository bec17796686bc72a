"""Registries of one request, for handlers under test, and data of known truth."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from plugins.propensity.classifier import automl
from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import learn
from plugins.propensity.features.fingerprint import canonical


def stored(scorer: Scorer) -> Scorer:
    """A model after a trip through its files."""
    with tempfile.TemporaryDirectory() as folder:
        scorer.save(Path(folder))
        return Scorer.load(Path(folder))


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
    design, _ = learn(data.columns, data.forms, coded=True)
    return automl.train(design, data)
