"""Who is likely to act: one AutoML behind every question that is answered by a probability per customer."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.propensity.endpoints import (
    churn_label,
    churn_risk,
    propensity_buy_product,
    propensity_downgrade_plan,
    propensity_engage_any,
    propensity_respond_campaign,
    propensity_upgrade_plan,
    uplift_model,
)
from plugins.propensity.learners import roster
from plugins.propensity.uplift import forest, qini


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    roster.warm()
    forest.warm()
    qini.warm()


PLUGIN = Plugin(
    "propensity",
    (
        churn_label.ENDPOINT,
        churn_risk.ENDPOINT,
        propensity_buy_product.ENDPOINT,
        propensity_respond_campaign.ENDPOINT,
        propensity_upgrade_plan.ENDPOINT,
        propensity_downgrade_plan.ENDPOINT,
        propensity_engage_any.ENDPOINT,
        uplift_model.ENDPOINT,
    ),
    warm=warm,
    preload=importing("scipy.stats", "sklearn.metrics", *roster.MODULES),
)
