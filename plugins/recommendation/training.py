"""How the routes learn: once for 30 days for each fingerprint of catalogue and choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from abintel.charts import lazy
from abintel.endpoint import Fit, Trainable, Training
from abintel.progress import report
from plugins.recommendation import review
from plugins.recommendation.feedback import Feedback
from plugins.recommendation.recommenders import holdout, roster
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Recommender

PICTURES = lazy("plugins.recommendation.pictures", "pictures")

LEAST_USERS, LEAST_ITEMS, LEAST_ROWS = 75, 50, 1_500
"""Fewer of one of these are too few to learn from."""


def enough(choices: Choices, *, rows: int = LEAST_ROWS) -> bool:
    """Whether there are enough choices to learn from."""
    return (
        choices.users >= LEAST_USERS
        and choices.chosen_items >= LEAST_ITEMS
        and choices.rows >= rows
        and bool((choices.weights > 0).any())
    )


def content_info(items: int) -> dict[str, Any]:
    """``model_info`` of the recommender by texts; ``value`` is the cosine of an item with itself."""
    return {"algorithm": roster.BY_TEXT.name, "metric": "cosine_sim", "value": 1.0, "train_rows": items}


def trainable(*, alike: bool) -> Trainable:
    """How a route learns; what it serves is a :class:`plugins.recommendation.feedback.Feedback`.

    Args:
        alike: whether the route finds similar items, instead of items for users.
    """
    return Trainable(
        scope=lambda feedback: {"catalogue": feedback.fingerprint[:32]},
        training=lambda feedback: Training(
            feedback.fingerprint,
            feedback.choices.rows,
            partial(_fit, feedback, alike),
        ),
        save=roster.save,
        load=roster.load,
        score=_similarities if alike else _preferences,
        requirements=sorted({"numba", "numpy", *chain(*(one.requirements for one in roster.LEARNERS))}),
        output="similarity" if alike else "preference",
        measure="precision_at_10",
    )


def _fit(feedback: Feedback, alike: bool) -> Fit:
    choices = feedback.choices
    learners = roster.competing(feedback.algorithm)
    model, trial = holdout.learn(choices, learners, alike=alike, done=report)
    learner, winner, popular = trial.chosen.learner, trial.winner, trial.popular
    value = None if winner is None else float(winner.precision[-1])
    figures = {"precision_at_10": value or 0.0}
    if winner is not None:
        figures |= {"hit_rate_at_10": winner.hit_rate, "ndcg_at_10": winner.ndcg, "coverage": winner.coverage}
    candidates = {
        f"{candidate.learner.name}_{candidate.name}": review.figures(judged)
        for candidate, judged in trial.tried.items()
    }
    info: dict[str, Any] = {
        "algorithm": f"{learner.name} + {roster.BY_TEXT.name}" if alike else learner.name,
        "metric": "precision_at_10",
        "value": value,
        "train_rows": choices.rows,
    }
    if winner is not None:
        info["catalogue_coverage"] = winner.catalogue
    if popular is not None:
        candidates["popularity"] = review.figures(popular)
        if not alike:  # popular items are similar to no item, so this is no baseline for similar items
            info["popularity_value"] = float(popular.precision[-1])
    return Fit(
        model=model,
        algorithm=learner.name,
        quality=value or 0.0,
        params=learner.params(trial.chosen.settings),
        metrics=figures,
        candidates=candidates,
        features=("item", "reference") if alike else ("item", "chosen"),
        info=info,
        input_example=[{"item": 0.0, "reference": 1.0}] if alike else [{"item": 0.0, "chosen": "1 2 3"}],
        pictures=PICTURES(trial),
        card=review.card(choices, trial, feedback.fingerprint, alike=alike),
    )


def _similarities(model: Recommender, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """How alike two items are, both by their number in the order of the ids."""
    items = np.array([int(row["reference"]) for row in rows])
    similarities = model.similarities(items).clip(0.0, 1.0)
    return [float(values[int(row["item"])]) for values, row in zip(similarities, rows, strict=True)]


def _preferences(model: Recommender, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Scores of items for users who chose the ``chosen`` items: numbers in the order of the ids."""
    scores = []
    for row in rows:
        items = np.array(sorted({int(number) for number in str(row["chosen"]).split()}), np.int64)
        choices = Choices(
            start=np.array([0, len(items)]),
            items=items,
            weights=np.ones(len(items)),
            ratings=np.ones(len(items)),
            disliked=np.zeros(len(items), np.bool_),
            age=np.zeros(len(items)),
            users_by_item=np.bincount(items, minlength=len(model.vectors)),
            rows=len(items),
        )
        scores.append(float(model.scores(choices, np.array([0])).values[0, int(row["item"])]))
    return scores
