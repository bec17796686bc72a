"""What should this user be shown next? The items of your catalogue that the user is most likely to want, each
with a reason to print next to it. They are learned from what all users chose, or, if that is too little, from
the words that describe the items.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.fields import Identifier
from abintel.problem import Fault
from plugins.recommendation.endpoints.examples import CATALOGUE
from plugins.recommendation.feedback import faults
from plugins.recommendation.recommending import HEADER, WARNINGS, explains, recommend, written
from plugins.recommendation.schemas import RecommendedItems, TasteRequest
from plugins.recommendation.training import trainable

MOST_ITEMS = 1_000_000
"""The documented limit."""


class RecommendUserItemsRequest(TasteRequest):
    """A user, interactions, and the catalogue."""

    user_id: Identifier = Field(description="The user to recommend items to.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    explains(call)
    return faults(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    recommended = recommend(request, [request.user_id], call)
    [rows] = recommended.rows
    return {**written(rows, call.lang), "model_info": recommended.info}


ENDPOINT = Endpoint(
    name="recommend_user_items",
    summary="The items that a user is most likely to want next, each with the reason.",
    request=RecommendUserItemsRequest,
    response=RecommendedItems,
    check=check,
    handle=handle,
    trainable=trainable(alike=False),
    headers=(HEADER,),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"items": MOST_ITEMS},
    chart=lazy("plugins.recommendation.charts", "recommended"),
    examples={
        "a runner, items seen before included": {
            "user_id": "U-42",
            "top_k": 5,
            "exclude_seen": False,
            "interactions": [
                {"user_id": "U-42", "item_id": "SKU-A1", "rating": 5},
                {"user_id": "U-42", "item_id": "SKU-B9"},
                {"user_id": "U-17", "item_id": "SKU-C3", "rating": 4},
            ],
            "items": CATALOGUE,
        },
        "a user who is not known yet": {
            "user_id": "U-99",
            "diversity": 0.3,
            "half_life_days": 90,
            "interactions": [
                {"user_id": "U-42", "item_id": "SKU-A1", "timestamp": "2025-04-01T12:00:00Z"},
                {"user_id": "U-42", "item_id": "SKU-B9", "timestamp": "2025-04-20"},
                {"user_id": "U-17", "item_id": "SKU-C3", "rating": 4},
            ],
            "items": CATALOGUE,
        },
    },
)
