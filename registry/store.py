"""Reads and writes versions in MLflow's model registry."""

from __future__ import annotations

import datetime
import functools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from registry.circuit_breaker import RegistryUnavailable
from registry.rules import Version
from registry.runs import Runs, is_absent

CHAMPION = "champion"
CHALLENGER = "challenger"
HISTORY = "champion_since/"
_ENTRY = re.compile(rf"{HISTORY}\d{{6}}/[^/]+")
log = logging.getLogger(__name__)


def stamp(moment: datetime.datetime) -> str:
    """A moment in UTC as text, to the second: ``2026-11-21T06:43:11Z``."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime.datetime:
    """The moment of a stamp."""
    return datetime.datetime.fromisoformat(text)


class Store(Runs):
    """The runs and the registered models.

    Every method raises :class:`RegistryUnavailable` if MLflow does not answer within 2 s and one retry.
    """

    @functools.cached_property
    def _models(self) -> Any:
        """MLflow's client of the model registry alone. It makes one call for one change, where
        :attr:`client` first asks each time whether the model is a prompt."""
        from mlflow.tracking._model_registry.client import ModelRegistryClient

        return ModelRegistryClient(self._uri, self._uri)

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
        return self._get_version(name, lambda: self._models.get_model_version_by_alias(name, alias))

    def by_number(self, name: str, number: str) -> Version | None:
        """A version by its number."""
        return self._get_version(name, lambda: self._models.get_model_version(name, number))

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
        # Searched, because basic authentication answers 403 if a model that does not exist is asked for.
        with self._breaker():
            found = self._find_model(name)
        return found[0] if found else None

    def aliased(self, model: Any, alias: str) -> Version | None:
        """The version that an alias of MLflow's entity of a registered model points to."""
        number = model.aliases.get(alias) if model is not None else None
        if number is None:
            return None
        for latest in model.latest_versions:
            # The entity brings the newest version along.
            if str(latest.version) == str(number):
                return _version(latest)
        return self.by_number(model.name, str(number))

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
                if page is None or not (is_absent(error) or not isinstance(error, MlflowException)):
                    raise
                raise ValueError(f"there is no page {page!r}") from error
        token = models.token.decode() if isinstance(models.token, bytes) else models.token
        return [model for model in models if model.tags.get("tenant") == tenant], token or None

    # writing

    def register(
        self,
        name: str,
        run_id: str,
        model_tags: Mapping[str, str] | None,
        tags: Mapping[str, str],
        card: str,
    ) -> Version:
        """Creates a version of a logged run. It is created with its tags, so it is never half described.

        Args:
            name: registered model.
            run_id: the run.
            model_tags: tags of the registered model if that is to be created; None if it exists.
            tags: tags of the version.
            card: its description.
        """
        from mlflow.exceptions import MlflowException

        with self._breaker():
            if model_tags is not None:
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

    def promote(
        self, version: Version, now: datetime.datetime, why: str, known: Mapping[str, str] | None = None
    ) -> None:
        """Points ``champion`` to a version and records the change.

        Args:
            version: the new champion.
            now: the clock.
            why: the reason, for the record.
            known: tags of the registered model, if they were read a moment ago.
        """
        with self._breaker():
            self._models.set_registered_model_alias(version.name, CHAMPION, version.number)
            self._models.set_model_version_tag(version.name, version.number, "promotion", "done")
        self.record_champion(version, now, why, known)

    def challenge(self, version: Version) -> None:
        """Points ``challenger`` to a version."""
        with self._breaker():
            self._models.set_registered_model_alias(version.name, CHALLENGER, version.number)

    def record_champion(
        self, version: Version, now: datetime.datetime, why: str, known: Mapping[str, str] | None = None
    ) -> None:
        """Appends a version to the history of champions, unless it is the last entry. See :meth:`promote`."""
        tags = self.model_tags(version.name) if known is None else known
        keys = record_keys(tags)
        if keys and tags[keys[-1]].split(" ", 1)[0] == version.number:
            return
        number = int(keys[-1].split("/")[1]) + 1 if keys else 1
        with self._breaker():
            self._models.set_registered_model_tag(
                version.name, f"{HISTORY}{number:06d}/{stamp(now)}", f"{version.number} {why}"
            )

    def champion_record(self, name: str) -> list[tuple[str, str]]:
        """The history of champions: ``(stamp, "<version> <why>")``, oldest first."""
        tags = self.model_tags(name)
        return [(key.rpartition("/")[2], tags[key]) for key in record_keys(tags)]

    def tag_version(self, name: str, number: str, key: str, value: str) -> None:
        """Sets a tag of a version."""
        with self._breaker():
            self._models.set_model_version_tag(name, number, key, value)

    def tag_model(self, name: str, key: str, value: str | None) -> None:
        """Sets a tag of a registered model, or removes it."""
        with self._breaker():
            if value is None:
                self._models.delete_registered_model_tag(name, key)
            else:
                self._models.set_registered_model_tag(name, key, value)

    def delete(self, version: Version) -> None:
        """Removes a version, its run and its files."""
        with self._breaker():
            self._models.delete_model_version(version.name, version.number)
            self._delete_run(version.run_id)

    def has_versions(self, name: str) -> bool:
        """Whether a registered model has any version, whoever made it."""
        with self._breaker():
            return bool(self.client.search_model_versions(f"name = '{name}'", max_results=1))

    def remove_unregistered_runs(self, before: datetime.datetime, registered: Set[str]) -> int:
        """Removes the runs of trainings that began before a moment and have no version; returns their number.

        Args:
            before: the moment.
            registered: run ids that are known to have a version.
        """
        removed, token = 0, None
        with self._breaker():
            experiments = self._experiment_ids()
            while experiments:
                page = self.client.search_runs(
                    experiments,
                    f"attributes.start_time < {int(before.timestamp() * 1000)}",
                    order_by=["attributes.start_time ASC"],
                    max_results=1000,
                    page_token=token,
                )
                for run in page:
                    run_id = run.info.run_id
                    ours = "abintel.writer" in run.data.tags and run_id not in registered
                    # A version that somebody changed is not among the known ones.
                    if ours and not self.client.search_model_versions(f"run_id = '{run_id}'", max_results=1):
                        self._delete_run(run_id)
                        removed += 1
                token = page.token
                if not token:
                    break
        return removed

    def delete_model(self, name: str) -> None:
        """Removes a registered model with all its versions, runs and files."""
        for version in self.search(f"name = '{name}'"):
            self.delete(version)
        with self._breaker():
            self._models.delete_registered_model(name)

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
                if is_absent(error) or (is_denied and not self._find_model(name)):
                    return None
                raise

    def _find_model(self, name: str) -> Any:
        """MLflow's entities of the registered models of a name: none or one."""
        return self.client.search_registered_models(f"name = '{name}'", max_results=1)

    def _get_version(self, name: str, fetch: Any) -> Version | None:
        entity = self._get(name, fetch)
        return _version(entity) if entity is not None else None


def record_keys(tags: Mapping[str, str]) -> list[str]:
    """The keys of a registered model's tags that are its history of champions, oldest first."""
    return sorted(key for key in tags if _ENTRY.fullmatch(key))


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
