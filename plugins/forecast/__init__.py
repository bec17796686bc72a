"""What is ahead: revenue, cost and units, by the model that did best on days that it had not seen."""

from abintel.endpoint import Plugin
from plugins.forecast import warming
from plugins.forecast.endpoints import (
    forecast_cost,
    forecast_cost_improved,
    forecast_revenue,
    forecast_units,
    forecast_units_asyncio,
)

PLUGIN = Plugin(
    "forecast",
    (
        forecast_revenue.ENDPOINT,
        forecast_units.ENDPOINT,
        forecast_units_asyncio.ENDPOINT,
        forecast_cost.ENDPOINT,
        forecast_cost_improved.ENDPOINT,
    ),
    warm=warming.warm,
    preload=warming.rehearse,
)
