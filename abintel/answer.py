"""Encodes answers as JSON and checks them against their documented schema."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, Field

from abintel.schemas import component_names, is_array, members
from abintel.structs import struct_for

_NON_FINITE = re.compile(rb"\xcb[\x7f\xff][\xf0\xf8]\0{6}")
"""Infinity, or the NaN that arithmetic produces (only the first bit of its mantissa is set), in MessagePack.

No text contains these bytes, and adjacent numbers hardly ever do. A large answer is therefore rarely searched
without need."""
_ENUM_VALUE = re.compile(r"Invalid enum value .* - at", re.DOTALL)


class Warned(BaseModel):
    """A warning in an answer."""

    code: str = Field(description="Stable name of the remark; the route's page lists its codes.")
    message: str = Field(description="The remark as a sentence, in English.")


class Answer(BaseModel):
    """Base of every response model: the fields that every answer may have."""

    model_config = ConfigDict(extra="ignore")

    warnings: list[Warned] | None = Field(
        None, description="What to know before relying on the answer; absent if there is nothing."
    )


class Written(NamedTuple):
    """A list that the handler encoded as JSON itself; at most one per answer. It is sent without a copy.

    Attributes:
        pieces: UTF-8 JSON arrays that together hold the elements in order, without surrounding white space.
    """

    pieces: Sequence[bytes | memoryview]


class BrokenAnswer(Exception):
    """A handler returned an answer that violates its own schema. This is a defect of the server."""


class _Shape:
    """One model of an answer with its decoder."""

    def __init__(self, response: type[BaseModel], array: bool) -> None:
        struct: Any = struct_for(response)
        self.name = response.__name__
        self.required = {name for name, info in response.model_fields.items() if info.is_required()}
        self.decoder = msgspec.json.Decoder(list[struct] if array else struct)
        self.lists = {
            field.encode_name: msgspec.json.Decoder(field.type) for field in msgspec.structs.fields(struct)
        }


class Encoder:
    """Encodes the answers of one endpoint and checks them against their schema.

    The check decodes the very bytes that will be sent with the response model. A NaN (which becomes null in
    JSON), a missing key or a wrong type is therefore never sent.

    Args:
        response: the response model, a union of models that differ in their required keys, or a list of a
            model.
    """

    def __init__(self, response: Any) -> None:
        models = members(response)
        self._shapes = [_Shape(model, is_array(response)) for model in models]
        parts = [part for model in models for part in component_names(model).values()]
        self._keys = {key for part in parts for key in part.model_fields}

    def encode(self, answer: Mapping[str, Any] | Sequence[Any]) -> bytes:
        """The answer as UTF-8 JSON.

        Raises:
            BrokenAnswer: names the location of the fault, never the value.
        """
        return b"".join(self.pieces(answer))

    def pieces(self, answer: Mapping[str, Any] | Sequence[Any]) -> list[bytes | memoryview]:
        """The answer as UTF-8 JSON, in pieces to be sent one after the other.

        Raises:
            BrokenAnswer: names the location of the fault, never the value.
        """
        shape = self._shapes[0]
        if not isinstance(answer, Mapping):
            return [self._whole(answer, shape)]
        shape = next((other for other in self._shapes if other.required <= answer.keys()), shape)
        name = next((key for key, value in answer.items() if isinstance(value, Written)), None)
        if name is None:
            return [self._whole(answer, shape)]
        rest = {key: value for key, value in answer.items() if key != name}
        pieces: list[bytes | memoryview] = [self._whole({**rest, name: []}, shape)[:-2]]
        for piece in answer[name].pieces:
            try:
                shape.lists[name].decode(piece)
            except msgspec.MsgspecError as error:
                raise _broken(shape, error, f" of a piece of `$.{name}`") from None
            if len(piece) > 2:
                pieces += [b"," if len(pieces) > 1 else b"", memoryview(piece)[1:-1]]
        return [*pieces, b"]}"]

    def _whole(self, answer: Mapping[str, Any] | Sequence[Any], shape: _Shape) -> bytes:
        try:
            body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
            shape.decoder.decode(body)
        except (orjson.JSONEncodeError, msgspec.MsgspecError) as error:
            raise _broken(shape, error) from None
        if b"null" in body:
            # The decoder cannot tell an allowed null from a NaN.
            path = self._non_finite_path(answer) if _may_be_non_finite(answer) else None
            if path is not None:
                raise BrokenAnswer(f"{shape.name}: not a finite number - at `${path}`")
        return body

    def _non_finite_path(self, value: Any) -> str | None:
        """Path to a number that is not finite, None if all are. Keys that no model names may be data, so they
        are hidden."""
        if isinstance(value, float | np.floating):
            return None if math.isfinite(value) else ""
        if isinstance(value, np.ndarray):
            return "[...]" if value.dtype.kind == "f" and not np.isfinite(value).all() else None
        if isinstance(value, Mapping):
            for key, item in value.items():
                path = self._non_finite_path(item)
                if path is not None:
                    return (f".{key}" if key in self._keys else "[...]") + path
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                path = self._non_finite_path(item)
                if path is not None:
                    return f"[{index}]{path}"
        return None


def _broken(shape: _Shape, error: Exception, location: str = "") -> BrokenAnswer:
    text = _ENUM_VALUE.sub("Invalid enum value - at", str(error))
    return BrokenAnswer(f"{shape.name}: {type(error).__name__}: {text}{location}")


def _may_be_non_finite(answer: Any) -> bool:
    """A fast check. False means that all numbers are finite.

    True needs a closer look: bytes within a finite number may match, and MessagePack may not support a type.
    """
    try:
        packed = msgspec.msgpack.encode(answer)
    except (TypeError, OverflowError):
        return True
    return _NON_FINITE.search(packed) is not None
