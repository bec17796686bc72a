"""What is learned of a known effect, and of none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plugins.propensity.features.design import Category, learn
from plugins.propensity.uplift.model import KINDS, UpliftModel
from plugins.propensity.uplift.pooling import pool
from tests.plugins.propensity.uplift.customers import drawn, trained


def correlation(rows: int, seed: int) -> float:
    outcome = trained(rows, seed, 0.15)
    return float(np.corrcoef(outcome.winner.scores, drawn(rows, seed, 0.15)[3])[0, 1])


@pytest.mark.slow
def test_scores_follow_a_known_effect_at_20_000_rows() -> None:
    assert correlation(20_000, 1) >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 4))
def test_scores_follow_a_known_effect_whatever_the_draw(seed: int) -> None:
    assert correlation(20_000, seed) >= 0.7


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "base"), [(250, 0.2), (600, 0.1)])
def test_pure_noise_spans_0(rows: int, base: float) -> None:
    spans = [
        trained(rows, seed, 0.0, width=4, base=base).winner.ranking.qini.spans_zero for seed in range(50)
    ]
    assert sum(spans) >= 44


def test_a_strong_effect_is_found_in_250_rows() -> None:
    found = [trained(250, seed, 0.6, width=3).winner.ranking.qini.lower_95 > 0 for seed in range(5)]
    assert sum(found) >= 4


def test_out_of_fold_scores_of_few_rows_stay_moderate_and_average_to_the_effect() -> None:
    outcome = trained(210, 1, 0.3, width=3)
    assert np.abs(outcome.winner.scores).max() < 0.8
    assert outcome.winner.scores.mean() == pytest.approx(outcome.model.trial.effect().value, abs=0.02)


def test_a_stored_model_of_either_kind_scores_equal_to_the_last_bit(tmp_path: Path) -> None:
    outcome = trained(400, 1, 0.3, width=3)
    columns = drawn(400, 1, 0.3, 3)[1]
    for candidate in outcome.candidates:
        model = outcome.model._replace(
            algorithm=candidate.name, learners=candidate.learners, shifts=candidate.shifts
        )
        folder = tmp_path / candidate.name
        folder.mkdir()
        model.save(folder)
        loaded = UpliftModel.load(folder)
        folds = np.arange(400) % 4 - 1
        assert np.array_equal(loaded.effects(columns, folds), model.effects(columns, folds))
        assert loaded.trial == model.trial
        assert loaded.ranking == model.ranking
    assert {path.name for path in tmp_path.iterdir()} == set(KINDS)


@pytest.mark.parametrize("change", ["missing", "bytes", "json"])
def test_a_damaged_file_is_refused(tmp_path: Path, change: str) -> None:
    trained(250, 1, 0.3, width=2).model.save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        if change == "missing":
            path.unlink()
        elif change == "bytes":
            path.write_bytes(content[: len(content) // 2])
        elif path.name == "model.json":
            path.write_bytes(content.replace(b'"format": 2', b'"format": 1'))
        else:
            continue
        with pytest.raises(ValueError, match=r"damaged|format"):
            UpliftModel.load(tmp_path)
        path.write_bytes(content)


def test_what_moves_the_score_comes_first() -> None:
    outcome = trained(6000, 1, 0.4, width=5)
    assert set(list(outcome.importance)[:2]) == {"x0", "x1"}
    assert sum(outcome.importance.values()) == pytest.approx(1)


def test_categories_of_fewer_than_100_rows_of_a_large_set_are_pooled() -> None:
    column = np.array(["a"] * 9000 + ["b"] * 901 + ["c"] * 99, dtype=object)
    rare = np.array([f"id-{row // 50}" for row in range(10_000)], dtype=object)
    columns = {"country": column, "shop": rare}
    pooled, dropped, counts = pool(learn(columns)[0], columns)
    assert pooled.features == (Category("country", ("a", "b")),)
    assert dropped == {"shop": "no category in 100 or more rows"}
    assert counts == {"country": 1}
