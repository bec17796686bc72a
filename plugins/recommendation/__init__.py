"""What to offer next: items for users, look-alikes, what is bought together, and the dearer alternative."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.recommendation import crosssell, upsell
from plugins.recommendation.endpoints import (
    bulk_recommend_user_items,
    cross_sell_matrix,
    recommend_similar_items,
    recommend_user_items,
    upsell_suggestions,
)
from plugins.recommendation.taste import personal


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    personal.warm()
    crosssell.warm()
    upsell.warm()


PLUGIN = Plugin(
    "recommendation",
    (
        recommend_user_items.ENDPOINT,
        bulk_recommend_user_items.ENDPOINT,
        recommend_similar_items.ENDPOINT,
        cross_sell_matrix.ENDPOINT,
        upsell_suggestions.ENDPOINT,
    ),
    warm=warm,
    preload=importing("implicit.als"),
)
