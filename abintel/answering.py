"""From the bytes of a body to the bytes of its answer: what a request's thread does, and a job's process."""

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


class Answering:
    """Reads, checks, handles and encodes the calls of one endpoint.

    Args:
        endpoint: whose calls.
        in_job: whether they are jobs, which few endpoints limit in rows.

    Attributes:
        media_type: of the answers.
    """

    def __init__(self, endpoint: Endpoint, in_job: bool = False) -> None:
        self._endpoint = endpoint
        self._max_rows = endpoint.max_rows if endpoint.limits_jobs or not in_job else {}
        self._decoder = Decoder(endpoint.request)
        self._encode = _encoder(endpoint)
        self.media_type = "application/json"
        if isinstance(endpoint.response, Document):
            self.media_type = endpoint.response.media_type

    def read(self, body: bytes, call: Call) -> Any:
        """The request object of a body that was inflated.

        Raises:
            Problem: 400 with every fault, 413 for more rows than the endpoint takes.
        """
        request = self._decoder.decode(body)
        self.check(request, call)
        return request

    def check(self, request: Any, call: Call) -> None:
        """Holds a request that was read to the rules that no schema can say.

        Raises:
            Problem: 400 with every fault, 413 for more rows than the endpoint takes.
        """
        _check_rows(self._max_rows, request)
        faults = list(itertools.islice(self._endpoint.check(request, call), MAX_FAULTS + 1))
        if faults:
            raise bad_body(faults)

    def answer(self, request: Any, call: Call) -> list[bytes | memoryview]:
        """The bytes of the answer to a request that was read, in pieces to be sent one after the other.

        Raises:
            Problem: what the handler raises; 500 if its answer breaks its own schema.
        """
        return self.encoded(self._endpoint.handle(request, call), call)

    def encoded(self, answer: Any, call: Call) -> list[bytes | memoryview]:
        """The bytes of what a handler answered, with the remarks of the call.

        Raises:
            Problem: 500 if the answer breaks its own schema.
        """
        if call.warnings and self._endpoint.answers_object:
            answer = {**answer, "warnings": call.warnings}
        try:
            return self._encode(answer)
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
