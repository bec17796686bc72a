"""How the route of many series learns: one version per request, which is a table of series and champions."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint, Fit, Served, Trainable, Training
from abintel.problem import Problem
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import NOT_JUDGED, Kept, Made, forecasts, kept_of
from plugins.forecast.training import card, table_file
from plugins.forecast.training.table_file import Row, Table

BARS = lazy("plugins.forecast.training.pictures", "bars")

log = logging.getLogger(__name__)

NOTHING_JUDGED = "No series was long enough for models to be judged, so nothing is stored."


class AskedMany(NamedTuple):
    """What a request of many series asks the registry for.

    Attributes:
        fingerprint: of all series.
        days: rows of all of them.
        rows: the champion of each.
    """

    fingerprint: str
    days: int
    rows: Table


def kept_by(endpoint: Endpoint, call: Call) -> Table:
    """The rows of the tenant's live table that have not expired; none without a registry."""
    try:
        served = call.models.champion(endpoint, AskedMany("", 0, {}))
    except Problem:
        return {}
    return {name: row for name, row in (served.model or {}).items() if _live(row, served, call.now)}


def champions_of(
    histories: Mapping[str, History], kept: Table, now: datetime.datetime, progress: Callable[[float], None]
) -> tuple[dict[str, Made | Exception], Table]:
    """The champions of many series, or the error of a series; and the table's rows of those that were judged.
    Any part of the series gives its part of the result.

    Args:
        histories: by name.
        kept: rows of some of them, and of others.
        now: the clock.
        progress: receives the share that is done.
    """
    priors = [kept[name].kept if name in kept else None for name in histories]
    made: dict[str, Made | Exception] = {}
    for name, result in zip(histories, forecasts(list(histories.values()), priors), strict=True):
        if isinstance(result, Exception):
            log.error("a series could not be forecast", exc_info=result)
        made[name] = result
        progress(len(made) / len(histories))
    rows = {
        name: _row(histories[name], result, kept.get(name), now)
        for name, result in made.items()
        if isinstance(result, Made) and result.how != NOT_JUDGED
    }
    return made, rows


def registered(rows: Table, days: int, call: Call) -> tuple[Mapping[str, Any], Table]:
    """Registers the champions of a request.

    Series are judged before the registry is asked: thousands take minutes, and a lock held for so long would
    block every other request of the tenant.

    Args:
        rows: of all series that were judged.
        days: rows of all of these.
        call: the call.

    Returns:
        What ``model_info`` says; and the rows of the stored table that differ from ``rows``, because another
        process stored it in the meantime. The stored table is the one to follow.
    """
    if not rows:
        return {"series": 0, "cached": False, "note": NOTHING_JUDGED}, {}
    served = call.models.serve(AskedMany(_digest(rows), days, rows))
    others = {name: row for name, row in served.model.items() if _differs(row.kept, rows[name].kept)}
    return served.info, others


def _live(row: Row, served: Served, now: datetime.datetime) -> bool:
    """Whether a champion is younger than the life of a version."""
    if "expires_at" not in served.info:
        return True
    moments = (served.info["expires_at"], served.info["trained_at"], row.chosen_at)
    expires, trained, chosen = (datetime.datetime.fromisoformat(text) for text in moments)
    return now - chosen < expires - trained


def _row(history: History, made: Made, kept: Row | None, now: datetime.datetime) -> Row:
    new = kept_of(history, made)
    if kept is not None and kept.kept.fingerprint == new.fingerprint:
        return kept
    return Row(new, now.astimezone(datetime.UTC).isoformat(timespec="seconds"))


def _differs(stored: Kept, ours: Kept) -> bool:
    """Whether two champions of one series forecast differently; seconds and figures do not matter."""
    candidates = ours.selection.candidates
    selection = stored.selection._replace(candidates=candidates)
    return (selection, stored.how, stored.judged_days) != (ours.selection, ours.how, ours.judged_days)


def _digest(rows: Table) -> str:
    """SHA-256 of all series that have a champion, in any order."""
    pairs = sorted((name, row.kept.fingerprint) for name, row in rows.items())
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()


def _fit(asked: AskedMany) -> Fit:
    champions = [row.kept for row in asked.rows.values()]
    wins = Counter(kept.selection.algorithm for kept in champions)
    errors: dict[str, list[float]] = {}
    for kept in champions:
        for candidate in kept.selection.candidates:
            if candidate.figures is not None and candidate.figures.mase is not None:
                errors.setdefault(candidate.name, []).append(candidate.figures.mase)
    own = [kept.selection.figures().mase for kept in champions]
    known = [mase for mase in own if mase is not None]
    return Fit(
        model=asked.rows,
        algorithm=wins.most_common(1)[0][0],
        # A table of newer days always replaces the older one, so its quality is not compared.
        quality=0.0,
        params={"series": len(champions), **{f"champion of: {name}": count for name, count in wins.items()}},
        metrics={"MASE": float(np.mean(known))} if known else {},
        candidates={name: {"MASE": float(np.mean(values))} for name, values in sorted(errors.items())},
        features=("series",),
        info={"series": len(champions)},
        input_example=[{"series": "A-1"}],
        pictures={"champions.svg": BARS(wins.most_common(), "Series that each model is the champion of")},
        card=card.table_card(champions),
    )


def _score(kept: Table, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """RMSE of each series' champion on held-out days; NaN for a series that is not in the table."""
    rows_of = [kept.get(str(row["series"])) for row in rows]
    return [float("nan") if row is None else row.kept.selection.figures().rmse for row in rows_of]


TRAINABLE = Trainable(
    scope=lambda asked: {},
    training=lambda asked: (
        Training(asked.fingerprint, asked.days, partial(_fit, asked)) if asked.rows else None
    ),
    save=table_file.save,
    load=table_file.load,
    score=_score,
    requirements=("numpy",),
    output="RMSE",
    measure=None,
)
