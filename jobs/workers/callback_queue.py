"""Delivers callbacks: takes them from their queue, signs them and retries until they are accepted or given
up."""

from __future__ import annotations

import logging
import time

from dbos import DBOS

from abintel.settings import Settings
from jobs.store.queue import CALL, CALLBACKS
from jobs.store.record import Record
from jobs.workers.callback import NotDelivered, body_of, deliver, signature, signing_key
from stores.pepper import load_pepper

MAX_ATTEMPTS = 8
FIRST_DELAY_SECONDS = 2.0
BACK_OFF = 3.0
"""Each delay is so many times the previous one. The last attempt is about 70 minutes after the first."""
_CONCURRENCY = 8
_TENANT_CONCURRENCY = 2
log = logging.getLogger(__name__)


class CallbackQueue:
    """The workflow that delivers callbacks.

    Args:
        settings: the operator's settings.
        record: the jobs' database.
    """

    def __init__(self, settings: Settings, record: Record) -> None:
        self._settings = settings
        self._record = record

    def register(self) -> None:
        """Registers the workflow. Call it before DBOS is launched."""

        def call(job_id: str) -> None:
            self._call(job_id)

        DBOS.workflow(name=CALL, max_recovery_attempts=None)(call)

    def listen(self) -> None:
        """Makes DBOS take callbacks from their queue. Call it after DBOS is launched."""
        DBOS.register_queue(
            CALLBACKS, worker_concurrency=_CONCURRENCY, partition_worker_concurrency=_TENANT_CONCURRENCY
        )

    def _call(self, job_id: str) -> None:
        try:
            DBOS.run_step(
                {
                    "name": "deliver",
                    "retries_allowed": True,
                    "max_attempts": MAX_ATTEMPTS,
                    "interval_seconds": FIRST_DELAY_SECONDS,
                    "backoff_rate": BACK_OFF,
                },
                lambda: self._deliver(job_id),
            )
        except Exception:
            log.warning("the callback of job %s was given up after %d attempts", job_id, MAX_ATTEMPTS)

    def _deliver(self, job_id: str) -> None:
        job = self._record.get(job_id)
        if job is None or job.callback_url is None:
            return
        body, moment = body_of(job), int(time.time())
        key = signing_key(load_pepper(self._settings), job.tenant)
        try:
            deliver(job.callback_url, body, signature(key, moment, body), self._settings.callback_hosts)
        except NotDelivered as error:
            log.info("the callback of job %s: %s", job_id, error)
            raise
