"""A body made of rows that come one after the other: checked as they come, written down as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from abintel.decode import Decoder
from abintel.endpoint import Endpoint
from abintel.problem import MAX_FAULTS, Fault, Problem, bad_body
from jobs.rows.cells import parameters_of
from jobs.rows.forms import RowShape
from jobs.rows.reading import reader_of

_ROWS_AT_ONCE = 500


class RowBody:
    """Makes a route's JSON body of rows.

    Each run of rows is read as a small body of the route, by the decoder that will read the whole: the faults
    are those that the whole would have, at their places in it.

    Args:
        endpoint: whose body it is.
        shape: of the body.
        form: media type of the rows.
        query: with the other members.
    """

    def __init__(self, endpoint: Endpoint, shape: RowShape, form: str, query: Mapping[str, str]) -> None:
        self._shape = shape
        self._reader = reader_of(form, shape)
        self._decoder = Decoder(endpoint.request)
        parameters = parameters_of(query, shape)
        self._head = b"{" + parameters + b"," * bool(parameters) + b'"' + shape.rows.encode() + b'":['
        self._place = re.compile(rf"/{re.escape(shape.rows)}/(\d+)(.*)", re.DOTALL)
        self._rows = 0
        self._faults: list[Fault] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """More of the JSON body, from more of the rows.

        Raises:
            Problem: 400 for what cannot be read on.
        """
        for rows in self._reader.feed(data):
            yield from self._taken(rows)

    def end(self) -> Iterator[bytes]:
        """The rest of the JSON body.

        Raises:
            Problem: 400 with every fault of all rows.
        """
        for rows in self._reader.end():
            yield from self._taken(rows)
        if self._faults:
            raise bad_body(self._faults)
        yield b"]}" if self._rows else self._head + b"]}"

    def _taken(self, rows: Sequence[bytes]) -> Iterator[bytes]:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            content = b",".join(some)
            self._check(content)
            yield (b"," if self._rows else self._head) + content
            self._rows += len(some)

    def _check(self, content: bytes) -> None:
        try:
            self._decoder.decode(self._head + content + b"]}")
        except Problem as problem:
            self._faults += filter(None, map(self._in_the_whole, problem.faults))
            if len(self._faults) > MAX_FAULTS:
                raise bad_body(self._faults) from None

    def _in_the_whole(self, fault: Fault) -> Fault | None:
        """A fault of a run of rows, as one of the body; None if it is of the run only, or known."""
        found = self._place.fullmatch(fault.pointer)
        if found is not None:
            return Fault(f"/{self._shape.rows}/{int(found[1]) + self._rows}{found[2]}", fault.message)
        # How many rows there are is only known at the end; the job counts them.
        return None if fault.pointer == f"/{self._shape.rows}" or fault in self._faults else fault
