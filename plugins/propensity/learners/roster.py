"""The learners that race on every training."""

from __future__ import annotations

from plugins.propensity.learners import catboost_trees, forest, lightgbm_trees, logistic, xgboost_trees
from plugins.propensity.learners.learner import Kind

ROSTER: tuple[Kind, ...] = (
    logistic.KIND,
    xgboost_trees.KIND,
    forest.KIND,
    catboost_trees.KIND,
    lightgbm_trees.KIND,
)
"""In the order of ``evaluation_metrics``; the first of equal figures wins. The slowest come last, as the race
starts them first."""

LEARNERS: dict[str, Kind] = {kind.name: kind for kind in ROSTER}
"""Name, as the API prints it, to kind."""

DISTRIBUTIONS = tuple(
    sorted({"numba", "numpy", "scikit-learn", "scipy"}.union(*(kind.distributions for kind in ROSTER)))
)
"""Python distributions that a stored model needs."""

MODULES = tuple(module for kind in ROSTER for module in kind.modules)
"""Libraries that take seconds to import."""


def warm() -> None:
    """Compiles what the learners need, or reads what was compiled before."""
    for kind in ROSTER:
        kind.warm()
