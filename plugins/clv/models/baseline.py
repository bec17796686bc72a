"""The forecast where no model can be judged: past rates continue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories, canonical
from plugins.clv.models.prediction import Prediction, features, mean_absolute_error
from plugins.clv.models.trees import boosted

Floats = NDArray[np.float64]

BASELINE_ROUNDS = 20
"""At a learning rate of 0.1 they move nine tenths of the way from the mean to each customer's own rate."""


class Baseline(NamedTuple):
    """What customers are expected to do if their past rates continue.

    Attributes:
        prediction: of every customer.
        mae: mean absolute error of value against the customers' own past rates, in currency: in-sample.
    """

    prediction: Prediction
    mae: float


def fit(known: Histories, days: Floats, horizon: int) -> Baseline:
    """Trees fitted to each customer's own rate, weighted by age: rates shrink towards those of similar
    customers.

    Args:
        known: histories of n customers, in any order.
        days: (n,) time to come of each, 0 for a customer who has left.
        horizon: length of the time that the error is of.
    """
    order = canonical(known)
    past = known.at(order)
    matrix, age = features(past), np.maximum(past.T, 1.0)
    rate, value = past.frequency / age, past.frequency / age * past.monetary_value
    weight = np.where(past.T > 0, past.T, 0.0)
    predicted = []
    for target in (rate, value):
        scale = float(np.abs(target).mean())
        if scale == 0 or not weight.any():
            predicted.append(np.zeros(len(order)))
            continue
        settings = {"objective": "l2", "min_data_in_leaf": 1, "min_data_in_bin": 1}
        booster = boosted(matrix, target / scale, weight / weight.mean(), settings, BASELINE_ROUNDS)
        predicted.append(booster.predict(matrix, num_threads=1) * scale)
    mae = mean_absolute_error(value * horizon, predicted[1] * horizon)
    back = np.argsort(order)
    per_day = [column[back] for column in predicted]
    if (known.monetary_value >= 0).all():
        per_day[1] = np.maximum(per_day[1], 0.0)
    txns, value = np.maximum(per_day[0], 0.0) * days, per_day[1] * days
    some = txns > 1e-12
    per_order = np.where(some, value / np.where(some, txns, 1.0), known.monetary_value)
    return Baseline(Prediction(txns, per_order, np.where(some, value, 0.0)), mae)
