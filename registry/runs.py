"""Reads and writes runs and their files in MLflow's tracking store."""

from __future__ import annotations

import contextlib
import datetime
import functools
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from registry import artifact
from registry.circuit_breaker import CircuitBreaker
from registry.names import experiment_name
from registry.rules import Version

_ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
log = logging.getLogger(__name__)

# MLflow reads these variables when it is imported, which happens later. They make it give up an unreachable
# server after 2 s and one retry, send no telemetry, log where we log, and print nothing.
for _name, _value in {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "2",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}.items():
    os.environ.setdefault(_name, _value)


def is_absent(error: Any) -> bool:
    """Whether an exception of MLflow means that what was asked for does not exist."""
    return getattr(error, "error_code", None) in _ABSENT


class Runs:
    """The runs of trainings, in experiments of their tenant and endpoint.

    Args:
        tracking_uri: a database URL or a tracking server's address.
        artifact_root: where artifacts go if ``tracking_uri`` is a database. A tracking server decides itself.

    Every method raises :class:`RegistryUnavailable` if MLflow does not answer within 2 s and one retry.
    """

    def __init__(self, tracking_uri: str, artifact_root: str) -> None:
        self._uri = tracking_uri
        self._artifact_root = artifact_root
        self._experiments: dict[str, str] = {}
        self._breaker = CircuitBreaker()

    @functools.cached_property
    def client(self) -> Any:
        """MLflow's client. It is imported at the first use, because the import takes seconds."""
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)

    @contextlib.contextmanager
    def files(self, version: Version) -> Iterator[Path]:
        """A temporary copy of a version's model folder. The folder does not exist if the version's files are
        gone.

        Raises:
            OSError: the disk is full.
        """
        from mlflow.exceptions import MlflowException

        folder = Path(tempfile.mkdtemp(prefix="abintel-model-"))
        try:
            with artifact.report_full_disk(folder), self._breaker():
                try:
                    files = self._artifacts(self.client.get_run(version.run_id))
                    is_there = bool(files.list_artifacts("model"))
                except MlflowException as error:
                    if not is_absent(error):
                        raise
                    is_there = False
                try:
                    if is_there:
                        files.download_artifacts("model", str(folder))
                except (OSError, MlflowException):
                    # On a full disk MLflow reports the files that it could not write as missing.
                    if not artifact.has_free_space(folder):
                        raise
                    # If MLflow does not answer, this fails as well; otherwise a file cannot be read.
                    files.list_artifacts("model")
                    is_there = False
                if not is_there:
                    log.error("the files of version %s of %s are gone", version.number, version.name)
            yield folder / "model"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def log_run(
        self,
        *,
        tenant: str,
        endpoint: str,
        run_name: str,
        params: Mapping[str, str],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        files: Callable[[], Path],
        now: datetime.datetime,
    ) -> str:
        """Stores a finished training and returns its run id.

        ``files`` returns the folder to upload. It is called last, because its pictures may still be drawn.
        """
        from mlflow.entities import Metric, Param

        milliseconds = int(now.timestamp() * 1000)
        with self._breaker():
            experiment = self._experiment(tenant, endpoint)
            run_tags = {"abintel.writer": writer(), **{key: value[:5000] for key, value in tags.items()}}
            run = self.client.create_run(experiment, milliseconds, run_tags, run_name)
        run_id = str(run.info.run_id)
        try:
            with self._breaker():
                self.client.log_batch(
                    run_id,
                    metrics=[Metric(key, value, milliseconds, 0) for key, value in metrics.items()],
                    params=[Param(key, value[:6000]) for key, value in params.items()],
                )
            folder = str(files())  # outside the breaker: neither its duration nor its failure is MLflow's
            with self._breaker():
                self._artifacts(run).log_artifacts(folder)
                self.client.set_terminated(run_id, end_time=milliseconds)
        except Exception:
            # A partial upload would keep a full disk full. What cannot be removed now goes at the next start.
            with contextlib.suppress(Exception):
                self._delete_run(run_id)
            raise
        return run_id

    def remove_abandoned_runs(self) -> int:
        """Removes the runs that a process of this machine was writing when it died; returns their number."""
        host, removed = socket.gethostname(), 0
        with self._breaker():
            experiments = self._experiment_ids()
            if not experiments:
                return 0
            runs = self.client.search_runs(experiments, "attributes.status = 'RUNNING'", max_results=1000)
            for run in runs:
                writer_host, _, process = run.data.tags.get("abintel.writer", "").partition(":")
                if writer_host == host and process.isdigit() and not psutil.pid_exists(int(process)):
                    self._delete_run(run.info.run_id)
                    removed += 1
        return removed

    def _experiment_ids(self) -> list[str]:
        """The experiments of abintel."""
        ids, token = [], None
        while True:
            page = self.client.search_experiments(filter_string="name LIKE 'abintel.%'", page_token=token)
            ids += [experiment.experiment_id for experiment in page]
            token = page.token
            if not token:
                return ids

    def _delete_run(self, run_id: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._artifacts(self.client.get_run(run_id)).delete_artifacts("")
            self.client.set_terminated(run_id, status="KILLED")
            self.client.delete_run(run_id)
        except MlflowException as error:
            if not is_absent(error):
                raise

    def _artifacts(self, run: Any) -> Any:
        """MLflow's store of a run's files."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        return get_artifact_repository(run.info.artifact_uri, tracking_uri=self._uri)

    def _experiment(self, tenant: str, endpoint: str) -> str:
        from mlflow.exceptions import MlflowException

        name = experiment_name(tenant, endpoint)
        if name not in self._experiments:
            experiment = self.client.get_experiment_by_name(name)
            if experiment is None:
                is_server = self._uri.startswith(("http://", "https://", "databricks"))
                location = None if is_server else f"{self._artifact_root}/{tenant}/{endpoint}"
                try:
                    identifier = self.client.create_experiment(name, artifact_location=location)
                except MlflowException as error:
                    if error.error_code != "RESOURCE_ALREADY_EXISTS":
                        raise
                    identifier = self.client.get_experiment_by_name(name).experiment_id
            else:
                identifier = experiment.experiment_id
            self._experiments[name] = str(identifier)
        return self._experiments[name]


def writer() -> str:
    """Identifies the process that writes a run: host name and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"
