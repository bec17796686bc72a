"""The price route on simulated shops whose demand is known: the profit that its price loses."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, NoModels
from plugins.pricing import PLUGIN

FIRST = datetime.date(2026, 5, 1)
NOW = datetime.datetime(2026, 11, 30, tzinfo=datetime.UTC)
SEEDS = 20


class Shop(NamedTuple):
    """A body, and the truth.

    Attributes:
        body: what is sent.
        elasticity: by which demand was made.
        warning: the code that the answer must carry, or None.
    """

    body: dict[str, Any]
    elasticity: float
    warning: str | None = None


def _rows(seed: int, days: int, prices: list[float], elasticity: float, **more: Any) -> list[dict[str, Any]]:
    """Days of Poisson demand of 20 at a price of 10, with a week.

    Args:
        more: ``promo``, the uplift of promoted days, most of which have the lowest price; ``stock``; ``step``
            in days; ``units`` for 20.
    """
    chance = np.random.default_rng(seed)
    rows = []
    for day in range(days):
        promoted = bool(chance.random() < 0.4) if "promo" in more else False
        price = prices[0] if promoted and chance.random() < 0.8 else float(chance.choice(prices))
        date = FIRST + datetime.timedelta(day * more.get("step", 1) - (400 if more.get("step", 1) > 1 else 0))
        mean = more.get("units", 20) * (price / 10) ** elasticity * np.exp(0.15 * np.sin(date.weekday()))
        wanted = int(chance.poisson(mean * np.exp(more.get("promo", 0.0) * promoted + 0.1 * chance.normal())))
        row = {"date": date.isoformat(), "price": price, "units_sold": min(wanted, more.get("stock", 10**9))}
        if "promo" in more:
            row["promo"] = promoted
        if "stock" in more:
            row["inventory_level"] = more["stock"]
        rows.append(row)
    return rows


def _shop(seed: int, elasticity: float, cost: float, warning: str | None = None, **more: Any) -> Shop:
    prices = more.pop("prices", [8.0, 9.0, 10.0, 11.0, 12.0])
    rows = _rows(seed, more.pop("days", 120), prices, elasticity, **more)
    body: dict[str, Any] = {
        **{"product_id": "X", "cost_per_unit": cost, "optimize_for": "profit"},
        **{"candidate_prices": prices, "historical": rows},
    }
    if "promo" in more:
        body["context_current"] = {"promo": False}
    if "stock" in more:
        body["inventory_level_current"] = 20 * more["stock"]
    return Shop(body, elasticity, warning)


SHOPS: dict[str, Callable[[int], Shop]] = {
    "promotion, elasticity −1": lambda s: _shop(s, -1.0, 3.0, prices=[8.0, 9.0, 10.0, 11.0], promo=0.6),
    "promotion, elasticity −2.5": lambda s: _shop(s, -2.5, 6.0, promo=0.5),
    "sold out, elasticity −3": lambda s: _shop(s, -3.0, 5.0, "sold_out", stock=25),
    "sold out, elasticity −2": lambda s: _shop(s, -2.0, 5.0, "sold_out", stock=22),
    "plain, elasticity −2": lambda s: _shop(s, -2.0, 5.0),
    "plain, elasticity −3": lambda s: _shop(s, -3.0, 6.5),
    "weekly rows, elasticity −2": lambda s: _shop(s, -2.0, 5.0, "cadence", days=80, step=7, units=140),
    "60 days, elasticity −2": lambda s: _shop(s, -2.0, 5.0, days=60),
}


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """The route's answer."""
    [endpoint] = PLUGIN.endpoints
    call = Call(tenant="bench", now=NOW, models=NoModels())
    request = Decoder(endpoint.request).decode(orjson.dumps(body))
    assert not list(endpoint.check(request, call))
    handled = {**endpoint.handle(request, call), "warnings": call.warnings}
    read: dict[str, Any] = orjson.loads(Encoder(endpoint.response).encode(handled))
    return read


def lost(shop: Shop, price: float) -> float:
    """Share of the best candidate's profit that a price loses, by the demand that made the history."""
    profit = {
        each: (each - shop.body["cost_per_unit"]) * each**shop.elasticity
        for each in shop.body["candidate_prices"]
    }
    return 1 - profit[price] / max(profit.values())


def section(data: Path | None, quick: bool) -> str:
    """The prices section of the page.

    Args:
        data: not used; the shops are simulated.
        quick: whether to take a part of the seeds.
    """
    PLUGIN.preload()
    lines = [
        "| shop | profit lost | elasticity, mean error | truth within 95 % | seeds |",
        "| --- | --- | --- | --- | --- |",
    ]
    seeds = range(3 if quick else SEEDS)
    for name, make in SHOPS.items():
        losses, errors, inside = [], [], []
        for seed in seeds:
            shop = make(seed)
            told = answer(shop.body)
            assert shop.warning is None or shop.warning in {one["code"] for one in told["warnings"]}
            losses.append(lost(shop, told["best_price"]))
            slope = told["elasticity"]
            errors.append(slope["value"] - shop.elasticity)
            inside.append(slope["lower_95"] <= shop.elasticity <= slope["upper_95"])
        lines.append(
            f"| {name} | {np.mean(losses):.1%} | {np.mean(errors):+.2f} | {np.mean(inside):.0%} "
            f"| {len(seeds)} |"
        )
    text = (
        "Simulated shops: the profit that the chosen price loses against the best candidate,\n"
        "and how the reported elasticity compares with the one that made the history."
    )
    return "\n".join(["## Prices\n", text + "\n", *lines, ""])
