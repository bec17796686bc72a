"""Converts a pydantic model to a msgspec struct that reads the same JSON ten times faster.

pydantic describes a body (OpenAPI) and lists every fault of an invalid one. msgspec reads valid bodies. Both
use the same model of the endpoint. ``docs/architecture.md`` has the measurements.
"""

from __future__ import annotations

import functools
import operator
import re
import types
import typing
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union

import annotated_types
import msgspec
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    PlainValidator,
    Strict,
    WithJsonSchema,
    WrapValidator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from abintel.fields import Decodes

_LIMITS = {
    annotated_types.Ge: "ge",
    annotated_types.Gt: "gt",
    annotated_types.Le: "le",
    annotated_types.Lt: "lt",
    annotated_types.MultipleOf: "multiple_of",
    annotated_types.MinLen: "min_length",
    annotated_types.MaxLen: "max_length",
}
_NUMERIC = {"ge", "gt", "le", "lt", "multiple_of"}
_SIZED = {"min_length", "max_length"}
_LIMITED: dict[Any, set[str]] = {
    int: _NUMERIC,
    float: _NUMERIC,
    str: {*_SIZED, "pattern"},
    bool: set(),
    dict: _SIZED,
    list: _SIZED,
    tuple: _SIZED,
}
_VALIDATORS = (AfterValidator, BeforeValidator, PlainValidator, WrapValidator)
_INERT = (AllowInfNan, Strict, WithJsonSchema, type(None))
"""Marks without effect here: msgspec is always strict and rejects NaN."""


class _Unreadable(Exception):
    """A type that msgspec would not read as pydantic does."""


def is_open(model: type[BaseModel]) -> bool:
    """Whether a model keeps the keys that it does not name (``extra="allow"``)."""
    return model.model_config.get("extra") == "allow"


@functools.cache
def struct_for(model: type[BaseModel], open_rows: bool = False) -> type[msgspec.Struct]:
    """The msgspec struct of a pydantic model: same names, types, limits and defaults.

    Args:
        model: the pydantic model.
        open_rows: whether to read parts that keep unknown keys as plain dicts. A struct would drop the keys.

    Raises:
        TypeError: the model has validators, or a limit that msgspec does not support. Such rules belong into
            the endpoint's ``check``.
    """
    decorators = model.__pydantic_decorators__
    if decorators.field_validators or decorators.model_validators or decorators.root_validators:
        raise TypeError(f"{model.__name__} has validators: put its rules into the endpoint's check")
    fields: list[Any] = []
    for name, info in model.model_fields.items():
        try:
            hint = _hint(info.annotation, _flat(info.metadata), open_rows)
        except _Unreadable as error:
            raise TypeError(
                f"{model.__name__}.{name} {error}: put its rule into the endpoint's check"
            ) from None
        if info.default_factory is not None:
            default = msgspec.field(default_factory=typing.cast(Any, info.default_factory))
            fields.append((name, hint, default))
        elif info.default is not PydanticUndefined:
            fields.append((name, hint, _default(info.default, open_rows)))
        else:
            fields.append((name, hint))
    return msgspec.defstruct(
        model.__name__,
        fields,
        kw_only=True,
        gc=False,
        rename={name: info.alias for name, info in model.model_fields.items() if info.alias is not None},
    )


def _default(value: Any, open_rows: bool) -> Any:
    if isinstance(value, list | dict):
        return msgspec.field(default_factory=functools.partial(_copied, value))
    if isinstance(value, BaseModel):
        return msgspec.field(
            default_factory=functools.partial(
                msgspec.convert, value.model_dump(), struct_for(type(value), open_rows)
            )
        )
    return value


def _copied(value: Any) -> Any:
    return value.copy()


def _flat(metadata: Sequence[Any]) -> list[Any]:
    """Splits ``Field(...)``, ``Interval``, ``StringConstraints`` and similar groups into single marks."""
    marks: list[Any] = []
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            marks.extend(_flat(mark.metadata))
        elif isinstance(mark, annotated_types.GroupedMetadata):
            marks.extend(_flat(list(mark)))
        else:
            marks.append(mark)
    return marks


def _hint(annotation: Any, marks: Sequence[Any], open_rows: bool) -> Any:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        inner, *more = typing.get_args(annotation)
        return _hint(inner, [*_flat(more), *marks], open_rows)
    for mark in marks:
        if isinstance(mark, Decodes):
            rest = [other for other in marks if not isinstance(other, (Decodes, *_VALIDATORS))]
            return _hint(mark.type, rest, open_rows)
    _check(marks)
    if origin in (Union, types.UnionType):
        members = [_hint(member, marks, open_rows) for member in typing.get_args(annotation)]
        return functools.reduce(operator.or_, members)
    if annotation is None or annotation is type(None):
        return type(None)
    if origin is Literal or annotation is Any:
        return annotation
    meta = _meta(origin or annotation, marks)
    if origin in (list, dict, tuple):
        arguments = tuple(_hint(argument, [], open_rows) for argument in typing.get_args(annotation))
        hint: Any = origin[arguments]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return dict[str, Any] if open_rows and is_open(annotation) else struct_for(annotation, open_rows)
    else:
        hint = annotation
    return Annotated[hint, meta] if meta is not None else hint


def _check(marks: Sequence[Any]) -> None:
    for mark in marks:
        if isinstance(mark, _VALIDATORS):
            raise _Unreadable("has a validator")
        attributes = {name for name, value in getattr(mark, "__dict__", {}).items() if value is not None}
        if attributes != {"pattern"} and not isinstance(mark, (*_LIMITS, *_INERT)):
            raise _Unreadable(f"is marked with {mark!r}, which the fast decoder does not know")


def _meta(kind: Any, marks: Sequence[Any]) -> msgspec.Meta | None:
    limits: dict[str, Any] = {}
    for mark in marks:
        for limit, key in _LIMITS.items():
            if isinstance(mark, limit):
                limits[key] = getattr(mark, key)
        pattern = getattr(mark, "pattern", None)
        if pattern is not None:
            limits["pattern"] = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
    if limits and kind not in _LIMITED:
        raise _Unreadable(f"is a {getattr(kind, '__name__', kind)}, which cannot have limits")
    # Each member of a union gets the limits that it supports.
    limits = {key: value for key, value in limits.items() if key in _LIMITED[kind]} if limits else {}
    return msgspec.Meta(**limits) if limits else None
