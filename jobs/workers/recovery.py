"""What a dead worker had begun goes back to the queue."""

from __future__ import annotations

import logging

from jobs.store.engine import CALLBACKS, run_of
from jobs.store.record import Record
from jobs.workers.heartbeat import Heartbeats, Watch

log = logging.getLogger(__name__)


class Recovery:
    """Looks for dead workers; every worker does, and one that starts finds what was left before it.

    Args:
        record: of the jobs.
        heartbeats: of the workers.
    """

    def __init__(self, record: Record, heartbeats: Heartbeats) -> None:
        self._record = record
        self._heartbeats = heartbeats
        self._watch = Watch()

    def look(self) -> int:
        """Queues anew what no living worker has; gives how many jobs.

        A run is of no living worker also where its worker's row is gone: a worker writes its row before it
        takes a job, and who removes the row has first taken care of the jobs.
        """
        # Before the workers are looked up: who is new there has begun none of these.
        begun, claimed = self._record.queue.begun(), self._record.claimed()
        known = self._heartbeats.all()
        living = self._watch.living(known)
        lost = [status for status in begun if status.executor_id not in living]
        queued = 0
        for status in lost:
            queued += self._record.put_back(*run_of(status.workflow_id)) is not None
        for job_id, run, worker_id in claimed:
            if worker_id not in living:
                queued += self._record.put_back(job_id, run) is not None
        if lost:
            # Whether the job was queued anew or had ended: nobody will end these runs.
            self._record.queue.drop([status.workflow_id for status in lost])
        calls = self._record.queue.begun(CALLBACKS)
        unheard = [status.workflow_id for status in calls if status.executor_id not in living]
        if unheard:
            self._record.queue.call_again(unheard)
        for worker in known:
            if worker.id not in living:
                log.warning("worker %s has died; %d jobs are queued anew", worker.id, queued)
                self._heartbeats.leave(worker.id)
        return queued
