"""Bodies of propensity_respond_campaign, of any size, with a signal."""

from __future__ import annotations

import random
from typing import Any

ROUTE = "/api/v1/ai/propensity_respond_campaign"


def campaign(
    name: str, rows: int = 80, labelled: int = 60, seed: int = 0, features: int = 3
) -> dict[str, Any]:
    """A campaign's customers; the first ``labelled`` carry labels."""
    chance = random.Random(seed)
    customers: list[dict[str, Any]] = []
    for index in range(rows):
        values = {f"x{number}": round(chance.gauss(0, 1), 4) for number in range(features)}
        customer: dict[str, Any] = {"customer_id": f"C-{index}", "features": values}
        if index < labelled:
            customer["label_respond"] = int(values["x0"] + 0.7 * chance.gauss(0, 1) > 0)
        customers.append(customer)
    return {"campaign_id": name, "customers": customers}


def unlabelled(body: dict[str, Any]) -> dict[str, Any]:
    """The same customers without their labels."""
    customers = [
        {key: value for key, value in customer.items() if key != "label_respond"}
        for customer in body["customers"]
    ]
    return {**body, "customers": customers}
