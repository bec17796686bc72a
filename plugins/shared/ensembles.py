"""The trees that scikit-learn, XGBoost and LightGBM have grown, as arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.shared.trees import Trees, joined

Floats = NDArray[np.float64]


class Ensemble(NamedTuple):
    """What a library has grown.

    Attributes:
        trees: of ``m`` nodes; a row's score is ``offset`` and the sum of its leaves' values.
        cover: ``(m,)`` training rows of each node, or their weight.
        offset: what the score has besides the trees.
        single: whether the library rounds a row's values to float32 before it compares them.
    """

    trees: Trees
    cover: Floats
    offset: float = 0.0
    single: bool = False


def of_scikit_learn(estimators: Sequence[Any], output: int = 0) -> Ensemble:
    """Trees of a scikit-learn forest; a leaf's value is the mean of its training rows.

    Args:
        estimators: ``estimators_`` of the forest.
        output: which class's share of a classifier; 0 for a regressor.
    """
    parts = [estimator.tree_ for estimator in estimators]
    trees = joined(
        sizes=np.array([part.node_count for part in parts]),
        feature=np.concatenate([part.feature for part in parts]),
        threshold=np.concatenate([part.threshold for part in parts]),
        left=np.concatenate([part.children_left for part in parts]),
        right=np.concatenate([part.children_right for part in parts]),
        value=np.concatenate([part.value[:, 0, output] for part in parts]),
    )
    return Ensemble(trees, np.concatenate([part.weighted_n_node_samples for part in parts]), single=True)


def of_xgboost(booster: Any) -> Ensemble:
    """Trees of an xgboost ``Booster`` for a binary outcome; their score is the margin (log-odds).

    XGBoost compares float32, and takes the left child where value < threshold: that is ≤ the float32 below.
    """
    stored = json.loads(booster.save_raw("json"))["learner"]
    parts = stored["gradient_booster"]["model"]["trees"]
    # "[5E-1]" since version 3.1, "5E-1" before
    share = float(np.ravel(json.loads(stored["learner_model_param"]["base_score"]))[0])
    # A leaf's value stands where other nodes have their threshold.
    condition = _column(parts, "split_conditions", np.float32)
    trees = joined(
        sizes=np.array([len(part["left_children"]) for part in parts]),
        feature=_column(parts, "split_indices", np.int64),
        threshold=np.nextafter(condition, np.float32(-np.inf)).astype(np.float64),
        left=_column(parts, "left_children", np.int64),
        right=_column(parts, "right_children", np.int64),
        value=condition.astype(np.float64),
    )
    cover = _column(parts, "sum_hessian", np.float64)
    return Ensemble(trees, cover, offset=float(np.log(share / (1 - share))), single=True)


def of_lightgbm(booster: Any) -> Ensemble:
    """Trees of a lightgbm ``Booster`` that was grown on finite numbers without categories.

    Their score is the raw one. A tree's nodes come before its leaves, as LightGBM numbers both; of the
    children that a node names, ~k is leaf k.
    """
    parts: list[dict[str, Any]] = []
    for tree in _lightgbm_texts(booster):
        leaf_values = np.array(tree["leaf_value"].split(), dtype=np.float64)
        leaves, nodes = len(leaf_values), len(leaf_values) - 1
        at_leaves = np.full(leaves, -1, dtype=np.int64)
        children = {}
        for side in ("left_child", "right_child"):
            child = _numbers(tree, side, nodes).astype(np.int64)
            children[side] = np.append(np.where(child < 0, nodes + ~child, child), at_leaves)
        parts.append(
            {
                "sizes": np.array([nodes + leaves]),
                "feature": np.append(_numbers(tree, "split_feature", nodes).astype(np.int64), at_leaves),
                "threshold": np.append(_numbers(tree, "threshold", nodes), np.zeros(leaves)),
                "left": children["left_child"],
                "right": children["right_child"],
                "value": np.append(np.zeros(nodes), leaf_values),
                "cover": np.append(
                    _numbers(tree, "internal_count", nodes), _numbers(tree, "leaf_count", leaves)
                ),
            }
        )
    fields = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cover = fields.pop("cover")
    return Ensemble(joined(**fields), cover)


def _lightgbm_texts(booster: Any) -> Iterator[dict[str, str]]:
    """Each tree of a model as LightGBM writes it: a line ``name=values`` per field."""
    for text in booster.model_to_string().split("\nTree=")[1:]:
        lines = text.partition("\n\n")[0].splitlines()[1:]
        yield {name: values for name, _, values in (line.partition("=") for line in lines)}


def _numbers(tree: Mapping[str, str], name: str, count: int) -> Any:
    """A field's numbers; ones where the field is missing, as ``leaf_count`` is in a tree of one leaf."""
    values = tree.get(name, "").split()
    return np.array(values, dtype=np.float64) if values else np.ones(count)


def _column(parts: Sequence[Mapping[str, Any]], name: str, kind: Any) -> Any:
    """A field of all nodes of all trees."""
    return np.concatenate([np.array(part[name], dtype=kind) for part in parts])
