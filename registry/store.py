"""Reads and writes versions in MLflow's tracking store and model registry."""

from __future__ import annotations

import contextlib
import datetime
import functools
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from registry import artifact
from registry.circuit_breaker import CircuitBreaker, RegistryUnavailable
from registry.names import experiment_name
from registry.rules import Version

CHAMPION = "champion"
CHALLENGER = "challenger"
HISTORY = "champion_since/"
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


def _is_absent(error: Any) -> bool:
    return getattr(error, "error_code", None) in _ABSENT


def stamp(moment: datetime.datetime) -> str:
    """A moment in UTC as text, to the second: ``2026-11-21T06:43:11Z``."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime.datetime:
    """The moment of a stamp."""
    return datetime.datetime.fromisoformat(text)


class Store:
    """The MLflow tracking store and model registry.

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

    def failure(self) -> str | None:
        """What the last failed call reported, for people; None if MLflow has answered since."""
        return self._breaker.failure()

    def ping(self) -> None:
        """Checks that MLflow answers."""
        with self._breaker():
            self.client.search_registered_models(max_results=1)

    # reading

    def by_alias(self, name: str, alias: str) -> Version | None:
        """The version that an alias points to."""
        return self._get_version(name, lambda: self.client.get_model_version_by_alias(name, alias))

    def by_number(self, name: str, number: str) -> Version | None:
        """A version by its number."""
        return self._get_version(name, lambda: self.client.get_model_version(name, number))

    def by_fingerprint(self, name: str, fingerprint: str) -> list[Version]:
        """All versions that were trained on the same rows."""
        return self.search(f"name = '{name}' and tags.fingerprint = '{fingerprint}'")

    def search(self, where: str) -> list[Version]:
        """All versions that match an MLflow filter, newest first."""
        versions = [version for version, _ in self.with_tags(where)]
        return sorted(versions, key=lambda version: int(version.number), reverse=True)

    def with_tags(self, where: str) -> Iterator[tuple[Version, Mapping[str, str]]]:
        """All versions that match an MLflow filter, with all of their tags, last changed first.

        They are read in pages as they are taken.
        """
        token = None
        while True:
            with self._breaker():
                page = self.client.search_model_versions(
                    where, max_results=1000, order_by=["last_updated_timestamp DESC"], page_token=token
                )
            for entity in page:
                version = _version(entity)
                if version is not None:
                    yield version, entity.tags
            token = page.token
            if not token:
                return

    def model(self, name: str) -> Any:
        """MLflow's entity of a registered model; None if it does not exist."""
        return self._get(name, lambda: self.client.get_registered_model(name))

    def model_tags(self, name: str) -> dict[str, str]:
        """Tags of a registered model; empty if the model does not exist."""
        model = self.model(name)
        return dict(model.tags) if model is not None else {}

    def models(self, tenant: str | None = None) -> list[Any]:
        """The registered models of abintel: MLflow's entities, with tags and aliases."""
        where = f"tags.tenant = '{tenant}'" if tenant else ""
        with self._breaker():
            models, token = [], None
            while True:
                page = self.client.search_registered_models(where, max_results=1000, page_token=token)
                models += [model for model in page if "tenant" in model.tags]
                token = page.token
                if not token:
                    return models

    def page_of_models(self, tenant: str, limit: int, page: str | None) -> tuple[list[Any], str | None]:
        """A page of a tenant's registered models, last changed first, and the token of the next page.

        Raises:
            ValueError: the token is not one.
        """
        from mlflow.exceptions import MlflowException

        with self._breaker():
            try:
                models = self.client.search_registered_models(
                    f"tags.tenant = '{tenant}'",
                    max_results=limit,
                    order_by=["last_updated_timestamp DESC"],
                    page_token=page,
                )
            except (MlflowException, AttributeError, TypeError) as error:
                # MLflow does not validate a token that a caller made up.
                if page is None or not (_is_absent(error) or not isinstance(error, MlflowException)):
                    raise
                raise ValueError(f"there is no page {page!r}") from error
        token = models.token.decode() if isinstance(models.token, bytes) else models.token
        return [model for model in models if model.tags.get("tenant") == tenant], token or None

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
                    self.client.download_artifacts(version.run_id, "model", str(folder))
                except (FileNotFoundError, MlflowException) as error:
                    is_gone = isinstance(error, FileNotFoundError) or _is_absent(error)
                    # On a full disk MLflow reports the files that it could not write as missing.
                    if not is_gone or not artifact.has_free_space(folder):
                        raise
                    log.error("the files of version %s of %s are gone", version.number, version.name)
            yield folder / "model"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # writing

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
        from mlflow.entities import Metric, Param, RunTag

        milliseconds = int(now.timestamp() * 1000)
        with self._breaker():
            experiment = self._experiment(tenant, endpoint)
            run = self.client.create_run(experiment, milliseconds, {"abintel.writer": writer()}, run_name)
        run_id = str(run.info.run_id)
        try:
            with self._breaker():
                self.client.log_batch(
                    run_id,
                    metrics=[Metric(key, value, milliseconds, 0) for key, value in metrics.items()],
                    params=[Param(key, value[:6000]) for key, value in params.items()],
                    tags=[RunTag(key, value[:5000]) for key, value in tags.items()],
                )
            folder = str(files())  # outside the breaker: neither its duration nor its failure is MLflow's
            with self._breaker():
                self.client.log_artifacts(run_id, folder)
                self.client.set_terminated(run_id, end_time=milliseconds)
        except Exception:
            # A partial upload would keep a full disk full. What cannot be removed now goes at the next start.
            with contextlib.suppress(Exception):
                self._delete_run(run_id)
            raise
        return run_id

    def register(
        self, name: str, run_id: str, model_tags: Mapping[str, str], tags: Mapping[str, str], card: str
    ) -> Version:
        """Creates a version of a logged run. It is created with its tags, so it is never half described."""
        from mlflow.exceptions import MlflowException

        with self._breaker():
            try:
                self.client.create_registered_model(name, tags=dict(model_tags))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            created = self.client.create_model_version(
                name, source=f"runs:/{run_id}/model", run_id=run_id, tags=dict(tags), description=card
            )
        version = _version(created)
        if version is None:
            raise RegistryUnavailable("MLflow dropped the tags of a version")
        return version

    def promote(self, version: Version, now: datetime.datetime, why: str) -> None:
        """Points ``champion`` to a version and records the change."""
        with self._breaker():
            self.client.set_registered_model_alias(version.name, CHAMPION, version.number)
            self.client.set_model_version_tag(version.name, version.number, "promotion", "done")
        self.record_champion(version, now, why)

    def challenge(self, version: Version) -> None:
        """Points ``challenger`` to a version."""
        with self._breaker():
            self.client.set_registered_model_alias(version.name, CHALLENGER, version.number)

    def record_champion(self, version: Version, now: datetime.datetime, why: str) -> None:
        """Appends a version to the history of champions, unless it is the last entry."""
        entries = self.champion_record(version.name)
        if entries and entries[-1][1].split(" ", 1)[0] == version.number:
            return
        key = f"{HISTORY}{len(entries) + 1:06d}/{stamp(now)}"
        with self._breaker():
            self.client.set_registered_model_tag(version.name, key, f"{version.number} {why}")

    def champion_record(self, name: str) -> list[tuple[str, str]]:
        """The history of champions: ``(stamp, "<version> <why>")``, oldest first."""
        tags = sorted(self.model_tags(name).items())
        return [(key.rpartition("/")[2], value) for key, value in tags if key.startswith(HISTORY)]

    def tag_version(self, name: str, number: str, key: str, value: str) -> None:
        """Sets a tag of a version."""
        with self._breaker():
            self.client.set_model_version_tag(name, number, key, value)

    def tag_model(self, name: str, key: str, value: str | None) -> None:
        """Sets a tag of a registered model, or removes it."""
        with self._breaker():
            if value is None:
                self.client.delete_registered_model_tag(name, key)
            else:
                self.client.set_registered_model_tag(name, key, value)

    def delete(self, version: Version) -> None:
        """Removes a version, its run and its files."""
        with self._breaker():
            self.client.delete_model_version(version.name, version.number)
            self._delete_run(version.run_id)

    def delete_model(self, name: str) -> None:
        """Removes a registered model with all its versions, runs and files."""
        for version in self.search(f"name = '{name}'"):
            self.delete(version)
        with self._breaker():
            self.client.delete_registered_model(name)

    def remove_abandoned_runs(self) -> int:
        """Removes the runs that a process of this machine was writing when it died; returns their number."""
        host, removed = socket.gethostname(), 0
        with self._breaker():
            experiments = [
                experiment.experiment_id
                for experiment in self.client.search_experiments(filter_string="name LIKE 'abintel.%'")
            ]
            if not experiments:
                return 0
            runs = self.client.search_runs(experiments, "attributes.status = 'RUNNING'", max_results=1000)
            for run in runs:
                writer_host, _, process = run.data.tags.get("abintel.writer", "").partition(":")
                if writer_host == host and process.isdigit() and not psutil.pid_exists(int(process)):
                    self._delete_run(run.info.run_id)
                    removed += 1
        return removed

    def _delete_run(self, run_id: str) -> None:
        from mlflow.exceptions import MlflowException
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        try:
            run = self.client.get_run(run_id)
            get_artifact_repository(run.info.artifact_uri, tracking_uri=self._uri).delete_artifacts("")
            self.client.set_terminated(run_id, status="KILLED")
            self.client.delete_run(run_id)
        except MlflowException as error:
            if not _is_absent(error):
                raise

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

    def _get(self, name: str, fetch: Any) -> Any:
        """What ``fetch`` reads about a registered model; None if that does not exist."""
        from mlflow.exceptions import MlflowException

        with self._breaker():
            try:
                return fetch()
            except MlflowException as error:
                # To an account that is no administrator MLflow answers 403, not 404, for a model that does
                # not exist. The search lists what the account may read.
                is_denied = error.error_code == "PERMISSION_DENIED"
                if _is_absent(error) or (is_denied and not self._find_model(name)):
                    return None
                raise

    def _find_model(self, name: str) -> Any:
        """MLflow's entities of the registered models of a name: none or one."""
        return self.client.search_registered_models(f"name = '{name}'", max_results=1)

    def _get_version(self, name: str, fetch: Any) -> Version | None:
        entity = self._get(name, fetch)
        return _version(entity) if entity is not None else None


def writer() -> str:
    """Identifies the process that writes a run: host name and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _version(entity: Any) -> Version | None:
    """The version that MLflow's entity describes; None if abintel did not register it."""
    tags: Mapping[str, str] = entity.tags
    try:
        return Version(
            name=entity.name,
            number=str(entity.version),
            fingerprint=tags["fingerprint"],
            trained_at=moment(tags["trained_at"]),
            expires_at=moment(tags["expires_at"]),
            rows=int(tags["rows"]),
            quality=float(tags["quality"]),
            data_digest=tags["data_digest"],
            rejected=tags.get("review") == "rejected",
            promotion_pending=tags.get("promotion") == "pending",
            run_id=str(entity.run_id),
        )
    except (KeyError, ValueError) as error:
        reason = f"it has no tag {error}" if isinstance(error, KeyError) else "a tag of it cannot be read"
        log.warning("version %s of %s is not served: %s", entity.version, entity.name, reason)
        return None


__all__: Sequence[str] = ("RegistryUnavailable", "Store", "moment", "stamp")
