"""The warnings of a forecast."""

from __future__ import annotations

from collections.abc import Iterator

from abintel.endpoint import Call
from plugins.clv import orders
from plugins.clv.answering.choosing import Chosen
from plugins.clv.forecasting import drift
from plugins.clv.judging import contest
from plugins.clv.judging.contest import NAIVE
from plugins.clv.orders import SHORTEST_DAYS
from plugins.clv.training import Job

FEWEST_CUSTOMERS = 500
FRESH_DAYS = 30
WARNINGS = {
    **orders.WARNINGS,
    "data_quality": "The customers miss something of the usual minimum: 500 of them, 180 days of history, an "
    "order in the last 30 days, some with three orders.",
    "baseline": "There is too little history to judge a model; a baseline answers.",
    "not_fitted": "A model cannot be fitted to these customers; another answers.",
    "not_judged": "The model that answers could not be judged.",
    "naive_is_better": "On the held-out window the past rate going on errs no more than the model.",
    "basis_differs": "The stored model was trained on margin and the request has revenue, or the reverse.",
    "seasonal": "In the past two years the months of the horizon brought far more or less than others; the "
    "forecast is weighted accordingly.",
    "drifted": "These customers differ from those that the stored model was trained on.",
    "model_expired": "The stored model is too old to be served; send the full history to train a new one.",
    "model_damaged": "The stored model is not what was registered, and is not served; send the full "
    "history to train a new one.",
}


def warn(asked: Job, chosen: Chosen, season: float, call: Call) -> None:
    """Warns of what the request lacks, and of what the model cannot know.

    Args:
        asked: the customers.
        chosen: which model answers.
        season: what the horizon's months bring, in multiples of an even year's.
        call: takes the warnings.
    """
    if season != 1:
        call.warn(
            "seasonal",
            f"In the past two years these months brought {season:.0%} of what they would in an even year; "
            "the forecast is multiplied by that.",
        )
    lacks = list(_lacking(asked))
    if lacks:
        call.warn("data_quality", f"Below the usual minimum: {', '.join(lacks)}.")
    if chosen.model is None:
        call.warn(
            "baseline",
            f"There is too little history to judge a model (it takes {contest.FEWEST_KNOWN} customers before "
            "the window that is held out, and some who came back): a baseline carries the past on, and "
            "evaluation_mae is in-sample.",
        )
    if chosen.reason is not None:
        call.warn("not_fitted", chosen.reason)
    if chosen.model is None:
        return
    _warn_of_error(asked, chosen, call)
    shift = drift.of(asked.known, chosen.population)
    if shift is not None:
        call.warn(
            "drifted",
            f"These customers are unlike those of the training: the median of {shift.figure} is "
            f"{shift.now:,.4g}, and was {shift.before:,.4g}. Send their orders with the full history, or "
            "read the forecast with care.",
        )
    if chosen.model.basis != asked.basis:
        call.warn(
            "basis_differs",
            f"The stored model was trained on {chosen.model.basis}, and this request's money is "
            f"{asked.basis}: values are drawn towards another mean.",
        )


def _lacking(asked: Job) -> Iterator[str]:
    """What the customers lack of the usual minimum."""
    known = asked.known
    if len(known.T) < FEWEST_CUSTOMERS:
        yield f"{len(known.T)} customers of {FEWEST_CUSTOMERS}"
    if known.T.max() < SHORTEST_DAYS:
        yield f"{known.T.max():.0f} days of history of {SHORTEST_DAYS}"
    if (known.T - known.recency).min() > FRESH_DAYS:
        yield f"no order in the last {FRESH_DAYS} days"
    if known.frequency.max() < 2:
        yield "nobody with three orders"


def _warn_of_error(asked: Job, chosen: Chosen, call: Call) -> None:
    mae = chosen.mae.get(chosen.algorithm)
    if mae is None:
        why = (
            "without transactions nothing can be held out."
            if asked.bought is None
            else "there is too little history to hold some out."
        )
        call.warn("not_judged", f"{chosen.algorithm} could not be judged: {why}")
    elif NAIVE in chosen.mae and mae >= chosen.mae[NAIVE]:
        call.warn(
            "naive_is_better",
            f"On the held-out window {chosen.algorithm} errs by {mae:,.2f} per customer, the past rate going "
            f"on by {chosen.mae[NAIVE]:,.2f}: do not act on the differences.",
        )
