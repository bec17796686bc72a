"""A worker's callbacks: taken from their queue, signed, and sent until they are taken or given up."""

from __future__ import annotations

import logging
import time

from dbos import DBOS

from abintel.settings import Settings
from jobs.store.engine import CALL, CALLBACKS
from jobs.store.record import Record
from jobs.workers.callback import NotDelivered, body_of, deliver, signature, signing_key
from stores.pepper import load_pepper

TRIES = 8
FIRST_DELAY_SECONDS = 2.0
BACK_OFF = 3.0
"""Each delay is so many times the one before it: the last try is some 70 minutes after the first."""
_AT_ONCE = 8
_OF_A_TENANT = 2
log = logging.getLogger(__name__)


class Calls:
    """The workflow of callbacks.

    Args:
        settings: as the operator set them.
        record: of the jobs.
    """

    def __init__(self, settings: Settings, record: Record) -> None:
        self._settings = settings
        self._record = record

    def register(self) -> None:
        """Tells DBOS of the workflow; before it is launched."""

        def call(job_id: str) -> None:
            self._call(job_id)

        DBOS.workflow(name=CALL, max_recovery_attempts=None)(call)

    def listen(self) -> None:
        """Has DBOS take callbacks from their queue; once it is launched."""
        DBOS.register_queue(CALLBACKS, worker_concurrency=_AT_ONCE, partition_worker_concurrency=_OF_A_TENANT)

    def _call(self, job_id: str) -> None:
        try:
            DBOS.run_step(
                {
                    "name": "deliver",
                    "retries_allowed": True,
                    "max_attempts": TRIES,
                    "interval_seconds": FIRST_DELAY_SECONDS,
                    "backoff_rate": BACK_OFF,
                },
                lambda: self._deliver(job_id),
            )
        except Exception:
            log.warning("the callback of job %s was given up after %d tries", job_id, TRIES)

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
