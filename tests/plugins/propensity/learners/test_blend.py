"""The mean of several learners: stored without pickles, explained to the last digit."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from plugins.propensity.learners.blend import Blend
from plugins.propensity.learners.roster import LEARNERS
from tests.plugins.propensity.learners.nearest_mean import SILENT

SLOPES = (1.0, 0.5, 0.8)
MEMBERS = ("Logistic Regression", "Random Forest", "LightGBM")


@cache
def data() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    matrix = chance.normal(size=(300, 4))
    matrix[chance.random(300) < 0.2, 2] = np.nan
    labels = (np.nan_to_num(matrix) @ [1.0, -0.5, 0.8, 0.0] + chance.normal(size=300) > 0).astype(np.int8)
    return matrix, labels


@cache
def blend() -> Blend:
    return Blend({name: LEARNERS[name].fit(*data()) for name in MEMBERS}, SLOPES)


def test_it_scores_the_mean_of_the_log_odds_and_is_equal_after_a_trip_through_its_file(
    tmp_path: Path,
) -> None:
    matrix, _ = data()
    each = [learner.log_odds(matrix) for learner in blend().members.values()]
    expected = np.average(each, axis=0, weights=SLOPES) * np.mean(SLOPES)
    np.testing.assert_allclose(blend().log_odds(matrix), expected, rtol=1e-9)
    blend().save(tmp_path / "blend.zip")
    loaded = Blend.load(tmp_path / "blend.zip", 4)
    np.testing.assert_array_equal(loaded.log_odds(matrix), blend().log_odds(matrix))
    assert list(loaded.members) == list(MEMBERS)
    blend().save(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "blend.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "blend.zip") as archive:
        assert archive.namelist() == ["logistic.npz", "forest.npz", "lightgbm.txt", "slopes.json"]


def test_what_the_columns_add_and_the_base_make_up_the_score_with_missing_values_too() -> None:
    matrix, _ = data()
    explainer = blend().explainer()
    assert explainer is not None
    total = explainer.base + explainer.contributions(matrix).sum(axis=1)
    np.testing.assert_allclose(total, blend().log_odds(matrix), atol=1e-5)
    assert blend().importance().argmin() == 3


def test_it_explains_nothing_if_a_member_explains_nothing() -> None:
    silent = SILENT.fit(np.nan_to_num(data()[0]), data()[1])
    assert Blend({**blend().members, "Silent Mean": silent}, (*SLOPES, 1.0)).explainer() is None


@pytest.mark.parametrize("damage", ["text", "one member", "a stranger"])
def test_a_damaged_archive_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "blend.zip"
    if damage == "text":
        path.write_text("blend")
    else:
        LEARNERS["LightGBM"].fit(*data()).save(tmp_path / "lightgbm.txt")
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(tmp_path / "lightgbm.txt", "lightgbm.txt")
            archive.writestr("slopes.json", "[1.0]")
            if damage == "a stranger":
                archive.writestr("../strange.pkl", b"")
    with pytest.raises(ValueError, match=r"blend\.zip is damaged"):
        Blend.load(path, 4)


@pytest.mark.parametrize("name", list(LEARNERS))
def test_every_learner_takes_missing_values_and_learns_what_they_mean(name: str) -> None:
    chance = np.random.default_rng(5)
    matrix = chance.normal(size=(400, 2))
    missing = chance.random(400) < 0.4
    matrix[missing, 0] = np.nan
    labels = (missing ^ (chance.random(400) < 0.1)).astype(np.int8)
    learner = LEARNERS[name].fit(matrix, labels)
    scores = learner.log_odds(matrix)
    assert scores[missing].mean() > scores[~missing].mean() + 1
    explainer = learner.explainer()
    assert explainer is not None
    parts = explainer.contributions(matrix)
    np.testing.assert_allclose(explainer.base + parts.sum(axis=1), scores, atol=1e-5)
    assert (parts[missing, 0] > 0).mean() > 0.95
    assert learner.importance().argmax() == 0
