"""Churn, propensity and uplift: customers whose outcome follows from their features, and from chance."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.work import Work

SNAPSHOT = datetime.date(2025, 4, 1)
DAYS = [(SNAPSHOT - datetime.timedelta(days=day)).isoformat() for day in range(540)]

Columns = Mapping[str, NDArray[Any]]
Drawn = tuple[Columns, NDArray[np.float64]]
"""Features by name, and how much they draw each customer to the outcome, in log-odds."""


def silent(rows: int, seed: int) -> dict[str, Any]:
    """Snapshots of customers, with the day of the last order."""
    days = np.random.default_rng(seed).integers(0, len(DAYS), rows).tolist()
    return {
        "business_type": "ecommerce",
        "data": [
            {"customer_id": f"C-{number}", "snapshot_date": DAYS[0], "last_purchase_date": DAYS[day]}
            for number, day in enumerate(days)
        ],
    }


def records(columns: Columns) -> list[dict[str, Any]]:
    """Columns as rows."""
    lists = [column.tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


def outcomes(log_odds: NDArray[np.float64], chance: np.random.Generator) -> list[int]:
    """Who of these customers has the outcome, drawn."""
    drawn = chance.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))
    return drawn.astype(int).tolist()


def churners(rows: int, seed: int, labelled: bool = True) -> dict[str, Any]:
    """Customers as churn_risk has them: five numbers, and whether they left."""
    chance = np.random.default_rng(seed)
    tenure, usage = chance.integers(1, 1500, rows), chance.gamma(2.0, 2.0, rows).round(1)
    tickets, nps = chance.poisson(1.5, rows), chance.integers(-100, 101, rows)
    failed = chance.poisson(0.6, rows)
    log_odds = -1.2 - 0.001 * tenure - 0.25 * usage + 0.5 * tickets - 0.012 * nps + 0.6 * failed
    names = ("tenure", "usage_frequency", "service_tickets", "nps", "payment_events")
    data = records(dict(zip(names, (tenure, usage, tickets, nps, failed), strict=True)))
    for number, (row, left) in enumerate(zip(data, outcomes(log_odds, chance), strict=True)):
        row["customer_id"] = f"C-{number}"
        if labelled:
            row["churned"] = left
    return {"data": data}


def buyers(rows: int, chance: np.random.Generator) -> Drawn:
    """Ten features: eight numbers, two categories, and an interaction."""
    values = chance.normal(size=(rows, 8)).round(4)
    channel, state = chance.integers(0, 5, rows), chance.integers(0, 20, rows)
    log_odds = (
        values[:, 0] - 0.8 * values[:, 1] + 0.7 * (values[:, 3] * values[:, 4] > 0) + 0.4 * (channel == 2)
    )
    columns = {f"x{place}": column for place, column in enumerate(values.T)}
    return columns | {"channel": _texts("c", channel), "state": _texts("s", state)}, log_odds - 1.5


def responders(rows: int, chance: np.random.Generator) -> Drawn:
    """Clickers and recent buyers respond more."""
    clicks, opted = chance.beta(1.5, 6, rows).round(3), chance.integers(0, 2, rows)
    bought = chance.poisson(1.2, rows)
    columns = {"email_click_rate": clicks, "sms_opt_in": opted, "purchases_last_90d": bought}
    channel = np.array(["email", "app", "store"])[chance.integers(0, 3, rows)]
    return columns | {"channel": channel}, 4 * clicks + 0.4 * opted + 0.5 * bought - 2.5


def upgraders(rows: int, chance: np.random.Generator) -> Drawn:
    """Who runs out of storage and has waited for long upgrades more."""
    months, usage = chance.integers(0, 24, rows), chance.integers(10, 100, rows)
    columns = {
        "months_on_current_plan": months,
        "storage_usage_pct": usage,
        "support_tickets_last_30d": chance.poisson(0.8, rows),
        "region": np.array(["north", "south", "west"])[chance.integers(0, 3, rows)],
    }
    return columns, 0.04 * usage + 0.06 * months - 4.0


def downgraders(rows: int, chance: np.random.Generator) -> Drawn:
    """Who hardly uses the plan and fails to pay downgrades more."""
    usage, failed = chance.integers(0, 90, rows), chance.poisson(0.7, rows)
    columns = {
        "months_on_current_plan": chance.integers(0, 24, rows),
        "storage_usage_pct": usage,
        "failed_payments_last_90d": failed,
        "billing": np.array(["monthly", "yearly"])[chance.integers(0, 2, rows)],
    }
    return columns, 0.7 * failed - 0.04 * usage - 0.3


def engagers(rows: int, chance: np.random.Generator) -> Drawn:
    """Who opens mail and bought lately engages more."""
    opened, days = chance.beta(2, 4, rows).round(3), chance.integers(0, 120, rows)
    columns = {
        "email_open_rate": opened,
        "days_since_last_order": days,
        "campaigns_last_90d": chance.poisson(2, rows),
        "preferred_channel": np.array(["email", "app", "store"])[chance.integers(0, 3, rows)],
    }
    return columns, 4 * opened - 0.015 * days - 1.2


def _texts(letter: str, numbers: NDArray[np.int64]) -> NDArray[Any]:
    return np.char.add(letter, numbers.astype(str))


def customers(
    rows: int,
    seed: int,
    describe: Callable[[int, np.random.Generator], Drawn],
    label: str | None,
    **scope: str,
) -> dict[str, Any]:
    """Customers of a propensity route.

    Args:
        rows: how many.
        seed: of the draws.
        describe: their features.
        label: name of the outcome's field; None to score with the stored model.
        scope: what the model is for.
    """
    chance = np.random.default_rng(seed)
    columns, log_odds = describe(rows, chance)
    sent: list[dict[str, Any]] = [
        {"customer_id": f"C-{number}", "features": features}
        for number, features in enumerate(records(columns))
    ]
    if label is not None:
        for row, drawn in zip(sent, outcomes(log_odds, chance), strict=True):
            row[label] = drawn
    return {**scope, "customers": sent}


def trial(rows: int, seed: int) -> dict[str, Any]:
    """A trial of ten features: half of the customers gain 0.15 over a rate of 0.2."""
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(rows, 10)).round(4)
    treated = chance.integers(0, 2, rows)
    uplift = 0.15 * (matrix[:, 0] + matrix[:, 1] > 0)
    outcome = (chance.random(rows) < 0.2 + uplift * treated).astype(int)
    features = records({f"x{place}": column for place, column in enumerate(matrix.T)})
    columns = zip(treated.tolist(), outcome.tolist(), features, strict=True)
    return {
        "rows": [
            {"id": f"C-{number}", "treatment": arm, "outcome": gained, "features": row}
            for number, (arm, gained, row) in enumerate(columns)
        ]
    }


OBVIOUS_ROWS = 50_000
"""On more the obvious trainings take minutes: every fold of every learner is fitted."""
TRAINING = "CatBoost and the first fold of the random forest"
SCORING = "reading a million features out of objects"


def propensity(
    route: str,
    describe: Callable[[int, np.random.Generator], Drawn],
    label: str,
    name: str,
    scope: Mapping[str, str],
    targets: Sequence[Mapping[int, float]] = ({}, {}),
) -> tuple[Work, Work]:
    """The works of a propensity route: training, and scoring with the model that this stored."""
    body = partial(customers, describe=describe, **scope)
    settings: dict[str, Any] = {
        "route": route,
        "unit": "customers",
        "maximum": 100_000,
        "alike": ("predictions.*.probability", 0.95),
    }
    return (
        Work(
            **settings,
            name=name,
            body=partial(body, label=label),
            targets=targets[0],
            bound=TRAINING,
            same={"predictions.*.customer_id": 0.0, "model_info.roc_auc": 0.06},
            obvious_up_to=OBVIOUS_ROWS,
        ),
        Work(
            **settings,
            name=f"{name}, without outcomes",
            body=partial(body, label=None),
            targets=targets[1],
            bound=SCORING,
            again=True,
        ),
    )


_CHURN: dict[str, Any] = {
    "route": "churn_risk",
    "unit": "customers",
    "maximum": 170_000,
    "documented": "about 250 ms at 5,000",
    "alike": ("results.*.churn_probability", 0.95),
}

WORKS = (
    Work(
        route="churn_label",
        name="e-commerce",
        unit="snapshots",
        body=silent,
        maximum=220_000,
        documented="250,000 rows",
        bound="reading the body and writing the answer",
        same={"*.customer_id": 0.0, "*.churned": 0.0},
    ),
    Work(
        **_CHURN,
        name="five numbers",
        body=churners,
        targets={5_000: 6.0},
        bound=TRAINING,
        same={"results.*.customer_id": 0.0},
        obvious_up_to=OBVIOUS_ROWS,
    ),
    Work(
        **_CHURN,
        name="five numbers, without outcomes",
        body=partial(churners, labelled=False),
        targets={5_000: 1.0},
        bound="reading the body; up to 5,000, the reasons of each",
        again=True,
    ),
    *propensity(
        "propensity_buy_product",
        buyers,
        "label_buy",
        "ten features",
        {"product_sku": "SKU-1"},
        ({100_000: 70.0}, {100_000: 1.5}),
    ),
    *propensity(
        "propensity_respond_campaign", responders, "label_respond", "four features", {"campaign_id": "SPRING"}
    ),
    *propensity(
        "propensity_upgrade_plan",
        upgraders,
        "label_upgrade",
        "four features",
        {"current_plan": "Gold", "target_plan": "Platinum"},
    ),
    *propensity(
        "propensity_downgrade_plan",
        downgraders,
        "label_downgrade",
        "four features",
        {"current_plan": "Platinum", "target_plan": "Gold"},
    ),
    *propensity("propensity_engage_any", engagers, "label_engage", "four features", {}),
    Work(
        route="uplift_model",
        name="ten features",
        unit="customers",
        body=trial,
        maximum=100_000,
        targets={50_000: 30.0},
        documented="< 40 s at 50,000",
        bound="growing the forests of three folds",
        same={
            "average_treatment_effect": 1e-3,
            "treatment_cr": 1e-3,
            "control_cr": 1e-3,
            "details.*.id": 0.0,
        },
        alike=("details.*.uplift_score", 0.6),
        obvious_up_to=OBVIOUS_ROWS,
    ),
)
