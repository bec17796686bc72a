"""The server as its own description has it, for Schemathesis: what is sent, and what must come back."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure

from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import PREFIX, Endpoint
from abintel.problem import Problem
from server.openapi.document import describe
from tests.contract.roster import ROSTER

ENDPOINTS: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in discover(list(ROSTER)).endpoints}
_OPAQUE = "page: "
"""A page's name is the server's own; no schema can say which there are."""


def description(*, thorough: bool = False) -> Any:
    """The description as Schemathesis reads it, with every check on and a fixed seed.

    Credentials are the caller's: those that Schemathesis leaves out it would not see put back.

    ``positive_data_acceptance`` alone is bent: a body that fits its schema may break a rule that no schema
    can say (an id twice, a date after today), and the API answers that with a 400, too. What is left of the
    check is :func:`is_understood`.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": 9,
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "404", "409", "413"],
                },
                # DELETE cancels a job, whose page says so from then on; what must hold in its place is
                # looked at by the histories of jobs.
                "use_after_free": {"enabled": False},
            },
            "generation": {
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {
                # The examples are called by tests/contract.
                "examples": {"enabled": thorough},
                "coverage": {"enabled": thorough},
            },
        }
    )
    document = json.loads(json.dumps(describe(discover(list(ROSTER)), calls_back=False)))
    return schemathesis.openapi.from_dict(document, config=config)


def is_understood(_: Any, response: Any, case: Any) -> None:
    """What fits the description is refused for a rule of its route, never as what does not fit."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 400:
        return
    problem = response.json()
    kind, detail = problem["type"].rpartition(":")[2], problem["detail"]
    if kind == "invalid-parameter" and detail.startswith(_OPAQUE):
        return
    if kind == "invalid-parameter" and not _matches(response.request, detail.partition(":")[0]):
        return
    if kind == "invalid-body" and _is_read(response.request, case):
        return
    raise Failure(
        operation=case.operation.label, title="What fits the description is not understood", message=detail
    )


def _matches(request: Any, name: str) -> bool:
    """Whether a header has its pattern: at the limits, Schemathesis sends what it takes for one."""
    patterns = {
        header.name: header.schema.get("pattern", "")
        for endpoint in ENDPOINTS.values()
        for header in endpoint.headers
    }
    return re.search(patterns.get(name, ""), str(request.headers.get(name, ""))) is not None


def _is_read(request: Any, case: Any) -> bool:
    """Whether the body is read without a fault; rows that are sent alone are described as anything."""
    if case.media_type != "application/json":
        return True
    name = case.operation.path.removeprefix(PREFIX)
    endpoint = ENDPOINTS.get(name) or ENDPOINTS[name.removesuffix("_async")]
    body = request.body or b""
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    try:
        Decoder(endpoint.request).decode(body.encode() if isinstance(body, str) else body)
    except Problem:
        return False
    return True
