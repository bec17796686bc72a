"""A stored model is the fitted one, or is refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins.propensity.classifier.platt import Platt
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import learn
from plugins.propensity.features.drift import profiles
from plugins.propensity.features.fingerprint import canonical
from plugins.propensity.learners.roster import LEARNERS
from tests.plugins.propensity.classifier.models import logistic_truth, stored

NAMES = list(LEARNERS)


@cache
def sample() -> tuple[list[dict[str, Any]], list[int]]:
    rows, labels, _ = logistic_truth(400, seed=11)
    for number, row in enumerate(rows):
        row["channel"] = ["email", "sms", "push", None][number % 4]
    return rows, labels


@cache
def scorer(algorithm: str) -> Scorer:
    data = canonical(*sample())
    design, _ = learn(data.columns)
    learner = LEARNERS[algorithm].fit(design.matrix(data.columns), data.labels)
    return Scorer(algorithm, design, learner, Platt(0.9, -0.1))


@pytest.mark.parametrize("algorithm", NAMES)
def test_a_stored_model_scores_the_same_to_the_last_bit(algorithm: str) -> None:
    fitted = scorer(algorithm)
    rows, _ = sample()
    np.testing.assert_array_equal(stored(fitted).score(rows), fitted.score(rows))
    np.testing.assert_array_equal(stored(stored(fitted)).score(rows), fitted.score(rows))


@pytest.mark.parametrize("algorithm", NAMES)
def test_a_row_scores_the_same_in_any_company(algorithm: str) -> None:
    loaded = stored(scorer(algorithm))
    rows, _ = sample()
    scores = loaded.score(rows)
    np.testing.assert_array_equal(loaded.score(rows[::-1])[::-1], scores)
    np.testing.assert_array_equal([loaded.score([row])[0] for row in rows[:40]], scores[:40])
    np.testing.assert_array_equal(loaded.score(rows * 20)[-400:], scores)


@pytest.mark.parametrize("algorithm", NAMES)
def test_scores_of_strange_rows_are_probabilities(algorithm: str) -> None:
    rows: list[dict[str, Any]] = [
        {},
        {"x0": 1e15, "x1": -1e15, "channel": ""},
        {"x0": True, "x1": float("nan"), "channel": "fax"},
        {"x2": 5e-324, "channel": 3},
    ]
    found = stored(scorer(algorithm)).score(rows)
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("algorithm", NAMES)
def test_importance_is_a_share_per_feature_strongest_first(algorithm: str) -> None:
    found = scorer(algorithm).importance()
    assert sorted(found) == ["channel", "x0", "x1", "x2"]
    assert next(iter(found)) == "x0"
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert sum(found.values()) == pytest.approx(1)


def test_a_text_for_a_number_is_named() -> None:
    with pytest.raises(ValueError, match="row 1: 'x0' is a number to the model, and something else here"):
        scorer(NAMES[0]).score([{"x0": 1}, {"x0": "many"}])


@pytest.mark.parametrize("algorithm", NAMES)
def test_no_file_is_a_pickle(algorithm: str, tmp_path: Path) -> None:
    scorer(algorithm).save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.json", LEARNERS[algorithm].file}
    assert all(path.read_bytes()[:1] != b"\x80" for path in tmp_path.iterdir())


@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
def test_a_damaged_file_of_a_learner_is_refused(algorithm: str, damage: str, tmp_path: Path) -> None:
    scorer(algorithm).save(tmp_path)
    path = tmp_path / LEARNERS[algorithm].file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = {"cut": bytes(content[:-9]), "flipped": bytes(content), "empty": b""}
    path.unlink()
    if damage in damaged:
        path.write_bytes(damaged[damage])
    with pytest.raises(ValueError, match=f"{path.name} is (missing or )?damaged"):
        Scorer.load(tmp_path)


@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"{}"])
def test_a_file_that_is_no_model_is_refused_even_with_its_digest(
    algorithm: str, content: bytes, tmp_path: Path
) -> None:
    kind, name = LEARNERS[algorithm], LEARNERS[algorithm].file
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} is damaged"):
        kind.load(tmp_path / name, 7)


@pytest.mark.parametrize("algorithm", ["XGBoost", "CatBoost"])
def test_a_model_of_another_width_is_refused(algorithm: str, tmp_path: Path) -> None:
    kind, name = LEARNERS[algorithm], LEARNERS[algorithm].file
    scorer(algorithm).learner.save(tmp_path / name)
    with pytest.raises(ValueError, match="it has not 9 columns"):
        kind.load(tmp_path / name, 9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "the stored model has format 1; this code reads 3"),
        ({"algorithm": "Perceptron"}, "model.json is damaged"),
        ({"calibration": {"slope": -1.0, "intercept": 0.0}}, "model.json is damaged"),
        ({"calibration": {"slope": 1.0}}, "model.json is damaged"),
        ({"design": None}, "the stored design is damaged"),
        ({"profile": None}, "the stored training profile is damaged"),
        ({"profile": [{"edges": [], "counts": []}] * 4}, "the stored training profile is damaged"),
        ({"sha256": "0"}, "its SHA-256 is another"),
    ],
)
def test_a_damaged_description_is_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    scorer(NAMES[0]).save(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=message):
        Scorer.load(tmp_path)


def test_a_training_profile_is_stored_and_a_model_without_one_reports_no_drift() -> None:
    data = canonical(*sample())
    plain = scorer(NAMES[0])
    profiled = plain._replace(profile=profiles(plain.design, data.columns))
    assert stored(profiled).profile == profiled.profile
    drifts = stored(profiled).drifts(data.columns)
    assert {name: found.psi for name, found in drifts.items()} == dict.fromkeys(
        ["channel", "x0", "x1", "x2"], 0
    )
    assert stored(plain).profile is None
    assert stored(plain).drifts(data.columns) == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_description_that_is_no_json_object_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.json is (missing or )?damaged"):
        Scorer.load(tmp_path)
