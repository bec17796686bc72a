"""From what a handler returns to the bytes that are sent, checked against the documented schema."""

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

_ENDLESS = re.compile(rb"\xcb[\x7f\xff][\xf0\xf8]\0{6}")
"""In MessagePack, an infinity, or the NaN that arithmetic makes, whose mantissa holds nothing but its first
bit. No text can hold these bytes, and neighbouring numbers hardly ever do: an answer of a million numbers is
not walked through by chance."""
_VALUE = re.compile(r"Invalid enum value .* - at", re.DOTALL)


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


class Written(NamedTuple):
    """A list of an answer, one at most, that its handler wrote as JSON. What fills a hundred megabytes is
    sent from where it was written, without a copy.

    Attributes:
        pieces: UTF-8 JSON arrays of some of the elements each, without space around them, in order.
    """

    pieces: Sequence[bytes | memoryview]


class BrokenAnswer(Exception):
    """A handler returned something that its own schema does not allow: our defect, never the caller's."""


class _Shape:
    """One form that an answer may have."""

    def __init__(self, response: type[BaseModel], array: bool) -> None:
        struct: Any = struct_for(response)
        self.name = response.__name__
        self.required = {name for name, info in response.model_fields.items() if info.is_required()}
        self.decoder = msgspec.json.Decoder(list[struct] if array else struct)
        self.lists = {
            field.encode_name: msgspec.json.Decoder(field.type) for field in msgspec.structs.fields(struct)
        }


class Encoder:
    """Encodes answers of one endpoint and holds them to their schema.

    The bytes that will be sent are what is checked: they are read back with the response model's decoder,
    so that a NaN (which JSON turns into null), a missing key or a wrong type cannot leave.

    Args:
        response: the model of the answer, a union of several, told apart by their required keys, or a list
            of one.
    """

    def __init__(self, response: Any) -> None:
        models = members(response)
        self._shapes = [_Shape(model, is_array(response)) for model in models]
        parts = [part for model in models for part in component_names(model).values()]
        self._keys = {key for part in parts for key in part.model_fields}

    def encode(self, answer: Mapping[str, Any] | Sequence[Any]) -> bytes:
        """UTF-8 JSON.

        Raises:
            BrokenAnswer: with the place of the fault, never with the value.
        """
        return b"".join(self.pieces(answer))

    def pieces(self, answer: Mapping[str, Any] | Sequence[Any]) -> list[bytes | memoryview]:
        """The same in pieces to be sent one after the other.

        Raises:
            BrokenAnswer: with the place of the fault, never with the value.
        """
        shape = self._shapes[0]
        if not isinstance(answer, Mapping):
            return [self._whole(answer, shape)]
        shape = next((one for one in self._shapes if one.required <= answer.keys()), shape)
        name = next((key for key, value in answer.items() if isinstance(value, Written)), None)
        if name is None:
            return [self._whole(answer, shape)]
        rest = {key: value for key, value in answer.items() if key != name}
        found: list[bytes | memoryview] = [self._whole({**rest, name: []}, shape)[:-2]]
        for piece in answer[name].pieces:
            try:
                shape.lists[name].decode(piece)
            except msgspec.MsgspecError as error:
                raise _broken(shape, error, f" of a piece of `$.{name}`") from None
            if len(piece) > 2:
                found += [b"," if len(found) > 1 else b"", memoryview(piece)[1:-1]]
        return [*found, b"]}"]

    def _whole(self, answer: Mapping[str, Any] | Sequence[Any], shape: _Shape) -> bytes:
        try:
            body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
            shape.decoder.decode(body)
        except (orjson.JSONEncodeError, msgspec.MsgspecError) as error:
            raise _broken(shape, error) from None
        if b"null" in body:
            # Where null is allowed the decoder cannot tell it from a NaN.
            place = self._endless(answer) if _may_be_endless(answer) else None
            if place is not None:
                raise BrokenAnswer(f"{shape.name}: not a finite number - at `${place}`")
        return body

    def _endless(self, value: Any) -> str | None:
        """Place of a number that is not finite, None if all are; keys that no model names may be data."""
        if isinstance(value, float | np.floating):
            return None if math.isfinite(value) else ""
        if isinstance(value, np.ndarray):
            return "[...]" if value.dtype.kind == "f" and not np.isfinite(value).all() else None
        if isinstance(value, Mapping):
            for key, item in value.items():
                place = self._endless(item)
                if place is not None:
                    return (f".{key}" if key in self._keys else "[...]") + place
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                place = self._endless(item)
                if place is not None:
                    return f"[{index}]{place}"
        return None


def _broken(shape: _Shape, error: Exception, place: str = "") -> BrokenAnswer:
    text = _VALUE.sub("Invalid enum value - at", str(error))
    return BrokenAnswer(f"{shape.name}: {type(error).__name__}: {text}{place}")


def _may_be_endless(answer: Any) -> bool:
    """False if all numbers are finite, at the speed of an encoder; True has to be looked into: bytes within a
    number may look alike, and what MessagePack does not know is not looked at here."""
    try:
        packed = msgspec.msgpack.encode(answer)
    except (TypeError, OverflowError):
        return True
    return _ENDLESS.search(packed) is not None
