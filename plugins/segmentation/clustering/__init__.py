"""Methods: Ward, K-Means, Gaussian mixture, DBSCAN, their scores, and the segmentation that wins."""
