"""The media types in which a route's jobs take rows and return them: JSON, NDJSON, CSV and Parquet."""

from __future__ import annotations

import datetime
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from abintel.charts import PICTURES
from abintel.endpoint import Endpoint
from abintel.media_types import CSV, JSON, NDJSON, PARQUET, accept_weights, chosen_form
from abintel.problem import Problem
from abintel.schemas import is_array, members
from abintel.structs import is_open

ROW_FORMS = (NDJSON, CSV, PARQUET)


class Kind(Enum):
    """How a cell's text is converted to a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    VALUE = "number, boolean or text"
    MAPPING = "columns `{name}.…`"
    NESTED = "JSON"


@dataclass(frozen=True)
class RowShape:
    """The shape of a body that consists of rows and scalar parameters.

    Attributes:
        rows: name of the body's array.
        columns: the kind of each member of an item, by name.
        parameters: the kind of each other member of the body, by name.
        keeps_unknown: whether columns that the schema does not name are kept.
    """

    rows: str
    columns: Mapping[str, Kind]
    parameters: Mapping[str, Kind]
    keeps_unknown: bool

    @property
    def is_flat(self) -> bool:
        """Whether a CSV table can hold the rows."""
        return Kind.NESTED not in self.columns.values()

    def kind(self, column: str) -> Kind:
        """The kind of a column. ``features.age`` is a value of the mapping ``features``."""
        kind = self.columns.get(column)
        if kind is not None:
            return kind
        return Kind.VALUE if self.keeps_unknown or self.mapping(column) is not None else Kind.TEXT

    def mapping(self, column: str) -> tuple[str, str] | None:
        """The mapping that a column belongs to, and its key in that mapping."""
        name, _, key = column.partition(".")
        return (name, key) if key and self.columns.get(name) is Kind.MAPPING else None


def row_shape(endpoint: Endpoint) -> RowShape | None:
    """The row shape of a route's body; None if it has none.

    A body has one if exactly one member is an array of objects and every other required member is a scalar.
    """
    models = members(endpoint.request)
    if len(models) != 1:
        return None
    arrays = {name: row for name, info in _fields(models[0]) if (row := _row(info.annotation)) is not None}
    if len(arrays) != 1:
        return None
    [(rows, row)] = arrays.items()
    parameters = {}
    for name, info in _fields(models[0]):
        if name != rows:
            parameters[name] = kind_of(info.annotation)
            if info.is_required() and parameters[name] in (Kind.NESTED, Kind.MAPPING):
                return None
    columns = {name: kind_of(info.annotation) for name, info in _fields(row)}
    return RowShape(rows, columns, parameters, is_open(row))


def accepted(endpoint: Endpoint) -> Sequence[str]:
    """The media types that a route's jobs accept."""
    shape = row_shape(endpoint)
    if shape is None:
        return (JSON,)
    return (JSON, NDJSON, CSV, PARQUET) if shape.is_flat else (JSON, NDJSON, PARQUET)


def answer_rows(endpoint: Endpoint) -> tuple[str | None, Sequence[str]] | None:
    """Name and columns of the only array of objects in a route's answer; None if there is no such array.

    The name is None if the answer itself is the array.
    """
    models = endpoint.response_models
    if len(models) != 1:
        return None
    if is_array(endpoint.response):
        return None, list(models[0].model_fields)
    arrays = {
        name: row
        for name, info in _fields(models[0])
        if name != "warnings" and (row := _row(info.annotation)) is not None
    }
    if len(arrays) != 1:
        return None
    [(rows, row)] = arrays.items()
    return rows, [name for name, _ in _fields(row)]


def given(endpoint: Endpoint) -> Sequence[str]:
    """The media types in which a route's jobs return results, the default first."""
    if not endpoint.response_models:
        return ()
    return (JSON, *ROW_FORMS) if answer_rows(endpoint) is not None else (JSON,)


def asked_form(accept: str, endpoint: Endpoint) -> str:
    """The media type that an ``Accept`` header chooses for a job's result.

    Raises:
        Problem: 406 if the header names a media type that the route's answer does not have.
    """
    pictures = PICTURES if endpoint.chart is not None else ()
    choice = chosen_form(accept, (*given(endpoint), *pictures))
    named = accept_weights(accept)
    if choice is None and any(form in named for form in ROW_FORMS):
        raise Problem(
            406,
            "not-acceptable",
            f"The answer of {endpoint.name} is not a table, and comes in its own form only.",
        )
    if choice is None and any(form in named for form in PICTURES):
        raise Problem(406, "not-acceptable", endpoint.no_chart or "This route has no picture.")
    return choice or JSON


def kind_of(annotation: Any) -> Kind:
    """How the text of a value of a type is converted."""
    bases = _bases(annotation) - {type(None)}
    models = [base for base in bases if isinstance(base, type) and issubclass(base, BaseModel)]
    if len(bases) == 1 and models and all(_is_scalar(info.annotation) for _, info in _fields(models[0])):
        return Kind.MAPPING
    if models or list in bases:
        return Kind.NESTED
    if dict in bases:
        return Kind.MAPPING if _is_mapping(annotation) else Kind.NESTED
    if bases <= {int, float}:
        return Kind.NUMBER
    if bases == {bool}:
        return Kind.BOOLEAN
    if bases <= {str, datetime.date}:
        return Kind.TEXT
    return Kind.VALUE


def _bases(annotation: Any) -> set[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bases(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return set().union(*map(_bases, typing.get_args(annotation)))
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(annotation)}
    return {origin or annotation}


def _is_mapping(annotation: Any) -> bool:
    """Whether an annotation is a dict of scalars, or None."""
    if typing.get_origin(annotation) is dict:
        return _is_scalar(typing.get_args(annotation)[1])
    return all(
        _is_mapping(part)
        for part in typing.get_args(annotation)[: _parts(annotation)]
        if part is not type(None)
    )


def _is_scalar(annotation: Any) -> bool:
    return kind_of(annotation) not in (Kind.NESTED, Kind.MAPPING)


def _parts(annotation: Any) -> int | None:
    """How many arguments of an annotation are types, None for all; ``Annotated`` has one."""
    return 1 if typing.get_origin(annotation) is typing.Annotated else None


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(info.alias or name, info) for name, info in model.model_fields.items()]


def _row(annotation: Any) -> type[BaseModel] | None:
    """The model of an array's items; None if the annotation is not an array of one model."""
    if typing.get_origin(annotation) is list:
        [item] = typing.get_args(annotation)
        return item if isinstance(item, type) and issubclass(item, BaseModel) else None
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        parts = typing.get_args(annotation)[: _parts(annotation)]
        return next((row for part in parts if (row := _row(part)) is not None), None)
    return None
