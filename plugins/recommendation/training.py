"""From choices to stored factors: learned once for 30 days, by the fingerprint of catalogue and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from abintel.charts import lazy
from abintel.endpoint import Fit, Trainable, Training
from abintel.progress import report
from plugins.recommendation import review
from plugins.recommendation.taste import holdout
from plugins.recommendation.taste.als import ALPHA, SEED, ItemFactors
from plugins.recommendation.taste.interactions import Choices
from plugins.recommendation.taste.personal import user_factors

PICTURES = lazy("plugins.recommendation.pictures", "pictures")

LEAST_USERS, LEAST_ITEMS, LEAST_ROWS = 75, 50, 1_500
"""What there must be of each to learn factors from."""


class Shape(NamedTuple):
    """How factors are learned.

    Attributes:
        algorithm: its name in answers.
        factors: how many.
        iterations: rounds.
        alike: whether they are for items that resemble one, instead of items for a user.
    """

    algorithm: str
    factors: int
    iterations: int
    alike: bool


FOR_USERS = Shape("ALS", 50, 30, alike=False)
FOR_ITEMS = Shape("ALS + TF-IDF cosine", 30, 20, alike=True)


def enough(choices: Choices, *, rows: int = LEAST_ROWS) -> bool:
    """Whether factors can be learned from choices."""
    return (
        choices.users >= LEAST_USERS
        and choices.chosen_items >= LEAST_ITEMS
        and choices.rows >= rows
        and bool((choices.weights > 0).any())
    )


def content_info(items: int) -> dict[str, Any]:
    """What ``model_info`` says where texts rank; an item's cosine with itself is 1."""
    return {"algorithm": "TF-IDF cosine", "metric": "cosine_sim", "value": 1.0, "train_rows": items}


def trainable(shape: Shape) -> Trainable:
    """How a route learns; what it serves is a :class:`plugins.recommendation.catalogue.Feedback`."""
    return Trainable(
        scope=lambda found: {"catalogue": found.fingerprint[:32]},
        training=lambda found: Training(
            found.fingerprint, found.choices.rows, partial(_fit, found.choices, found.fingerprint, shape)
        ),
        save=ItemFactors.save,
        load=ItemFactors.load,
        score=_similarities if shape.alike else _preferences,
        requirements=("implicit", "numba", "numpy", "scipy", "threadpoolctl"),
        output="similarity" if shape.alike else "preference",
        measure="precision_at_10",
    )


def _fit(choices: Choices, fingerprint: str, shape: Shape) -> Fit:
    model, trial = holdout.learn(
        choices, factors=shape.factors, iterations=shape.iterations, alike=shape.alike, done=report
    )
    winner, popular = trial.winner, trial.popular
    value = None if winner is None else float(winner.precision[-1])
    # What everybody chooses is no look-alike: the baseline is one of items for a user.
    baseline = None if popular is None or shape.alike else float(popular.precision[-1])
    figures = {"precision_at_10": value or 0.0}
    if winner is not None:
        figures |= {"hit_rate_at_10": winner.hit_rate, "ndcg_at_10": winner.ndcg, "coverage": winner.coverage}
    return Fit(
        model=model,
        algorithm="ALS",
        quality=value or 0.0,
        params={
            "factors": shape.factors,
            "iterations": shape.iterations,
            "regularization": trial.chosen,
            "alpha": ALPHA,
            "seed": SEED,
        },
        metrics=figures,
        candidates={
            **{
                f"regularization_{strength:g}": review.figures(judged)
                for strength, judged in trial.tried.items()
            },
            **({} if popular is None else {"popularity": review.figures(popular)}),
        },
        features=("item", "reference") if shape.alike else ("item", "chosen"),
        info={
            "algorithm": shape.algorithm,
            "metric": "precision_at_10",
            "value": value,
            "train_rows": choices.rows,
            **({} if baseline is None else {"popularity_value": baseline}),
        },
        input_example=[{"item": 0.0, "reference": 1.0}]
        if shape.alike
        else [{"item": 0.0, "chosen": "1 2 3"}],
        pictures=PICTURES(trial),
        card=review.card(choices, trial, fingerprint, alike=shape.alike),
    )


def _similarities(model: ItemFactors, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Cosines of items, both by their number in the order of the ids."""
    return [float(model.similar(int(row["reference"]))[int(row["item"])]) for row in rows]


def _preferences(model: ItemFactors, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Preferences for items of users who chose the ``chosen`` ones: numbers in the order of the ids."""
    found = []
    for row in rows:
        items = np.array(sorted({int(number) for number in str(row["chosen"]).split()}), np.int64)
        choices = Choices(
            start=np.array([0, len(items)]),
            items=items,
            weights=np.ones(len(items)),
            ratings=np.ones(len(items)),
            users_by_item=np.bincount(items, minlength=len(model.factors)),
            rows=len(items),
        )
        [x] = user_factors(model, choices, np.array([0]))
        found.append(float(x.astype(np.float64) @ model.factors[int(row["item"])]))
    return found
