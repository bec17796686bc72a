"""The routes that this project serves, by plugin: a route that is lost or added by accident fails a test."""

ROSTER = {
    "customer": ("customer_features", "customer_loyalty", "customer_rfm", "nps"),
    "propensity": ("propensity_respond_campaign",),
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
