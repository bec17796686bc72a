"""A body of rows: checked while it arrives and converted to the route's JSON body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from abintel.decode import Decoder
from abintel.endpoint import Endpoint
from abintel.problem import MAX_FAULTS, Fault, Problem, bad_body
from jobs.rows.cells import parameters_of
from jobs.rows.forms import RowShape
from jobs.rows.reading import reader_of

_BATCH_ROWS = 500


class RowBody:
    """Converts rows to a route's JSON body.

    Each batch of rows is decoded as a small body of the route, with the decoder that later reads the whole
    body. The faults are therefore those of the whole body, and their pointers are shifted to it.

    Args:
        endpoint: the route of the body.
        shape: the shape of the body.
        form: media type of the rows.
        query: holds the other members of the body.
    """

    def __init__(self, endpoint: Endpoint, shape: RowShape, form: str, query: Mapping[str, str]) -> None:
        self._shape = shape
        self._reader = reader_of(form, shape)
        self._decoder = Decoder(endpoint.request)
        parameters = parameters_of(query, shape)
        self._head = b"{" + parameters + b"," * bool(parameters) + b'"' + shape.rows.encode() + b'":['
        self._row_pointer = re.compile(rf"/{re.escape(shape.rows)}/(\d+)(.*)", re.DOTALL)
        self._rows = 0
        self._faults: list[Fault] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The part of the JSON body that results from more bytes.

        Raises:
            Problem: 400 for bytes after which reading cannot go on.
        """
        for rows in self._reader.feed(data):
            yield from self._converted(rows)

    def end(self) -> Iterator[bytes]:
        """The end of the JSON body.

        Raises:
            Problem: 400 with the faults of all rows.
        """
        for rows in self._reader.end():
            yield from self._converted(rows)
        if self._faults:
            raise bad_body(self._faults)
        yield b"]}" if self._rows else self._head + b"]}"

    def _converted(self, rows: Sequence[bytes]) -> Iterator[bytes]:
        for start in range(0, len(rows), _BATCH_ROWS):
            batch = rows[start : start + _BATCH_ROWS]
            content = b",".join(batch)
            self._check(content)
            yield (b"," if self._rows else self._head) + content
            self._rows += len(batch)

    def _check(self, content: bytes) -> None:
        try:
            self._decoder.decode(self._head + content + b"]}")
        except Problem as problem:
            self._faults += filter(None, map(self._in_the_whole, problem.faults))
            if len(self._faults) > MAX_FAULTS:
                raise bad_body(self._faults) from None

    def _in_the_whole(self, fault: Fault) -> Fault | None:
        """A fault of a batch as a fault of the whole body; None if it concerns only the batch, or is
        known."""
        match = self._row_pointer.fullmatch(fault.pointer)
        if match is not None:
            return Fault(f"/{self._shape.rows}/{int(match[1]) + self._rows}{match[2]}", fault.message)
        # The number of rows is known only at the end; the job checks it.
        return None if fault.pointer == f"/{self._shape.rows}" or fault in self._faults else fault
