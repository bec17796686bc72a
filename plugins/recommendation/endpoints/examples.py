"""A small catalogue and its users, for examples."""

from __future__ import annotations

from typing import Any

CATALOGUE = [
    {"item_id": "SKU-A1", "metadata": "Running shoes, Nike, men"},
    {"item_id": "SKU-B9", "metadata": "Trail shoes, Adidas, women"},
    {"item_id": "SKU-C3", "metadata": "Soccer ball, size 5"},
    {"item_id": "SKU-D7", "metadata": "Compression socks, unisex"},
    {"item_id": "SKU-E2", "metadata": "Fitness smartwatch"},
]

_SPORTS = ("running", "soccer", "tennis", "yoga", "cycling")
_THINGS = ("shoes", "socks", "shirt", "shorts", "bag", "bottle", "cap", "watch", "towel", "gloves")


def shop() -> list[dict[str, Any]]:
    """Fifty items, ten for each of five sports."""
    return [
        {"item_id": f"{sport[:3].upper()}-{number}", "metadata": f"{sport} {thing}"}
        for sport in _SPORTS
        for number, thing in enumerate(_THINGS)
    ]


def visits(users: int = 75, each: int = 4) -> list[dict[str, Any]]:
    """Users who prefer one sport each, and sometimes look at an item of another one."""
    items = [item["item_id"] for item in shop()]
    rows = []
    for user in range(users):
        for step in range(each):
            sport = user if step < each - 1 else user * 7 + step
            item = items[10 * (sport % 5) + (user // 5 + step * (1 + user % 3)) % 10]
            rows.append({"user_id": f"U-{user:02d}", "item_id": item})
    return rows
