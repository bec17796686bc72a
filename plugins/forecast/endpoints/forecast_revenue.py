"""How much revenue comes in next quarter, next year? From daily revenue, the months ahead, all days and
business days, with the range that they will probably fall into; the model that did best on held-out days is
chosen, and every model's errors are shown.
"""

from __future__ import annotations

from plugins.forecast.examples import daily_example, paid_days
from plugins.forecast.money_route import money_route
from plugins.forecast.requests import Subject

SUBJECT = Subject("revenue", "generic_revenue", "average_daily_revenue", "revenue", "iqr")
ENDPOINT = money_route(
    __name__,
    SUBJECT,
    value="Gross revenue",
    summary="How much revenue is ahead: months with intervals, by the model that did best on held-out days.",
    examples={
        "ninety days": {"forecast_period": 12, "data": paid_days("revenue")},
        "a few weeks": {"forecast_period": 3, "granularity": "week", "data": daily_example("revenue", 35)},
    },
)
