"""The routes that this project serves, by plugin: a route that is lost or added by accident fails a test."""

ROSTER = {
    "clv": ("customer_clv_features", "customer_clv_forecast"),
    "customer": ("customer_features", "customer_loyalty", "customer_rfm", "nps"),
    "forecast": (
        "forecast_revenue",
        "forecast_units",
        "forecast_units_asyncio",
        "forecast_cost",
        "forecast_cost_improved",
    ),
    "pricing": ("dynamic_pricing_recommend",),
    "propensity": (
        "churn_label",
        "churn_risk",
        "propensity_buy_product",
        "propensity_respond_campaign",
        "propensity_upgrade_plan",
        "propensity_downgrade_plan",
        "propensity_engage_any",
        "uplift_model",
    ),
    "recommendation": (
        "recommend_user_items",
        "bulk_recommend_user_items",
        "recommend_similar_items",
        "cross_sell_matrix",
        "upsell_suggestions",
    ),
    "segmentation": (
        "purchasing_segmentation",
        "purchasing_segmentation_dendrogram",
        "segment_hierarchy_chart",
        "segment_subsegment_explore",
        "segment_cluster_profiles",
        "customer_segmentation",
        "segmentation_report_json",
        "segmentation_report_json_i18n",
        "segmentation_report_pdf",
    ),
}
