"""A new learner is one file and one line of the roster."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from plugins.recommendation.endpoints.bulk_recommend_user_items import ENDPOINT as BULK
from plugins.recommendation.endpoints.recommend_similar_items import ENDPOINT as SIMILAR
from plugins.recommendation.recommenders import roster
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.recommender import Ranking, Scores
from plugins.recommendation.training import trainable
from tests.plugins.calls import Registry
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows


class Strength(NamedTuple):
    power: float


class Together:
    """Items that share users are alike: a co-occurrence count to some power."""

    source = "together"

    def __init__(self, table: np.ndarray) -> None:
        self.table = table
        self.vectors = np.zeros((len(table), 0), np.float32)

    def scores(self, choices: Choices, users: np.ndarray) -> Scores:
        return Scores(np.array([self.table[choices.items[choices.of(user)]].sum(axis=0) for user in users]))

    def explain(self, choices: Choices, users: np.ndarray, scores: Scores, ranking: Ranking) -> None:
        for u, user in enumerate(users):
            own = choices.items[choices.of(user)]
            for k, item in enumerate(ranking.items[u]):
                parts = self.table[own, item]
                first = np.argsort(-parts)[: ranking.causes.shape[2]]
                ranking.causes[u, k, : len(first)] = own[first]
                ranking.parts[u, k, : len(first)] = parts[first]

    def similarities(self, items: np.ndarray) -> np.ndarray:
        return self.table[items]


class TogetherLearner:
    name, source, file, requirements = "Together", "together", "together.npz", ("numpy",)

    def candidates(self, choices: Choices, alike: bool) -> Mapping[str, Strength]:
        return {"power_1": Strength(1.0), "power_2": Strength(2.0)}

    def fit(
        self,
        choices: Choices,
        settings: Strength,
        *,
        quick: bool = False,
        losses: dict[int, float] | None = None,
        done: Callable[[float], None] = lambda share: None,
    ) -> Together:
        matrix = np.zeros((choices.users, len(choices.users_by_item)))
        matrix[np.repeat(np.arange(choices.users), np.diff(choices.start)), choices.items] = 1
        table = (matrix.T @ matrix) ** settings.power
        np.fill_diagonal(table, 0)
        done(1.0)
        return Together(table / table.max())

    def params(self, settings: Strength) -> Mapping[str, float]:
        return settings._asdict()

    def arrays(self, model: Together) -> Mapping[str, np.ndarray]:
        return {"table": model.table}

    def restored(self, arrays: Mapping[str, np.ndarray]) -> Together:
        return Together(arrays["table"])

    def smallest(self) -> Together:
        return Together(np.ones((2, 2)))


BODY: dict[str, Any] = {
    "items": items(60, 3),
    "interactions": rows(clusters(160, 60, 3, 25, 0.1, 0)),
    "top_k": 3,
}


def answered(endpoint: Any, body: Mapping[str, Any]) -> tuple[Any, Registry]:
    from tests.plugins import calls

    registry = Registry(endpoint)
    call = calls.Call(tenant="acme", now=calls.NOW, models=registry)
    request = calls.Decoder(endpoint.request).decode(json.dumps(body).encode())
    return endpoint.handle(request, call), registry


def test_an_invented_learner_needs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "LEARNERS", [TogetherLearner()])
    assert list(roster.sources()) == ["together", "popularity", "content-fallback"]
    assert trainable(alike=False).requirements == ["numba", "numpy"]
    roster.warm()
    answer, registry = answered(BULK, {**BODY, "user_ids": ["U0000"]})
    [row] = answer["results"]
    assert answer["model_info"]["algorithm"] == "Together"
    assert {item["source"] for item in row["recommendations"]} == {"together"}
    assert row["recommendations"][0]["explanation"].startswith("Fits this user's choice of I00")
    assert registry.fit is not None
    assert set(registry.fit.candidates) == {
        *("Together_power_1", "Together_power_2", "Popularity_users", "popularity")
    }
    assert registry.fit.params["power"] in (1.0, 2.0)
    assert "| Together, power 1" in registry.fit.card
    similar, _ = answered(SIMILAR, {**BODY, "item_id": "I0000", "blend_cf": 1.0})
    assert similar["model_info"]["algorithm"] == "Together + TF-IDF cosine"


def test_learners_compete_and_the_winner_is_stored_in_its_own_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(roster, "LEARNERS", [*roster.LEARNERS, TogetherLearner()])
    _, registry = answered(BULK, {**BODY, "user_ids": ["U0000"]})
    assert registry.fit is not None
    assert {name.partition("_")[0] for name in registry.fit.candidates} == {
        *("ALS", "ItemKNN", "EASE", "Together", "Popularity", "popularity")
    }
    roster.save(Together(np.eye(2)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["together.npz"]
    assert roster.load(tmp_path).source == "together"


def test_files_of_no_learner_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no learner in the roster has stored this model"):
        roster.load(tmp_path)
    np.savez(tmp_path / "factors.npz", gram=np.eye(2))
    with pytest.raises(ValueError, match=r"factors.npz: the array .*factors.* is missing"):
        roster.load(tmp_path)
