"""Uplift: the route as a whole beside the obvious implementation, on 50,000 customers of ten features.

``OPENBLAS_NUM_THREADS=1 python benchmarks/uplift.py`` prints the table. The obvious implementation cross-fits
causalml's forest of 100 trees and a T-learner of scikit-learn's gradient boosting over three folds, once; it
has no intervals, and reads and writes no JSON.
"""

from __future__ import annotations

import datetime
import platform
import time
import warnings

import numpy as np
import orjson
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, NoModels, Served
from plugins.propensity.endpoints.uplift_model import ENDPOINT
from plugins.propensity.uplift import forest, qini

CUSTOMERS = 50_000
NOW = datetime.datetime(2025, 4, 24, tzinfo=datetime.UTC)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def invented(customers: int) -> tuple[Floats, Ints, Ints, Floats]:
    """Features, treatment, outcome and true uplift: half of the customers gain 0.15 over a rate of 0.2."""
    chance = np.random.default_rng(20250424)
    matrix = chance.normal(size=(customers, 10)).round(4)
    treated = chance.integers(0, 2, customers)
    uplift = 0.15 * (matrix[:, 0] + matrix[:, 1] > 0)
    outcome = (chance.random(customers) < 0.2 + uplift * treated).astype(np.int64)
    return matrix, treated, outcome, uplift


class Unstored(NoModels):
    """Trains and keeps nothing."""

    def serve(self, request: object) -> Served:
        assert ENDPOINT.trainable is not None
        training = ENDPOINT.trainable.training(request)
        assert training is not None
        fit = training.fit()
        return Served(fit.model, fit.info)


def route(customers: int) -> tuple[float, float]:
    """Seconds from body to answer, and correlation of the scores with the true uplift."""
    matrix, treated, outcome, uplift = invented(customers)
    rows = [
        {
            "id": f"C-{row}",
            "treatment": int(treated[row]),
            "outcome": int(outcome[row]),
            "features": {f"x{column}": value for column, value in enumerate(matrix[row].tolist())},
        }
        for row in range(customers)
    ]
    body = orjson.dumps({"rows": rows})
    start = time.perf_counter()
    call = Call(tenant="acme", now=NOW, models=Unstored())
    request = Decoder(ENDPOINT.request).decode(body)
    assert not list(ENDPOINT.check(request, call))
    answer = ENDPOINT.handle(request, call)
    Encoder(ENDPOINT.response).encode(answer)
    seconds = time.perf_counter() - start
    scores = [row["uplift_score"] for row in answer["details"]]
    return seconds, float(np.corrcoef(scores, uplift)[0, 1])


def obvious(customers: int) -> tuple[float, float]:
    """The same of causalml and scikit-learn; the better of both correlations."""
    from causalml.inference.tree import UpliftRandomForestClassifier

    matrix, treated, outcome, uplift = invented(customers)
    fold = np.arange(customers) % 3
    trees, arms = np.empty(customers), np.empty(customers)
    start = time.perf_counter()
    for index in range(3):
        inside, outside = fold != index, fold == index
        grown = UpliftRandomForestClassifier("0", n_estimators=100, random_state=42, n_jobs=-1)
        grown.fit(matrix[inside], treatment=treated[inside].astype(str), y=outcome[inside])
        trees[outside] = grown.predict(matrix[outside])[:, 0]
        rates = []
        for arm in (0, 1):
            rows = inside & (treated == arm)
            fitted = GradientBoostingClassifier(random_state=42).fit(matrix[rows], outcome[rows])
            rates.append(fitted.predict_proba(matrix[outside])[:, 1])
        arms[outside] = rates[1] - rates[0]
    seconds = time.perf_counter() - start
    return seconds, max(float(np.corrcoef(scores, uplift)[0, 1]) for scores in (trees, arms))


def main() -> None:
    """Prints the table."""
    forest.warm()
    qini.warm()
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("| work | seconds | correlation with the true uplift |\n| --- | --- | --- |")
    for customers in (CUSTOMERS // 4, CUSTOMERS // 2, CUSTOMERS):
        seconds, correlation = route(customers)
        print(
            f"| uplift_model, {customers:,} × 10, body to answer | {seconds:.1f} | {correlation:.3f} |",
            flush=True,
        )
    seconds, correlation = obvious(CUSTOMERS)
    print(f"| causalml and scikit-learn, {CUSTOMERS:,} × 10 | {seconds:.1f} | {correlation:.3f} |")


if __name__ == "__main__":
    main()
