"""What an answer says of the rows and of the champion: how they were cleaned, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abintel.wording import Lang, list_of, percent
from plugins.forecast.days.calendar import iso, months_after
from plugins.forecast.days.naming import recurrence
from plugins.forecast.judging.champion import Champion
from plugins.forecast.judging.history import History
from plugins.forecast.judging.reuse import CARRIED, NOT_JUDGED, REJUDGED
from plugins.forecast.requests import Warn
from plugins.forecast.words import REMARKS, list_of_weekdays

WARNINGS = {
    "cadence": "The rows are a week or a month apart, or never of some weekday; the forecast takes them so.",
    "carried_on": "The history only grew: the champion of the shorter one was kept and fitted again.",
    "drivers_forecast": "The drivers' future was not sent for every day ahead; the usual week is assumed.",
    "duplicates_merged": "Several rows had the same date; they were added up.",
    "extrapolated": "Drivers are sent for days ahead at values that the history has not seen.",
    "far_ahead": "The forecast reaches further ahead than the history reaches back.",
    "ignored_columns": "Columns that are no numbers or booleans in every row are not used.",
    "judged_again": "The champion had become too wrong on the days that the history grew by, or too old.",
    "outliers_left_out": "More than 5 % of the history's total was cut off as out of line.",
    "short_history": "Fewer than 60 days of history: the Aggregation stands in.",
    "under_two_years": "Under two years of history: no season ahead was seen more than once.",
}
BEYOND = 0.1
"""Share of the range that a driver had, by which its future may leave it without a word."""
MUCH = 0.05
"""Share of the history's total that cleaning may leave out without a word."""
TWO_YEARS = 730


def warn_of(
    champion: Champion, history: History, info: Mapping[str, Any], months: int, warn: Warn, lang: Lang
) -> None:
    """The remarks on one series and its champion.

    Args:
        champion: of the history.
        history: the series.
        info: of the champion, for ``model_info``.
        months: asked for.
        warn: takes the remarks.
        lang: of their sentences.
    """
    words = REMARKS[lang]
    if history.daily.merged:
        warn("duplicates_merged", f"{history.daily.merged} rows were added to another row of their day.")
    if history.cadence != "daily":
        warn("cadence", words.say(f"cadence_{history.cadence}"))
    if history.closed:
        warn("cadence", words.say("cadence_closed", weekdays=list_of_weekdays(history.closed, lang)))
    if info["choice"] == NOT_JUDGED:
        warn("short_history", info["note"])
    if info["choice"] in (CARRIED, REJUDGED):
        warn(info["choice"], info["note"])
    if champion.left_out > MUCH:
        warn("outliers_left_out", words.say("outliers_left_out", share=percent(champion.left_out, 1, lang)))
    if history.days < TWO_YEARS:
        warn("under_two_years", words.say("under_two_years", days=history.days))
    last = history.daily.last
    horizon = months_after(last, months)[-1].end - 1 - last
    if horizon > history.days:
        warn("far_ahead", f"The forecast reaches {horizon} days ahead; the history has {history.days} days.")
    unseen = _unseen(history, last + horizon)
    if unseen:
        warn("extrapolated", words.say("extrapolated", drivers=list_of(unseen, lang)))
    unknown = horizon - int((history.future_days <= last + horizon).sum())
    if history.names and unknown:
        warn(
            "drivers_forecast",
            f"future_drivers says nothing of {unknown} of the {horizon} days ahead; there the drivers "
            f"({', '.join(history.names)}) are taken from the usual week of the last two months.",
        )


def _unseen(history: History, last: int) -> list[str]:
    """Drivers whose known future, until a day, lies beyond what they were in the history."""
    future = history.future[history.future_days <= last]
    if not history.names or not len(future):
        return []
    low, high = history.daily.drivers.min(axis=0), history.daily.drivers.max(axis=0)
    reach = BEYOND * (high - low)
    beyond = ((future < low - reach) | (future > high + reach)).any(axis=0)
    return [name for name, far in zip(history.names, beyond, strict=True) if far]


def cleaning(champion: Champion, history: History, months: int) -> dict[str, Any]:
    """What was done to the rows before models saw them.

    Args:
        champion: of the history.
        history: the series.
        months: asked for: a trend that fades after them is not reported.
    """
    daily, shift, damping = history.daily, champion.shift, champion.damping
    horizon = months_after(daily.last, months)[-1].end - 1 - daily.last
    events = [recurrence(event, daily.last, history.country) for event in champion.events]
    fades = damping is not None and damping.reach < horizon
    return {
        "days": history.days,
        "filled_days": int(daily.filled.sum()),
        "duplicates_merged": daily.merged,
        "drivers": list(history.names),
        "log_scale": champion.selection.logs,
        "outliers": [
            {"date": iso(daily.first + day), "value": float(daily.values[day])} for day in champion.outliers
        ],
        "recurring": [
            {**event._asdict(), "next_dates": [iso(day) for day in event.next_dates]} for event in events
        ],
        "level_shift": shift and {"date": iso(daily.first + shift.start), "size": shift.size},
        "trend_damped": {"factor": damping.factor, "from_day": damping.reach} if damping and fades else None,
        "cadence": history.cadence,
    }
