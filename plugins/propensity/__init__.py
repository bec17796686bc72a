"""Who is likely to act: one AutoML behind every question that is answered by a probability per customer."""

from abintel.endpoint import Plugin
from plugins.propensity.endpoints import (
    churn_label,
    propensity_buy_product,
    propensity_downgrade_plan,
    propensity_engage_any,
    propensity_respond_campaign,
    propensity_upgrade_plan,
)

PLUGIN = Plugin(
    "propensity",
    (
        churn_label.ENDPOINT,
        propensity_buy_product.ENDPOINT,
        propensity_respond_campaign.ENDPOINT,
        propensity_upgrade_plan.ENDPOINT,
        propensity_downgrade_plan.ENDPOINT,
        propensity_engage_any.ENDPOINT,
    ),
)
