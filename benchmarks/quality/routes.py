"""Calls of a route without HTTP, as the edge makes them; a model is trained anew for each request."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import orjson

from abintel.answer import Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint, Fit, Plugin, Served
from abintel.problem import bad_body

NOW = datetime.datetime(2026, 11, 30, tzinfo=datetime.UTC)


class Route:
    """A route; it trains at each request and keeps nothing.

    Attributes:
        fit: the last training.
    """

    def __init__(self, plugin: Plugin, name: str) -> None:
        [self._endpoint] = [endpoint for endpoint in plugin.endpoints if endpoint.name == name]
        self.fit: Fit | None = None

    def serve(self, asked: object) -> Served:
        """A new champion."""
        assert self._endpoint.trainable is not None
        training = self._endpoint.trainable.training(asked)
        assert training is not None
        self.fit = training.fit()
        return Served(self.fit.model, self.fit.info)

    def champion(self, endpoint: Endpoint, asked: object) -> Served:
        """None."""
        return Served(None, {})

    def answer(self, body: Mapping[str, Any]) -> Any:
        """The answer to a body, as it is sent.

        Raises:
            Problem: the body is refused.
        """
        call = Call(tenant="bench", now=NOW, models=self)
        request = Decoder(self._endpoint.request).decode(orjson.dumps(body))
        if faults := list(self._endpoint.check(request, call)):
            raise bad_body(faults)
        handled = {**self._endpoint.handle(request, call), "warnings": call.warnings}
        return orjson.loads(Encoder(self._endpoint.response).encode(handled))
