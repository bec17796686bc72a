"""What else might please who looks at this item? Its look-alikes in the catalogue, by the words that describe
the items and, where enough users are known, by whom they are chosen: for product pages, for items out of
stock, for searches without a result.
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
from plugins.recommendation.catalogue import CATALOGUES, Catalogue, faults, feedback
from plugins.recommendation.endpoints.examples import CATALOGUE, shop, visits
from plugins.recommendation.endpoints.recommend_user_items import MOST_ITEMS
from plugins.recommendation.recommending import HEADER, MOST_FACTORS, explains
from plugins.recommendation.schemas import (
    HalfLife,
    Items,
    RecommenderInfo,
    TasteInteraction,
)
from plugins.recommendation.taste import tfidf
from plugins.recommendation.taste.ranking import best
from plugins.recommendation.training import FOR_ITEMS, content_info, enough, trainable

Floats = NDArray[np.float64]


class RecommendSimilarItemsRequest(Body):
    """An item, the catalogue, and what users chose."""

    item_id: Identifier = Field(description="The item to find look-alikes of; one of `items`.")
    top_k: Annotated[Integer, Field(ge=1, le=100)] = Field(
        10, description="Most look-alikes; 4 to 8 on a desktop page, 12 to 16 on a phone."
    )
    items: Items = Field(description="The catalogue to choose from.")
    interactions: list[TasteInteraction] | None = Field(
        None,
        description="What users chose; from 75 users and 50 items on, items that the same users chose are "
        "alike, too. 1,000 rows or more serve best.",
    )
    blend_cf: Share = Field(
        0.5, description="Weight of the users' choices; the rest is that of the words. 0: words alone."
    )
    half_life_days: HalfLife | None = Field(
        None, description="Days in which an interaction loses half its weight, counted from the latest."
    )


class SimilarItem(BaseModel):
    """A look-alike."""

    item_id: str = Field(description="As sent.")
    score: float = Field(
        ge=0,
        le=1,
        description="blend_cf × similarity by choices + (1 − blend_cf) × similarity by words, 4 decimals; "
        "the similarity by words alone where choices say nothing of the reference item.",
    )
    source: Literal["cf", "content", "blend"] = Field(
        description="What the score is made of: choices, words, or both."
    )
    explanation: str | None = Field(
        None, description="Why, in the language of `lang`; absent where the score is 0."
    )
    top_factors: list[str] | None = Field(
        None, description="With header `X-Explain-Features`: what the score is made of, greatest part first."
    )


class SimilarItems(Answer):
    """The look-alikes of an item."""

    recommendations: list[SimilarItem] = Field(description="Most similar first, without the item itself.")
    model_info: RecommenderInfo = Field(description="Which model compared them, and how well it does.")


def check(request: Any, call: Call) -> Iterator[Fault]:
    explains(call)
    if all(item.item_id != request.item_id for item in request.items):
        yield Fault("/item_id", f"{shown(request.item_id)} is not in items; add it there.")
    yield from faults(request, call)


def handle(request: Any, call: Call) -> dict[str, Any]:
    explained = explains(call)
    catalogue = CATALOGUES.of(call.tenant, request.items)
    found = feedback(request, catalogue)
    choices, position = found.choices, [item.item_id for item in request.items].index(request.item_id)
    reference = int(catalogue.rank[position])
    content, by_choice = tfidf.cosines_to(catalogue.vectors, reference), None
    info: Mapping[str, Any] = content_info(len(request.items))
    # An item that nobody chose is compared by its words alone, as documented for brand-new ones.
    chosen = (choices.items == reference) & (choices.weights > 0)
    if request.blend_cf > 0 and chosen.any() and enough(choices, rows=0):
        model = call.models.serve(found)
        info, by_choice = model.info, model.model.similar(reference)
    left_out = np.zeros(len(content), np.bool_)
    left_out[reference] = True
    weight = 0.0 if by_choice is None else request.blend_cf
    parts = weight * (content * 0 if by_choice is None else by_choice), (1 - weight) * content
    taken = best(parts[0] + parts[1], choices.users_by_item, left_out, request.top_k)
    rows = [
        _row(
            request, catalogue, reference, item, float(parts[0][item]), float(parts[1][item]), call, explained
        )
        for item in taken.tolist()
    ]
    return {"recommendations": rows, "model_info": info}


def _row(
    request: Any,
    catalogue: Catalogue,
    reference: int,
    item: int,
    by_choice: float,
    by_words: float,
    call: Call,
    explained: bool,
) -> dict[str, Any]:
    """A look-alike, from the two parts of its score."""
    sent = request.items[catalogue.order[item]]
    source = "content" if by_choice <= 0 else "cf" if by_words <= 0 else "blend"
    score = by_choice + by_words
    row = {"item_id": sent.item_id, "score": round(min(score, 1.0), 4), "source": source}
    if score > 0:
        row["explanation"] = words.similar(source, call.lang)
    if explained:
        shared = tfidf.shared(catalogue.vectors, reference, item)
        scale = by_words / total if (total := sum(part for _, part in shared)) > 0 else 0.0
        named = [
            (tfidf.word_in(catalogue.vectors, word, sent.metadata), scale * part) for word, part in shared
        ]
        if by_choice > 0:
            named.append((words.taste(call.lang), by_choice))
        named.sort(key=lambda pair: -pair[1])
        row["top_factors"] = [words.factor(*pair) for pair in named[:MOST_FACTORS] if pair[1] > 0]
    return row


ENDPOINT = Endpoint(
    name="recommend_similar_items",
    summary="The items that resemble one, by their words and by who chooses them.",
    request=RecommendSimilarItemsRequest,
    response=SimilarItems,
    check=check,
    handle=handle,
    trainable=trainable(FOR_ITEMS),
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
