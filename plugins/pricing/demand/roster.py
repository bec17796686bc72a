"""The learners of demand, a line each."""

from __future__ import annotations

from collections.abc import Mapping

from plugins.pricing.demand import elastic_net, trees
from plugins.pricing.demand.learner import Learner

LEARNERS: Mapping[str, Learner] = {
    "ElasticNet": elastic_net.fit,
    "XGBoost": trees.boosted,
    "RandomForest": trees.forest,
}
"""By name in answers. One of them gives the level of demand only if it proves better than the line of the
elasticity."""
