"""Which items are similar to this one? They share its words or, if there are enough users, were chosen by the
same
users: for product pages, for items out of stock, and for searches without a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.charts import lazy
from abintel.endpoint import Call, Endpoint
from abintel.faults import shown
from abintel.fields import Body, Identifier, Integer, Share
from abintel.problem import Fault
from plugins.recommendation import words
from plugins.recommendation.catalogue import CATALOGUES, Catalogue
from plugins.recommendation.endpoints.examples import CATALOGUE, shop, visits
from plugins.recommendation.endpoints.recommend_user_items import MOST_ITEMS
from plugins.recommendation.feedback import faults, feedback
from plugins.recommendation.recommenders import roster, tfidf
from plugins.recommendation.recommenders.ranking import best
from plugins.recommendation.recommending import HEADER, MOST_FACTORS, explains
from plugins.recommendation.schemas import (
    Algorithm,
    HalfLife,
    Items,
    RecommenderInfo,
    TasteInteraction,
)
from plugins.recommendation.training import content_info, enough, trainable

Floats = NDArray[np.float64]


class RecommendSimilarItemsRequest(Body):
    """An item, the catalogue, and what users chose."""

    item_id: Identifier = Field(description="The reference item; one of `items`.")
    top_k: Annotated[Integer, Field(ge=1, le=100)] = Field(
        10, description="Most similar items; 4 to 8 on a desktop page, 12 to 16 on a phone."
    )
    items: Items = Field(description="The catalogue to choose from.")
    interactions: list[TasteInteraction] | None = Field(
        None,
        description="What users chose. From 75 users and 50 items, items that the same users chose "
        "are similar, too. 1,000 rows or more work best.",
    )
    blend_cf: Share = Field(
        0.5, description="Weight of the users' choices; words have the remaining weight. 0: words only."
    )
    half_life_days: HalfLife | None = Field(
        None, description="Days in which an interaction loses half its weight, counted from the latest."
    )
    algorithm: Algorithm = Field(
        "auto",
        description="`auto`: `ALS` or `ItemKNN`, whichever finds held-out choices best. A name forces one; "
        "`TF-IDF` compares words only. `EASE` takes at most 6,000 items.",
    )


class SimilarItem(BaseModel):
    """A similar item."""

    item_id: str = Field(description="As sent.")
    score: float = Field(
        ge=0,
        le=1,
        description="blend_cf × similarity by choices + (1 − blend_cf) × similarity by words, 4 decimals; "
        "similarity by words only, if nobody chose the reference item.",
    )
    source: Literal["cf", "content", "blend"] = Field(
        description="What contributes to the score: choices, words, or both."
    )
    explanation: str | None = Field(
        None, description="Why, in the language of `lang`; absent if the score is 0."
    )
    top_factors: list[str] | None = Field(
        None, description="With header `X-Explain-Features`: the parts of the score, largest first."
    )


class SimilarItems(Answer):
    """The items most similar to one."""

    recommendations: list[SimilarItem] = Field(description="Most similar first, without the item itself.")
    model_info: RecommenderInfo = Field(description="Which model compared them, and how good it is.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    explains(call)
    if all(item.item_id != request.item_id for item in request.items):
        yield Fault("/item_id", f"{shown(request.item_id)} is not in items; add it there.")
    yield from faults(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    explained = explains(call)
    catalogue = CATALOGUES.of(call.tenant, request.items)
    sent = feedback(request, catalogue)
    choices, position = sent.choices, [item.item_id for item in request.items].index(request.item_id)
    reference = int(catalogue.rank[position])
    by_words = tfidf.cosines_to(catalogue.vectors, reference)
    by_choices = np.zeros_like(by_words)
    info: Mapping[str, Any] = content_info(len(request.items))
    # As documented, an item that nobody chose yet is compared by its words alone.
    chosen = ((choices.items == reference) & (choices.weights > 0)).any()
    learns = request.algorithm != roster.TEXT
    if learns and request.blend_cf > 0 and chosen and enough(choices, rows=0):
        served = call.models.serve(sent)
        info = served.info
        [similarities] = served.model.similarities(np.array([reference]))
        by_choices = request.blend_cf * np.clip(similarities.astype(np.float64), 0.0, 1.0)
        by_words = (1 - request.blend_cf) * by_words
    left_out = np.zeros(len(by_words), np.bool_)
    left_out[reference] = True
    taken = best(by_choices + by_words, choices.users_by_item, left_out, request.top_k)
    rows = [
        _row(request.items[catalogue.order[item]], float(by_choices[item]), float(by_words[item]), call)
        for item in taken.tolist()
    ]
    if explained:
        for row, item in zip(rows, taken.tolist(), strict=True):
            text = request.items[catalogue.order[item]].metadata
            shared = _shared(catalogue, reference, item, text, float(by_words[item]))
            row["top_factors"] = _factors(shared, float(by_choices[item]), call)
    return {"recommendations": rows, "model_info": info}


def _row(item: Any, by_choices: float, by_words: float, call: Call) -> dict[str, Any]:
    """A similar item, from the two parts of its score."""
    source = "content" if by_choices <= 0 else "cf" if by_words <= 0 else "blend"
    score = by_choices + by_words
    row = {"item_id": item.item_id, "score": round(min(score, 1.0), 4), "source": source}
    if score > 0:
        row["explanation"] = words.similar(source, call.lang)
    return row


def _shared(
    catalogue: Catalogue, reference: int, item: int, text: str, by_words: float
) -> list[tuple[str, float]]:
    """The words that two items share, each with its part of the score by words."""
    parts = tfidf.shared(catalogue.vectors, reference, item)
    total = sum(part for _, part in parts)
    scale = by_words / total if total > 0 else 0.0
    return [(tfidf.word_in(catalogue.vectors, word, text), scale * part) for word, part in parts]


def _factors(shared: list[tuple[str, float]], by_choices: float, call: Call) -> list[str]:
    """The parts of a score, largest first."""
    parts = [*shared, *([(words.same_users(call.lang), by_choices)] if by_choices > 0 else [])]
    parts.sort(key=lambda part: -part[1])
    return [words.factor(name, part, call.lang) for name, part in parts[:MOST_FACTORS] if part > 0]


ENDPOINT = Endpoint(
    name="recommend_similar_items",
    summary="The items most similar to one, by their words and by the users who choose them.",
    request=RecommendSimilarItemsRequest,
    response=SimilarItems,
    check=check,
    handle=handle,
    trainable=trainable(alike=True),
    headers=(HEADER,),
    writes_words=True,
    max_rows={"items": MOST_ITEMS},
    chart=lazy("plugins.recommendation.charts", "similar"),
    examples={
        "running shoes, with few users": {
            "item_id": "SKU-A1",
            "top_k": 4,
            "items": CATALOGUE,
            "interactions": [
                {"user_id": "U-42", "item_id": "SKU-A1"},
                {"user_id": "U-42", "item_id": "SKU-B9"},
                {"user_id": "U-17", "item_id": "SKU-A1"},
                {"user_id": "U-17", "item_id": "SKU-D7"},
            ],
            "blend_cf": 0.7,
        },
        "soccer shoes, with enough users": {
            "item_id": "SOC-0",
            "top_k": 6,
            "items": shop(),
            "interactions": visits(),
        },
    },
)
