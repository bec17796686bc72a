"""The clustering algorithms that compete. A new one is a file in this folder and a line in the roster."""

from __future__ import annotations

from plugins.segmentation.clustering.algorithms.dbscan import DBSCAN
from plugins.segmentation.clustering.algorithms.gaussian_mixture import GAUSSIAN_MIXTURE
from plugins.segmentation.clustering.algorithms.kmeans import KMEANS
from plugins.segmentation.clustering.algorithms.ward import WARD

ALGORITHMS = {algorithm.code: algorithm for algorithm in (KMEANS, GAUSSIAN_MIXTURE, WARD, DBSCAN)}
"""By code. The order is that of the benchmark, and decides between equal scores."""

NAMES = {code: algorithm.name for code, algorithm in ALGORITHMS.items()}
"""Code to the name that answers use."""
