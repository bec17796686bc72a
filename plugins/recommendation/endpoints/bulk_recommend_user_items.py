"""What should each user be shown next? One list of items per user, as `recommend_user_items` makes it, for
the users that you name or for all users: for a nightly mailing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.checks import duplicates
from abintel.endpoint import Call, Endpoint
from abintel.fields import Identifier
from abintel.problem import Fault
from plugins.recommendation.endpoints.examples import CATALOGUE
from plugins.recommendation.endpoints.recommend_user_items import MOST_ITEMS
from plugins.recommendation.feedback import faults
from plugins.recommendation.recommending import HEADER, WARNINGS, explains, recommend, written
from plugins.recommendation.schemas import RecommendedItem, RecommenderInfo, TasteRequest
from plugins.recommendation.training import trainable

MOST_ANSWERED = 500_000
"""Items in one answer, which then has about 100 MB."""


class BulkRecommendUserItemsRequest(TasteRequest):
    """Users, interactions, and the catalogue."""

    user_ids: Annotated[list[Identifier], Field(min_length=1)] | None = Field(
        None, description="The users to recommend items to, each once; null: all users of `interactions`."
    )


class BulkRecommendation(BaseModel):
    """The best items for one of the users."""

    user_id: str = Field(description="As sent.")
    recommendations: list[RecommendedItem] = Field(
        description="Best first; empty for a user without interactions, or if no item is left."
    )
    note: str | None = Field(None, description="Why this user gets no recommendations.")


class BulkRecommendations(Answer):
    """The best items for each user."""

    results: list[BulkRecommendation] = Field(
        description="One per user, in the order of `user_ids`, or of first appearance in `interactions`."
    )
    model_info: RecommenderInfo = Field(
        description="Which model ranked the items of users with three or more items."
    )


def check(request: Any, call: Call) -> Iterator[Fault]:
    explains(call)
    if request.user_ids is not None:
        yield from duplicates(request.user_ids, "user_ids", thing="user")
    yield from faults(request, call)
    users, most = len(_users(request)), min(request.top_k, len(request.items))
    if users * most > MOST_ANSWERED:
        message = (
            f"{most} items for each of {users:,} users are more than {MOST_ANSWERED:,}; send fewer users, "
            "or a lower top_k."
        )
        yield Fault("/top_k", message)


def _users(request: Any) -> Sequence[str]:
    """The users to recommend to, in the order of the answer."""
    if request.user_ids is not None:
        named: Sequence[str] = request.user_ids
        return named
    return list(dict.fromkeys(row.user_id for row in request.interactions))


def handle(request: Any, call: Call) -> dict[str, Any]:
    users = _users(request)
    recommended = recommend(request, users, call)
    return {
        "results": [
            {"user_id": user, **written(rows, call.lang)}
            for user, rows in zip(users, recommended.rows, strict=True)
        ],
        "model_info": recommended.info,
    }


ENDPOINT = Endpoint(
    name="bulk_recommend_user_items",
    summary="The items that each of many users is most likely to want next.",
    request=BulkRecommendUserItemsRequest,
    response=BulkRecommendations,
    check=check,
    handle=handle,
    trainable=trainable(alike=False),
    headers=(HEADER,),
    writes_words=True,
    warnings=WARNINGS,
    max_rows={"items": MOST_ITEMS},
    chart=lazy("plugins.recommendation.charts", "bulk"),
    examples={
        "three users of a sports shop, one of them new": {
            "user_ids": ["U-42", "U-17", "U-99"],
            "top_k": 3,
            "interactions": [
                {"user_id": "U-42", "item_id": "SKU-A1", "rating": 5},
                {"user_id": "U-17", "item_id": "SKU-C3", "rating": 4},
                {"user_id": "U-17", "item_id": "SKU-B9"},
            ],
            "items": CATALOGUE,
        }
    },
)
