"""What is bought together? For every pair of items or categories, the share of orders with the first that
also hold the second: for "frequently bought together", bundles, shelf plans and e-mail flows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import orjson
from pydantic import BaseModel, Field

from abintel.answer import Answer, Written
from abintel.charts import lazy
from abintel.checks import future_days
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Body, Day, Decodes, Identifier, Integer
from abintel.problem import Fault, bad_body, pointer
from plugins.recommendation import words
from plugins.recommendation.basket_analysis import crosssell
from plugins.recommendation.basket_analysis.baskets import Baskets, baskets, coded
from plugins.recommendation.orders import BasketOrders, empty_orders, folded, strangers

MOST_ROWS = 5_000
"""Rows of a dense matrix, as documented."""
MOST_BYTES = 200_000_000
"""Size of an answer's pairs: what the API reference states for the largest dense matrix."""
_CONFIDENCE = "orders_with_i_and_j / orders_with_i"
_LIFT = f"({_CONFIDENCE}) / share_of_orders_with_j"


class CrossSellRange(Body):
    """A span of days, both ends included."""

    start: Day | None = Field(None, description="First day; no bound if absent.")
    end: Day | None = Field(None, description="Last day, which may be in the future; no bound if absent.")


class CrossSellItem(Body):
    """An item and its category."""

    item_id: Identifier = Field(description="Your key of the item, as in the orders.")
    category: Identifier = Field(
        description="The category that it belongs to; case and outer spaces make no difference. The answer "
        "spells it as the first item does."
    )


class CrossSellRequest(Body):
    """Orders, and what to count in them."""

    level: Literal["item", "category"] = Field("item", description="What rows and columns are.")
    customer_id: Identifier | None = Field(
        None, description="Count only the orders of this customer; null: all orders."
    )
    transactions: BasketOrders = Field(description="The orders; 6 to 36 months of them work best.")
    item_catalog: list[CrossSellItem] | None = Field(
        None, description="Category of every item in the orders; required with `level: category`."
    )
    metric: Literal["confidence", "lift"] = Field(
        "confidence",
        description="What a cell holds. Lift above 1: together more often than by chance.",
    )
    min_support: Annotated[Integer, Field(ge=1)] = Field(
        1, description="Leave out items or categories that are in fewer orders."
    )
    symmetric: bool = Field(False, description="Whether a cell is the mean of both directions.")
    time_range: CrossSellRange | None = Field(
        None, description="Count only the orders of these days; every order then needs its `date`."
    )
    order: Literal["alphabetical", "support"] = Field(
        "alphabetical", description="Order of rows and columns: by name, or most bought first."
    )
    format: Literal["dense", "sparse"] = Field(
        "dense", description="`sparse` answers `pairs` instead of `matrix`; for more than 5,000 rows."
    )
    top_n: Annotated[Integer, Field(ge=1, le=MOST_ROWS)] | None = Field(
        None, description="With `format: sparse`, the most pairs per row, the highest first; all if absent."
    )


class CrossSellMatrix(Answer):
    """A square matrix."""

    items_or_categories: list[str] = Field(description="What rows and columns are.")
    # The rows are written as text. Parsing them again to check the answer would take longer than all other
    # work.
    matrix: Annotated[list[list[float]], Decodes(msgspec.Raw)] = Field(
        description="The metric of row i and column j, with four decimals."
    )
    metric: str = Field(description="Formula of a cell.")
    generated_at: str = Field(description="When it was counted, UTC.")


class CrossSellPair(BaseModel):
    """Two items or categories that were bought together."""

    i: str = Field(description="What was bought.")
    j: str = Field(description="What was bought with it.")
    support: int = Field(description="Orders with both.")
    confidence: float = Field(description="Share of the orders with i that hold j.")
    lift: float = Field(description="Confidence divided by the share of j in all orders.")
    rare: bool | None = Field(
        None, description="True if a single order has both: the figures may be chance. Otherwise absent."
    )


class CrossSellPairs(Answer):
    """The cells that are more than 0, without the diagonal."""

    items_or_categories: list[str] = Field(description="What was counted, in the order of the pairs.")
    pairs: Annotated[list[CrossSellPair], Decodes(msgspec.Raw)] = Field(
        description="By i, then by the metric, highest first."
    )
    metric: str = Field(description="Formula that the pairs are ranked by.")
    generated_at: str = Field(description="When it was counted, UTC.")


def check(request: CrossSellRequest, call: Call) -> Iterator[Fault]:
    yield from future_days([order.date for order in request.transactions], "transactions", "date", call)
    yield from empty_orders(request.transactions)
    if request.top_n is not None and request.format == "dense":
        yield Fault("/top_n", 'Only pairs are limited per row; send it with "format": "sparse".')
    if request.level == "category":
        yield from _catalog_faults(request)
    if request.time_range is not None:
        yield from _range_faults(request)
    if request.customer_id is not None and all(
        order.customer_id != request.customer_id for order in request.transactions
    ):
        message = f"{shown(request.customer_id)} has no order in transactions; send null to count all orders."
        yield Fault("/customer_id", message)


def _catalog_faults(request: CrossSellRequest) -> Iterator[Fault]:
    if not request.item_catalog:
        message = 'With "level": "category" every item needs its category; send item_catalog.'
        yield Fault("/item_catalog", message)
        return
    category: dict[str, str] = {}
    for number, item in enumerate(request.item_catalog):
        if category.setdefault(item.item_id, folded(item.category)) != folded(item.category):
            message = f"{shown(item.item_id)} is there with another category; send each item once."
            yield Fault(pointer("item_catalog", number, "item_id"), message)
    yield from strangers(request.transactions, category.keys())


def _range_faults(request: CrossSellRequest) -> Iterator[Fault]:
    span = request.time_range
    if span is None:
        return
    if span.start is not None and span.end is not None and span.start > span.end:
        message = f"It ends on {span.end}, before it starts on {span.start}; exchange them."
        yield Fault("/time_range", message)
    for number, order in enumerate(request.transactions):
        if order.date is None:
            message = "Required where there is a time_range, and missing."
            yield Fault(pointer("transactions", number, "date"), message)


def handle(request: CrossSellRequest, call: Call) -> dict[str, Any]:
    names, sets = _counted(request)
    sparse = request.format == "sparse"
    if not sparse and len(names) > MOST_ROWS:
        raise bad_body(
            [
                Fault(
                    "/format",
                    f"The matrix would have {len(names):,} rows; a dense one has at most {MOST_ROWS:,}. "
                    'Send "format": "sparse", or a higher min_support.',
                )
            ]
        )
    rare = crosssell.rare_pairs(sets)
    if rare:
        call.warn("rare_pairs", words.rare_pairs(rare, call.lang))
    figure = crosssell.Figure(request.metric == "lift", request.symmetric)
    formula = _LIFT if figure.lift else _CONFIDENCE
    answer = {
        "items_or_categories": names,
        "metric": f"mean of both directions of {formula}" if request.symmetric else formula,
        "generated_at": call.now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }
    if not sparse:
        return {**answer, "matrix": Written(crosssell.rows(sets, figure))}
    labels = [orjson.dumps(name) for name in names]
    try:
        pairs = crosssell.pairs(sets, labels, figure, request.top_n, MOST_BYTES)
    except crosssell.TooLong as error:
        message = (
            f"{error.pairs:,} pairs may take more than {MOST_BYTES // 10**6} MB; "
            "send a lower one, or a higher min_support."
        )
        raise bad_body([Fault("/top_n", message)]) from None
    return {**answer, "pairs": Written(pairs)}


def _counted(request: CrossSellRequest) -> tuple[list[str], Baskets]:
    """The items or categories of the matrix, in its order, and the orders as sets of them.

    Raises:
        Problem: 400 if nothing is left to count.
    """
    orders = coded([order.items for order in _wanted(request)])
    if request.level == "category":
        spelling: dict[str, str] = {}  # of the first item of each category
        category = {}
        for item in request.item_catalog or ():
            category[item.item_id] = key = folded(item.category)
            spelling.setdefault(key, item.category)
        categories = [category[name] for name in orders.names]
        number = {key: index for index, key in enumerate(dict.fromkeys(categories))}
        names = [spelling[key] for key in number]
        thing = np.array([number[key] for key in categories], np.int32)
    else:
        names, thing = orders.names, np.arange(len(orders.names), dtype=np.int32)
    support = baskets(orders.codes, orders.ends, thing, len(names)).support.tolist()
    kept = [index for index in range(len(names)) if support[index] >= request.min_support]
    if not kept:
        most = max(support, default=0)
        raise bad_body([_nothing_left(request, most)])
    kept.sort(key=names.__getitem__)
    if request.order == "support":
        kept.sort(key=lambda index: -support[index])
    ranks = np.full(len(names), -1, np.int32)
    ranks[kept] = np.arange(len(kept), dtype=np.int32)
    return [names[index] for index in kept], baskets(orders.codes, orders.ends, ranks[thing], len(kept))


def _nothing_left(request: CrossSellRequest, most: int) -> Fault:
    if most:
        message = f"Nothing is in {request.min_support:,} orders; the most is {most:,}. Send a lower one."
        return Fault("/min_support", message)
    field = "/time_range" if request.time_range is not None else "/customer_id"
    return Fault(field, "No order with an item is left to count; widen it, or leave it out.")


def _wanted(request: CrossSellRequest) -> list[Any]:
    """The orders that count."""
    wanted: list[Any] = request.transactions
    if request.customer_id is not None:
        wanted = [order for order in wanted if order.customer_id == request.customer_id]
    span = request.time_range
    if span is not None and span.start is not None:
        wanted = [order for order in wanted if order.date >= span.start]
    if span is not None and span.end is not None:
        wanted = [order for order in wanted if order.date <= span.end]
    return wanted


def _order(customer_id: str, *items: str, **members: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "items": list(items), **members}


_ITEMS = [
    _order("C-1", "SKU-A1", "SKU-B9"),
    _order("C-2", "SKU-A1", "SKU-D7", "SKU-E2"),
    _order("C-1", "SKU-B9", "SKU-E2"),
]
_CATALOG = [
    {"item_id": item_id, "category": category}
    for item_id, category in (
        ("SKU-A1", "Shoes"),
        ("SKU-B9", "Shoes"),
        ("SKU-D7", "Accessories"),
        ("SKU-E2", "Wearables"),
    )
]

ENDPOINT = Endpoint(
    name="cross_sell_matrix",
    summary="What is bought together: confidence or lift of every pair of items or categories.",
    request=CrossSellRequest,
    response=CrossSellMatrix | CrossSellPairs,
    handle=handle,
    check=check,
    writes_words=True,
    warnings={"rare_pairs": "Pairs were bought together in a single order: their figures may be chance."},
    chart=lazy("plugins.recommendation.charts", "cross_sell"),
    examples={
        "items": {"level": "item", "customer_id": None, "transactions": _ITEMS, "item_catalog": []},
        "categories": {
            "level": "category",
            "transactions": [
                *_ITEMS[:2],
                _order("C-3", "SKU-D7"),
                _order("C-4", "SKU-A1", "SKU-E2"),
                _ITEMS[2],
                _order("C-5", "SKU-A1", "SKU-B9", "SKU-D7"),
                _order("C-6", "SKU-E2", "SKU-D7"),
            ],
            "item_catalog": _CATALOG,
        },
        "pairs": {
            "transactions": [
                _order("C-1", "SKU-A1", "SKU-B9", date="2025-03-01"),
                _order("C-2", "SKU-A1", "SKU-D7", "SKU-E2", date="2025-03-02"),
                _order("C-1", "SKU-B9", "SKU-E2", date="2025-03-31"),
            ],
            "metric": "lift",
            "format": "sparse",
            "top_n": 1,
            "time_range": {"start": "2025-03-01", "end": "2025-03-31"},
        },
    },
)
