"""The recommenders on real ratings: MovieLens 100k (Harper & Konstan 2015, doi:10.1145/2827872), which the
package RecBole carries. Its terms forbid passing it on, so it is fetched, by its digest, and not kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins.recommendation.endpoints.bulk_recommend_user_items import ENDPOINT
from tests.plugins.calls import answered

PACKAGE = "recbole==1.2.1 --hash=sha256:9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
NEIGHBOURS = (20, 50, 100, None)
K = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ratings are."""
    place = tmp_path_factory.mktemp("recbole")
    wanted = place / "wanted.txt"
    wanted.write_text(PACKAGE + "\n")
    uv = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--python", sys.executable]
    only = ["--target", place, "--no-deps", "--require-hashes", "--requirements", wanted]
    subprocess.run([*uv, *only], check=True)
    return place / "recbole" / "dataset_example" / "ml-100k"


def catalogue(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "ml-100k.item").read_text("utf-8", errors="replace").splitlines()[1:]
    items = (line.split("\t") for line in lines)
    return [{"item_id": item, "metadata": f"{title} {genres}"} for item, title, _, genres in items]


def precision(found: np.ndarray, hidden: np.ndarray) -> float:
    """Share of the recommended (users, 10) that is in (users, items)."""
    return float(np.take_along_axis(hidden, found, axis=1).mean())


def best(scores: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The ten best unseen items of each user, the earlier of equals."""
    return np.argsort(np.where(seen, np.inf, -scores), axis=1, kind="stable")[:, :K]


def by_item_cosine(ratings: np.ndarray, neighbours: int | None) -> np.ndarray:
    """Scores of item-to-item collaborative filtering (Sarwar et al. 2001): of the user's items, the cosines
    with an item, those of its nearest neighbours only."""
    lengths = np.linalg.norm(ratings, axis=0)
    unit = ratings / np.where(lengths > 0, lengths, 1)
    cosines = unit.T @ unit
    np.fill_diagonal(cosines, 0)
    if neighbours is not None:
        least = -np.sort(-cosines, axis=1)[:, neighbours - 1 : neighbours]
        cosines = np.where(cosines >= least, cosines, 0)
    return np.asarray(ratings @ cosines.T)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("least", [1, 4], ids=["all ratings", "only 4 and 5"])
def test_on_movielens_100k_we_are_above_popularity_and_item_cosine(
    folder: Path, least: int, seed: int
) -> None:
    rows = np.loadtxt(folder / "ml-100k.inter", skiprows=1)
    rows = rows[rows[:, 2] >= least]
    users, user = np.unique(rows[:, 0].astype(int), return_inverse=True)
    items, item = np.unique(rows[:, 1].astype(int), return_inverse=True)
    held = np.random.default_rng(seed).random(len(rows)) < 0.2
    ratings, hidden = np.zeros((len(users), len(items))), np.zeros((len(users), len(items)), bool)
    ratings[user[~held], item[~held]] = rows[~held, 2]
    hidden[user[held], item[held]] = True
    judged = np.flatnonzero(hidden.any(1) & (ratings > 0).any(1))
    ids = [str(name) for name in items]
    known = set(ids)
    body = {
        "interactions": [
            {"user_id": str(users[u]), "item_id": ids[i], "rating": float(rating)}
            for u, i, rating in zip(user[~held], item[~held], rows[~held, 2], strict=True)
        ],
        "items": [one for one in catalogue(folder) if one["item_id"] in known],
        "user_ids": [str(users[u]) for u in judged],
        "top_k": K,
    }
    answer = answered(ENDPOINT, body)
    assert answer["model_info"]["algorithm"] in {"ALS", "ItemKNN", "EASE"}
    number = {name: place for place, name in enumerate(ids)}
    ours = precision(
        np.array([[number[one["item_id"]] for one in each["recommendations"]] for each in answer["results"]]),
        hidden[judged],
    )
    seen = ratings > 0
    popular = precision(best(np.tile(seen.sum(0), (len(users), 1)), seen)[judged], hidden[judged])
    cosine = max(
        precision(best(by_item_cosine(filled, count), seen)[judged], hidden[judged])
        for filled in (ratings, seen.astype(float))
        for count in NEIGHBOURS
    )
    print(f"precision@10: ours {ours:.3f}, popularity {popular:.3f}, item cosine at its best {cosine:.3f}")
    assert ours > cosine > popular
    assert ours > 1.7 * popular
