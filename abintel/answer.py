"""From what a handler returns to the bytes that are sent, checked against the documented schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from pydantic import BaseModel, ConfigDict, Field

from abintel.structs import struct_for


class Warned(BaseModel):
    """A remark of the service on an answer."""

    code: str = Field(description="Stable name of the remark; the route's page lists its codes.")
    message: str = Field(description="The remark as a sentence, in English.")


class Answer(BaseModel):
    """Base of every response model: what every answer may carry."""

    model_config = ConfigDict(extra="ignore")

    warnings: list[Warned] | None = Field(
        None, description="What to know before relying on the answer; absent if there is nothing."
    )


class BrokenAnswer(Exception):
    """A handler returned something that its own schema does not allow: our defect, never the caller's."""


class Encoder:
    """Encodes answers of one endpoint and holds them to their schema.

    The bytes that will be sent are what is checked: they are read back with the response model's decoder,
    so that a NaN (which JSON turns into null), a missing key or a wrong type cannot leave.
    """

    def __init__(self, response: type[BaseModel]) -> None:
        self._name = response.__name__
        self._decoder = msgspec.json.Decoder(struct_for(response))

    def encode(self, answer: Mapping[str, Any]) -> bytes:
        """UTF-8 JSON.

        Raises:
            BrokenAnswer: with the place of the fault, never with the value.
        """
        try:
            body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
            self._decoder.decode(body)
        except (orjson.JSONEncodeError, msgspec.MsgspecError) as error:
            raise BrokenAnswer(f"{self._name}: {type(error).__name__}: {error}") from None
        return body
