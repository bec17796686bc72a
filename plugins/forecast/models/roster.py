"""The forecasting models, one line each, in the order in which equally good ones are ranked."""

from __future__ import annotations

from typing import Literal

from plugins.forecast.models import (
    arima,
    ets,
    intermittent,
    naive,
    prophet,
    stepwise,
    stl_ets,
    tbats,
    theta,
    trees,
)
from plugins.forecast.models.model import Model

ROSTER: tuple[Model, ...] = (
    naive.SEASONAL_NAIVE,
    naive.AGGREGATION,
    naive.RECENT_WEEKS,
    ets.MODEL,
    stl_ets.MODEL,
    theta.MODEL,
    arima.MODEL,
    tbats.MODEL,
    prophet.MODEL,
    trees.RANDOM_FOREST,
    trees.GRADIENT_BOOST,
    intermittent.CROSTON,
    intermittent.TSB,
    intermittent.ADIDA,
    *stepwise.WEEKLY,
    *stepwise.MONTHLY,
    naive.NAIVE_MEAN,
)

Pool = Literal["money", "units", "many", "weekly", "monthly"]
"""Which models a series is tried with: those for every series; those for counts of pieces, too; or all of
these but the slow ones, where one request holds many series; or those for rows a week or a month apart.
"""


def by_name() -> dict[str, Model]:
    """Every model of the roster by its name."""
    return {model.name: model for model in ROSTER}


def models_for(pool: Pool, intermittent_demand: bool) -> tuple[Model, ...]:
    """The models that a series is tried with.

    Args:
        pool: which models its route tries.
        intermittent_demand: whether 40 % of its days or more are zero.

    >>> [model.name for model in models_for("many", intermittent_demand=False)]
    ['Seasonal naive', 'Aggregation', 'Recent weeks', 'ETS', 'STL-ETS', 'Theta', 'Gradient Boost']
    """
    if pool in ("weekly", "monthly"):
        return tuple(model for model in ROSTER if model.series == pool)
    tried = {"all"}
    if pool != "money":
        tried.add("units")
    if intermittent_demand:
        tried.add("intermittent")
    return tuple(model for model in ROSTER if model.series in tried and not (pool == "many" and model.slow))
