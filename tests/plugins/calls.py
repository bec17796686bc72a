"""Calls of routes without HTTP: decoded, checked, handled and encoded as the edge does it."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Document, Endpoint, Fit, NoModels, Served
from abintel.problem import Fault, Problem, bad_body

NOW = datetime.datetime(2025, 4, 28, 12, tzinfo=datetime.UTC)
GOLDEN = Path(__file__).parents[1] / "data" / "golden"


def golden(name: str) -> dict[str, Any]:
    """A published example."""
    read: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_bytes())
    return read


class Registry:
    """Trains when a request allows it, keeps the last model of each scope, and serves it after a trip through
    its files. ``others``: name of another endpoint to its registry, whose models are champions."""

    def __init__(
        self, endpoint: Endpoint, note: str | None = None, others: Mapping[str, Registry] | None = None
    ) -> None:
        assert endpoint.trainable is not None
        self._others = {} if others is None else others
        self._trainable = endpoint.trainable
        self._note = note
        self._kept: dict[str, Served] = {}
        self.fit: Fit | None = None

    def serve(self, request: Any) -> Served:
        training = self._trainable.training(request)
        scope = json.dumps(self._trainable.scope(request), sort_keys=True)
        if training is None:
            return self._kept.get(scope) or Served(None, {}, self._note)
        self.fit = training.fit()
        with tempfile.TemporaryDirectory() as folder:
            self._trainable.save(self.fit.model, Path(folder))
            model = self._trainable.load(Path(folder))
        served = Served(model, json.loads(json.dumps(dict(self.fit.info))))
        if training.register:
            self._kept[scope] = served
        return served

    def champion(self, endpoint: Endpoint, request: Any) -> Served:
        other = self._others.get(endpoint.name)
        if other is None:
            return Served(None, {})
        scope = json.dumps(other._trainable.scope(request), sort_keys=True)
        return other._kept.get(scope) or Served(None, {}, other._note)


def answered(
    endpoint: Endpoint,
    body: Mapping[str, Any],
    registry: Registry | None = None,
    *,
    now: datetime.datetime = NOW,
    **call: Any,
) -> Any:
    """The answer to a body, as it is sent.

    Raises:
        Problem: the body is refused.
    """
    answer = _handled(endpoint, body, registry, Call(tenant="acme", now=now, **call))
    return json.loads(Encoder(endpoint.response).encode(answer))


def document(endpoint: Endpoint, body: Mapping[str, Any], **call: Any) -> bytes:
    """The answer of a route whose answer is a document."""
    assert isinstance(endpoint.response, Document)
    return bytes(_handled(endpoint, body, None, Call(tenant="acme", now=NOW, **call)))


def _handled(endpoint: Endpoint, body: Mapping[str, Any], registry: Registry | None, call: Call) -> Any:
    if endpoint.trainable is not None:
        call.models = registry or Registry(endpoint)
    else:
        call.models = NoModels()
    request = Decoder(endpoint.request).decode(json.dumps(body).encode())
    found = list(endpoint.check(request, call))
    if found:
        raise bad_body(found)
    answer = endpoint.handle(request, call)
    if call.warnings and endpoint.answers_object:
        assert {warning["code"] for warning in call.warnings} <= set(endpoint.warnings)
        return {**answer, "warnings": call.warnings}
    return answer


def faults(endpoint: Endpoint, body: Mapping[str, Any], **call: Any) -> list[Fault]:
    """Pointer and message of every fault of a body."""
    try:
        _handled(endpoint, body, None, Call(tenant="acme", now=NOW, **call))
    except Problem as problem:
        if problem.slug != "invalid-body":
            raise
        return list(problem.faults)
    return []
