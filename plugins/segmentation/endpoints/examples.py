"""Invented customers that the examples of several routes share."""

from __future__ import annotations

from typing import Any

_CUSTOMERS: tuple[tuple[int, float, str], ...] = (
    (28, 4120.75, "laptop mouse keyboard monitor"),
    (5, 190.40, "tea coffee"),
    (12, 845.10, "jeans t-shirt sneakers"),
    (2, 75.00, "notebook"),
    (24, 2780.90, "smart-tv soundbar hdmi-cable"),
    (10, 660.00, "yogurt milk cheese"),
    (3, 120.00, "tea notebook"),
    (25, 3015.90, "tablet stylus smart-tv"),
    (6, 210.10, "pasta cheese"),
    (20, 1884.00, "fitness-watch"),
    (30, 4522.60, "gaming-pc mouse headset"),
    (11, 720.00, "jeans skincare"),
)

CUSTOMERS: list[dict[str, Any]] = [
    {"id": f"C{number:03}", "frequency": frequency, "amount_spent": spend, "product_types": bought.split()}
    for number, (frequency, spend, bought) in enumerate(_CUSTOMERS, start=1)
]
"""Twelve customers: two kinds of heavy buyers of electronics, and occasional shoppers."""

LABELS: dict[str, int] = {
    customer["id"]: 2 if spend > 4000 else 1 if spend > 1500 else 0
    for customer, (_, spend, _) in zip(CUSTOMERS, _CUSTOMERS, strict=True)
}
"""Their clusters: occasional, electronics, the two who spend most."""

VECTORS: list[dict[str, Any]] = [
    {
        "customer_id": f"C-{1000 + number}",
        "features": {
            "purchase_total": total,
            "visit_frequency": visits,
            "avg_ticket": round(total / visits, 2),
            "product_diversity": diversity,
            "loyalty_score": loyalty,
            "recency_days": recency,
        },
    }
    for number, (total, visits, diversity, loyalty, recency) in enumerate(
        (
            (17850.55, 62, 36, 0.97, 3),
            (2340.00, 18, 10, 0.72, 15),
            (15120.00, 51, 30, 0.90, 6),
            (880.40, 6, 5, 0.21, 240),
            (1210.90, 7, 6, 0.30, 188),
            (640.00, 4, 4, 0.12, 301),
            (13990.10, 48, 27, 0.88, 9),
            (2105.35, 15, 9, 0.66, 22),
            (990.00, 5, 4, 0.18, 265),
            (16444.70, 58, 33, 0.93, 5),
        ),
        start=1,
    )
]
"""Ten customers in the features of `customer_features`: loyal, regular and lapsed."""

LINKAGE: list[list[float]] = [
    [1, 8, 19.73, 2],
    [3, 6, 45.02, 2],
    [5, 11, 60.02, 2],
    [12, 13, 145.37, 4],
    [2, 14, 179.10, 3],
    [4, 7, 235.00, 2],
    [0, 10, 401.86, 2],
    [15, 16, 1097.78, 7],
    [9, 17, 1171.34, 3],
    [18, 20, 2728.78, 5],
    [19, 21, 6912.26, 12],
]
"""Ward's tree over the twelve customers, distances to 2 decimals."""
