"""The page of models in the API description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from server.targets import MODELS

TAG = "models"


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


class ModelListing(BaseModel):
    """A tenant's trained models, those last changed first."""

    models: list[ModelRow] = Field(description="Champions and challengers.")
    next: str | None = Field(description="Send it as `page` for what follows; null at the end.")


SCHEMAS: tuple[type[BaseModel], ...] = (ModelListing, ModelRow, ModelQuality)


def pages(security: list[dict[str, list[str]]], problems: list[int]) -> dict[str, Any]:
    """The path of models.

    Args:
        security: what it needs.
        problems: status codes that it may answer.
    """
    reference = {"$ref": f"#/components/schemas/{ModelListing.__name__}"}
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
                        "content": {"application/json": {"schema": reference}},
                    },
                    **{str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in problems},
                },
            }
        }
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
