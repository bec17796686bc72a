"""From a body's bytes, as they come, to a payload in the blobs that has been checked."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack
from typing import IO

import orjson

from abintel.answering import Answering
from abintel.endpoint import Call, Endpoint
from abintel.inflating import Inflating, too_large
from abintel.media_types import JSON
from jobs.rows.body import RowBody
from jobs.rows.forms import row_shape
from jobs.store.blobs import Blobs, payload_key

_LARGER_AS_JSON = 4
"""A table repeats no names; as JSON it may be so many times as large as the limit of what is sent."""
_one_at_a_time = threading.Semaphore(1)


class Intake:
    """Takes one job's body. All of it works in threads: nothing here may wait on the event loop.

    A body up to ``max_held`` bytes is checked in full. Of a larger one rows are checked as they come, each by
    itself, and JSON is read as a whole, one body at a time; rules across rows hold when the job begins.

    Args:
        endpoint: whose job it is.
        call: what is known beside the body.
        blobs: where payloads go.
        job_id: whose payload it is.
        form: media type of the body.
        parameters: the query, whose members belong to the body where that is rows.
        max_held: bytes up to which a body is kept in memory until it was checked.
        max_body: bytes of the largest body, inflated.
        is_gzip: whether the bytes come packed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        call: Call,
        blobs: Blobs,
        job_id: str,
        *,
        form: str,
        parameters: dict[str, str],
        max_held: int,
        max_body: int,
        is_gzip: bool,
    ) -> None:
        self._answering = Answering(endpoint, in_job=True)
        self._call = call
        self._payload = _Payload(blobs, job_id, max_held)
        self._max_body = max_body
        self._inflating = Inflating(max_body) if is_gzip else None
        self._size = 0
        shape = row_shape(endpoint)
        self._rows: RowBody | None = None
        head = [endpoint.name, dict(call.query), dict(call.headers)]
        if form != JSON and shape is not None:
            self._rows = RowBody(endpoint, shape, form, parameters)
            head += [form, {name: text for name, text in parameters.items() if name in shape.parameters}]
        self._digest = hashlib.sha256(orjson.dumps(head, option=orjson.OPT_SORT_KEYS))

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of the inflated body and of all else that makes the answer."""
        return self._digest.hexdigest()

    def feed(self, data: bytes) -> None:
        """Takes more of the body.

        Raises:
            Problem: 413 past the limit, 400 for what can be seen to be wrong.
        """
        for part in [data] if self._inflating is None else self._inflating.feed(data):
            self._size += len(part)
            if self._size > self._max_body:
                raise too_large(self._max_body)
            self._digest.update(part)
            for piece in [part] if self._rows is None else self._rows.feed(part):
                self._write(piece)

    def end(self) -> None:
        """Checks the whole; the payload is in the blobs when this returns.

        Raises:
            Problem: 400 with every fault.
        """
        if self._inflating is not None:
            self._inflating.end()
        if self._rows is not None:
            for piece in self._rows.end():
                self._write(piece)
        held = self._payload.held
        if held is not None:
            self._answering.read(held, self._call)
        self._payload.close()
        if held is None and self._rows is None:
            # Each takes several times its size of memory, and the interpreter while it is read.
            with _one_at_a_time:
                self._answering.read(self._payload.read(), self._call)

    def abandon(self) -> None:
        """Removes what was stored."""
        self._payload.remove()

    def _write(self, piece: bytes) -> None:
        self._payload.write(piece)
        if self._payload.size > _LARGER_AS_JSON * self._max_body:
            raise too_large(self._max_body)


class _Payload:
    """A blob that is begun when it outgrows what is kept in memory."""

    def __init__(self, blobs: Blobs, job_id: str, max_held: int) -> None:
        self.size = 0
        self._blobs = blobs
        self._job_id = job_id
        self._max_held = max_held
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._open = ExitStack()

    @property
    def held(self) -> bytes | None:
        """All of it, None if it is not in memory."""
        if self._file is not None:
            return None
        self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._file is None:
            self._pieces.append(piece)
            if self.size <= self._max_held:
                return
            self._file = self._open.enter_context(self._blobs.writing(payload_key(self._job_id)))
            self._file.writelines(self._pieces)
            self._pieces = []
        else:
            self._file.write(piece)

    def close(self) -> None:
        """Puts it into the blobs."""
        if self._file is None:
            self._blobs.write(payload_key(self._job_id), self.held or b"")
        self._open.close()

    def read(self) -> bytes:
        return self._blobs.read(payload_key(self._job_id))

    def remove(self) -> None:
        self._open.close()
        self._blobs.remove(self._job_id)
