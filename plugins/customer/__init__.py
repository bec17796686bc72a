"""Customer knowledge straight from orders and surveys: features, loyalty, RFM and Net Promoter Score."""

from abintel.endpoint import Plugin
from plugins.customer.endpoints import customer_features, customer_loyalty, customer_rfm, nps

PLUGIN = Plugin(
    "customer",
    (
        customer_features.ENDPOINT,
        customer_loyalty.ENDPOINT,
        customer_rfm.ENDPOINT,
        nps.ENDPOINT,
    ),
)
