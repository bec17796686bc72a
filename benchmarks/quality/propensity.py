"""Probabilities of a label on four public data sets, beside the defaults of well-known classifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.routes import Route
from plugins.propensity import PLUGIN

Floats = NDArray[np.float64]

SETS = ("telecom_churn", "ecommerce_churn", "marketing_campaign", "attrition")
SPLITS = 3
TEST_SHARE = 0.3
BINS = 10
LEAST = 1e-6
"""Probabilities are cut here for the log loss."""


class Score(NamedTuple):
    """How probabilities did: ROC-AUC, log loss, and expected calibration error over ten quantile bins."""

    auc: float
    loss: float
    calibration: float


def section(data: Path | None, quick: bool) -> str:
    """The propensity section of the page.

    Args:
        data: folder with the four data sets; those that are not there are left out.
        quick: whether to measure one split instead of three.
    """
    lines = [
        "## Propensity\n",
        f"Means of {1 if quick else SPLITS} stratified 70/30 splits. The route gets the rows as",
        "they are in the file. CatBoost and HistGradientBoosting get the categories as such, the others as",
        "indicators; logistic regression gets medians for gaps, and scaled columns.\n",
        "| set | model | ROC-AUC | log loss | calibration error |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in SETS:
        path = None if data is None else data / f"{name}.csv"
        if path is None or not path.exists():
            lines.append(f"| {name} | not run: the file is not there | | | |")
            continue
        lines += _rows(name, pd.read_csv(path), 1 if quick else SPLITS)
    return "\n".join([*lines, ""])


def _rows(name: str, table: pd.DataFrame, splits: int) -> Iterator[str]:
    """The rows of the page for a data set."""
    scores: dict[str, list[Score]] = {}
    for seed in range(splits):
        for model, score in _measured(table, seed).items():
            scores.setdefault(model, []).append(score)
    for model, each in scores.items():
        auc, loss, calibration = np.mean(each, axis=0)
        yield f"| {name} | {model} | {auc:.4f} | {loss:.4f} | {calibration:.4f} |"


def _measured(table: pd.DataFrame, seed: int) -> dict[str, Score]:
    """The scores of all models on a split."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(table, test_size=TEST_SHARE, stratify=table["label"], random_state=seed)
    truth = test["label"].to_numpy(np.int64)
    made = {"**abintel**": _ours(train, test), **_peers(train, test, seed)}
    return {model: _score(truth, predicted) for model, predicted in made.items()}


def _score(truth: NDArray[np.int64], predicted: Floats) -> Score:
    from sklearn.metrics import log_loss, roc_auc_score

    order = np.array_split(np.argsort(predicted, kind="stable"), BINS)
    off = [abs(predicted[rows].mean() - truth[rows].mean()) * len(rows) for rows in order]
    return Score(
        float(roc_auc_score(truth, predicted)),
        float(log_loss(truth, np.clip(predicted, LEAST, 1 - LEAST))),
        float(sum(off) / len(truth)),
    )


def _ours(train: pd.DataFrame, test: pd.DataFrame) -> Floats:
    """The route's probabilities of the test rows."""
    customers = [
        {"customer_id": f"train-{row}", "features": features, "label_buy": label}
        for row, (features, label) in enumerate(zip(_features(train), train["label"].tolist(), strict=True))
    ]
    customers += [
        {"customer_id": f"test-{row}", "features": features} for row, features in enumerate(_features(test))
    ]
    answer = Route(PLUGIN, "propensity_buy_product").answer({"product_sku": "any", "customers": customers})
    found = {row["customer_id"]: row["probability"] for row in answer["predictions"]}
    return np.array([found[f"test-{row}"] for row in range(len(test))])


def _features(table: pd.DataFrame) -> list[Mapping[str, Any]]:
    """Each row without its label and its gaps."""
    return [
        {str(name): value for name, value in row.items() if not pd.isna(value)}
        for row in table.drop(columns="label").to_dict("records")
    ]


def _peers(train: pd.DataFrame, test: pd.DataFrame, seed: int) -> dict[str, Floats]:
    """The probabilities of the test rows by each library's default."""
    from catboost import CatBoostClassifier
    from lightgbm import LGBMClassifier
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    labels = train["label"].to_numpy(np.int64)
    train, test = train.drop(columns="label"), test.drop(columns="label")
    texts = [name for name in train if not pd.api.types.is_numeric_dtype(train[name])]
    numbers = [name for name in train if name not in texts]
    train, test = (part.assign(**part[texts].fillna("").astype(str)) for part in (train, test))

    def indicators(*steps: Any) -> Any:
        return make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=100), texts),
            (make_pipeline(*steps) if steps else "passthrough", numbers),
            verbose_feature_names_out=False,
        )

    codes = make_column_transformer(
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, max_categories=250),
            texts,
        ),
        ("passthrough", numbers),
    )
    models = {
        "CatBoost": CatBoostClassifier(
            random_seed=seed, verbose=False, cat_features=texts, thread_count=2, allow_writing_files=False
        ),
        "HistGradientBoosting": make_pipeline(
            codes,
            HistGradientBoostingClassifier(categorical_features=list(range(len(texts))), random_state=seed),
        ),
        "LightGBM": make_pipeline(indicators(), LGBMClassifier(random_state=seed, verbose=-1, n_jobs=2)),
        "RandomForest": make_pipeline(
            indicators(SimpleImputer(strategy="median")), RandomForestClassifier(random_state=seed, n_jobs=2)
        ),
        "LogisticRegression": make_pipeline(
            indicators(SimpleImputer(strategy="median"), StandardScaler()), LogisticRegression(max_iter=2000)
        ),
    }
    return {
        name: np.asarray(model.fit(train, labels).predict_proba(test))[:, 1] for name, model in models.items()
    }
