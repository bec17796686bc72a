"""Which kinds of customers are there: clustering, portraits, hierarchy and reports."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.segmentation.clustering import dbscan, silhouette, ward
from plugins.segmentation.endpoints import (
    customer_segmentation,
    purchasing_segmentation,
    purchasing_segmentation_dendrogram,
    segment_cluster_profiles,
    segment_hierarchy_chart,
    segment_subsegment_explore,
    segmentation_report_json,
    segmentation_report_json_i18n,
    segmentation_report_pdf,
)


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    for module in (ward, silhouette, dbscan):
        module.warm()


PLUGIN = Plugin(
    "segmentation",
    (
        purchasing_segmentation.ENDPOINT,
        purchasing_segmentation_dendrogram.ENDPOINT,
        segment_hierarchy_chart.ENDPOINT,
        segment_subsegment_explore.ENDPOINT,
        segment_cluster_profiles.ENDPOINT,
        customer_segmentation.ENDPOINT,
        segmentation_report_json.ENDPOINT,
        segmentation_report_json_i18n.ENDPOINT,
        segmentation_report_pdf.ENDPOINT,
    ),
    warm=warm,
    preload=importing("fpdf", "sklearn.cluster", "sklearn.metrics", "sklearn.mixture"),
)
