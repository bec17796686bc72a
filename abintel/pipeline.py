"""The steps from the bytes of a body to the bytes of its answer, for request threads and job processes."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from abintel.answer import BrokenAnswer, Encoder
from abintel.decode import Decoder
from abintel.endpoint import Call, Document, Endpoint
from abintel.problem import MAX_FAULTS, Fault, Problem, bad_body, failed

log = logging.getLogger(__name__)


class Pipeline:
    """Decodes, checks, handles and encodes the calls of one endpoint.

    Args:
        endpoint: the endpoint.
        in_job: whether the calls are jobs. Few endpoints limit the rows of jobs.

    Attributes:
        media_type: the media type of the answers.
    """

    def __init__(self, endpoint: Endpoint, in_job: bool = False) -> None:
        self._endpoint = endpoint
        self._max_rows = endpoint.max_rows if endpoint.limits_jobs or not in_job else {}
        self._decoder = Decoder(endpoint.request)
        self._encoder = _encoder(endpoint)
        self.media_type = "application/json"
        if isinstance(endpoint.response, Document):
            self.media_type = endpoint.response.media_type

    def read(self, body: bytes, call: Call) -> Any:
        """Decodes and checks a decompressed body.

        Raises:
            Problem: 400 with every fault, 413 for too many rows.
        """
        request = self._decoder.decode(body)
        self.check(request, call)
        return request

    def check(self, request: Any, call: Call) -> None:
        """Checks a decoded request against the rules that the schema cannot express.

        Raises:
            Problem: 400 with every fault, 413 for too many rows.
        """
        _check_rows(self._max_rows, request)
        faults = list(itertools.islice(self._endpoint.check(request, call), MAX_FAULTS + 1))
        if faults:
            raise bad_body(faults)

    def answer(self, request: Any, call: Call) -> list[bytes | memoryview]:
        """Handles a decoded request and encodes the answer, in pieces to be sent one after the other.

        Raises:
            Problem: raised by the handler; 500 if the answer violates its own schema.
        """
        return self.encode(self._endpoint.handle(request, call), call)

    def encode(self, answer: Any, call: Call) -> list[bytes | memoryview]:
        """Encodes an answer with the warnings of its call.

        Raises:
            Problem: 500 if the answer violates its own schema.
        """
        if call.warnings and self._endpoint.answers_object:
            answer = {**answer, "warnings": call.warnings}
        try:
            return self._encoder(answer)
        except BrokenAnswer as error:
            log.critical("%s broke its own schema: %s", self._endpoint.name, error)
            raise failed() from None


def _encoder(endpoint: Endpoint) -> Callable[[Any], list[bytes | memoryview]]:
    return _document if isinstance(endpoint.response, Document) else Encoder(endpoint.response).pieces


def _document(content: bytes) -> list[bytes | memoryview]:
    return [content]


def _check_rows(limits: Mapping[str, int], request: Any) -> None:
    for name, most in limits.items():
        rows = getattr(request, name, None)
        if rows is not None and len(rows) > most:
            raise Problem(
                413,
                "too-many-rows",
                f"/{name} has {len(rows):,} items; one request takes {most:,}. Send it in parts.",
                faults=[Fault(f"/{name}", f"At most {most:,} items; got {len(rows):,}.")],
            )
