"""Rows of nobody, as examples for the reviewer."""

from __future__ import annotations

from typing import Any

from plugins.propensity.features.columns import Row
from plugins.propensity.features.design import Category, Design


def invented(design: Design) -> list[Row]:
    """Two rows: the median or commonest value of each feature, and 0 or its rarest level.

    >>> from plugins.propensity.features.design import Number
    >>> invented(Design((Number("age", 40.0), Category("plan", ("Gold", "Silver")))))
    [{'age': 40.0, 'plan': 'Gold'}, {'age': 0.0, 'plan': 'Silver'}]
    """
    typical: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for feature in design.features:
        if isinstance(feature, Category):
            levels = [level for level in feature.levels if level is not None]
            typical[feature.name], other[feature.name] = levels[0], levels[-1]
        else:
            form = feature.form
            typical[feature.name], other[feature.name] = form.written(feature.median), form.written(0.0)
    return [typical, other]
