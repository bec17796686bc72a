"""A champion as JSON, and back. Reading checks every value and runs nothing."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.patterns import PATTERNS
from plugins.forecast.days.recurring import Event
from plugins.forecast.days.series import WEEK
from plugins.forecast.days.shifts import Shift
from plugins.forecast.days.trend import KINDS, Damping
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.errors import Figures
from plugins.forecast.judging.history import Source
from plugins.forecast.judging.intervals import Spread
from plugins.forecast.judging.race import Candidate, Selection
from plugins.forecast.models.roster import by_name

FILE = "champion.json"
FORMAT = 3
"""Of the stored selections; files of another format are refused."""


def save(champion: Champion, folder: Path) -> None:
    """Writes a champion; floats come back to the last bit."""
    written = {
        **written_selection(champion.selection, champion.source, champion.judged_days),
        "origins": champion.origins,
        "paths": champion.paths.tolist(),
        "ahead": champion.ahead.tolist(),
        "outliers": champion.outliers,
        "left_out": champion.left_out,
        "events": [event._asdict() for event in champion.events],
        "shift": champion.shift and champion.shift._asdict(),
        "damping": champion.damping and champion.damping._asdict(),
        "effects": champion.effects,
        "how_wrong": {**champion.how_wrong._asdict(), "days": champion.how_wrong.days.tolist()},
    }
    (folder / FILE).write_text(json.dumps(written), encoding="utf-8")


def load(folder: Path) -> Champion:
    """Reads a champion.

    Raises:
        ValueError: the file is damaged, or of another format.
    """
    try:
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        selection, source, judged_days, rest = read_selection(read)
        champion = Champion(
            selection=selection,
            source=source,
            judged_days=judged_days,
            origins=tuple(rest.pop("origins")),
            paths=_array(rest.pop("paths"), 2),
            ahead=_array(rest.pop("ahead"), 1),
            outliers=tuple(rest.pop("outliers")),
            left_out=float(rest.pop("left_out")),
            events=tuple(_event(row) for row in rest.pop("events")),
            shift=None
            if (shift := rest.pop("shift")) is None
            else Shift(int(shift["start"]), float(shift["size"])),
            damping=None
            if (fade := rest.pop("damping")) is None
            else Damping(float(fade["factor"]), int(fade["reach"])),
            effects=tuple(_array(rest.pop("effects"), 1).tolist()),
            how_wrong=_spread(rest.pop("how_wrong")),
        )
    except (AttributeError, KeyError, TypeError, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the champion's file is damaged: {type(error).__name__}") from None
    refuse_others(rest)
    if len(champion.origins) != len(champion.paths):
        raise ValueError("the champion's folds and errors do not fit together")
    return champion


def written_selection(selection: Selection, source: Source, judged_days: int) -> dict[str, Any]:
    """A selection and the history that it was made on, for JSON."""
    return {
        "format": FORMAT,
        **selection._asdict(),
        "candidates": [
            {**candidate._asdict(), "figures": candidate.figures and candidate.figures._asdict()}
            for candidate in selection.candidates
        ],
        **source._asdict(),
        "judged_days": judged_days,
    }


def read_selection(read: Any) -> tuple[Selection, Source, int, dict[str, Any]]:
    """What :func:`written_selection` was given, and the keys that are not its own.

    Raises:
        ValueError: a value is damaged, or the format is another one.
        AttributeError, KeyError, TypeError: the objects are damaged.
    """
    rest = dict(read)
    version = rest.pop("format", 1)
    if version != FORMAT:
        raise ValueError(f"the stored champion has format {version}; this code reads {FORMAT}")
    parts = {name: rest.pop(name) for name in Selection._fields}
    candidates = [{**row, "figures": _figures(row["figures"])} for row in parts.pop("candidates")]
    selection = Selection(**parts, candidates=tuple(Candidate(**row) for row in candidates))
    source = Source(**{name: rest.pop(name) for name in Source._fields})
    judged_days = rest.pop("judged_days")
    numbers = (source.first, source.days, judged_days)
    texts = (selection.algorithm, source.digest)
    if not all(isinstance(value, int) for value in numbers) or not all(isinstance(x, str) for x in texts):
        raise ValueError("a value of the stored champion has a wrong type")
    models = by_name()
    if not selection.members or not set(selection.members) <= set(models):
        raise ValueError("the stored champion is made of models that do not exist")
    if len(selection.weights) != len(selection.members) or selection.fading not in KINDS:
        raise ValueError("the weights or the damping of the stored champion are damaged")
    if not set(selection.choices.keys()) <= set(models):
        raise ValueError("the stored champion has choices of models that do not exist")
    selection.figures()
    weights = tuple(float(weight) for weight in selection.weights)
    return selection._replace(members=tuple(selection.members), weights=weights), source, judged_days, rest


def refuse_others(rest: dict[str, Any]) -> None:
    """Refuses keys that nothing is known of.

    Raises:
        ValueError: there are some.
    """
    if rest:
        raise ValueError(f"the stored champion has unknown keys: {', '.join(sorted(rest))}")


def _array(value: Any, dimensions: int) -> NDArray[np.float64]:
    array = np.array(value, dtype=np.float64)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError("an array of the champion has a wrong shape, or numbers that are not finite")
    return array


def _figures(read: Any) -> Figures | None:
    if read is None:
        return None
    figures = Figures(**read)
    known = [value for value in figures if value is not None]
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in known):
        raise ValueError("a figure of the champion is not a finite number")
    return figures


def _event(read: dict[str, Any]) -> Event:
    event = Event(**{**read, "sizes": tuple(float(size) for size in read["sizes"])})
    if event.pattern not in PATTERNS or not event.sizes or not all(map(math.isfinite, event.sizes)):
        raise ValueError("an event of the champion is damaged")
    return event


def _spread(read: dict[str, Any]) -> Spread:
    spread = Spread(
        offset=float(read["offset"]),
        walk=float(read["walk"]),
        chance=float(read["chance"]),
        days=_array(read["days"], 2),
        degrees=int(read["degrees"]),
    )
    if spread.days.shape[1:] != (WEEK,) or spread.degrees < 1:
        raise ValueError("the errors of the champion have a wrong shape")
    return spread
