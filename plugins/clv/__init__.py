"""What is each customer worth? The figures that value models start from, and the models."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.clv.endpoints import customer_clv_features, customer_clv_forecast
from plugins.clv.intervals import simulation

PLUGIN = Plugin(
    "clv",
    (customer_clv_features.ENDPOINT, customer_clv_forecast.ENDPOINT),
    warm=simulation.warm,
    preload=importing("lightgbm"),
)
