"""Decodes the bytes of a body into the request object, or lists every fault in them."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
from pydantic import BaseModel, TypeAdapter, ValidationError

from abintel.faults import Sent, find, of_error
from abintel.fields import Body
from abintel.problem import Fault, bad_body
from abintel.schemas import component_names, members
from abintel.structs import is_open, struct_for


class _Reader:
    """Reads bodies of one model, with a fast reader (msgspec) and a thorough one (pydantic)."""

    def __init__(self, model: type[BaseModel]) -> None:
        for name, part in component_names(model).items():
            if not issubclass(part, Body):
                raise TypeError(f"{name} is no abintel.fields.Body: a request's models are strict")
        self.model = model
        self._fast = msgspec.json.Decoder(struct_for(model))
        self.thorough = TypeAdapter(model)
        self._open: msgspec.json.Decoder[Any] | None = None
        if any(is_open(part) for part in component_names(model).values()):
            self._open = msgspec.json.Decoder(struct_for(model, open_rows=True))

    def fast(self, body: bytes) -> Any:
        read = self._fast.decode(body)
        return read if self._open is None else self._open.decode(body)

    def read(self, body: bytes) -> Any:
        read = self.thorough.validate_json(body)
        if self._open is None:
            return read
        return msgspec.convert(read.model_dump(mode="json", exclude_unset=True), self._open.type)


class Decoder:
    """Decodes the bodies of one endpoint.

    msgspec decodes valid bodies in one pass. A body that it rejects is decoded again by pydantic, which lists
    every fault, or accepts a value for which msgspec is too strict (``3.0`` for an integer). Both results
    have the same attributes. A part whose model keeps unknown keys (``extra="allow"``) is a plain dict of
    JSON values, checked against its model.

    Args:
        request: a pydantic model, or a union of models that differ in their required keys.

    Raises:
        TypeError: the two readers would decode the model differently; the text has the reason.
    """

    def __init__(self, request: Any) -> None:
        self._readers = [_Reader(model) for model in members(request)]

    def decode(self, body: bytes) -> Any:
        """The request object.

        Raises:
            Problem: 400 with every fault of a body that is not UTF-8, not JSON, or violates the schema.
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
        sent = Sent(body)
        refusals = []
        for reader in sorted(self._readers, key=lambda reader: _mismatch(reader.model, sent.value)):
            faults = find(reader.thorough, reader.model, sent)
            if not faults:
                try:
                    return reader.read(body)
                except ValidationError as error:
                    # A limit of the whole body that none of its pieces violates, such as an array's length.
                    faults = of_error(error, sent)
            refusals.append(faults)
        raise bad_body(refusals[0])


def _mismatch(model: type[BaseModel], sent: Any) -> tuple[int, int]:
    """How badly a body matches a model: the number of missing required keys, then minus that of known keys.

    The first item of each array counts as well, because two models may differ only in their rows.
    """
    if not isinstance(sent, dict):
        return len(model.model_fields), 0
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    lacking, known = len(required - set(sent)), len(set(sent) & set(model.model_fields))
    for name, info in model.model_fields.items():
        rows, row = sent.get(name), _row_model(info.annotation)
        if row is not None and isinstance(rows, list) and rows and isinstance(rows[0], dict):
            more_lacking, fewer_known = _mismatch(row, rows[0])
            lacking, known = lacking + more_lacking, known - fewer_known
    return lacking, -known


def _row_model(annotation: Any) -> type[BaseModel] | None:
    """The model of an array's items, None if the annotation is not an array of models."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is list:
        row = arguments[0]
        return row if isinstance(row, type) and issubclass(row, BaseModel) else None
    return next((row for part in arguments if (row := _row_model(part)) is not None), None)
