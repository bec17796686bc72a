"""Calls of the customer routes without HTTP."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint
from abintel.problem import Fault, Problem

NOW = datetime.datetime(2025, 4, 28, 12, tzinfo=datetime.UTC)
GOLDEN = Path(__file__).parents[3] / "data" / "golden"


def golden(name: str) -> dict[str, Any]:
    """A published example."""
    read: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_bytes())
    return read


def answered(endpoint: Endpoint, body: Mapping[str, Any], **call: Any) -> dict[str, Any]:
    """The answer as it is sent; a body with faults fails the test."""
    known = Call(tenant="acme", now=NOW, **call)
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    assert list(endpoint.check(request, known)) == []
    answer = dict(endpoint.handle(request, known))
    if known.warnings:
        answer["warnings"] = known.warnings
    sent: dict[str, Any] = json.loads(Encoder(endpoint.response).encode(answer))
    return sent


def faults(endpoint: Endpoint, body: Mapping[str, Any], **call: Any) -> list[Fault]:
    """Pointer and message of every fault of a body."""
    try:
        request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    except Problem as problem:
        return list(problem.faults)
    return list(endpoint.check(request, Call(tenant="acme", now=NOW, **call)))
