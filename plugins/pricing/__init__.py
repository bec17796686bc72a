"""What should it cost? Demand learned from daily sales, and the price that earns most."""

from abintel.endpoint import Plugin
from abintel.late import importing
from plugins.pricing.endpoints import dynamic_pricing_recommend

PLUGIN = Plugin(
    "pricing",
    (dynamic_pricing_recommend.ENDPOINT,),
    late=importing("sklearn.linear_model", "sklearn.model_selection", "xgboost"),
)
