"""The routes that this project serves, by plugin: a route that is lost or added by accident fails a test."""

ROSTER = {
    "customer": ("customer_features", "customer_loyalty", "customer_rfm", "nps"),
    "propensity": ("propensity_respond_campaign",),
}
