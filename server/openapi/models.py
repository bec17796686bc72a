"""The page of models in the API description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from abintel.fields import Body
from server.targets import MODELS

TAG = "models"
_NUMBER = "^[1-9][0-9]{0,8}$"


class ModelQuality(BaseModel):
    """The figure by which a version of a model is judged."""

    name: str = Field(description="What is measured, such as `roc_auc` or `silhouette`; higher is better.")
    value: float = Field(description="What was measured when it was trained.")


class ModelRow(BaseModel):
    """A trained model that answers, or that waits for a reviewer."""

    name: str = Field(description="Registered model in MLflow.")
    endpoint: str = Field(description="The route that it answers.")
    scope: dict[str, str] = Field(description="What it is for: a campaign, a product; empty: the tenant.")
    version: str = Field(description="Number of the version.")
    role: Literal["champion", "challenger"] = Field(
        description="`champion` answers requests without labels; `challenger` is the last that did not lead."
    )
    algorithm: str = Field(description="The learner that won.")
    quality: ModelQuality | None = Field(
        description="How good it was when it was trained; null where a newer version replaces the older one, "
        "however good it is."
    )
    rows: int = Field(description="Rows that it was trained on; labelled ones, where it learns from labels.")
    trained_at: str = Field(description="When it was trained, UTC.")
    expires_at: str = Field(description="From when on it is not used any more, UTC.")
    expired: bool = Field(description="Whether it has expired.")
    rejected: bool = Field(description="Whether a reviewer took it out of service.")
    pinned: bool = Field(description="Whether a reviewer keeps this model's champion.")
    url: str | None = Field(description="Its page in MLflow, where the operator says where that is.")


class Promotion(Body):
    """A version that a reviewer makes the champion."""

    version: str = Field(pattern=_NUMBER, description="Number of the version.")
    reason: str = Field(min_length=3, max_length=500, description="Why, for MLflow and the audit trail.")


class Rejection(Body):
    """A version that a reviewer takes out of service, for good."""

    version: str = Field(pattern=_NUMBER, description="Number of the version.")
    reason: str = Field(min_length=3, max_length=500, description="Why, for MLflow and the audit trail.")


class Pin(Body):
    """Whether a reviewer keeps a model's champion."""

    pinned: bool = Field(description="True: new versions do not become champion; false: they may again.")
    reason: str = Field(min_length=3, max_length=500, description="Why, for the audit trail.")


class ReviewedModel(BaseModel):
    """A model after its review."""

    name: str = Field(description="Registered model in MLflow.")
    champion: str | None = Field(description="The version that answers requests without labels.")
    challenger: str | None = Field(description="The version that waits for a reviewer.")
    pinned: bool = Field(description="Whether a reviewer keeps the champion.")
    rejected: list[str] = Field(description="Versions that are out of service.")


REVIEWS: dict[str, type[BaseModel]] = {"promote": Promotion, "reject": Rejection, "pin": Pin}
"""What a reviewer does to a model, as the last part of the path, and the body that it takes."""


class ModelListing(BaseModel):
    """A tenant's trained models, those last changed first."""

    models: list[ModelRow] = Field(description="Champions and challengers.")
    next: str | None = Field(description="Send it as `page` for what follows; null at the end.")


SCHEMAS: tuple[type[BaseModel], ...] = (
    ModelListing,
    ModelRow,
    ModelQuality,
    ReviewedModel,
    *REVIEWS.values(),
)


_SUMMARIES = {
    "promote": "Makes a version the champion; an older one, to roll back.",
    "reject": "Takes a version out of service, for good.",
    "pin": "Keeps the champion, or lets new versions become champion again.",
}


def pages(security: list[dict[str, list[str]]], problems: list[int]) -> dict[str, Any]:
    """The path of models.

    Args:
        security: what it needs.
        problems: status codes that it may answer.
    """
    limit = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    page = {"type": "string", "pattern": "^[A-Za-z0-9+/=_-]{1,200}$"}
    return {
        MODELS: {
            "get": {
                "operationId": "list_models",
                "summary": "The tenant's trained models.",
                "description": "Champions and challengers: how good they are, and until when they are used.",
                "tags": [TAG],
                "security": security,
                "parameters": [
                    _query("limit", "At most so many models, each with its champion and challenger.", limit),
                    _query("page", "`next` of the page before.", page),
                ],
                "responses": {
                    "200": {
                        "description": "The answer.",
                        "content": {"application/json": {"schema": _reference(ModelListing)}},
                    },
                    **{str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in problems},
                },
            }
        },
        **{f"{MODELS}/{{name}}/{action}": _review(action, security, problems) for action in REVIEWS},
    }


def _review(action: str, security: list[dict[str, list[str]]], problems: list[int]) -> dict[str, Any]:
    model = REVIEWS[action]
    name = {"type": "string", "maxLength": 250}
    codes = sorted({*problems, 403, 404, 413, 415})
    return {
        "post": {
            "operationId": f"{action}_model",
            "summary": f"{_SUMMARIES[action]} Needs a credential with the permission `reviewer`.",
            "tags": [TAG],
            "security": security,
            "parameters": [
                {"name": "name", "in": "path", "required": True, "description": "Its name.", "schema": name}
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _reference(model)}},
            },
            "responses": {
                "200": {
                    "description": "The answer.",
                    "content": {"application/json": {"schema": _reference(ReviewedModel)}},
                },
                **{str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in codes},
            },
        }
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
