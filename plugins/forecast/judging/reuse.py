"""How a champion is made: judged, carried on from a shorter history, or a stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from plugins.forecast.judging.champion import (
    Champion,
    Floats,
    ahead_again,
    judged,
    refitted,
    worsening,
)
from plugins.forecast.judging.errors import compared
from plugins.forecast.judging.history import History, Source
from plugins.forecast.judging.race import Selection
from plugins.forecast.judging.stand_in import unjudged

NOT_JUDGED, JUDGED, CARRIED, REJUDGED = "not_judged", "judged", "carried_on", "judged_again"
LONGEST_CARRIED = 30
"""Days of new data for which a champion is carried forward after it was judged."""
WORSE = 1.5
"""All models are judged again if the champion's error on new days is this many times that of its backtest."""


class Made(NamedTuple):
    """A champion, how it was made (``judged``, ``carried_on``, …), and a remark on that."""

    champion: Champion
    how: str
    note: str | None


class Kept(NamedTuple):
    """What is kept of a champion where its forecast is not: the forecast can be made from it again, to the
    last bit.

    Attributes:
        selection, source, judged_days: as of :class:`plugins.forecast.judging.champion.Champion`.
        fingerprint: of the history.
        how, note: as of :class:`Made`.
    """

    selection: Selection
    source: Source
    judged_days: int
    fingerprint: str
    how: str
    note: str | None


def kept_of(history: History, made: Made) -> Kept:
    """What to keep of a champion."""
    champion = made.champion
    return Kept(
        selection=champion.selection,
        source=champion.source,
        judged_days=champion.judged_days,
        fingerprint=history.fingerprint(),
        how=made.how,
        note=made.note,
    )


def newly_judged(history: History) -> Made:
    """The champion of a race, without regard to earlier ones."""
    return Made(judged(history), JUDGED, None)


def carried_on(history: History, prior: Champion | Kept, ahead: Floats) -> Made:
    """An earlier champion fitted again, or a new one if the earlier has become too wrong.

    Args:
        history: the series, which continues that of the earlier champion.
        prior: the earlier champion.
        ahead: its forecast of the days since then, or of more days, shape ``(m,)``.
    """
    selection, days = prior.selection, history.days - prior.source.days
    since = history.days - prior.judged_days
    if since > LONGEST_CARRIED:
        note = (
            f"{since} days have come since the models were judged; after {LONGEST_CARRIED} all are judged "
            "again."
        )
        return Made(judged(history), REJUDGED, note)
    ratio = worsening(history, selection, prior.source.days, ahead)
    if ratio > WORSE:
        note = (
            f"On the {days} days that the history grew by, the error of {selection.algorithm} was "
            f"{compared(ratio)} that of its backtest: all models were judged again."
        )
        return Made(judged(history), REJUDGED, note)
    note = (
        f"The history grew by {days} days, on which the error was {compared(ratio)} that of the "
        f"backtest: {selection.algorithm} was kept and fitted again."
    )
    try:
        return Made(refitted(history, selection, prior.judged_days), CARRIED, note)
    except ValueError:
        note = f"{selection.algorithm} can no longer be fitted; all models were judged again."
        return Made(judged(history), REJUDGED, note)


def stood_in(history: History) -> Made:
    """The stand-in for a history that is too short for a race."""
    note = (
        f"{history.rows} days of history: under {history.least} no model can be judged, "
        f"and the {history.stand_in.name} stands in."
    )
    return Made(unjudged(history), NOT_JUDGED, note)


def made_again(history: History, kept: Kept) -> Made:
    """The champion that was kept, of the same history.

    Raises:
        ValueError: it cannot be fitted.
    """
    return Made(refitted(history, kept.selection, kept.judged_days), kept.how, kept.note)


def forecast(history: History, kept: Kept | None) -> Made:
    """The champion of one series among many.

    Args:
        history: the series, of any length.
        kept: of this history or a shorter state of it; None for nothing.
    """
    if history.rows < history.least:
        return stood_in(history)
    if kept is None:
        return newly_judged(history)
    if kept.fingerprint == history.fingerprint():
        return made_again(history, kept)
    if not history.continues(kept.source):
        return newly_judged(history)
    try:
        ahead = ahead_again(history, kept.selection, kept.source.days)
    except ValueError:
        return newly_judged(history)
    return carried_on(history, kept, ahead)


def forecasts(histories: Sequence[History], kept: Sequence[Kept | None]) -> Iterator[Made | Exception]:
    """The champions of many series, one after the other.

    Each is forecast as if it were alone: any part of the series gives the same as the whole. A series that
    cannot be forecast gives its error and stops no other.

    Args:
        histories: the series.
        kept: what was kept of each.
    """
    for history, row in zip(histories, kept, strict=True):
        try:
            yield forecast(history, row)
        except Exception as error:  # whatever a library raises for an unusual series
            yield error
