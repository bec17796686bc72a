"""Converts a file of rows to a route's body, using the route's API description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from abintel.tables.reader import read
from abintel.tables.result import Choices, Reading
from abintel.tables.shape import arrays_of, bodies_of, kinds_of
from abintel.tables.source import NotATable
from server.cli import Refusal


class BodyDescription:
    """The description of a route's body.

    Args:
        document: the server's OpenAPI document.
        path: path of the route.
    """

    def __init__(self, document: Mapping[str, Any], path: str) -> None:
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]
        self._operation: Mapping[str, Any] = document["paths"][path]["post"]

    def read(self, content: bytes, choices: Choices) -> Reading:
        """The rows of a file.

        Raises:
            Refusal: the file is not a table, its columns fit no array of the body, or values are unreadable.
        """
        try:
            reading = read(content, arrays_of(self._schemas, self._operation), choices)
        except NotATable as error:
            raise Refusal(str(error)) from error
        if reading.missing:
            names = ", ".join(reading.missing)
            columns = ", ".join(column.name for column in reading.columns)
            raise Refusal(
                f"no column of the file fits {names} of {reading.array.name}; say --map COLUMN=FIELD; "
                f"the columns are {columns}"
            )
        if reading.faults:
            for cause in reading.faults:
                click.echo(f"  {cause}", err=True)
            raise Refusal(
                f"values of {reading.array.name} cannot be read; mend them, or leave out their rows with "
                "--skip-faults"
            )
        return reading

    def value(self, name: str, text: str) -> Any:
        """The value of a field from the command line: text if the field takes text, else JSON."""
        kinds: set[str] = set()
        for body in bodies_of(self._schemas, self._operation):
            kinds |= kinds_of(body["properties"].get(name, {}), self._schemas)
        if kinds & {"string", "date"}:
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text
