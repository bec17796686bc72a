"""Explanations of every customer: ours beside shap's TreeExplainer, on the same fitted learners.

``OPENBLAS_NUM_THREADS=1 python benchmarks/explanations.py`` prints the table: medians within one run, on
invented customers of eight features. ``--many`` adds 100,000 customers, by learners fitted on as many; shap
is timed on some of the rows, and the time stretched to all.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import shap
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from plugins.propensity.classifier.explain import strongest
from plugins.propensity.classifier.platt import Platt
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.design import learn
from plugins.propensity.learners import treeshap
from plugins.propensity.learners.catboost_trees import CatBoostTrees
from plugins.propensity.learners.forest import SETTINGS
from plugins.propensity.learners.roster import LEARNERS

FEATURES = 8
TIMES = 3
SHAP_ROWS = {"Random Forest": 200, "CatBoost": 5_000}
"""Rows that shap is timed on; 1,000 for the others."""


def invented(rows: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Customers whose outcome follows from some of the features, two of them together."""
    chance = np.random.default_rng(5)
    matrix = chance.normal(size=(rows, FEATURES))
    matrix[:, 0] = np.round(matrix[:, 0] * 2)
    score = 0.5 * matrix[:, 0] + matrix[:, 1] * matrix[:, 2] - 0.5 * matrix[:, 3]
    return matrix, (chance.random(rows) < expit(score)).astype(np.int8)


def seconds(work: Callable[[], Any], times: int = TIMES) -> float:
    """Median time of some runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def theirs(name: str, learner: Any, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> Any:
    """The model that shap explains: the same one, where it understands it."""
    if isinstance(learner, CatBoostTrees):
        return learner.model
    if name == "Random Forest":
        return RandomForestClassifier(n_jobs=2, **SETTINGS).fit(matrix, labels)
    return learner.booster


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--many", action="store_true", help="100,000 customers, too")
    many = arguments.parse_args().many
    treeshap.warm()
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    print("| learner | customers | ours, s | shap, s | times as fast |")
    print("| --- | --- | --- | --- | --- |")
    for rows in (5_000, 100_000) if many else (5_000,):
        matrix, labels = invented(rows)
        columns = {f"x{column}": matrix[:, column] for column in range(FEATURES)}
        design, _ = learn(columns)
        for name, kind in LEARNERS.items():
            scorer = Scorer(name, design, kind.fit(matrix, labels), Platt(1.0, 0.0))
            ours = seconds(partial(strongest, scorer, columns))
            if name == "Logistic Regression":
                model = LogisticRegression().fit(matrix, labels)
                explainer: Any = shap.LinearExplainer(model, matrix)
                some = matrix
            else:
                explainer = shap.TreeExplainer(theirs(name, scorer.learner, matrix, labels))
                some = matrix[: SHAP_ROWS.get(name, 1_000)]
            each = seconds(partial(explainer.shap_values, some), 1)
            shaps = each * rows / len(some)
            print(f"| {name} | {rows:,} | {ours:.2f} | {shaps:.1f} | {shaps / ours:.0f} |", flush=True)


if __name__ == "__main__":
    main()
