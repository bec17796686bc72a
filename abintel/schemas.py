"""The pydantic models of requests and answers, by their names in the API description."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel

from abintel.fields import Decodes


def is_array(annotation: Any) -> bool:
    """Whether a request or an answer is an array of models."""
    return typing.get_origin(annotation) is list


def members(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The models of a request or an answer: one model, the members of a union, or the model of an array's
    items."""
    if is_array(annotation):
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def row_arrays(model: type[BaseModel]) -> dict[str, bool]:
    """The arrays of objects among a model's fields, by name, and whether each is required."""
    return {
        info.alias or name: info.is_required()
        for name, info in model.model_fields.items()
        if _has_rows(info.annotation)
    }


def _has_rows(annotation: Any) -> bool:
    if typing.get_origin(annotation) is list:
        [item] = typing.get_args(annotation)
        return isinstance(item, type) and issubclass(item, BaseModel)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return any(map(_has_rows, typing.get_args(annotation)))
    return False


def component_names(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """A model and all models in its fields, by class name."""
    models: dict[str, type[BaseModel]] = {}
    _collect(model, models)
    return models


def _collect(annotation: Any, models: dict[str, type[BaseModel]]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if models.get(annotation.__name__) is annotation:
            return
        models[annotation.__name__] = annotation
        for info in annotation.model_fields.values():
            _collect(info.annotation, models)
    elif not isinstance(annotation, Decodes):
        for argument in typing.get_args(annotation):
            _collect(argument, models)
