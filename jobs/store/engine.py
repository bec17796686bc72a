"""The queue: DBOS Transact. A run of a job is a workflow, under an id that nothing else can have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from dbos import DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from sqlalchemy import Connection, Engine

from jobs.store.database import parse_url

QUEUE = "jobs"
RUN = "run"
"""The workflow that does one run of a job; its arguments are the job's id and the run's number."""

CALLBACKS = "callbacks"
CALL = "call"
"""The workflow that tells a caller's server of a job's end; its argument is the job's id."""

_NAME = "abintel"
# Fixed: DBOS gives a workflow only to workers of its version, and a job outlives our upgrades.
_VERSION = "1"
_AT_ONCE = 500


def run_id(job_id: str, run: int) -> str:
    """The workflow of a run.

    >>> run_id("0199", 2)
    '0199.2'
    """
    return f"{job_id}.{run}"


def call_id(job_id: str) -> str:
    """The workflow of a job's callback."""
    return f"{job_id}.call"


def run_of(workflow_id: str) -> tuple[str, int]:
    """Job and number of the run that a workflow does.

    >>> run_of("0199.2")
    ('0199', 2)
    """
    job_id, _, run = workflow_id.partition(".")
    return job_id, int(run)


def worker_config(jobs_url: str, worker_id: str) -> DBOSConfig:
    """How a worker process launches DBOS; arguments are kept as JSON, never as pickles."""
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
    """As many at a time as a statement of any database takes."""
    for first in range(0, len(ids), _AT_ONCE):
        yield ids[first : first + _AT_ONCE]


class Queue:
    """The queue as seen from outside of the workers.

    Args:
        engine: of the jobs' database.
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
        """Queues a run within a transaction of the caller's: what it says of the job and this go together."""
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
        """Queues a callback within the transaction that ends the job."""
        options: EnqueueOptions = {
            "workflow_name": CALL,
            "queue_name": CALLBACKS,
            "workflow_id": call_id(job_id),
            "app_version": _VERSION,
            "queue_partition_key": tenant,
        }
        self._client.enqueue_in_transaction(connection, options, job_id)

    def begun(self, queue: str = QUEUE) -> Sequence[WorkflowStatus]:
        """What a worker took from a queue and has not ended."""
        return self._client.list_workflows(
            status="PENDING", queue_name=queue, load_input=False, load_output=False
        )

    def call_again(self, calls: Collection[str]) -> None:
        """Queues callbacks anew that no living worker has."""
        self._client.resume_workflows(list(calls), queue_name=CALLBACKS)

    def drop(self, runs: Collection[str]) -> None:
        """Takes runs from the queue, or from whoever had them; ended ones stay as they are."""
        for some in _chunks(list(runs)):
            self._client.cancel_workflows(some)

    def forget(self, jobs: Mapping[str, int]) -> None:
        """Removes all that DBOS knows of some jobs: id to number of runs."""
        found = [run_id(job_id, run) for job_id, runs in jobs.items() for run in range(1, runs + 1)]
        for some in _chunks([*found, *map(call_id, jobs)]):
            self._client.delete_workflows(some)

    def close(self) -> None:
        """Ends the client; the engine stays the caller's."""
        self._client.destroy()
