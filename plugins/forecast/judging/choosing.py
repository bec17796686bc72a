"""How a champion comes to be: judged, carried on from a shorter history, or a stand-in; for one or many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from plugins.forecast.judging.forecast import (
    WORSE,
    Champion,
    History,
    carried_ahead,
    grown,
    judged,
    refitted,
    unjudged,
    worsening,
)
from plugins.forecast.judging.intervals import Spread
from plugins.forecast.judging.judge import Candidate
from plugins.forecast.zoo.arima import Orders

NOT_JUDGED, JUDGED, CARRIED, REJUDGED = "not_judged", "judged", "carried_on", "judged_again"


class Made(NamedTuple):
    """A champion, how it came to be, and what there is to say of that."""

    champion: Champion
    how: str
    note: str | None


def chosen(history: History, prior: Champion | None) -> Made:
    """The champion of a history that is long enough for models to be judged.

    Args:
        history: the series.
        prior: the champion of a history that this one grew out of, None if there is none.
    """
    if prior is None or prior.algorithm not in {one.name for one in prior.candidates}:
        return Made(judged(history), JUDGED, None)
    days = history.days - prior.days
    ratio = worsening(history, prior)
    if ratio <= WORSE:
        note = (
            f"The history grew by {days} days, on which the error was {ratio:.2f} times that of the "
            f"backtest: {prior.algorithm} was kept and fitted anew."
        )
        try:
            return Made(refitted(history, prior), CARRIED, note)
        except ValueError:
            note = f"{prior.algorithm} cannot be fitted any more; all were judged anew."
            return Made(judged(history), REJUDGED, note)
    note = (
        f"On the {days} days that the history grew by, the error of {prior.algorithm} was {ratio:.2f} times "
        "that of its backtest: all models were judged anew."
    )
    return Made(judged(history), REJUDGED, note)


def stood_in(history: History) -> Made:
    """The stand-in for a history that is too short for models to be judged."""
    note = (
        f"{history.rows} days of history: under {history.least} no model can be judged, "
        f"and the {history.stand_in} stands in."
    )
    return Made(unjudged(history), NOT_JUDGED, note)


class Choice(NamedTuple):
    """What was chosen for a series, without the forecast: that is made again from it to the last bit.

    Attributes:
        algorithm, members, logs, orders, candidates, first, days, digest, settings, judged_days: as of
            :class:`plugins.forecast.judging.forecast.Champion`.
        fingerprint: of the history, all that decides on its forecast included.
        how, note: as of :class:`Made`.
    """

    algorithm: str
    members: tuple[str, ...]
    logs: bool
    orders: Orders | None
    candidates: tuple[Candidate, ...]
    first: int
    days: int
    digest: str
    settings: dict[str, Any]
    judged_days: int
    fingerprint: str
    how: str
    note: str | None


_SHARED = tuple(name for name in Choice._fields if name in Champion._fields)


def choice_of(history: History, made: Made) -> Choice:
    """What to keep of a champion."""
    shared = {name: getattr(made.champion, name) for name in _SHARED}
    return Choice(**shared, fingerprint=history.fingerprint(), how=made.how, note=made.note)


def _as_champion(choice: Choice) -> Champion:
    """A champion that knows what was chosen, and nothing of the days ahead."""
    nothing = np.zeros(0)
    return Champion(
        **{name: getattr(choice, name) for name in _SHARED},
        origins=(),
        paths=np.zeros((0, 0)),
        ahead=nothing,
        outliers=(),
        effects=(),
        how_wrong=Spread(0.0, 0.0, 0.0, np.zeros((1, 7)), 1),
    )


def made_again(history: History, choice: Choice) -> Made:
    """The champion that a choice was kept of, its history being the same.

    Raises:
        ValueError: the choice cannot be fitted.
    """
    return Made(refitted(history, _as_champion(choice)), choice.how, choice.note)


def forecast(history: History, kept: Choice | None) -> Made:
    """The champion of one series among many.

    Args:
        history: the series, of any length.
        kept: what was chosen for an older state of it, or for this one; None for nothing.
    """
    if history.rows < history.least:
        return stood_in(history)
    if kept is None:
        return chosen(history, None)
    if kept.fingerprint == history.fingerprint():
        return made_again(history, kept)
    prior = _as_champion(kept)
    if not grown(history, prior):
        return chosen(history, None)
    try:
        prior = prior._replace(ahead=carried_ahead(history, prior))
    except ValueError:
        return chosen(history, None)
    return chosen(history, prior)


def forecasts(histories: Sequence[History], kept: Sequence[Choice | None]) -> Iterator[Made | Exception]:
    """The champions of many series, one after the other, each as if it were alone: any part of them gives the
    same as the whole, and one that cannot be forecast is its error and sinks no other.

    Args:
        histories: the series.
        kept: what was chosen for each before.
    """
    for history, choice in zip(histories, kept, strict=True):
        try:
            yield forecast(history, choice)
        except Exception as error:  # whatever a library raises on a strange series
            yield error
