"""From a body's bytes, as they come, to a payload in the blobs that has been checked."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import IO

import orjson

from abintel.answering import Answering
from abintel.endpoint import Call, Endpoint
from abintel.inflating import Inflating, too_large
from jobs.blobs import Blobs, payload_key


class Intake:
    """Takes one job's body. All of it works in threads: nothing here may wait on the event loop.

    Args:
        endpoint: whose job it is.
        call: what is known beside the body.
        blobs: where payloads go.
        job_id: whose payload it is.
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
        max_held: int,
        max_body: int,
        is_gzip: bool,
    ) -> None:
        self._answering = Answering(endpoint, in_job=True)
        self._call = call
        self._blobs = blobs
        self._job_id = job_id
        self._max_held = max_held
        self._max_body = max_body
        self._inflating = Inflating(max_body) if is_gzip else None
        self._size = 0
        self._held: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._open = ExitStack()
        self._digest = hashlib.sha256(_head(endpoint, call))

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
            if self._file is not None:
                self._file.write(part)
                continue
            self._held.append(part)
            if self._size > self._max_held:
                self._file = self._open.enter_context(self._blobs.writing(payload_key(self._job_id)))
                self._file.writelines(self._held)
                self._held.clear()

    def end(self) -> None:
        """Checks the whole; the payload is in the blobs when this returns.

        Raises:
            Problem: 400 with every fault.
        """
        if self._inflating is not None:
            self._inflating.end()
        key = payload_key(self._job_id)
        if self._file is None:
            body = b"".join(self._held)
            self._answering.read(body, self._call)
            self._blobs.write(key, body)
        else:
            self._open.close()
            self._answering.read(self._blobs.read(key), self._call)

    def abandon(self) -> None:
        """Removes what was stored."""
        self._open.close()
        self._blobs.remove(self._job_id)


def _head(endpoint: Endpoint, call: Call) -> bytes:
    return (
        orjson.dumps([endpoint.name, dict(call.query), dict(call.headers)], option=orjson.OPT_SORT_KEYS)
        + b"\n"
    )
