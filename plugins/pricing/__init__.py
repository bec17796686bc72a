"""What should it cost? Demand learned from daily sales, and the price that earns most."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.pricing.endpoints import dynamic_pricing_recommend

PLUGIN = Plugin(
    "pricing",
    (dynamic_pricing_recommend.ENDPOINT,),
    preload=importing("sklearn.linear_model", "sklearn.model_selection", "xgboost"),
)
