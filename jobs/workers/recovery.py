"""Requeues the jobs and callbacks of dead workers."""

from __future__ import annotations

import logging

from jobs.store.queue import CALLBACKS, run_of
from jobs.store.record import Record
from jobs.workers.heartbeat import Heartbeats, LivenessWatch

log = logging.getLogger(__name__)


class Recovery:
    """Finds dead workers. Every worker runs it, so a new worker also finds what was left before it started.

    Args:
        record: the jobs' database.
        heartbeats: the table of workers.
    """

    def __init__(self, record: Record, heartbeats: Heartbeats) -> None:
        self._record = record
        self._heartbeats = heartbeats
        self._watch = LivenessWatch()

    def recover(self) -> int:
        """Requeues the jobs of dead workers; returns their number.

        A worker without a row counts as dead. A worker inserts its row before it takes a job, and a row is
        removed only after its jobs were requeued.
        """
        # Read before the workers: a worker that registers in between has taken none of these.
        pending, claimed = self._record.queue.pending(), self._record.claimed()
        known = self._heartbeats.all()
        living = self._watch.living(known)
        lost = [status for status in pending if status.executor_id not in living]
        queued = 0
        for status in lost:
            queued += self._record.requeue(*run_of(status.workflow_id)) is not None
        for job_id, run, worker_id in claimed:
            if worker_id not in living:
                queued += self._record.requeue(job_id, run) is not None
        if lost:
            # Whether the job was requeued or had ended, nobody will finish these runs.
            self._record.queue.drop([status.workflow_id for status in lost])
        calls = self._record.queue.pending(CALLBACKS)
        lost_callbacks = [status.workflow_id for status in calls if status.executor_id not in living]
        if lost_callbacks:
            self._record.queue.requeue_callbacks(lost_callbacks)
        for worker in known:
            if worker.id not in living:
                log.warning("worker %s has died; %d jobs were requeued", worker.id, queued)
                self._heartbeats.leave(worker.id)
        return queued
