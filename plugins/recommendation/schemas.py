"""Fields that the bodies and answers of the recommending routes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.fields import Body, Identifier, Integer, Share
from plugins.recommendation.recommenders.roster import algorithms, sources

if TYPE_CHECKING:
    Source = str
    Algorithm = str
else:
    Source = Literal[tuple(sources())]
    Algorithm = Literal[tuple(algorithms())]

TopK = Annotated[Integer, Field(ge=1, le=200)]
Rating = Annotated[float, Field(ge=0, le=5)]
Metadata = Annotated[str, Field(max_length=20_000)]
HalfLife = Annotated[float, Field(ge=0.01, le=100_000)]


class TasteInteraction(Body):
    """A click, a view, a purchase or a rating."""

    user_id: Identifier = Field(description="Your key of the user; hash it if you prefer.")
    item_id: Identifier = Field(description="An item of `items`.")
    rating: Rating | None = Field(
        None,
        description="Explicit rating, 0 to 5. Without it the row counts as one choice. 2.5 or less is not a "
        "preference: the item counts as seen, is no reason, and counts against similar items.",
    )
    timestamp: Annotated[str, Field(max_length=40)] | None = Field(
        None,
        description="ISO 8601, UTC if it names no offset; `half_life_days` weights by it. A row without a "
        "timestamp counts as old as the oldest one.",
    )


class TasteItem(Body):
    """An item of the catalogue."""

    item_id: Identifier = Field(description="Your key of the item, unique in the request.")
    metadata: Metadata | None = Field(
        None, description="Category, brand, tags, description: items with the same words are similar."
    )


Interactions = Annotated[list[TasteInteraction], Field(min_length=3)]
Items = Annotated[list[TasteItem], Field(min_length=1)]


class TasteRequest(Body):
    """The catalogue and the interactions, for routes that recommend items to users."""

    top_k: TopK = Field(10, description="Most items per user; 5 to 25 for an e-mail, 50 to 100 for a page.")
    interactions: Interactions = Field(
        description="What users chose, for all users that you know; rows of the same user and item add up."
    )
    items: Items = Field(description="The whole catalogue to choose from.")
    exclude_seen: bool = Field(True, description="Leave out what the user has interacted with.")
    diversity: Share = Field(
        0.0,
        description="0: the best items. Closer to 1, items unlike those earlier in the list are preferred "
        "(maximal marginal relevance), and the list is in that order.",
    )
    half_life_days: HalfLife | None = Field(
        None,
        description="Days in which an interaction loses half its weight, counted from the latest timestamp "
        "of the request; null: age does not count.",
    )
    algorithm: Algorithm = Field(
        "auto",
        description="`auto`: the algorithm that ranks held-out choices best (the latest ones, if rows have "
        "timestamps). A name forces one; `EASE` takes at most 6,000 items.",
    )


class RecommenderInfo(BaseModel):
    """The model that answered. Keys without a value are absent."""

    algorithm: str = Field(
        description="`ALS`, `ItemKNN` or `EASE`; `Popularity` if none of them ranks better; `TF-IDF cosine` "
        "if there are too few interactions to learn from."
    )
    metric: str = Field(
        description="What `value` is: `precision_at_10` on held-out interactions, or `cosine_sim`, which is "
        "1 between an item and itself."
    )
    value: float | None = Field(description="The figure; null if no interaction could be held out.")
    train_rows: int = Field(description="Interactions learned from; for TF-IDF, items in the catalogue.")
    popularity_value: float | None = Field(
        None, description="The same figure if everyone were recommended the most chosen items."
    )
    catalogue_coverage: float | None = Field(
        None,
        description="Share of the catalogue that the ten best items of the judged users cover.",
    )
    cached: bool | None = Field(None, description="Whether the model existed before this request.")
    model_version: str | None = Field(None, description="Version in the model registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it is no longer served, UTC.")
    registry: str | None = Field(None, description="State of the model registry, if it does not work.")


class RecommendedItem(BaseModel):
    """An item for a user."""

    item_id: str = Field(description="As sent.")
    score: float = Field(
        ge=0,
        le=1,
        description="Predicted preference or cosine similarity, 4 decimals; ordered by the exact figure.",
    )
    source: Source = Field(
        description="The model that ranked it; also `content-fallback` for users with one or two items."
    )
    explanation: str | None = Field(
        None, description="Why, in the language of `lang`; absent if the score is 0."
    )
    top_factors: list[str] | None = Field(
        None, description="With header `X-Explain-Features`: the parts of the score, largest first."
    )


class RecommendedItems(Answer):
    """The best items for a user."""

    recommendations: list[RecommendedItem] = Field(
        description="Best first; empty for a user without interactions, or if no item is left."
    )
    model_info: RecommenderInfo = Field(description="Which model ranked them, and how good it is.")
    note: str | None = Field(None, description="Why there are no recommendations.")
