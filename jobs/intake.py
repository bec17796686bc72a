"""Receives the body of a job: checks it while it arrives and stores it as the job's payload."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack
from typing import IO

import orjson

from abintel.endpoint import Call, Endpoint
from abintel.inflate import Inflater, too_large
from abintel.media_types import JSON
from abintel.pipeline import Pipeline
from jobs.rows.body import RowBody
from jobs.rows.forms import row_shape
from jobs.store.blobs import Blobs, payload_key

_MAX_JSON_GROWTH = 4
"""A table does not repeat its column names. As JSON it may have so many times the limit of the body."""
_large_json = threading.Semaphore(1)


class Intake:
    """Receives the body of one job. Every method may block, so it must be called in a thread.

    A body of up to ``max_held`` bytes is checked in full. The rows of a larger body are checked one by one as
    they arrive, and rules across rows are checked when the job starts. Large JSON bodies are decoded one at a
    time.

    Args:
        endpoint: the route of the job.
        call: the call, apart from its body.
        blobs: where payloads are stored.
        job_id: the id of the job.
        form: media type of the body.
        parameters: the query. If the body is rows, it holds the other members of the body.
        max_held: bytes up to which a body is kept in memory until it has been checked.
        max_body: bytes of the largest body, decompressed.
        is_gzip: whether the body is compressed.
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
        self._pipeline = Pipeline(endpoint, in_job=True)
        self._call = call
        self._payload = _Payload(blobs, job_id, max_held)
        self._max_body = max_body
        self._inflater = Inflater(max_body) if is_gzip else None
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
        """SHA-256, hexadecimal, of the decompressed body and of everything else that determines the
        answer."""
        return self._digest.hexdigest()

    def feed(self, data: bytes) -> None:
        """Receives the next bytes of the body.

        Raises:
            Problem: 413 for a body over the limit, 400 for faults that are visible already.
        """
        for part in [data] if self._inflater is None else self._inflater.feed(data):
            self._size += len(part)
            if self._size > self._max_body:
                raise too_large(self._max_body)
            self._digest.update(part)
            for piece in [part] if self._rows is None else self._rows.feed(part):
                self._write(piece)

    def end(self) -> None:
        """Checks the whole body and stores the payload.

        Raises:
            Problem: 400 with every fault.
        """
        if self._inflater is not None:
            self._inflater.end()
        if self._rows is not None:
            for piece in self._rows.end():
                self._write(piece)
        held = self._payload.held
        if held is not None:
            self._pipeline.read(held, self._call)
        self._payload.close()
        if held is None and self._rows is None:
            # Decoding takes several times the body's size in memory and holds the interpreter lock.
            with _large_json:
                self._pipeline.read(self._payload.read(), self._call)

    def abandon(self) -> None:
        """Removes the stored payload."""
        self._payload.remove()

    def _write(self, piece: bytes) -> None:
        self._payload.write(piece)
        if self._payload.size > _MAX_JSON_GROWTH * self._max_body:
            raise too_large(self._max_body)


class _Payload:
    """A payload in memory that moves to a blob when it grows too large."""

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
        """The whole payload, None if it is not in memory."""
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
        """Stores the payload."""
        if self._file is None:
            self._blobs.write(payload_key(self._job_id), self.held or b"")
        self._open.close()

    def read(self) -> bytes:
        return self._blobs.read(payload_key(self._job_id))

    def remove(self) -> None:
        self._open.close()
        self._blobs.remove(self._job_id)
