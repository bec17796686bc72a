"""Which kinds of customers are there? Clustering, portraits, hierarchy and reports."""

from abintel.endpoint import Plugin
from abintel.preload import importing
from plugins.segmentation.clustering import silhouette
from plugins.segmentation.clustering.algorithms import dbscan, ward
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
    """Compiles the numeric kernels, or reads them from the cache."""
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
    preload=importing("fpdf", "scipy.ndimage", "sklearn.cluster", "sklearn.metrics", "sklearn.mixture"),
)
