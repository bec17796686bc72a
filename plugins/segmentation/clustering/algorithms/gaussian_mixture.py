"""Gaussian mixture with full covariances, by expectation maximisation (Dempster, Laird & Rubin 1977)."""

from __future__ import annotations

from functools import partial

import numpy as np

from plugins.segmentation.clustering.algorithms.algorithm import Algorithm, Attempt, Setup, cheapest
from plugins.segmentation.clustering.partition import Fitted, Floats, Ints, Partition

SEED = 42


def gaussian_mixture(points: Floats, k: int) -> Partition | None:
    """A mixture of k Gaussians; each point belongs to its most probable component.

    None if a covariance degenerates, as on collinear data, or if a single component takes all points.
    """
    from sklearn.mixture import GaussianMixture

    try:
        model = GaussianMixture(k, random_state=SEED).fit(points)
    except ValueError:
        return None
    labels = model.predict(points).astype(np.int64)
    used = np.unique(labels)
    if len(used) < 2:
        return None
    fitted = {
        "component": used,
        "weights": model.weights_[used],
        "means": model.means_[used],
        "precisions_cholesky": model.precisions_cholesky_[used],
    }
    return Partition("gmm", k, labels, fitted)


def most_probable(fitted: Fitted, points: Floats) -> Ints:
    """The cluster of the most probable component, for each of the points ``(m, d)``."""
    return cheapest(_negative_log_posterior, fitted, points)


def _negative_log_posterior(fitted: Fitted, points: Floats) -> Floats:
    """Negative log posterior of each component, up to a constant, shape ``(m, components)``."""
    costs = []
    for weight, mean, root in zip(
        fitted["weights"].astype(np.float64),
        fitted["means"].astype(np.float64),
        fitted["precisions_cholesky"].astype(np.float64),
        strict=True,
    ):
        # The precision matrix is root · rootᵀ: the squared Mahalanobis distance is that of whitened points.
        whitened = points @ root - mean @ root
        log_determinant = np.log(np.diag(root)).sum()
        costs.append(0.5 * (whitened**2).sum(axis=1) - log_determinant - np.log(weight))
    return np.column_stack(costs)


def _attempts(setup: Setup) -> list[Attempt]:
    return [Attempt(k, partial(gaussian_mixture, setup.points, k)) for k in setup.ks]


GAUSSIAN_MIXTURE = Algorithm("gmm", "GaussianMixture", _attempts, most_probable)
