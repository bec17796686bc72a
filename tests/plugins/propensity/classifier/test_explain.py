"""What moves a row's score, by each learner: the parts sum to the score, and the strongest are named."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from plugins.propensity.classifier import explain
from plugins.propensity.classifier.explain import LEAST, Factors, names, parts, strongest
from plugins.propensity.classifier.platt import Platt
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import learn
from plugins.propensity.features.fingerprint import canonical
from plugins.propensity.learners.roster import LEARNERS
from tests.plugins.propensity.classifier.models import logistic_truth, stored

each_learner = pytest.mark.parametrize("algorithm", list(LEARNERS))


@cache
def sample() -> tuple[list[dict[str, Any]], list[int]]:
    """x0 draws, x1 repels, x2 does little; a channel draws, another repels; some lack x0."""
    rows, labels, _ = logistic_truth(600, seed=21, weights=(1.5, -1.0, 0.1))
    for number, row in enumerate(rows):
        row["channel"] = "app" if labels[number] and number % 3 else ["email", "sms", None][number % 3]
        if number % 50 == 0:
            row["x0"] = None
    return rows, labels


@cache
def scorer(algorithm: str) -> Scorer:
    data = canonical(*sample())
    design, _ = learn(data.columns)
    learner = LEARNERS[algorithm].fit(design.matrix(data.columns), data.labels)
    return stored(Scorer(algorithm, design, learner, Platt(0.8, -0.3)))


@each_learner
def test_base_and_contributions_sum_to_the_log_odds(algorithm: str) -> None:
    model = scorer(algorithm)
    matrix = model.design.matrix(model.design.read(sample()[0]).columns)
    explainer = model.learner.explainer()
    total = explainer.base + explainer.contributions(matrix).sum(axis=1)
    np.testing.assert_allclose(total, model.learner.log_odds(matrix), atol=2e-5)


@each_learner
def test_the_parts_of_features_sum_to_the_calibrated_score(algorithm: str) -> None:
    model = scorer(algorithm)
    columns = model.design.read(sample()[0]).columns
    explainer = model.learner.explainer()
    found = parts(model, explainer, columns, {})
    assert found.shape == (600, 4)
    assert names(model, {}) == ("channel", "x0", "x1", "x2")
    total = found.sum(axis=1) + 0.8 * explainer.base - 0.3
    np.testing.assert_allclose(total, logit(model.probability(columns)), atol=2e-5)


@each_learner
def test_what_is_derived_counts_for_what_it_is_derived_from(algorithm: str) -> None:
    model = scorer(algorithm)
    columns = model.design.read(sample()[0]).columns
    explainer = model.learner.explainer()
    apart, together = parts(model, explainer, columns, {}), parts(model, explainer, columns, {"x2": "x0"})
    assert names(model, {"x2": "x0"}) == ("channel", "x0", "x1")
    np.testing.assert_allclose(together[:, 1], apart[:, 1] + apart[:, 3], atol=1e-12)
    np.testing.assert_allclose(together[:, [0, 2]], apart[:, [0, 2]], atol=1e-12)


@each_learner
def test_the_strongest_come_first_and_have_the_direction_that_they_have_in_truth(algorithm: str) -> None:
    model = scorer(algorithm)
    rows = [
        {"x0": 2.5, "x1": 0.1, "x2": 0, "channel": "email"},
        {"x0": 0.1, "x1": 2.5, "x2": 0, "channel": "app"},
    ]
    found = strongest(model, model.design.read(rows).columns)
    said = [
        {found.names[feature]: size for feature, size in zip(features, sizes, strict=True) if size}
        for features, sizes in zip(found.feature.tolist(), found.size.tolist(), strict=True)
    ]
    assert next(iter(said[0])) == "x0"
    assert said[0]["x0"] > 0
    assert said[1]["x1"] < 0 < said[1]["channel"]
    for sizes in found.size:
        assert list(np.abs(sizes)) == sorted(np.abs(sizes), reverse=True)
        assert all(size == 0 or abs(size) >= LEAST for size in sizes)


@each_learner
def test_a_row_has_the_same_factors_in_any_company(algorithm: str) -> None:
    model = scorer(algorithm)
    rows = sample()[0]
    whole = strongest(model, model.design.read(rows).columns)
    turned = strongest(model, model.design.read(rows[::-1]).columns)
    np.testing.assert_array_equal(turned.feature[::-1], whole.feature)
    np.testing.assert_array_equal(turned.size[::-1].round(9), whole.size.round(9))
    for place in (0, 7, 599):
        alone = strongest(model, model.design.read([rows[place]]).columns)
        np.testing.assert_array_equal(alone.feature[0], whole.feature[place])
        np.testing.assert_array_equal(alone.size[0].round(9), whole.size[place].round(9))


@each_learner
def test_strange_rows_are_explained_in_finite_numbers(algorithm: str) -> None:
    model = scorer(algorithm)
    rows: list[dict[str, Any]] = [{}, {"x0": 1e15, "x1": -1e15, "channel": "fax"}, {"x0": -0.0, "x2": 5e-324}]
    found = strongest(model, model.design.read(rows).columns)
    assert np.isfinite(found.size).all()
    assert (np.abs(found.size) <= 50).all()


def test_a_model_that_cannot_tell_customers_apart_explains_nothing() -> None:
    model = scorer("Logistic Regression")._replace(calibration=Platt(0.0, 0.4))
    assert not strongest(model, model.design.read(sample()[0]).columns).size.any()


def test_a_forest_that_is_sure_still_has_finite_factors() -> None:
    rows = [{"x": float(value)} for value in range(400)]
    data = canonical(rows, [int(value >= 200) for value in range(400)])
    design, _ = learn(data.columns)
    forest = LEARNERS["Random Forest"].fit(design.matrix(data.columns), data.labels)
    model = Scorer("Random Forest", design, forest, Platt(1.0, 0.0))
    found = strongest(model, model.design.read(rows).columns)
    assert (found.size[:150] < -5).all()
    assert (found.size[250:] > 5).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = scorer("XGBoost")
    columns = model.design.read(sample()[0]).columns
    whole = strongest(model, columns)
    monkeypatch.setattr(explain, "CELLS", 7 * model.design.width)
    for part, expected in zip(strongest(model, columns), whole, strict=True):
        np.testing.assert_array_equal(part, expected)


def test_of_a_large_model_only_as_many_rows_are_explained_as_the_limit_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scorer("Random Forest")
    columns = model.design.read(sample()[0]).columns
    whole = strongest(model, columns)
    monkeypatch.setattr(explain, "MOST_WORK", 100 * model.learner.explainer().work + 1)
    found = strongest(model, columns)
    assert found.size.shape == (100, 3)
    np.testing.assert_array_equal(found.size, whole.size[:100])
    monkeypatch.setattr(explain, "MOST_WORK", 1)
    assert strongest(model, columns).size.shape == (0, 3)


def test_factors_tell_ties_in_the_designs_order() -> None:
    found = Factors(("a", "b"), *explain._top(np.array([[0.5, -0.5], [0.04, 0.06]])))
    assert found.feature.tolist() == [[0, 1], [1, 0]]
    assert found.size.tolist() == [[0.5, -0.5], [0.06, 0.0]]
