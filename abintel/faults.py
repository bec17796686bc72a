"""Every fault of a body that does not fit, each at its place, within bounds of time and memory.

pydantic keeps a record of a kilobyte for each fault. A body of two megabytes can hold a million, so a large
one is shown to it in pieces, until enough faults are found.
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
"""JSON values that pydantic is shown at a time; bounds the faults that it can record at once."""

_TOO_DEEP = Fault("", "The body is nested too deep.")
_ENDLESS = Fault("", "The body holds NaN, Infinity or a number too large to be finite; send finite numbers.")


class Sent:
    """A body as plain objects, as far as it can be read, and what pydantic does not tell of it.

    Attributes:
        body: its bytes.
        value: the objects; None if it is no JSON.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.value: Any = None
        self._constants = self._overflows = 0
        with contextlib.suppress(ValueError, RecursionError):
            self.value = json.loads(
                body, parse_constant=self._constant, parse_float=self._number, parse_int=_whole
            )

    def endless(self, keeps_unknown_keys: bool, named: int) -> bool:
        """Whether there are more numbers that are not finite than the ``named`` ones that a model refuses.

        pydantic lets them pass where no model looks. There ``NaN`` is no JSON, and ``1e400`` is one more
        thing to ignore, but in a row that keeps unknown keys.
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
    """The faults of a body, none if it fits; of very many, one more than ``MAX_FAULTS``.

    Args:
        adapter: reads the model.
        model: what the body should be.
        sent: the body.
    """
    faults: dict[Fault, None] = {}
    named = set()
    try:
        for details, parts in _errors(adapter, sent):
            place = pointer(*parts)
            faults[Fault(place, _message(details))] = None
            if details["type"] == "json_invalid" or len(faults) > MAX_FAULTS:
                return list(faults)
            if isinstance(details["input"], float) and not math.isfinite(details["input"]):
                named.add(place)
    except RecursionError:
        return [_TOO_DEEP]
    keeps_unknown_keys = any(is_open(part) for part in component_names(model).values())
    if sent.endless(keeps_unknown_keys, len(named)):
        faults[_ENDLESS] = None
    return list(faults)


def of_error(error: ValidationError, sent: Sent) -> list[Fault]:
    """The faults that pydantic found in a whole body."""
    found = error.errors(include_url=False)
    return [Fault(pointer(*_path(details, sent.value)), _message(details)) for details in found]


class _Run(list[Any]):
    """A run of an array's items, which knows where in the array it starts."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start


def _errors(adapter: TypeAdapter[Any], sent: Sent) -> Iterator[tuple[ErrorDetails, list[str | int]]]:
    """pydantic's errors of a body, each with the path to its place, as if it had seen the body whole."""
    if _weight(sent.value) < PIECE:
        for details in _refused(adapter, sent.body):
            yield details, _path(details, sent.value)
        return
    for view in _views(sent.value):
        for details in _refused(adapter, json.dumps(view)):
            parts = _path(details, view)
            if not _comes_of_the_view(details, parts, sent.value):
                yield details, parts


def _views(value: Any) -> Iterator[Any]:
    """Parts of a value that are small enough, each inside the objects and arrays that lead to it."""
    if _weight(value) < PIECE:
        yield value
        return
    part: Any = {} if isinstance(value, dict) else _Run(0)
    weight = 0
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        heavy = _weight(item)
        if weight and weight + heavy > PIECE:
            yield part
            part, weight = {} if isinstance(value, dict) else _Run(key), 0
        if heavy >= PIECE:
            for view in _views(item):
                yield _inside(value, key, view)
            part = {} if isinstance(value, dict) else _Run(key + 1)
            continue
        if isinstance(value, dict):
            part[key] = item
        else:
            part.append(item)
        weight += heavy
    if weight:
        yield part


def _inside(whole: Any, key: Any, view: Any) -> Any:
    """A view of a member, as a view of what it is a member of."""
    if isinstance(whole, dict):
        return {key: view}
    run = _Run(key)
    run.append(view)
    return run


def _weight(value: Any) -> int:
    """How many values a value consists of; stops counting at ``PIECE``."""
    count, waiting = 0, [value]
    while waiting and count < PIECE:
        here = waiting.pop()
        count += 1
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return count


def _comes_of_the_view(details: ErrorDetails, parts: Sequence[str | int], whole: Any) -> bool:
    """Whether an error is of the cutting: what it misses, or finds too little of, is in another view."""
    if details["type"] not in ("missing", "too_short"):
        return False
    here = whole
    for part in parts:
        if isinstance(here, dict) and part not in here:
            return False
        here = here[part]
    if details["type"] == "missing":
        return True
    return len(here) >= int(details["ctx"]["min_length"])


def _refused(adapter: TypeAdapter[Any], body: bytes | str) -> Sequence[ErrorDetails]:
    try:
        adapter.validate_json(body)
    except ValidationError as error:
        return error.errors(include_url=False)
    return ()


def _whole(text: str) -> int:
    # Only a place is looked for, and Python refuses to read more digits than this.
    return int(text) if len(text) <= sys.int_info.default_max_str_digits else 0


def _path(details: ErrorDetails, seen: Any) -> list[str | int]:
    """The members that lead to an error; parts of its location that name a type are left out."""
    parts: list[str | int] = []
    here = seen
    location = details["loc"]
    for part in location:
        if isinstance(here, dict) and part in here:
            parts.append(part)
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            parts.append(part + here.start if isinstance(here, _Run) else part)
            here = here[part]
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
