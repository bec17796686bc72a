"""What to offer next: items for users, similar items, items bought together, and dearer alternatives."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.recommendation.basket_analysis import crosssell, upsell
from plugins.recommendation.endpoints import (
    bulk_recommend_user_items,
    cross_sell_matrix,
    recommend_similar_items,
    recommend_user_items,
    upsell_suggestions,
)
from plugins.recommendation.recommenders import roster


def warm() -> None:
    """Compiles the kernels, or reads them from Numba's cache."""
    roster.warm()
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
