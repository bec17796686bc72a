"""How a route of many series learns: one version a request, a table of series to champion and parameters."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from abintel.endpoint import Call, Endpoint, Fit, Served, Trainable, Training
from abintel.problem import Problem
from plugins.forecast.judging.choosing import NOT_JUDGED, Choice, Made, choice_of, forecasts, made_again
from plugins.forecast.judging.forecast import History
from plugins.forecast.keeping import review, table
from plugins.forecast.keeping.table import Row, Table

log = logging.getLogger(__name__)

NOTHING_JUDGED = "No series was long enough for models to be judged: there is nothing to keep."


class AskedMany(NamedTuple):
    """What a request of many series asks of the registry.

    Attributes:
        fingerprint: of all series.
        days: rows of all of them.
        rows: what was chosen for each.
    """

    fingerprint: str
    days: int
    rows: Table


class Champions(NamedTuple):
    """What there is to answer with.

    Attributes:
        made: the champion of each series, or what kept it from having one.
        info: for ``model_info``.
    """

    made: dict[str, Made | Exception]
    info: Mapping[str, Any]


def champions_of(
    histories: Mapping[str, History], endpoint: Endpoint, call: Call, progress: Callable[[float], None]
) -> Champions:
    """The champions of many series: those kept, those carried on, new ones; and all of them registered.

    Series are judged before the registry is asked for a place: thousands take minutes, for which a lock would
    keep every other request of the tenant waiting.

    Args:
        histories: by name.
        endpoint: of the route.
        call: the call.
        progress: told of the share that is done.
    """
    kept = _kept(histories, endpoint, call)
    priors: Sequence[Choice | None] = [kept[name].choice if name in kept else None for name in histories]
    made: dict[str, Made | Exception] = {}
    for name, one in zip(histories, forecasts(list(histories.values()), priors), strict=True):
        if isinstance(one, Exception):
            log.error("a series could not be forecast", exc_info=one)
        made[name] = one
        progress(len(made) / len(histories))
    rows = {
        name: _row(histories[name], one, kept.get(name), call.now)
        for name, one in made.items()
        if isinstance(one, Made) and one.how != NOT_JUDGED
    }
    if not rows:
        return Champions(made, {"series": 0, "cached": False, "note": NOTHING_JUDGED})
    served = call.models.serve(AskedMany(_digest(histories, rows), _days(histories, rows), rows))
    for name, row in served.model.items():
        if _differs(row.choice, rows[name].choice):
            # The table that is stored has the say: another state of the registry had chosen otherwise.
            with contextlib.suppress(ValueError):
                made[name] = made_again(histories[name], row.choice)
    return Champions(made, served.info)


def _kept(histories: Mapping[str, History], endpoint: Endpoint, call: Call) -> Table:
    """The rows of the tenant's live table that are of these series, and not older than a version may be."""
    asked = AskedMany("", 0, {})
    try:
        served = call.models.champion(endpoint, asked)
    except Problem:
        # Without the registry nothing was chosen before.
        return {}
    found = served.model or {}
    return {name: found[name] for name in histories if name in found and _live(found[name], served, call.now)}


def _live(row: Row, served: Served, now: datetime.datetime) -> bool:
    """Whether a choice is younger than the life of a version."""
    if "expires_at" not in served.info:
        return True
    moments = (served.info["expires_at"], served.info["trained_at"], row.chosen_at)
    expires, trained, chosen = (datetime.datetime.fromisoformat(text) for text in moments)
    return now - chosen < expires - trained


def _row(history: History, made: Made, kept: Row | None, now: datetime.datetime) -> Row:
    choice = choice_of(history, made)
    if kept is not None and kept.choice.fingerprint == choice.fingerprint:
        return kept
    return Row(choice, now.astimezone(datetime.UTC).isoformat(timespec="seconds"))


def _differs(one: Choice, other: Choice) -> bool:
    parts = ("algorithm", "members", "logs", "orders", "how", "judged_days")
    return any(getattr(one, part) != getattr(other, part) for part in parts)


def _digest(histories: Mapping[str, History], names: Mapping[str, Any]) -> str:
    """SHA-256 of all series that have a champion, in any order."""
    pairs = sorted((name, histories[name].fingerprint()) for name in names)
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()


def _days(histories: Mapping[str, History], names: Mapping[str, Any]) -> int:
    return sum(histories[name].rows for name in names)


def _fit(asked: AskedMany) -> Fit:
    choices = [row.choice for row in asked.rows.values()]
    wins = Counter(choice.algorithm for choice in choices)
    errors: dict[str, list[float]] = {}
    for choice in choices:
        for one in choice.candidates:
            if one.figures is not None and one.figures.mase is not None:
                errors.setdefault(one.name, []).append(one.figures.mase)
    own = [
        one.figures.mase
        for choice in choices
        for one in choice.candidates
        if one.name == choice.algorithm and one.figures is not None and one.figures.mase is not None
    ]
    return Fit(
        model=asked.rows,
        algorithm=wins.most_common(1)[0][0],
        # A table of newer days replaces the older one, however well that did: nothing to compare.
        quality=0.0,
        params={"series": len(choices), **{f"champion of: {name}": count for name, count in wins.items()}},
        metrics={"MASE": float(np.mean(own))} if own else {},
        candidates={name: {"MASE": float(np.mean(values))} for name, values in sorted(errors.items())},
        features=("series",),
        info={"series": len(choices)},
        input_example=[{"series": "A-1"}],
        pictures={
            "champions.svg": review.bars(wins.most_common(), "Series that each model is the champion of")
        },
        card=review.table_card(choices),
    )


def _score(kept: Table, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """RMSE of each series' champion on held-out days; NaN for a series that is not in the table."""
    found = [kept.get(str(row["series"])) for row in rows]
    return [float("nan") if row is None else _rmse(row.choice) for row in found]


def _rmse(choice: Choice) -> float:
    return next(
        one.figures.rmse
        for one in choice.candidates
        if one.name == choice.algorithm and one.figures is not None
    )


TRAINABLE = Trainable(
    scope=lambda asked: {},
    training=lambda asked: (
        Training(asked.fingerprint, asked.days, partial(_fit, asked)) if asked.rows else None
    ),
    save=table.save,
    load=table.load,
    score=_score,
    requirements=("numpy",),
    output="RMSE",
)
