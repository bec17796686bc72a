"""Pictures of a learned recommender for the reviewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abintel.charts.drawing import Drawings
from abintel.charts.planes import curves
from abintel.charts.theme import finished
from plugins.recommendation.recommenders.holdout import K, Trial


def pictures(trial: Trial) -> Drawings:
    """SVG by file name: precision by length of the list, and loss of the final fit by round."""
    return Drawings(_charts(trial))


def _charts(trial: Trial) -> Iterator[tuple[str, Any]]:
    if trial.losses:
        losses = {"loss": list(trial.losses.values())}
        yield "loss.svg", _lines("Loss of the final fit", "Round", "Loss", list(trial.losses), losses)
    if trial.winner is not None and trial.popular is not None:
        lists = {
            "this model": (100 * trial.winner.precision).tolist(),
            "popularity": (100 * trial.popular.precision).tolist(),
        }
        title = "Precision on held-out choices"
        yield "precision.svg", _lines(title, "Items recommended", "Precision (%)", range(1, K + 1), lists)


def _lines(title: str, across: str, up: str, x: Sequence[int], lines: Mapping[str, Sequence[float]]) -> Any:
    drawing = curves(
        {name: list(zip(x, values, strict=True)) for name, values in lines.items()},
        across,
        up,
        x=(0.0, x[-1] + 0.5),
        y=(0.0, 1.06 * max(max(values) for values in lines.values()) or 1.0),
    )
    return finished(drawing, title, [], 380, "en")
