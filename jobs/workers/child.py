"""The process that does jobs, one at a time: ``python -m jobs.workers.child``, started by a worker.

It imports the plugins once, says that it is ready, and then does what comes in, until its worker ends it. It
reads payloads from the blobs and writes results there; over its pipes go only orders and outcomes.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from abintel import progress
from abintel.answering import Answering
from abintel.charts import PICTURES
from abintel.compiled import keep_compiled, warm
from abintel.discovery import discover
from abintel.endpoint import Call, Endpoint, Parts
from abintel.language import chosen_currency, chosen_language
from abintel.pictures import drawn
from abintel.preload import preload_plugins
from abintel.problem import Problem, of_exception
from abintel.settings import Settings
from jobs.job import new_id
from jobs.rows.forms import ROW_FORMS
from jobs.rows.pieces import opened, sealed
from jobs.rows.table import in_form
from jobs.store.blobs import Blobs, part_key, payload_key, piece_key, result_key
from jobs.store.division import DONE_SHARE
from jobs.workers.messages import receive, send
from stores import logs
from stores.processes import end_with_parent

NICE = 10
"""Below serving: who waits for an answer comes first."""
_DECODED, _HANDLED, _JOINED = 0.05, 0.9, 0.98
_REPORT_SECONDS = 0.25
_TRAININGS = 64
# The kernel, out of memory, ends the process with the most of it and the highest of these.
_FIRST_TO_GO = "500"
log = logging.getLogger(__name__)


class Child:
    """Does jobs with this process's plugins and registry."""

    def __init__(self, settings: Settings) -> None:
        from registry.registry import Registry

        roster = discover(settings.plugins)
        self._endpoints = {endpoint.name: endpoint for endpoint in roster.endpoints}
        self._blobs = Blobs(settings.job_root)
        # Alone in its process, a job may train as many models as it has.
        self._registry = Registry(settings, trainings=_TRAININGS)
        if any(endpoint.trainable is not None for endpoint in roster.endpoints):
            self._open_registry()
        warm(roster, settings.home)
        preload_plugins(roster)

    def _open_registry(self) -> None:
        from registry.store import RegistryUnavailable

        try:
            self._registry.open()
        except RegistryUnavailable as error:
            log.error("the model registry does not answer; jobs that need a stored model fail: %s", error)

    def do(self, order: dict[str, Any], reports: Reports) -> dict[str, Any]:
        """Does a job; gives its outcome: the result's key, or the problem."""
        try:
            return self._done(order, reports)
        except Problem as problem:
            return _refused(problem, order)
        except Exception as error:
            log.exception("failed", extra={"request_id": order["id"]})
            return _refused(of_exception(error), order)

    def _done(self, order: dict[str, Any], reports: Reports) -> dict[str, Any]:
        endpoint = self._endpoint(order["endpoint"])
        call = self._call(order, endpoint)
        if order["part"] is not None:
            return self._part_done(_parts(endpoint), order, call, reports)
        answering = Answering(endpoint, in_job=True)
        request = answering.read(self._blobs.read(payload_key(order["id"])), call)
        pieces: Sequence[bytes] | None = None
        if endpoint.parts is not None and order["results"] is None:
            pieces = endpoint.parts.split(request, call)
            if len(pieces) > 1:
                return self._divided(order, pieces, call)
        begin, end = (_DECODED, _HANDLED) if order["results"] is None else (DONE_SHARE, _JOINED)
        reports.say(begin)
        with progress.listen(lambda share: reports.say(begin + share * (end - begin))):
            if order["results"] is not None:
                answer = _parts(endpoint).joined(request, self._collected(order["results"], call), call)
            elif pieces is not None:
                answer = _parts(endpoint).done(request, pieces, call)
            else:
                answer = endpoint.handle(request, call)
            content = b"".join(answering.encoded(answer, call))
        reports.say(end)
        form = answering.media_type
        if order["answer_form"] in ROW_FORMS:
            form = order["answer_form"]
            content = in_form(content, endpoint, form)
        elif order["answer_form"] in PICTURES:
            form = order["answer_form"]
            content = drawn(endpoint, request, content, call, form)
        return self._kept(result_key(order["id"], order["run"]), content, form)

    # a job in parts: divided, its parts done one by one, their results joined

    def _divided(self, order: dict[str, Any], pieces: Sequence[bytes], call: Call) -> dict[str, Any]:
        # Workers take them in the order of their ids, where they were queued at the same moment.
        parts = sorted(new_id() for _ in pieces)
        for part, piece in zip(parts, pieces, strict=True):
            # What was remarked before the first piece comes before what is remarked in it.
            remarks = call.warnings if part == parts[0] else ()
            self._blobs.write(piece_key(order["id"], part), sealed(piece, remarks))
        return {"said": "divided", "parts": parts}

    def _part_done(self, parts: Parts, order: dict[str, Any], call: Call, reports: Reports) -> dict[str, Any]:
        remarks, piece = opened(self._blobs.read(piece_key(order["id"], order["part"])))
        call.warnings += remarks
        with progress.listen(reports.say):
            result = parts.work(piece, call)
        key = part_key(order["id"], order["part"], order["run"])
        return self._kept(key, sealed(result, call.warnings), order["answer_form"])

    def _collected(self, keys: Sequence[str], call: Call) -> Sequence[bytes]:
        results = []
        for key in keys:
            remarks, result = opened(self._blobs.read(key))
            call.warnings += remarks
            results.append(result)
        return results

    def _kept(self, key: str, content: bytes, form: str) -> dict[str, Any]:
        self._blobs.write(key, content)
        return {"said": "done", "result": key, "bytes": len(content), "form": form}

    def _endpoint(self, name: str) -> Endpoint:
        if name not in self._endpoints:
            raise Problem(503, "route-unavailable", f"This worker does not serve {name}.")
        return self._endpoints[name]

    def _call(self, order: dict[str, Any], endpoint: Endpoint) -> Call:
        # The moment of submission: a job that is done again, elsewhere and later, gives the same answer.
        call = Call(
            tenant=order["tenant"],
            now=datetime.fromisoformat(order["submitted_at"]),
            lang=chosen_language(order["query"]),
            currency=chosen_currency(order["query"]),
            headers=order["headers"],
            query=order["query"],
        )
        # Models are those of now: what a reviewer did since is obeyed, and nothing expired is served.
        call.models = self._registry.bound(call.tenant, endpoint, datetime.now(UTC), call.warn)
        return call


def _parts(endpoint: Endpoint) -> Parts:
    if endpoint.parts is None:
        raise Problem(503, "route-unavailable", f"This worker does {endpoint.name} in one piece.")
    return endpoint.parts


def _refused(problem: Problem, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "said": "problem",
        # Encoded once, which mends texts that are no Unicode.
        "problem": orjson.loads(problem.encode(order["id"])),
        "may_pass": problem.status == 503,
    }


class Reports:
    """Says how far a job is, now and then, and never less than before."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._share = 0.0
        self._said_at = float("-inf")

    def say(self, share: float) -> None:
        """Passes a share on; from any thread."""
        with self._lock:
            instant = time.monotonic()
            if share > self._share and instant - self._said_at >= _REPORT_SECONDS:
                self._share, self._said_at = share, instant
                send(self._pipe, {"said": "progress", "share": share})


def main() -> None:
    """Reads orders from standard input; outcomes go where standard output was."""
    end_with_parent()
    os.nice(NICE)
    with suppress(OSError):
        # Linux shares the processors among sessions first (sched(7), autogroups), and this process leads one:
        # its own niceness counts within that alone.
        Path("/proc/self/autogroup").write_text(str(NICE))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    orders, outcomes = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a plugin or a library prints must not come between the messages.
    os.dup2(2, 1)
    logs.configure()
    settings = Settings.from_environment()
    keep_compiled(settings.home)
    child = Child(settings)
    send(outcomes, {"said": "ready"})
    while (order := receive(orders)) is not None:
        outcome = child.do(order, Reports(outcomes))
        send(outcomes, outcome)


if __name__ == "__main__":
    main()
