"""Which dearer item should a customer be offered next? For each item that the customer bought: the dearer
items of its category and of categories bought with it, highest expected revenue first, for carts, e-mails and
calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates, future_days
from abintel.endpoint import Call, Endpoint
from abintel.fields import Amount, Body, Identifier, Integer, Share
from abintel.problem import Fault, bad_body
from plugins.recommendation import words
from plugins.recommendation.basket_analysis import upsell
from plugins.recommendation.basket_analysis.baskets import Baskets, baskets, coded
from plugins.recommendation.basket_analysis.upsell import Catalogue, Suggestions, TooMuch, Window
from plugins.recommendation.orders import BasketOrders, empty_orders, folded, strangers

_TOO_MUCH = {
    True: ("/min_confidence", "Too many items are bought with each category; send a higher one."),
    False: (
        "/customer_id",
        "There are too many dearer items to weigh for all customers at once; send one customer, or a lower "
        "max_price_uplift_pct.",
    ),
}


class UpsellItem(Body):
    """An item that can be suggested."""

    item_id: Identifier = Field(description="Your key of the item, unique in the catalogue.")
    category: Identifier = Field(description="Its category; case and outer spaces make no difference.")
    price: Amount = Field(description="Its price now.")
    margin: Share | None = Field(None, description="Its margin, as a fraction of the price.")


class UpsellRequest(Body):
    """Orders and the catalogue."""

    customer_id: Identifier | None = Field(
        None, description="The customer to suggest items to; null: all customers."
    )
    top_k: Annotated[Integer, Field(ge=1, le=200)] = Field(10, description="Most suggestions per customer.")
    transactions: BasketOrders = Field(description="The orders of all customers.")
    item_catalog: Annotated[list[UpsellItem], Field(min_length=1)] = Field(
        description="All items of the orders, and all items that may be suggested."
    )
    min_price_uplift_pct: Annotated[float, Field(ge=0, le=1000)] = Field(
        0.10, description="How much dearer a suggestion must be, as a fraction."
    )
    max_price_uplift_pct: Annotated[float, Field(ge=0, le=1000)] = Field(
        1.0, description="How much dearer it may be, as a fraction."
    )
    min_confidence: Share = Field(
        0.05, description="Least confidence of a rule from the bought category to the suggested one."
    )


class UpsellSuggestion(BaseModel):
    """An item to offer."""

    item_id: str = Field(description="What to offer.")
    base_item_id: str = Field(description="The bought item that it is compared with.")
    price: float = Field(description="Its price.")
    price_uplift_pct: float = Field(description="How much dearer it is, as a fraction.")
    affinity: float = Field(description="Share of orders with the bought item's category that hold it.")
    confidence: float = Field(
        description="Share of orders with the bought item's category that hold its category; 1 if equal."
    )
    expected_incremental_revenue: float = Field(
        description="Affinity times the difference in price, times the margin if it is given."
    )
    explanation: str = Field(description="Why, as a sentence.")


class UpsellAnswer(Answer):
    """Suggestions for one customer."""

    suggestions: list[UpsellSuggestion] = Field(description="Highest expected revenue first.")
    note: str | None = Field(None, description="Why there is no suggestion.")


class UpsellCustomer(BaseModel):
    """A customer's suggestions."""

    customer_id: str = Field(description="As sent.")
    suggestions: list[UpsellSuggestion] = Field(description="Highest expected revenue first; may be empty.")


class UpsellAllAnswer(Answer):
    """Suggestions for every customer."""

    customers: list[UpsellCustomer] = Field(description="In order of their first order.")


def check(request: UpsellRequest, call: Call) -> Iterator[Fault]:
    yield from future_days([order.date for order in request.transactions], "transactions", "date", call)
    yield from empty_orders(request.transactions)
    if request.max_price_uplift_pct < request.min_price_uplift_pct:
        message = (
            f"It is under min_price_uplift_pct, which is {request.min_price_uplift_pct}; send a higher one."
        )
        yield Fault("/max_price_uplift_pct", message)
    ids = [item.item_id for item in request.item_catalog]
    yield from duplicates(ids, "item_catalog", "item_id", "item")
    yield from strangers(request.transactions, set(ids))


def handle(request: UpsellRequest, call: Call) -> dict[str, Any]:
    items = sorted(request.item_catalog, key=lambda item: item.item_id)
    _warn(items, call)
    customers, sold, bought = _counted(request, [item.item_id for item in items])
    if not customers:
        return {"suggestions": [], "note": words.upsell_note("unknown_customer", call.lang)}
    window = Window(request.min_price_uplift_pct, request.max_price_uplift_pct, request.min_confidence)
    try:
        suggestions = upsell.suggest(sold, bought, _catalogue(items), window, request.top_k)
    except TooMuch as error:
        raise bad_body([Fault(*_TOO_MUCH[error.rules])]) from None
    rows = _written(suggestions, items, call)
    if request.customer_id is None:
        starts = [0, *suggestions.ends.tolist()]
        return {
            "customers": [
                {"customer_id": customer, "suggestions": rows[start:end]}
                for customer, (start, end) in zip(customers, pairwise(starts), strict=True)
            ]
        }
    return (
        {"suggestions": rows}
        if rows
        else {"suggestions": [], "note": words.upsell_note("no_suggestion", call.lang)}
    )


def _counted(request: UpsellRequest, names: list[str]) -> tuple[list[str], Baskets, Baskets]:
    """The customers to suggest to, the items of each order, and the items of each of these customers."""
    number = {name: index for index, name in enumerate(names)}
    lines = coded([order.items for order in request.transactions])
    thing = np.array([number[name] for name in lines.names], np.int32)
    sold = baskets(lines.codes, lines.ends, thing, len(names))
    wanted: dict[str, list[int]] = {}
    for index, order in enumerate(request.transactions):
        if request.customer_id is None or order.customer_id == request.customer_id:
            wanted.setdefault(order.customer_id, []).append(index)
    # The lines of all orders of the first customer, then of the second, and so on.
    starts = np.concatenate([[0], sold.ends[:-1]])
    orders = np.array(list(chain.from_iterable(wanted.values())), np.int64)
    sizes = sold.ends[orders] - starts[orders] if orders.size else orders
    ends = np.cumsum(sizes)
    own = np.repeat(starts[orders] - ends + sizes, sizes) + np.arange(sizes.sum()) if orders.size else orders
    last = np.cumsum([len(indices) for indices in wanted.values()], dtype=np.int64) - 1
    same = np.arange(len(names), dtype=np.int32)
    bought = baskets(sold.things[own], ends[last] if orders.size else orders, same, len(names))
    return list(wanted), sold, bought


def _catalogue(items: list[Any]) -> Catalogue:
    names = [folded(item.category) for item in items]
    category = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return Catalogue(
        np.array([category[name] for name in names], np.int32),
        np.array([item.price for item in items], np.float64),
        np.array([1.0 if item.margin is None else item.margin for item in items], np.float64),
        len(category),
    )


def _warn(items: list[Any], call: Call) -> None:
    without = sum(item.margin is None for item in items)
    if 0 < without < len(items):
        call.warn(
            "partial_margins",
            f"{without} of {len(items)} items have no margin: they rank by revenue, the others by margin.",
        )


def _written(suggestions: Suggestions, items: list[Any], call: Call) -> list[dict[str, Any]]:
    columns = suggestions[1:]
    rows = []
    for item, base, affinity, confidence, expected in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        offered, owned = items[item], items[base]
        same = folded(offered.category) == folded(owned.category)
        rows.append(
            {
                "item_id": offered.item_id,
                "base_item_id": owned.item_id,
                "price": offered.price,
                "price_uplift_pct": offered.price / owned.price - 1,
                "affinity": affinity,
                "confidence": confidence,
                "expected_incremental_revenue": expected,
                "explanation": words.dearer(
                    offered, owned, same, affinity, confidence, call.lang, call.currency
                ),
            }
        )
    return rows


def _item(item_id: str, category: str, price: float, margin: float) -> dict[str, Any]:
    return {"item_id": item_id, "category": category, "price": price, "margin": margin}


_BODY = {
    "top_k": 3,
    "transactions": [
        {"customer_id": "C-1", "items": ["SKU-A1", "SKU-D7"]},
        {"customer_id": "C-2", "items": ["SKU-A2", "SKU-E2"]},
        {"customer_id": "C-3", "items": ["SKU-A1", "SKU-E2"]},
        {"customer_id": "C-4", "items": ["SKU-A2", "SKU-D8"]},
    ],
    "item_catalog": [
        _item("SKU-A1", "Shoes", 80.0, 0.40),
        _item("SKU-A2", "Shoes", 110.0, 0.45),
        _item("SKU-D7", "Accessories", 20.0, 0.60),
        _item("SKU-D8", "Accessories", 35.0, 0.60),
        _item("SKU-E2", "Wearables", 149.0, 0.25),
    ],
}

ENDPOINT = Endpoint(
    name="upsell_suggestions",
    summary="Which dearer item to offer each customer next, and the revenue to expect from it.",
    request=UpsellRequest,
    response=UpsellAnswer | UpsellAllAnswer,
    handle=handle,
    check=check,
    writes_words=True,
    warnings={"partial_margins": "Some items have a margin and some do not: their ranks are not comparable."},
    chart=lazy("plugins.recommendation.charts", "upsell"),
    examples={"one": {"customer_id": "C-1", **_BODY}, "all": {"customer_id": None, **_BODY}},
)
