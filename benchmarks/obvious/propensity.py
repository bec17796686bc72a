"""Churn and propensity with scikit-learn's pipelines, XGBoost, CatBoost, LightGBM and shap.

The last model of each route, product, campaign or pair of plans is kept in memory, for bodies without labels.
Left out are drift, leakage, columns like identifiers, and models that expire.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
import shap
from catboost import CatBoostClassifier
from fastapi import APIRouter, HTTPException
from lightgbm import LGBMClassifier
from pydantic import BaseModel, Field
from scipy.special import expit, logit
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

router = APIRouter()

FOLDS = StratifiedKFold(5, shuffle=True, random_state=42)
MODELS: dict[tuple[str, ...], dict[str, Any]] = {}


class Snapshot(BaseModel):
    customer_id: str
    snapshot_date: datetime.date
    last_purchase_date: datetime.date | None = None
    subscription_cancelled: bool | None = None
    balance_after_t: float | None = None
    topped_up_within_cycle: bool | None = None


class Snapshots(BaseModel):
    business_type: Literal["ecommerce", "saas", "prepaid"]
    window_days: int = Field(90, ge=1)
    data: list[Snapshot] = Field(min_length=1)


@router.post("/churn_label")
def churn_label(sent: Snapshots) -> list[dict[str, Any]]:
    table = pd.DataFrame([row.model_dump() for row in sent.data])
    if sent.business_type == "ecommerce":
        silence = pd.to_datetime(table["snapshot_date"]) - pd.to_datetime(table["last_purchase_date"])
        table["churned"] = (silence.dt.days >= sent.window_days).astype(int)
    elif sent.business_type == "saas":
        table["churned"] = table["subscription_cancelled"].astype(int)
    else:
        empty = table["balance_after_t"] == 0
        table["churned"] = (empty & ~table["topped_up_within_cycle"].astype(bool)).astype(int)
    return table[["customer_id", "snapshot_date", "churned"]].to_dict("records")


def learners() -> dict[str, Any]:
    """The candidates, with the settings of ours."""
    return {
        "Logistic Regression": LogisticRegression(solver="saga", l1_ratio=0.5, C=0.5, max_iter=1000),
        "Random Forest": RandomForestClassifier(
            max_depth=12, min_samples_leaf=5, max_samples=0.5, random_state=42, n_jobs=-1
        ),
        "XGBoost": XGBClassifier(n_estimators=200, max_depth=6, learning_rate=0.03, subsample=0.8),
        "CatBoost": CatBoostClassifier(iterations=300, depth=6, verbose=0, allow_writing_files=False),
        "LightGBM": LGBMClassifier(n_estimators=200, learning_rate=0.03, verbose=-1, random_state=42),
    }


def pipeline(learner: Any) -> Pipeline:
    """Numbers imputed and scaled, categories one-hot."""
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            OneHotEncoder(handle_unknown="ignore", min_frequency=3, max_categories=50, sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    return make_pipeline(columns, learner)


def scaled(model: Pipeline, slope: float, offset: float, rows: pd.DataFrame) -> np.ndarray:
    """Calibrated probabilities."""
    chances = np.clip(model.predict_proba(rows)[:, 1], 1e-9, 1 - 1e-9)
    return expit(slope * logit(chances) + offset)


def trained(rows: pd.DataFrame, labels: pd.Series) -> dict[str, Any]:
    """The best of the candidates by cross-validation, calibrated, judged on a tenth and fitted on all."""
    train, test, y, y_test = train_test_split(rows, labels, test_size=0.1, stratify=labels, random_state=42)
    found, metrics = {}, []
    for name, learner in learners().items():
        chances = cross_val_predict(pipeline(learner), train, y, cv=FOLDS, method="predict_proba")[:, 1]
        found[name] = chances
        parts = [(y.iloc[held], chances[held]) for _, held in FOLDS.split(train, y)]
        areas = [roc_auc_score(actual, chance) for actual, chance in parts]
        metrics.append(
            {
                "algorithm": name,
                "roc_auc": np.mean(areas),
                "f1": np.mean([f1_score(actual, chance >= 0.5) for actual, chance in parts]),
                "accuracy": np.mean([accuracy_score(actual, chance >= 0.5) for actual, chance in parts]),
                "roc_auc_std": np.std(areas),
            }
        )
    best = max(metrics, key=lambda one: (one["roc_auc"], one["f1"], one["accuracy"]))["algorithm"]
    held_out = found[best]
    odds = logit(np.clip(held_out, 1e-9, 1 - 1e-9)).reshape(-1, 1)
    platt = LogisticRegression(C=1e6).fit(odds, y)
    calibrated = platt.predict_proba(odds)[:, 1]
    better = log_loss(y, calibrated) < log_loss(y, held_out)
    slope, offset = (platt.coef_[0, 0], platt.intercept_[0]) if better else (1.0, 0.0)
    held_out = calibrated if better else held_out
    judged = pipeline(learners()[best]).fit(train, y)
    final = pipeline(learners()[best]).fit(rows, labels)
    bins = pd.DataFrame({"predicted": held_out, "observed": y.to_numpy()})
    table = bins.groupby(pd.qcut(held_out, 10, labels=False, duplicates="drop")).mean()
    weights = getattr(final[-1], "feature_importances_", None)
    weights = np.abs(final[-1].coef_[0]) if weights is None else weights
    names = final[0].get_feature_names_out()
    return {
        "model": final,
        "slope": slope,
        "offset": offset,
        "info": {
            "best_algorithm": best,
            "roc_auc": roc_auc_score(y_test, judged.predict_proba(test)[:, 1]),
            "brier_score": brier_score_loss(y, held_out),
            "log_loss": log_loss(y, held_out),
            "calibrated": bool(better),
            "calibration_table": table.to_dict("records"),
            "feature_importance": [names[place] for place in np.argsort(-weights)],
            "evaluation_metrics": metrics,
            "train_rows": len(train),
            "test_rows": len(test),
        },
    }


def served(key: tuple[str, ...], rows: pd.DataFrame, labels: pd.Series) -> dict[str, Any]:
    """A model of the labelled rows, or the last one of that key."""
    known = labels.notna()
    if labels[known].value_counts().reindex([0, 1], fill_value=0).min() >= 20:
        MODELS[key] = trained(rows[known], labels[known].astype(int))
    if key not in MODELS:
        raise HTTPException(400, "not enough labelled rows to train")
    return MODELS[key]


class Snapshotted(BaseModel):
    customer_id: str
    tenure: int = Field(ge=0)
    usage_frequency: float | None = None
    service_tickets: int | None = None
    nps: int | None = Field(None, ge=-100, le=100)
    payment_events: int | None = None
    churned: Literal[0, 1] | None = None


class Churn(BaseModel):
    data: list[Snapshotted] = Field(min_length=1)


ACTIONS = {
    "High": "High risk → offer retention discount & priority support",
    "Medium": "Medium risk → send value-focused email & usage tips",
    "Low": "Low risk → continue standard engagement cadence",
}


def reasons(kept: dict[str, Any], rows: pd.DataFrame) -> list[list[str]]:
    """The three features that move each score most, by their Shapley values."""
    columns, learner = kept["model"][0], kept["model"][-1]
    matrix = columns.transform(rows)
    if isinstance(learner, LogisticRegression):
        parts = shap.LinearExplainer(learner, matrix).shap_values(matrix)
    else:
        parts = shap.TreeExplainer(learner).shap_values(matrix)
        parts = parts[..., 1] if parts.ndim == 3 else parts
    names = [name.split("__")[-1] for name in columns.get_feature_names_out()]
    order = np.argsort(-np.abs(parts), axis=1)[:, :3]
    values = rows.to_numpy()
    return [
        [
            f"{names[place]} = {values[row, place]:g} {'raises' if part[place] > 0 else 'lowers'} the risk "
            f"({part[place]:+.2f})"
            for place in places
        ]
        for row, (places, part) in enumerate(zip(order, parts, strict=True))
    ]


@router.post("/churn_risk")
def churn_risk(sent: Churn) -> dict[str, Any]:
    table = pd.DataFrame([row.model_dump() for row in sent.data]).set_index("customer_id")
    labels = table.pop("churned")
    table = table.astype(float)
    table["high_ticket"] = (table["service_tickets"] >= 3).astype(float)
    table["detractor"] = (table["nps"] < 0).astype(float)
    table["failed_pay"] = (table["payment_events"] > 0).astype(float)
    kept = served(("churn_risk",), table, labels)
    chances = scaled(kept["model"], kept["slope"], kept["offset"], table)
    bands = np.select([chances >= 0.6, chances >= 0.25], ["High", "Medium"], "Low")
    why = reasons(kept, table) if len(table) <= 5_000 else [[] for _ in chances]
    info = kept["info"]
    best = info["best_algorithm"]
    figures = {one["algorithm"]: one for one in info["evaluation_metrics"]}
    return {
        "best_algorithm": best,
        "evaluation_metrics": figures,
        "interpretation": f"{best} ranks churners with a ROC-AUC of {figures[best]['roc_auc']:.3f}; the main "
        f"driver is {info['feature_importance'][0]}.",
        "results": [
            {
                "customer_id": name,
                "churn_probability": chance,
                "top_factors": said,
                "recommended_action": ACTIONS[band],
            }
            for name, chance, said, band in zip(table.index, chances.tolist(), why, bands, strict=True)
        ],
        "model_info": info,
    }


class Customer(BaseModel):
    customer_id: str
    features: dict[str, float | str | None]
    label_buy: Literal[0, 1] | None = None
    label_respond: Literal[0, 1] | None = None
    label_upgrade: Literal[0, 1] | None = None
    label_downgrade: Literal[0, 1] | None = None
    label_engage: Literal[0, 1] | None = None


class Customers(BaseModel):
    product_sku: str = ""
    campaign_id: str = ""
    current_plan: str = ""
    target_plan: str = ""
    customers: list[Customer] = Field(min_length=1, max_length=100_000)


SENTENCES = {
    "Very High": "Very high propensity – prime candidate for personalised offer.",
    "High": "High propensity – include in product campaign.",
    "Medium": "Medium propensity – show on site and in newsletters, without a discount.",
    "Low": "Low propensity – mention beside other products at most.",
    "Very Low": "Very low propensity – deprioritise in current cycle.",
}


def propensity(route: str, label: str, sent: Customers) -> dict[str, Any]:
    """All five routes; the sentences are those of the first."""
    rows = pd.DataFrame([customer.features for customer in sent.customers])
    labels = pd.Series([getattr(customer, label) for customer in sent.customers], dtype=float)
    key = (route, sent.product_sku, sent.campaign_id, sent.current_plan, sent.target_plan)
    kept = served(key, rows, labels)
    chances = scaled(kept["model"], kept["slope"], kept["offset"], rows)
    tiers = pd.cut(chances, [-1, 0.2, 0.4, 0.7, 0.9, 2], right=False, labels=list(SENTENCES)[::-1]).to_numpy()
    return {
        "predictions": [
            {
                "customer_id": customer.customer_id,
                "probability": chance,
                "propensity_tier": tier,
                "interpretation": SENTENCES[tier],
            }
            for customer, chance, tier in zip(sent.customers, chances.tolist(), tiers, strict=True)
        ],
        "model_info": kept["info"],
    }


@router.post("/propensity_buy_product")
def propensity_buy_product(sent: Customers) -> dict[str, Any]:
    return propensity("buy", "label_buy", sent)


@router.post("/propensity_respond_campaign")
def propensity_respond_campaign(sent: Customers) -> dict[str, Any]:
    return propensity("respond", "label_respond", sent)


@router.post("/propensity_upgrade_plan")
def propensity_upgrade_plan(sent: Customers) -> dict[str, Any]:
    return propensity("upgrade", "label_upgrade", sent)


@router.post("/propensity_downgrade_plan")
def propensity_downgrade_plan(sent: Customers) -> dict[str, Any]:
    return propensity("downgrade", "label_downgrade", sent)


@router.post("/propensity_engage_any")
def propensity_engage_any(sent: Customers) -> dict[str, Any]:
    return propensity("engage", "label_engage", sent)
