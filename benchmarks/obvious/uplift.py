"""Uplift with causalml's forest and a T-learner of LightGBM."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from causalml.inference.tree import UpliftRandomForestClassifier
from fastapi import APIRouter
from lightgbm import LGBMClassifier
from pydantic import BaseModel, Field
from sklearn.model_selection import StratifiedKFold

router = APIRouter()


class Treated(BaseModel):
    id: str
    treatment: Literal[0, 1]
    outcome: Literal[0, 1]
    features: dict[str, float | str | None]


class Trial(BaseModel):
    rows: list[Treated] = Field(min_length=200, max_length=100_000)


def areas(counts: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Qini and AUUC of customers from the highest score down, each so many times."""
    n_t, n_c = np.cumsum(counts * treated), np.cumsum(counts * ~treated)
    y_t, y_c = np.cumsum(counts * treated * outcome), np.cumsum(counts * ~treated * outcome)
    ratio = np.divide(n_t, n_c, out=np.zeros(len(n_t)), where=n_c > 0)
    gained, n = y_t - y_c * ratio, n_t[-1] + n_c[-1]
    rates = y_t / np.maximum(n_t, 1) - y_c / np.maximum(n_c, 1)
    random = n * gained[-1] / 2
    best = y_t[-1] ** 2 / 2 + y_t[-1] * (n - y_t[-1] - y_c[-1]) + y_c[-1] * (y_t[-1] + gained[-1]) / 2
    qini = ((gained * counts).sum() - random) / (best - random)
    return float(qini), float((rates * (n_t + n_c) / n * counts).sum() / n)


def judged(scores: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> dict[str, dict[str, float]]:
    """Qini and AUUC, each with a bootstrap interval."""
    order = np.argsort(-scores)
    treated, outcome = treated[order].astype(bool), outcome[order]
    chance, n = np.random.default_rng(0), len(order)
    values = areas(np.ones(n), treated, outcome)
    drawn = [areas(np.bincount(chance.integers(0, n, n), minlength=n), treated, outcome) for _ in range(500)]
    lower, upper = np.percentile(drawn, (2.5, 97.5), axis=0)
    return {
        name: {"value": values[place], "lower_95": lower[place], "upper_95": upper[place]}
        for place, name in enumerate(("qini", "auuc"))
    }


@router.post("/uplift_model")
def uplift_model(sent: Trial) -> dict[str, Any]:
    """A forest of causalml and a T-learner, both cross-fitted; contamination and categories are left out."""
    matrix = pd.DataFrame([row.features for row in sent.rows]).to_numpy(float)
    treated = np.array([row.treatment for row in sent.rows])
    outcome = np.array([row.outcome for row in sent.rows])
    scores = {"UpliftRandomForestClassifier": np.empty(len(treated)), "T-Learner": np.empty(len(treated))}
    folds = StratifiedKFold(3, shuffle=True, random_state=42)
    for inside, outside in folds.split(matrix, 2 * treated + outcome):
        forest = UpliftRandomForestClassifier("0", n_estimators=100, random_state=42, n_jobs=-1)
        forest.fit(matrix[inside], treatment=treated[inside].astype(str), y=outcome[inside])
        scores["UpliftRandomForestClassifier"][outside] = forest.predict(matrix[outside])[:, 0]
        rates = []
        for arm in (0, 1):
            rows = inside[treated[inside] == arm]
            booster = LGBMClassifier(n_estimators=150, learning_rate=0.02, num_leaves=8, verbose=-1)
            rates.append(booster.fit(matrix[rows], outcome[rows]).predict_proba(matrix[outside])[:, 1])
        scores["T-Learner"][outside] = rates[1] - rates[0]
    rankings = {name: judged(each, treated, outcome) for name, each in scores.items()}
    best = max(rankings, key=lambda name: rankings[name]["qini"]["value"])
    table = pd.DataFrame({"score": scores[best], "treated": treated, "outcome": outcome})
    table["decile"] = 1 + pd.qcut(table["score"].rank(method="first"), 10, labels=False)
    arms = table.groupby("treated")["outcome"].agg(["mean", "var", "size"])
    effect = arms["mean"][1] - arms["mean"][0]
    reach = 1.96 * np.sqrt((arms["var"] / arms["size"]).sum())
    summary = []
    for decile, group in table.groupby("decile"):
        part = group.groupby("treated")["outcome"].agg(["mean", "var", "size"])
        seen = part["mean"][1] - part["mean"][0]
        error = 1.96 * np.sqrt((part["var"] / part["size"]).sum())
        summary.append(
            {
                "decile": int(decile),
                "mean_uplift": group["score"].mean(),
                "n_customers": len(group),
                "observed_uplift": seen,
                "observed_lower_95": seen - error,
                "observed_upper_95": seen + error,
            }
        )
    top = summary[-1]
    return {
        "average_treatment_effect": effect,
        "average_treatment_effect_interval": {"lower_95": effect - reach, "upper_95": effect + reach},
        "treatment_cr": arms["mean"][1],
        "control_cr": arms["mean"][0],
        **rankings[best],
        "decile_summary": summary,
        "details": [
            {"id": row.id, "uplift_score": round(score, 4), "uplift_decile": decile}
            for row, score, decile in zip(
                sent.rows, table["score"].tolist(), table["decile"].tolist(), strict=True
            )
        ],
        "interpretation": f"Treatment group converted at {arms['mean'][1]:.2%} vs control "
        f"{arms['mean'][0]:.2%} (ATE {effect:+.3f}).  **Decile 10** contains {top['n_customers']} customers "
        f"with mean uplift {top['mean_uplift']:+.3f}.",
        "model_info": {"best_algorithm": best, "evaluation_metrics": rankings},
    }
