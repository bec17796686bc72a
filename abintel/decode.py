"""From the bytes of a body to the request object, or to every fault in it."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import types
import typing
from collections.abc import Sequence
from typing import Any, Union

import msgspec
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from abintel.fields import Body
from abintel.problem import Fault, bad_body, pointer
from abintel.schemas import component_names
from abintel.structs import is_open, struct_for

_ENDLESS = Fault("", "The body holds NaN, Infinity or a number too large to be finite; send finite numbers.")


def members(request: Any) -> tuple[type[BaseModel], ...]:
    """The models of a request: one, or each of a union's."""
    if typing.get_origin(request) in (Union, types.UnionType):
        return typing.get_args(request)
    return (request,)


class _Reader:
    """Reads bodies of one model, fast and thoroughly."""

    def __init__(self, model: type[BaseModel]) -> None:
        for name, part in component_names(model).items():
            if not issubclass(part, Body):
                raise TypeError(f"{name} is no abintel.fields.Body: a request's models are strict")
        self.model = model
        self._fast = msgspec.json.Decoder(struct_for(model))
        self._thorough = TypeAdapter(model)
        self._open: msgspec.json.Decoder[Any] | None = None
        self.is_open = any(is_open(part) for part in component_names(model).values())
        if self.is_open:
            self._open = msgspec.json.Decoder(struct_for(model, open_rows=True))

    def fast(self, body: bytes) -> Any:
        read = self._fast.decode(body)
        return read if self._open is None else self._open.decode(body)

    def thorough(self, body: bytes) -> Any:
        read = self._thorough.validate_json(body)
        if self._open is None:
            return read
        return msgspec.convert(read.model_dump(mode="json", exclude_unset=True), self._open.type)


class Decoder:
    """Reads bodies of one endpoint.

    Good bodies go through msgspec (one pass, no Python objects but the result); a body that it refuses is
    read again by pydantic, which finds every fault, or accepts what msgspec is too strict for (``3.0`` for
    an integer). Either result has the same attributes. A part whose model keeps unknown keys
    (``extra="allow"``) arrives as a plain dict of JSON values, checked as its model says.

    Args:
        request: a pydantic model, or a union of models that are told apart by their required keys.

    Raises:
        TypeError: a model that the two readers would not read alike, with the reason.
    """

    def __init__(self, request: Any) -> None:
        self._readers = [_Reader(model) for model in members(request)]

    def decode(self, body: bytes) -> Any:
        """The request object.

        Raises:
            Problem: 400 with every fault of a body that is not UTF-8, not JSON, or does not fit.
        """
        if not body:
            raise bad_body([Fault("", "The body is empty; send a JSON object.")])
        try:
            if not body.isascii():
                body.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"The body is not UTF-8: byte {error.start} is not valid."
            raise bad_body([Fault("", message)]) from None
        for reader in self._readers:
            try:
                return reader.fast(body)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
                continue
        return self._thoroughly(body)

    def _thoroughly(self, body: bytes) -> Any:
        sent = _Sent(body)
        refusals = []
        for reader in sorted(self._readers, key=lambda reader: _strangeness(reader.model, sent.value)):
            try:
                read = reader.thorough(body)
            except ValidationError as error:
                refusals.append((reader, error))
                continue
            if sent.endless(reader):
                raise bad_body([_ENDLESS])
            return read
        raise bad_body(_faults(*refusals[0], sent)) from None


class _Sent:
    """A body as plain objects, as far as it can be read, and what pydantic does not tell of it.

    Attributes:
        value: only used to place faults.
    """

    def __init__(self, body: bytes) -> None:
        self.value: Any = None
        self._constants = self._overflows = 0
        with contextlib.suppress(ValueError, RecursionError):
            self.value = json.loads(
                body, parse_constant=self._constant, parse_float=self._number, parse_int=_whole
            )

    def endless(self, reader: _Reader, named: int = 0) -> bool:
        """Whether there are more numbers that are not finite than the ``named`` ones that a model refuses.

        pydantic lets them pass where no model looks. There ``NaN`` is no JSON, and ``1e400`` is one more
        thing to ignore, but in a row that keeps unknown keys.
        """
        overflows = self._overflows if self._constants or reader.is_open else 0
        return self._constants + overflows > named

    def _constant(self, text: str) -> float:
        self._constants += 1
        return float(text)

    def _number(self, text: str) -> float:
        value = float(text)
        self._overflows += math.isinf(value)
        return value


def _whole(text: str) -> int:
    # Only a place is looked for, and Python refuses to read more digits than this.
    return int(text) if len(text) <= sys.int_info.default_max_str_digits else 0


def _strangeness(model: type[BaseModel], sent: Any) -> tuple[int, int]:
    """How little a body looks like a model: required keys that it lacks, then known keys that it has."""
    keys = set(sent) if isinstance(sent, dict) else set()
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    return len(required - keys), -len(keys & set(model.model_fields))


def _faults(reader: _Reader, error: ValidationError, sent: _Sent) -> list[Fault]:
    faults: dict[Fault, None] = {}
    named = set()
    for details in error.errors(include_url=False, include_context=False):
        place = _place(details["loc"], details["type"], sent.value)
        faults[Fault(place, _message(details))] = None
        if details["type"] == "json_invalid":
            return list(faults)
        if isinstance(details["input"], float) and not math.isfinite(details["input"]):
            named.add(place)
    if sent.endless(reader, len(named)):
        faults[_ENDLESS] = None
    return list(faults)


def _place(location: Sequence[str | int], kind: str, sent: Any) -> str:
    """Pointer to what was sent: parts of a location that name a type instead of a member are left out."""
    parts: list[str | int] = []
    here = sent
    for part in location:
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif kind == "missing" and part == location[-1]:
            pass
        else:
            continue
        parts.append(part)
    return pointer(*parts)


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing":
        return "Required, and missing."
    message = details["msg"].removeprefix("Value error, ")
    if kind == "json_invalid":
        if "recursion limit" in message:
            return "The body is nested too deep."
        return f"The body is not JSON: {message.removeprefix('Invalid JSON: ')}."
    return f"{message}; got {shown(details['input'])}."


def shown(value: Any) -> str:
    """A value that was sent, short enough for a message.

    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "…")
    if isinstance(value, int) and abs(value) > 10**40:
        return "a number of more than 40 digits"
    return str(value)[:40]
