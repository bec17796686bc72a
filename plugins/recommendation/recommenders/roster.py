"""The recommenders, a line each, and how a learned one is stored."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plugins.recommendation.recommenders.als import AlternatingLeastSquares
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.ease import Ease
from plugins.recommendation.recommenders.linear.item_knn import ItemKnn
from plugins.recommendation.recommenders.linear.popularity import Popularity
from plugins.recommendation.recommenders.lists import Wanted, rank, unseen
from plugins.recommendation.recommenders.ranking import best
from plugins.recommendation.recommenders.recommender import Learner, Recommender
from plugins.recommendation.recommenders.tfidf import TextRecommender, build

TEXT = "TF-IDF"
"""Name of the recommender by texts in requests."""
LEARNERS: list[Learner] = [AlternatingLeastSquares(), ItemKnn(), Ease()]
"""They compete on held-out choices; the best one answers. The first wins a tie."""
FLOOR: Learner = Popularity()
"""Answers where no learner ranks better."""
BY_TEXT = TextRecommender
"""Answers where the choices are too few to learn from."""


def sources() -> Sequence[str]:
    """Every ``source`` that a recommended item can have."""
    return [*(learner.source for learner in (*LEARNERS, FLOOR)), BY_TEXT.source]


def algorithms() -> Sequence[str]:
    """Every ``algorithm`` that a request may ask for."""
    return ["auto", *(learner.name for learner in LEARNERS), TEXT]


def competing(algorithm: str) -> Sequence[Learner]:
    """The learners that compete for a request."""
    if algorithm == "auto":
        return [*LEARNERS, FLOOR]
    return [learner for learner in LEARNERS if learner.name == algorithm]


def save(model: Any, folder: Path) -> None:
    """Writes the arrays of a learned recommender into an empty folder."""
    [learner] = [learner for learner in (*LEARNERS, FLOOR) if learner.source == model.source]
    arrays: dict[str, Any] = dict(learner.arrays(model))
    np.savez(folder / learner.file, **arrays)


def load(folder: Path) -> Recommender:
    """Reads a learned recommender.

    Raises:
        ValueError: no learner knows the files, or the arrays do not form a model.
    """
    for learner in (*LEARNERS, FLOOR):
        path = folder / learner.file
        if path.exists():
            try:
                with np.load(path, allow_pickle=False) as stored:
                    arrays = {name: stored[name] for name in stored.files}
                return learner.restored(arrays)
            except KeyError as error:
                raise ValueError(f"{learner.file}: the array {error} is missing") from None
            except (ValueError, EOFError, zipfile.BadZipFile) as error:
                raise ValueError(f"{learner.file}: {error}") from None
    raise ValueError("no learner in the roster has stored this model")


def warm() -> None:
    """Compiles what a first request would otherwise wait for."""
    choices = Choices(
        start=np.array([0, 1]),
        items=np.array([0]),
        weights=np.ones(1),
        ratings=np.ones(1),
        disliked=np.zeros(1, np.bool_),
        age=np.zeros(1),
        users_by_item=np.array([1, 0]),
        rows=1,
    )
    index, users = build(["a word", "another word"]), np.array([0])
    models: list[Recommender] = [BY_TEXT(index), *(learner.smallest() for learner in (*LEARNERS, FLOOR))]
    for model in models:
        rank(model, choices, users, index, Wanted(1, 1, diversity=0.5))
        model.similarities(users)
        scores = model.scores(choices, users).values
        unseen(scores.__getitem__, choices, users, 1)
    best(np.zeros(2), choices.users_by_item, np.zeros(2, np.bool_), 1)
