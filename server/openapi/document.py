"""The API description: OpenAPI 3.1, made from the roster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import abintel
from abintel.charts import PNG, SVG, VEGA_LITE
from abintel.discovery import Roster
from abintel.endpoint import Document, Endpoint, Parameter, Plugin
from abintel.language import CURRENCY_PATTERN
from abintel.pictures import WARNINGS, forms
from abintel.problem import MEDIA_TYPE, ProblemDocument
from abintel.schemas import is_array, members
from abintel.wording import SOURCE, languages
from server.openapi.jobs import MODELS as of_jobs
from server.openapi.jobs import TAG, async_operation, pages
from server.openapi.models import SCHEMAS as of_models
from server.openapi.models import TAG as TAG_OF_MODELS
from server.openapi.models import pages as pages_of_models
from server.targets import job_routes

_REFERENCE = "#/components/schemas/{model}"
_SECURITY: dict[str, list[str]] = {"customerApiId": [], "secret": []}

CURRENCY = Parameter(
    "currency",
    "Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.",
    {"type": "string", "minLength": 1, "maxLength": 5, "pattern": f"^{CURRENCY_PATTERN}$"},
)


_PROBLEMS = {
    400: "The body, a query parameter or a value does not fit; `errors` lists every fault.",
    401: "The credentials are missing, unknown, revoked or wrong.",
    403: "The credential lacks a permission; `detail` names it.",
    404: "There is no such route.",
    405: "The route takes POST only.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8, or compressed otherwise than with gzip.",
    429: "The tenant has used up its requests for now.",
    500: "The server failed; the fault is ours.",
    503: "The server is saturated, the request took too long, or a store is not reachable.",
}
_OF_JOBS = {
    408: "The upload stood still for a minute.",
    406: "The answer does not come in a form that is asked for.",
    409: "The key was used for another body, or the job has no result, or not yet.",
    410: "The job's result is no longer stored.",
}
_PICTURES: dict[str, dict[str, Any]] = {
    SVG: {"type": "string", "description": "The answer as a picture, 800 pixels wide."},
    PNG: {"type": "string", "format": "binary", "description": "The same, 1,200 pixels wide."},
    VEGA_LITE: {"type": "object", "description": "The same as a Vega-Lite specification with its data."},
}
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_RETRIED = {429, 503}
_PLAIN = {"text/plain": {"schema": {"type": "string"}}}


def language() -> Parameter:
    """The parameter that chooses one of the languages that have texts."""
    schema = {"type": "string", "enum": [*languages()], "default": SOURCE}
    return Parameter("lang", "Language of the sentences in the answer.", schema)


def describe(roster: Roster, *, calls_back: bool = True) -> dict[str, Any]:
    """The OpenAPI document of a roster.

    Args:
        roster: the routes that are served.
        calls_back: whether the operator allows callbacks; where not, no parameter names them.
    """
    paths: dict[str, Any] = {endpoint.route: _path(plugin, endpoint) for plugin, endpoint in roster}
    for path, endpoint in job_routes(roster).items():
        # In its place, where the route itself runs as a job.
        paths[path] = {"post": async_operation(paths[endpoint.route]["post"], endpoint, calls_back)}
    plugins = [plugin.name for plugin in roster.plugins]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "abintel",
            "version": abintel.__version__,
            "description": (
                "A model server for customer data. Each route also answers under `/api/<name>`. "
                "Problems are `application/problem+json` (RFC 9457)."
            ),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in (*plugins, TAG, TAG_OF_MODELS, "server")],
        "paths": {
            **paths,
            **pages([_SECURITY], [401, 403, 405, 429, 503]),
            **pages_of_models([_SECURITY], [400, 401, 405, 429, 503]),
            **_server_paths(),
        },
        "components": {
            "schemas": _schemas(roster),
            "responses": {f"Problem{status}": _problem(status) for status in (*_PROBLEMS, *_OF_JOBS)},
            "securitySchemes": {
                "customerApiId": {"type": "apiKey", "in": "header", "name": "X-Customer-Api-Id"},
                "secret": {"type": "apiKey", "in": "header", "name": "X-Secret"},
            },
        },
    }


def _path(plugin: Plugin, endpoint: Endpoint) -> dict[str, Any]:
    parameters = [_parameter(parameter, "header") for parameter in endpoint.headers]
    parameters += [_parameter(parameter, "query") for parameter in endpoint.query]
    if endpoint.writes_words:
        parameters += [_parameter(language(), "query"), _parameter(CURRENCY, "query")]
    description = [endpoint.summary]
    if endpoint.warnings:
        description.append("Warnings that it may carry:")
        description.append("\n".join(f"- `{code}`: {text}" for code, text in endpoint.warnings.items()))
    operation = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": "\n\n".join(description),
        "tags": [plugin.name],
        "security": [_SECURITY],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _either(members(endpoint.request)),
                    "examples": {name: {"value": dict(value)} for name, value in endpoint.examples.items()},
                }
            },
        },
        **({"x-main-input": endpoint.main_input} if endpoint.main_input is not None else {}),
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {"X-Request-Id": {"schema": {"type": "string"}}, **_of_pictures(endpoint)},
                "content": _content(endpoint),
            },
            "406": {"$ref": "#/components/responses/Problem406"},
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _PROBLEMS},
        },
    }
    return {"post": operation}


def _content(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.response, Document):
        document = endpoint.response
        return {document.media_type: {"schema": {"description": document.description}}}
    schema = _either(endpoint.response_models)
    array = is_array(endpoint.response)
    own = {"application/json": {"schema": {"type": "array", "items": schema} if array else schema}}
    return {**own, **{form: {"schema": _PICTURES[form]} for form in forms(endpoint)}}


def _of_pictures(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.chart is None or not endpoint.warnings:
        return {}
    said = "With a picture: codes of the answer's warnings, separated by commas."
    return {WARNINGS: {"description": said, "schema": {"type": "string"}}}


def _either(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    references = [{"$ref": _REFERENCE.format(model=model.__name__)} for model in models]
    return references[0] if len(references) == 1 else {"anyOf": references}


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": place,
        "required": False,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _problem(status: int) -> dict[str, Any]:
    reference = {"$ref": _REFERENCE.format(model=ProblemDocument.__name__)}
    response: dict[str, Any] = {
        "description": {**_PROBLEMS, **_OF_JOBS}[status],
        "content": {MEDIA_TYPE: {"schema": reference}},
    }
    if status in _RETRIED:
        response["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return response


def _schemas(roster: Roster) -> dict[str, Any]:
    models: list[tuple[type[BaseModel], Any]] = [(ProblemDocument, "validation")]
    models += [(model, "validation") for model in (*of_jobs, *of_models)]
    for endpoint in roster.endpoints:
        models += [(model, "validation") for model in (*members(endpoint.request), *endpoint.response_models)]
    _, document = models_json_schema(list(dict.fromkeys(models)), ref_template=_REFERENCE)
    return {name: _spelled(schema) for name, schema in document["$defs"].items()}


def _spelled(schema: Any) -> Any:
    """A schema of pydantic's as JSON Schema has it.

    pydantic writes the limits of a kind that a function checks first by its own names. To fields that may be
    left out it gives the default null, of which generators of clients make fields that must be sent.
    """
    if isinstance(schema, list):
        return [_spelled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    numeric = schema.get("type") in ("integer", "number")
    return {
        _LIMITS.get(key, key) if numeric else key: _spelled(value)
        for key, value in schema.items()
        if not (key == "default" and value is None)
    }


def _server_paths() -> dict[str, Any]:
    def get(summary: str, codes: dict[str, Any]) -> dict[str, Any]:
        return {
            "get": {
                "operationId": summary.split(":")[0],
                "summary": summary,
                "tags": ["server"],
                "responses": codes,
            }
        }

    ok = {"200": {"description": "Yes.", "content": _PLAIN}}
    return {
        "/livez": get("livez: whether the process lives.", ok),
        "/readyz": get(
            "readyz: whether plugins and stores are usable.",
            {**ok, "503": {"description": "Not yet, or no longer.", "content": _PLAIN}},
        ),
        "/metrics": get(
            "metrics: figures for Prometheus.",
            {
                "200": {"description": "The exposition.", "content": _PLAIN},
                "401": {"$ref": "#/components/responses/Problem401"},
            },
        ),
        "/docs.json": get(
            "docs: this description.",
            {
                "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        ),
    }
