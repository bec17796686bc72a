"""Jobs in the API description: each route's ``_async``, and the pages of jobs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from abintel.endpoint import Endpoint, Parameter
from abintel.media_types import JSON
from abintel.problem import ProblemDocument
from jobs.job import PREFIX, Status
from jobs.rows.forms import RowShape, accepted, given, row_shape
from server.targets import ASYNC

TAG = "jobs"
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "Of the caller's choice: the same key and body, sent again, are the same job.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
)
PREFER = Parameter(
    "Prefer",
    "`wait=N`: answer with the result if it is there within N seconds, at most 60.",
    {"type": "string"},
)
CALLBACK_URL = Parameter(
    "callback_url",
    "Told with a signed POST when the job has ended, where the operator allows its host.",
    {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": 2000},
)
_JOB_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_STATUS = Literal["queued", "running", "succeeded", "failed", "cancelled"]
_STAMP = "UTC, with milliseconds."
_ROWS = {"description": "A row for each item of the body's, or the answer's, array."}


class JobAccepted(BaseModel):
    """A job that was submitted."""

    job_id: str = Field(description="Names the job.")
    status: _STATUS = Field(description="Where it is; `queued`, unless its key had made it before.")
    submitted_at: str = Field(description=f"When it was submitted, {_STAMP}")


class JobPage(BaseModel):
    """A job as it is now."""

    job_id: str = Field(description="Names the job.")
    endpoint: str = Field(description="The route that it runs.")
    status: _STATUS = Field(description="Where it is; the last three are final.")
    progress: float = Field(description="How much is done, 0 to 1; moves with the work.", ge=0, le=1)
    submitted_at: str = Field(description=f"When it was submitted, {_STAMP}")
    started_at: str | None = Field(description=f"When it was first begun, {_STAMP}")
    ended_at: str | None = Field(description=f"When it ended, {_STAMP}")
    problem: ProblemDocument | None = Field(None, description="Why it failed, if it did.")
    result: str | None = Field(None, description="Path of the result, if there is one.")


class JobListing(BaseModel):
    """A tenant's jobs, the newest first."""

    jobs: list[JobPage] = Field(description="So many as were asked for.")


MODELS: tuple[type[BaseModel], ...] = (JobAccepted, JobPage, JobListing)


def async_operation(operation: dict[str, Any], endpoint: Endpoint, calls_back: bool) -> dict[str, Any]:
    """What a route's ``_async`` does, or the route if it runs as a job, from what it would do at once.

    Args:
        operation: of the route.
        endpoint: the route.
        calls_back: whether the operator allows callbacks.
    """
    answer = operation["responses"]["200"]
    body = operation["requestBody"]["content"]["application/json"]
    # The examples of an `_async` are its route's.
    shown = body if endpoint.runs_as_job else {"schema": body["schema"]}
    parameters = [_parameter(parameter, "header") for parameter in (IDEMPOTENCY_KEY, PREFER)]
    if calls_back:
        parameters.append(_parameter(CALLBACK_URL, "query"))
    shape = row_shape(endpoint)
    if shape is not None:
        known = {parameter["name"] for parameter in operation["parameters"]}
        parameters += [_parameter(one, "query") for one in _members(shape) if one.name not in known]
    rows = {form: {"schema": _ROWS} for form in accepted(endpoint) if form != JSON}
    queued = {
        "description": "The job is queued.",
        "headers": {
            "Location": {"description": "The job's page.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
        },
        "content": {"application/json": {"schema": _reference(JobAccepted)}},
        "links": {
            name: {"operationId": name, "parameters": {"job": "$response.body#/job_id"}}
            for name in ("show_job", "job_result", "cancel_job")
        },
    }
    return {
        **operation,
        **_told(operation, endpoint),
        "parameters": [*operation["parameters"], *parameters],
        "requestBody": {"required": True, "content": {JSON: shown, **rows}},
        "responses": {
            "200": {
                **answer,
                "description": "The result, for whom `Prefer` made wait for it.",
                "content": {
                    **answer["content"],
                    **{form: {"schema": _ROWS} for form in given(endpoint) if form != JSON},
                },
            },
            "202": queued,
            "406": {"$ref": "#/components/responses/Problem406"},
            "408": {"$ref": "#/components/responses/Problem408"},
            "409": {"$ref": "#/components/responses/Problem409"},
            **{code: answer for code, answer in operation["responses"].items() if code != "200"},
        },
    }


def _told(operation: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.runs_as_job:
        return {"description": f"{operation['description']}\n\nIt is a job: its result comes later."}
    return {
        "operationId": endpoint.name + ASYNC,
        "summary": f"As a job: {endpoint.summary}",
        "description": f"Queues what `{endpoint.name}` does; the body is the same, and may be larger.",
    }


def pages(security: list[dict[str, list[str]]], problems: list[int]) -> dict[str, Any]:
    """The paths under ``/api/v1/jobs``.

    Args:
        security: what they need.
        problems: status codes that all of them may answer.
    """

    def operation(name: str, summary: str, content: Any, parameters: Any = (), *codes: int) -> dict[str, Any]:
        answers = {
            str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in (*problems, *codes)
        }
        return {
            "operationId": name,
            "summary": summary,
            "tags": [TAG],
            "security": security,
            "parameters": list(parameters),
            "responses": {"200": {"description": "The answer.", "content": content}, **answers},
        }

    page = {"application/json": {"schema": _reference(JobPage)}}
    listing = {"application/json": {"schema": _reference(JobListing)}}
    job = {"name": "job", "in": "path", "required": True, "schema": _JOB_ID}
    asked = (
        Parameter("status", "Only jobs of this status.", {"type": "string", "enum": [*Status]}),
        Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 200}),
        Parameter("before", "Only jobs older than the one with this id.", _JOB_ID),
    )
    one = f"{PREFIX}/{{job}}"
    return {
        PREFIX: {
            "get": operation(
                "list_jobs", "The tenant's jobs.", listing, [_parameter(each, "query") for each in asked], 400
            )
        },
        one: {
            "get": operation("show_job", "A job.", page, [job], 404),
            "delete": operation("cancel_job", "Cancels a job; one that has ended stays.", page, [job], 404),
        },
        f"{one}/result": {
            "get": operation(
                "job_result",
                "A job's result: what its route answers; 409 until there is one.",
                {"*/*": {"schema": {"description": "As the route's own answer."}}},
                [job],
                *(400, 404, 406, 409, 410, 413, 500),
            )
        },
    }


def _members(shape: RowShape) -> list[Parameter]:
    """Members of a body beside its rows, which are query parameters where rows are sent alone."""
    return [
        Parameter(name, f"Member of the body, where it is sent as rows; {kind.value}.")
        for name, kind in shape.parameters.items()
    ]


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": place,
        "required": False,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
