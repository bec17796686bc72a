"""What will it cost to run the business next quarter, next year? From daily cost, the months ahead, all
days and business days, with the range that they will probably fall into.
"""

from __future__ import annotations

from plugins.forecast.examples import daily_example
from plugins.forecast.money_route import money_route
from plugins.forecast.requests import Subject

ENDPOINT = money_route(
    __name__,
    Subject("cost", "generic_cost", "average_daily_cost", "cost", "iqr"),
    value="Cost",
    summary="What is ahead in cost: months with intervals, by the model that did best on held-out days.",
    examples={
        "ninety days": {"forecast_period": 6, "data": daily_example("cost", 90, 420.0)},
        "business days of a country": {
            "forecast_period": 3,
            "country": "BR",
            "data": daily_example("cost", 75, 420.0),
        },
    },
)
