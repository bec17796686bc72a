"""Trees that libraries have grown, as the arrays that :mod:`treeshap` explains."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from plugins.propensity.classifier.treeshap import Trees


def of_xgboost(booster: Any) -> Trees:
    """Trees of an xgboost ``Booster`` for a binary outcome; their score is the margin (log-odds).

    XGBoost compares float32, and takes the left child where value < threshold: that is ≤ the float32 below.
    """
    stored = json.loads(booster.save_raw("json"))["learner"]
    trees = stored["gradient_booster"]["model"]["trees"]
    # "[5E-1]" since version 3.1, "5E-1" before
    share = float(np.ravel(json.loads(stored["learner_model_param"]["base_score"]))[0])
    left, right = _column(trees, "left_children", np.int64), _column(trees, "right_children", np.int64)
    sizes = np.array([len(tree["left_children"]) for tree in trees], dtype=np.int64)
    start, own = np.repeat(np.cumsum(sizes) - sizes, sizes), np.arange(sizes.sum())
    leaf = left < 0
    condition = _column(trees, "split_conditions", np.float32)
    return Trees(
        feature=np.where(leaf, 0, _column(trees, "split_indices", np.int64)),
        threshold=np.nextafter(condition, np.float32(-np.inf)).astype(np.float64),
        left=np.where(leaf, own, left + start),
        right=np.where(leaf, own, right + start),
        value=condition.astype(np.float64),
        cover=_column(trees, "sum_hessian", np.float64),
        offset=float(np.log(share / (1 - share))),
        single=True,
    )


def of_lightgbm(booster: Any) -> Trees:
    """Trees of a lightgbm ``Booster`` for a binary outcome, grown on finite numbers without categories.

    Its score is the raw one (log-odds). A tree's nodes come before its leaves, as LightGBM numbers both; of
    the children that a node names, ~k is leaf k.
    """
    parts: list[tuple[Any, ...]] = []
    start = 0
    for tree in _lightgbm_texts(booster):
        leaves = np.array(tree["leaf_value"].split(), dtype=np.float64)
        nodes = len(leaves) - 1
        own = start + nodes + np.arange(len(leaves))
        none, zeros = np.zeros(len(leaves), dtype=np.int64), np.zeros(len(leaves))
        below = []
        for side in ("left_child", "right_child"):
            child = _numbers(tree, side, nodes).astype(np.int64)
            below.append(np.append(start + np.where(child < 0, nodes + ~child, child), own))
        parts.append(
            (
                np.append(_numbers(tree, "split_feature", nodes).astype(np.int64), none),
                np.append(_numbers(tree, "threshold", nodes), zeros),
                *below,
                np.append(np.zeros(nodes), leaves),
                # a tree of one leaf does not count
                np.append(_numbers(tree, "internal_count", nodes), _numbers(tree, "leaf_count", len(leaves))),
            )
        )
        start += nodes + len(leaves)
    feature, threshold, left, right, value, cover = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    return Trees(feature, threshold, left, right, value, cover, offset=0.0, single=False)


def _lightgbm_texts(booster: Any) -> Iterator[dict[str, str]]:
    """Each tree of a model as LightGBM writes it: a line ``name=values`` per field."""
    for text in booster.model_to_string().split("\nTree=")[1:]:
        lines = text.partition("\n\n")[0].splitlines()[1:]
        yield {name: values for name, _, values in (line.partition("=") for line in lines)}


def _numbers(tree: Mapping[str, str], name: str, count: int) -> Any:
    """A field's numbers; ones, where a tree of one leaf does without the field."""
    values = tree.get(name, "").split()
    return np.array(values, dtype=np.float64) if values else np.ones(count)


def _column(trees: Sequence[Mapping[str, Any]], name: str, kind: Any) -> Any:
    """A field of all nodes of all trees."""
    return np.concatenate([np.array(tree[name], dtype=kind) for tree in trees])
