"""The process that computes jobs, one at a time: ``python -m jobs.workers.child``, started by a worker.

It imports the plugins once, reporter that it is ready, and then computes jobs until its worker ends it. It
reads payloads from the blobs and writes results to them. Its pipes carry only orders and outcomes.
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
from abintel.charts import PICTURES
from abintel.compile_cache import set_compile_cache, warm_up
from abintel.discovery import discover
from abintel.endpoint import Call, Endpoint, Parts
from abintel.language import chosen_currency, chosen_language
from abintel.pictures import draw
from abintel.pipeline import Pipeline
from abintel.preload import preload_plugins
from abintel.problem import Problem, of_exception
from abintel.settings import Settings
from jobs.job import new_id
from jobs.rows.forms import ROW_FORMS
from jobs.rows.part_blobs import pack, unpack
from jobs.rows.table import in_form
from jobs.store.blobs import Blobs, part_key, payload_key, piece_key, result_key
from jobs.store.division import DONE_SHARE
from jobs.workers.messages import receive, send
from stores import logs
from stores.processes import end_with_parent

NICE = 10
"""A lower priority than serving: requests come before jobs."""
_DECODED, _HANDLED, _JOINED = 0.05, 0.9, 0.98
_REPORT_SECONDS = 0.25
_TRAININGS = 64
# When memory runs out, the kernel prefers to kill processes with a high score.
_OOM_SCORE = "500"
log = logging.getLogger(__name__)


class JobRunner:
    """Computes jobs with the plugins and the registry of this process."""

    def __init__(self, settings: Settings) -> None:
        from registry.registry import Registry

        roster = discover(settings.plugins)
        self._endpoints = {endpoint.name: endpoint for endpoint in roster.endpoints}
        self._blobs = Blobs(settings.job_root)
        # A job is alone in its process and may train as many models as it needs.
        self._registry = Registry(settings, trainings=_TRAININGS)
        if any(endpoint.trainable is not None for endpoint in roster.endpoints):
            self._open_registry()
        warm_up(roster, settings.home)
        preload_plugins(roster)

    def _open_registry(self) -> None:
        from registry.store import RegistryUnavailable

        try:
            self._registry.open()
        except RegistryUnavailable as error:
            log.error("%s; jobs that need a stored model will fail: %s", error.headline, error)

    def do(self, order: dict[str, Any], reporter: ProgressReporter) -> dict[str, Any]:
        """Computes a job and returns its outcome: the key of the result, or the problem."""
        try:
            return self._compute(order, reporter)
        except Problem as problem:
            return _refused(problem, order)
        except Exception as error:
            log.exception("failed", extra={"request_id": order["id"]})
            return _refused(of_exception(error), order)

    def _compute(self, order: dict[str, Any], reporter: ProgressReporter) -> dict[str, Any]:
        endpoint = self._endpoint(order["endpoint"])
        call = self._call(order, endpoint)
        if order["part"] is not None:
            return self._compute_part(_parts(endpoint), order, call, reporter)
        pipeline = Pipeline(endpoint, in_job=True)
        request = pipeline.read(self._blobs.read(payload_key(order["id"])), call)
        pieces: Sequence[bytes] | None = None
        if endpoint.parts is not None and order["results"] is None:
            pieces = endpoint.parts.split(request, call)
            if len(pieces) > 1:
                return self._divide(order, pieces, call)
        begin, end = (_DECODED, _HANDLED) if order["results"] is None else (DONE_SHARE, _JOINED)
        reporter.report(begin)
        with progress.listen(lambda share: reporter.report(begin + share * (end - begin))):
            if order["results"] is not None:
                answer = _parts(endpoint).merge(request, self._collect(order["results"], call), call)
            elif pieces is not None:
                answer = _parts(endpoint).run(request, pieces, call)
            else:
                answer = endpoint.handle(request, call)
            content = b"".join(pipeline.encode(answer, call))
        reporter.report(end)
        form = pipeline.media_type
        if order["answer_form"] in ROW_FORMS:
            form = order["answer_form"]
            content = in_form(content, endpoint, form)
        elif order["answer_form"] in PICTURES:
            form = order["answer_form"]
            content = draw(endpoint, request, content, call, form)
        return self._store(result_key(order["id"], order["run"]), content, form)

    # divided jobs

    def _divide(self, order: dict[str, Any], pieces: Sequence[bytes], call: Call) -> dict[str, Any]:
        # Workers take parts that were queued at the same moment in the order of their ids.
        parts = sorted(new_id() for _ in pieces)
        for part, piece in zip(parts, pieces, strict=True):
            # Warnings from the split come before those of the first part.
            warnings = call.warnings if part == parts[0] else ()
            self._blobs.write(piece_key(order["id"], part), pack(piece, warnings))
        return {"said": "divided", "parts": parts}

    def _compute_part(
        self, parts: Parts, order: dict[str, Any], call: Call, reporter: ProgressReporter
    ) -> dict[str, Any]:
        warnings, piece = unpack(self._blobs.read(piece_key(order["id"], order["part"])))
        call.warnings += warnings
        with progress.listen(reporter.report):
            result = parts.work(piece, call)
        key = part_key(order["id"], order["part"], order["run"])
        return self._store(key, pack(result, call.warnings), order["answer_form"])

    def _collect(self, keys: Sequence[str], call: Call) -> Sequence[bytes]:
        results = []
        for key in keys:
            warnings, result = unpack(self._blobs.read(key))
            call.warnings += warnings
            results.append(result)
        return results

    def _store(self, key: str, content: bytes, form: str) -> dict[str, Any]:
        self._blobs.write(key, content)
        return {"said": "done", "result": key, "bytes": len(content), "form": form}

    def _endpoint(self, name: str) -> Endpoint:
        if name not in self._endpoints:
            raise Problem(503, "route-unavailable", f"This worker does not serve {name}.")
        return self._endpoints[name]

    def _call(self, order: dict[str, Any], endpoint: Endpoint) -> Call:
        # The clock is the time of submission, so that a second run gives the same answer as the first.
        call = Call(
            tenant=order["tenant"],
            now=datetime.fromisoformat(order["submitted_at"]),
            lang=chosen_language(order["query"]),
            currency=chosen_currency(order["query"]),
            headers=order["headers"],
            query=order["query"],
        )
        # Models use the current time: expired models and models that a reviewer rejected since are not
        # served.
        call.models = self._registry.bound(
            call.tenant, endpoint, datetime.now(UTC), call.warn, call.is_example
        )
        return call


def _parts(endpoint: Endpoint) -> Parts:
    if endpoint.parts is None:
        raise Problem(503, "route-unavailable", f"This worker does {endpoint.name} in one piece.")
    return endpoint.parts


def _refused(problem: Problem, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "said": "problem",
        # Encoding replaces invalid Unicode.
        "problem": orjson.loads(problem.encode(order["id"])),
        "may_pass": problem.status == 503,
    }


class ProgressReporter:
    """Sends the progress of a job to the worker, at most a few times per second and never decreasing."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._share = 0.0
        self._sent_at = float("-inf")

    def report(self, share: float) -> None:
        """Sends the share of the work that is done. Any thread may call it."""
        with self._lock:
            now = time.monotonic()
            if share > self._share and now - self._sent_at >= _REPORT_SECONDS:
                self._share, self._sent_at = share, now
                send(self._pipe, {"said": "progress", "share": share})


def main() -> None:
    """Reads orders from standard input and writes outcomes to the original standard output."""
    end_with_parent()
    os.nice(NICE)
    with suppress(OSError):
        # Linux first shares the processors among sessions (sched(7), autogroup), and this process leads a
        # session. Its own nice level counts only within that session.
        Path("/proc/self/autogroup").write_text(str(NICE))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
    orders, outcomes = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Output that a plugin or a library prints must not mix with the messages.
    os.dup2(2, 1)
    logs.configure()
    settings = Settings.from_environment()
    set_compile_cache(settings.home)
    runner = JobRunner(settings)
    send(outcomes, {"said": "ready"})
    while (order := receive(orders)) is not None:
        outcome = runner.do(order, ProgressReporter(outcomes))
        send(outcomes, outcome)


if __name__ == "__main__":
    main()
