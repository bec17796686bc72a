"""A champion as JSON, and back; what is read is checked, and runs nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.series import WEEK
from plugins.forecast.judging.errors import Figures
from plugins.forecast.judging.forecast import Champion
from plugins.forecast.judging.intervals import Spread
from plugins.forecast.judging.judge import Candidate
from plugins.forecast.zoo.arima import Orders
from plugins.forecast.zoo.roster import EVERY

FILE = "champion.json"


def save(champion: Champion, folder: Path) -> None:
    """Writes a champion; floats come back to the last bit."""
    written = {
        **champion._asdict(),
        "candidates": written_candidates(champion.candidates),
        "paths": champion.paths.tolist(),
        "ahead": champion.ahead.tolist(),
        "how_wrong": {**champion.how_wrong._asdict(), "days": champion.how_wrong.days.tolist()},
    }
    (folder / FILE).write_text(json.dumps(written), encoding="utf-8")


def written_candidates(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """How all models did, for JSON."""
    return [{**one._asdict(), "figures": one.figures and one.figures._asdict()} for one in candidates]


def read_candidates(read: Any) -> tuple[Candidate, ...]:
    """The same, from JSON.

    Raises:
        KeyError, TypeError, ValueError: they are damaged.
    """
    return tuple(Candidate(**{**one, "figures": _figures(one["figures"])}) for one in read)


def checked_members(members: Any) -> tuple[str, ...]:
    """Names of models that there are.

    Raises:
        TypeError, ValueError: they are damaged.
    """
    names = tuple(members)
    if not names or not set(names) <= set(EVERY):
        raise ValueError("the champion is of models that there are not")
    return names


def _array(value: Any, dimensions: int) -> NDArray[np.float64]:
    array = np.array(value, dtype=np.float64)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError("an array of the champion has a wrong shape, or numbers that are not finite")
    return array


def _figures(read: Any) -> Figures | None:
    if read is None:
        return None
    figures = Figures(**read)
    if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in figures if one is not None):
        raise ValueError("a figure of the champion is not a finite number")
    return figures


def load(folder: Path) -> Champion:
    """Reads a champion.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        wrong = read["how_wrong"]
        champion = Champion(
            **{
                **read,
                "members": checked_members(read["members"]),
                "orders": None if read["orders"] is None else Orders(*read["orders"]),
                "candidates": read_candidates(read["candidates"]),
                "origins": tuple(read["origins"]),
                "paths": _array(read["paths"], 2),
                "ahead": _array(read["ahead"], 1),
                "outliers": tuple(read["outliers"]),
                "effects": tuple(_array(read["effects"], 1).tolist()),
                "how_wrong": Spread(
                    float(wrong["offset"]),
                    float(wrong["walk"]),
                    float(wrong["chance"]),
                    _array(wrong["days"], 2),
                    int(wrong["degrees"]),
                ),
            }
        )
    except (KeyError, TypeError, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the champion's file is damaged: {type(error).__name__}") from None
    wrong_way = champion.how_wrong.days.shape[1:] != (WEEK,) or champion.how_wrong.degrees < 1
    if len(champion.origins) != len(champion.paths) or wrong_way:
        raise ValueError("the champion's folds and errors do not fit together")
    champion.figures()
    return champion
