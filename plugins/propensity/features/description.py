"""What was made of each feature, in words that go into ``model_info`` and the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.propensity.features.columns import Column
from plugins.propensity.features.design import Category, Design
from plugins.propensity.features.fingerprint import Labelled


def described(data: Labelled, dropped: Mapping[str, str]) -> list[dict[str, Any]]:
    """``name``, ``type``, ``made_of`` and ``missing_share`` of each feature, by name.

    Args:
        data: the labelled rows.
        dropped: name to reason of each feature that is not in the model.
    """
    features = []
    for name in sorted([*data.columns, *data.empty]):
        form = data.forms.get(name)
        said = "nothing" if form is None else form.made_of
        features.append(
            {
                "name": name,
                "type": "empty" if form is None else form.type,
                "made_of": f"{said}; left out: {dropped[name]}" if name in dropped else said,
                "missing_share": 1.0 if form is None else data.missing[name],
            }
        )
    return features


def converted(data: Labelled) -> list[str]:
    """Features that were not used as they were sent, by name."""
    return [name for name, form in data.forms.items() if form.converted]


def pooled_categories(design: Design, columns: Mapping[str, Column]) -> dict[str, int]:
    """Feature to how many of its categories are too rare to be told apart."""
    pooled = {}
    for feature in design.features:
        if isinstance(feature, Category):
            rare = len(set(columns[feature.name]) - {None} - set(feature.levels))
            if rare:
                pooled[feature.name] = rare
    return pooled
