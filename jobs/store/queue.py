"""The queue (DBOS Transact). Each run of a job is a workflow with its own id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from dbos import DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from sqlalchemy import Connection, Engine

from jobs.store.database import parse_url

QUEUE = "jobs"
RUN = "run"
"""The workflow of one run; its arguments are the job's id and the run's number."""

CALLBACKS = "callbacks"
CALL = "call"
"""The workflow that delivers a job's callback; its argument is the job's id."""

_NAME = "abintel"
# Fixed, because DBOS gives a workflow only to workers of the same version, and jobs survive our upgrades.
_VERSION = "1"
_MAX_IDS = 500


def run_id(job_id: str, run: int) -> str:
    """The workflow id of a run.

    >>> run_id("0199", 2)
    '0199.2'
    """
    return f"{job_id}.{run}"


def call_id(job_id: str) -> str:
    """The workflow id of a job's callback."""
    return f"{job_id}.call"


def run_of(workflow_id: str) -> tuple[str, int]:
    """The job and the run number of a workflow.

    >>> run_of("0199.2")
    ('0199', 2)
    """
    job_id, _, run = workflow_id.partition(".")
    return job_id, int(run)


def worker_config(jobs_url: str, worker_id: str) -> DBOSConfig:
    """The DBOS configuration of a worker process. Arguments are stored as JSON, never as pickles."""
    return {
        "name": _NAME,
        "system_database_url": parse_url(jobs_url).render_as_string(hide_password=False),
        "application_version": _VERSION,
        "executor_id": worker_id,
        "serializer": DBOSPortableJSONSerializer(),
        "run_migrations": False,
        "log_level": "WARNING",
        "sys_db_pool_size": 5,
    }


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    """Splits ids into chunks that one statement of any database can take."""
    for first in range(0, len(ids), _MAX_IDS):
        yield ids[first : first + _MAX_IDS]


class Queue:
    """The queue for code that does not run inside a workflow.

    Args:
        engine: engine of the jobs' database.
    """

    def __init__(self, engine: Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=engine,
            application_name=_NAME,
            serializer=DBOSPortableJSONSerializer(),
            lazy=True,
            retry_connection_errors=False,
        )

    def put(
        self, connection: Connection, tenant: str, job_id: str, run: int, delay_seconds: float | None = None
    ) -> None:
        """Queues a run in the caller's transaction, so that the job and its queued run are committed
        together."""
        options: EnqueueOptions = {
            "workflow_name": RUN,
            "queue_name": QUEUE,
            "workflow_id": run_id(job_id, run),
            "app_version": _VERSION,
            "queue_partition_key": tenant,
        }
        if delay_seconds is not None:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(connection, options, job_id, run)

    def put_call(self, connection: Connection, tenant: str, job_id: str) -> None:
        """Queues a callback in the transaction that ends the job."""
        options: EnqueueOptions = {
            "workflow_name": CALL,
            "queue_name": CALLBACKS,
            "workflow_id": call_id(job_id),
            "app_version": _VERSION,
            "queue_partition_key": tenant,
        }
        self._client.enqueue_in_transaction(connection, options, job_id)

    def pending(self, queue: str = QUEUE) -> Sequence[WorkflowStatus]:
        """The workflows that a worker has taken from a queue and not finished."""
        return self._client.list_workflows(
            status="PENDING", queue_name=queue, load_input=False, load_output=False
        )

    def requeue_callbacks(self, calls: Collection[str]) -> None:
        """Queues callbacks of dead workers again."""
        self._client.resume_workflows(list(calls), queue_name=CALLBACKS)

    def drop(self, runs: Collection[str]) -> None:
        """Cancels runs, queued or taken. Finished runs stay as they are."""
        for chunk in _chunks(list(runs)):
            self._client.cancel_workflows(chunk)

    def forget(self, jobs: Mapping[str, int]) -> None:
        """Removes all workflows of some jobs from DBOS. ``jobs`` maps an id to its number of runs."""
        runs_of_jobs = [run_id(job_id, run) for job_id, runs in jobs.items() for run in range(1, runs + 1)]
        for chunk in _chunks([*runs_of_jobs, *map(call_id, jobs)]):
            self._client.delete_workflows(chunk)

    def close(self) -> None:
        """Closes the client, but not the engine."""
        self._client.destroy()
