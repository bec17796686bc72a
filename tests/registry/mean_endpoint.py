"""The smallest endpoint that learns: it predicts the mean of the labels it saw."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from abintel.answer import Answer
from abintel.endpoint import Call, Endpoint, Fit, Trainable, Training
from abintel.fields import Body, Identifier, Number


class MeanRequest(Body):
    campaign_id: Identifier = Field(description="What the mean is of.")
    labels: list[Number] = Field(description="What to learn from; fewer than two are too few.")
    quality: Annotated[Number, Field(description="What the fit says of itself.")] = 0.8
    kept: bool = Field(True, description="Whether the model is kept.")


class MeanAnswer(Answer):
    mean: float | None = Field(description="The mean, if there is a model.")
    info: dict[str, Any] = Field(description="Of the model.")


class Trainings:
    """Counts the fits."""

    count = 0


def scope(request: Any) -> dict[str, str]:
    return {"campaign_id": request.campaign_id}


def training(request: Any) -> Training | None:
    labels = sorted(request.labels)
    if len(labels) < 2:
        return None

    def fit() -> Fit:
        Trainings.count += 1
        mean = sum(labels) / len(labels)
        return Fit(
            model=mean,
            algorithm="Mean",
            quality=request.quality,
            params={"trim": 0},
            metrics={"roc_auc": request.quality},
            candidates={"Mean": {"roc_auc": request.quality}, "Median": {"roc_auc": 0.5}},
            features=["label"],
            info={"best_algorithm": "Mean", "train_rows": len(labels)},
            input_example=[{"label": 1.0, "kind": "a"}],
            pictures={"curve.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"},
            card="# Mean\n\nThe mean of the labels.",
        )

    return Training(hashlib.sha256(json.dumps(labels).encode()).hexdigest(), len(labels), fit, request.kept)


def save(model: float, folder: Path) -> None:
    (folder / "mean.json").write_text(json.dumps(model), encoding="utf-8")


def load(folder: Path) -> float:
    return float(json.loads((folder / "mean.json").read_text(encoding="utf-8")))


def handle(request: Any, call: Call) -> dict[str, Any]:
    served = call.models.serve(request)
    info = dict(served.info) if served.note is None else {**served.info, "note": served.note}
    return {"mean": served.model, "info": info}


ENDPOINT = Endpoint(
    name="mean_of_labels",
    summary="The mean.",
    request=MeanRequest,
    response=MeanAnswer,
    handle=handle,
    examples={"three": {"campaign_id": "c", "labels": [1.0, 2.0, 3.0]}},
    trainable=Trainable(scope, training, save, load, lambda model, rows: [model for _ in rows], ["numpy"]),
)
