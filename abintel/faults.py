"""Lists every fault of an invalid body with its location, in bounded time and memory.

pydantic needs a kilobyte per fault, and a body of two megabytes can have a million faults. A large body is
therefore validated in pieces until enough faults are found.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from abintel.problem import MAX_FAULTS, Fault, pointer
from abintel.schemas import component_names
from abintel.structs import is_open

PIECE = 20_000
"""JSON values per piece; limits the faults that pydantic records at once."""

_TOO_DEEP = Fault("", "The body is nested too deep.")
_NON_FINITE = Fault(
    "", "The body holds NaN, Infinity or a number too large to be finite; send finite numbers."
)


class Sent:
    """A body as plain objects, with the non-finite numbers that pydantic does not report.

    Attributes:
        body: the bytes.
        value: the decoded objects; None if the body is not JSON.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.value: Any = None
        self._constants = self._overflows = 0
        with contextlib.suppress(ValueError, RecursionError):
            self.value = json.loads(
                body, parse_constant=self._constant, parse_float=self._number, parse_int=_whole
            )

    def has_unreported_non_finite(self, keeps_unknown_keys: bool, named: int) -> bool:
        """Whether the body has more non-finite numbers than the ``named`` ones that pydantic reported.

        pydantic does not report them in unknown keys. ``NaN`` is invalid JSON even there. ``1e400`` is valid
        and ignored there, except in a row that keeps unknown keys.
        """
        overflows = self._overflows if self._constants or keeps_unknown_keys else 0
        return self._constants + overflows > named

    def _constant(self, text: str) -> float:
        self._constants += 1
        return float(text)

    def _number(self, text: str) -> float:
        value = float(text)
        self._overflows += math.isinf(value)
        return value


def find(adapter: TypeAdapter[Any], model: type[BaseModel], sent: Sent) -> list[Fault]:
    """The faults of a body, none if it is valid; at most ``MAX_FAULTS`` + 1.

    Args:
        adapter: the validator of the model.
        model: the expected model.
        sent: the body.
    """
    faults: dict[Fault, None] = {}
    named = set()
    try:
        for details, parts in _errors(adapter, sent):
            location = pointer(*parts)
            faults[Fault(location, _message(details))] = None
            if details["type"] == "json_invalid" or len(faults) > MAX_FAULTS:
                return list(faults)
            if isinstance(details["input"], float) and not math.isfinite(details["input"]):
                named.add(location)
    except RecursionError:
        return [_TOO_DEEP]
    keeps_unknown_keys = any(is_open(part) for part in component_names(model).values())
    if sent.has_unreported_non_finite(keeps_unknown_keys, len(named)):
        faults[_NON_FINITE] = None
    return list(faults)


def of_error(error: ValidationError, sent: Sent) -> list[Fault]:
    """The faults that pydantic found in a whole body."""
    errors = error.errors(include_url=False)
    return [Fault(pointer(*_path(details, sent.value)), _message(details)) for details in errors]


class _Slice(list[Any]):
    """A slice of an array that knows its start index."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start


def _errors(adapter: TypeAdapter[Any], sent: Sent) -> Iterator[tuple[ErrorDetails, list[str | int]]]:
    """pydantic's errors of a body with their paths, as if it had validated the whole body at once."""
    if _weight(sent.value) < PIECE:
        for details in _refused(adapter, sent.body):
            yield details, _path(details, sent.value)
        return
    for view in _views(sent.value):
        for details in _refused(adapter, json.dumps(view)):
            parts = _path(details, view)
            if not _is_artifact(details, parts, sent.value):
                yield details, parts


def _views(value: Any) -> Iterator[Any]:
    """Pieces of a value that are small enough, each nested in the objects and arrays that lead to it."""
    if _weight(value) < PIECE:
        yield value
        return
    part: Any = {} if isinstance(value, dict) else _Slice(0)
    weight = 0
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        item_weight = _weight(item)
        if weight and weight + item_weight > PIECE:
            yield part
            part, weight = {} if isinstance(value, dict) else _Slice(key), 0
        if item_weight >= PIECE:
            for view in _views(item):
                yield _inside(value, key, view)
            part = {} if isinstance(value, dict) else _Slice(key + 1)
            continue
        if isinstance(value, dict):
            part[key] = item
        else:
            part.append(item)
        weight += item_weight
    if weight:
        yield part


def _inside(whole: Any, key: Any, view: Any) -> Any:
    """Wraps a piece of a member into the object or array that contains the member."""
    if isinstance(whole, dict):
        return {key: view}
    run = _Slice(key)
    run.append(view)
    return run


def _weight(value: Any) -> int:
    """The number of values in a value; stops counting at ``PIECE``."""
    count, stack = 0, [value]
    while stack and count < PIECE:
        node = stack.pop()
        count += 1
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return count


def _is_artifact(details: ErrorDetails, parts: Sequence[str | int], whole: Any) -> bool:
    """Whether an error results only from the cutting: the missing value is in another piece."""
    if details["type"] not in ("missing", "too_short"):
        return False
    node = whole
    for part in parts:
        if isinstance(node, dict) and part not in node:
            return False
        node = node[part]
    if details["type"] == "missing":
        return True
    return len(node) >= int(details["ctx"]["min_length"])


def _refused(adapter: TypeAdapter[Any], body: bytes | str) -> Sequence[ErrorDetails]:
    try:
        adapter.validate_json(body)
    except ValidationError as error:
        return error.errors(include_url=False)
    return ()


def _whole(text: str) -> int:
    # The value itself is not needed, and Python refuses to parse more digits than this.
    return int(text) if len(text) <= sys.int_info.default_max_str_digits else 0


def _path(details: ErrorDetails, seen: Any) -> list[str | int]:
    """The keys and indices that lead to an error, without the parts of its location that name a type."""
    parts: list[str | int] = []
    node = seen
    location = details["loc"]
    for part in location:
        if isinstance(node, dict) and part in node:
            parts.append(part)
            node = node[part]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            parts.append(part + node.start if isinstance(node, _Slice) else part)
            node = node[part]
        elif details["type"] == "missing" and part == location[-1]:
            parts.append(part)
    return parts


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing":
        return "Required, and missing."
    message = details["msg"].removeprefix("Value error, ")
    if kind == "json_invalid":
        if "recursion limit" in message:
            return _TOO_DEEP.message
        return f"The body is not JSON: {message.removeprefix('Invalid JSON: ')}."
    return f"{message}; got {shown(details['input'])}."


def shown(value: Any) -> str:
    """A value, shortened for a message.

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
