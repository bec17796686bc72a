"""Propensity and churn: training and scoring beside the obvious implementation.

That is pandas, get_dummies and five-fold cross-validation of the classifiers as the documents name them.
``OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/propensity.py``, which is how the server runs,
prints the table. 5,000 rows: medians of pairs within one run. 100,000 rows: one training, and the obvious one
on 20,000, as on all rows it takes minutes.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Served
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.classifier.training import training
from plugins.propensity.endpoints.propensity_buy_product import ENDPOINT

PAIRS = 3
OBVIOUS_ROWS = 20_000

Rows = tuple[list[dict[str, Any]], list[int]]


def churners(rows: int) -> Rows:
    """Customers as churn_risk has them: five numbers."""
    chance = np.random.default_rng(20250424)
    tenure, usage = chance.integers(1, 1500, rows), chance.gamma(2.0, 2.0, rows).round(1)
    tickets, nps, failed = (
        chance.poisson(1.5, rows),
        chance.integers(-100, 101, rows),
        chance.poisson(0.6, rows),
    )
    drawn = -1.2 - 0.001 * tenure - 0.25 * usage + 0.5 * tickets - 0.012 * nps + 0.6 * failed
    labels = (chance.random(rows) < 1 / (1 + np.exp(-drawn))).astype(int).tolist()
    names = ("tenure", "usage_frequency", "service_tickets", "nps", "payment_events")
    columns = [column.tolist() for column in (tenure, usage, tickets, nps, failed)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)], labels


def buyers(rows: int) -> Rows:
    """Ten features: eight numbers, two categories, and an interaction."""
    chance = np.random.default_rng(20250425)
    values = chance.normal(size=(rows, 8)).round(4)
    channel, state = chance.integers(0, 5, rows), chance.integers(0, 20, rows)
    drawn = (
        values[:, 0]
        - 0.8 * values[:, 1]
        + 0.7 * (values[:, 3] * values[:, 4] > 0)
        + 0.4 * (channel == 2)
        - 1.5
    )
    labels = (chance.random(rows) < 1 / (1 + np.exp(-drawn))).astype(int).tolist()
    found = [
        {**{f"x{place}": value for place, value in enumerate(row)}, "channel": f"c{one}", "state": f"s{two}"}
        for row, one, two in zip(values.tolist(), channel.tolist(), state.tolist(), strict=True)
    ]
    return found, labels


def ours(data: Rows) -> Scorer:
    """All that a cold request computes, but for MLflow."""
    customers = [SimpleNamespace(features=row, label=label) for row, label in zip(*data, strict=True)]
    asked = training(SimpleNamespace(customers=customers), label="label", question="they buy")
    assert asked is not None
    fit = asked.fit()
    with tempfile.TemporaryDirectory() as folder:
        fit.model.save(Path(folder))
        return Scorer.load(Path(folder))


def obvious(data: Rows) -> Any:
    """The documents' four learners, cross-validated, and the best fitted on all rows."""
    matrix, labels = pd.get_dummies(pd.DataFrame(data[0]), dtype=float), np.array(data[1])
    learners = (
        make_pipeline(
            StandardScaler(),
            LogisticRegression(penalty="elasticnet", solver="saga", l1_ratio=0.5, max_iter=1000),
        ),
        RandomForestClassifier(n_estimators=100, random_state=42),
        XGBClassifier(n_estimators=200, max_depth=6),
        CatBoostClassifier(depth=6, boosting_type="Ordered", verbose=0, allow_writing_files=False),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    areas = [
        cross_val_score(learner, matrix, labels, cv=folds, scoring="roc_auc").mean() for learner in learners
    ]
    return learners[int(np.argmax(areas))].fit(matrix, labels)


class Kept:
    """A registry that always serves one model."""

    def __init__(self, model: Scorer) -> None:
        self._model = model

    def serve(self, request: Any) -> Served:
        """The model; what the answer says of it is left out but for what warnings read."""
        return Served(self._model, {"test_rows": 10_000, "evaluation_metrics": [], "best_algorithm": ""})

    champion: Any = None


def scored(model: Scorer, body: bytes) -> bytes:
    """From the bytes of a request without labels to those of its answer."""
    call = Call(tenant="bench", now=pd.Timestamp("2025-04-24", tz="UTC").to_pydatetime(), models=Kept(model))
    request = Decoder(ENDPOINT.request).decode(body)
    assert not list(ENDPOINT.check(request, call))
    return Encoder(ENDPOINT.response).encode(ENDPOINT.handle(request, call))


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measures, and prints the table."""
    ours((churners(300)[0], churners(300)[1]))  # compiles and imports
    few = churners(5_000)
    pairs = [(seconds(lambda: ours(few)), seconds(lambda: obvious(few))) for _ in range(PAIRS)]
    first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    print("| work | ours | the obvious |\n| --- | --- | --- |")
    print(f"| churn_risk, 5,000 × 5, training | {first:.1f} s | {second:.1f} s |", flush=True)
    many = buyers(100_000)
    began = time.perf_counter()
    model = ours(many)
    whole = time.perf_counter() - began
    part = (many[0][:OBVIOUS_ROWS], many[1][:OBVIOUS_ROWS])
    beside = seconds(lambda: obvious(part))
    print(
        f"| propensity, 100,000 × 10, training | {whole:.1f} s | {beside:.1f} s for {OBVIOUS_ROWS:,} rows |"
    )
    customers = [{"customer_id": f"C-{place}", "features": row} for place, row in enumerate(many[0])]
    body = orjson.dumps({"product_sku": "P", "customers": customers})
    cached = statistics.median(seconds(lambda: scored(model, body)) for _ in range(PAIRS))
    print(f"| propensity, 100,000 × 10, cached, {model.algorithm} | {cached:.2f} s | – |")


if __name__ == "__main__":
    main()
