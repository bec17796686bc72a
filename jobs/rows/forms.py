"""In which forms a route's jobs take rows, and give them: JSON, NDJSON, CSV and Parquet."""

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
    """How a cell's text becomes a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    VALUE = "number, boolean or text"
    MAPPING = "columns `{name}.…`"
    NESTED = "JSON"


@dataclass(frozen=True)
class RowShape:
    """A body that is rows and a few parameters.

    Attributes:
        rows: name of the body's array.
        columns: name to kind, of an item's members.
        parameters: name to kind, of the body's other members.
        keeps_unknown: whether columns that the schema does not name are data.
    """

    rows: str
    columns: Mapping[str, Kind]
    parameters: Mapping[str, Kind]
    keeps_unknown: bool

    @property
    def is_flat(self) -> bool:
        """Whether a table of texts can hold the rows."""
        return Kind.NESTED not in self.columns.values()

    def kind(self, column: str) -> Kind:
        """How a column's cells are read; ``features.age`` is a value of the mapping ``features``."""
        known = self.columns.get(column)
        if known is not None:
            return known
        return Kind.VALUE if self.keeps_unknown or self.mapping(column) is not None else Kind.TEXT

    def mapping(self, column: str) -> tuple[str, str] | None:
        """The mapping that a column belongs to, and its key there."""
        name, _, key = column.partition(".")
        return (name, key) if key and self.columns.get(name) is Kind.MAPPING else None


def row_shape(endpoint: Endpoint) -> RowShape | None:
    """How a route's body is made of rows; None if it is not.

    A body is, if exactly one of its members is an array of objects and no other member that it needs is more
    than a scalar.
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
    """Media types that a route's jobs take."""
    shape = row_shape(endpoint)
    if shape is None:
        return (JSON,)
    return (JSON, NDJSON, CSV, PARQUET) if shape.is_flat else (JSON, NDJSON, PARQUET)


def answer_rows(endpoint: Endpoint) -> tuple[str | None, Sequence[str]] | None:
    """The one array of objects in a route's answer, None for its name if the answer is one, and its columns;
    None if there is no such array."""
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
    """Media types that a route's jobs give, their own first."""
    if not endpoint.response_models:
        return ()
    return (JSON, *ROW_FORMS) if answer_rows(endpoint) is not None else (JSON,)


def asked_form(accept: str, endpoint: Endpoint) -> str:
    """The form in which a job's result is to be made.

    Raises:
        Problem: 406 if a form is named that the route's answer does not have.
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
    """How the text of a value of this type is read."""
    found = _bases(annotation) - {type(None)}
    models = [base for base in found if isinstance(base, type) and issubclass(base, BaseModel)]
    if len(found) == 1 and models and all(_is_scalar(info.annotation) for _, info in _fields(models[0])):
        return Kind.MAPPING
    if models or list in found:
        return Kind.NESTED
    if dict in found:
        return Kind.MAPPING if _is_mapping(annotation) else Kind.NESTED
    if found <= {int, float}:
        return Kind.NUMBER
    if found == {bool}:
        return Kind.BOOLEAN
    if found <= {str, datetime.date}:
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
    """Of ``Annotated`` only the first argument is a type."""
    return 1 if typing.get_origin(annotation) is typing.Annotated else None


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(info.alias or name, info) for name, info in model.model_fields.items()]


def _row(annotation: Any) -> type[BaseModel] | None:
    """The model of an array's items, None if it is no array of one model."""
    if typing.get_origin(annotation) is list:
        [item] = typing.get_args(annotation)
        return item if isinstance(item, type) and issubclass(item, BaseModel) else None
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        parts = typing.get_args(annotation)[: _parts(annotation)]
        return next((row for part in parts if (row := _row(part)) is not None), None)
    return None
