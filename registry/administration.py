"""What reviewers and operators do to models: list, promote, reject, pin, sweep, delete."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from abintel.settings import Settings
from registry.cache import Epoch
from registry.rules import Version
from registry.store import CHALLENGER, CHAMPION, Store, stamp


class UnknownModel(ValueError):
    """The model or version does not exist; the text says how to list those that do."""


@dataclass(frozen=True)
class ModelSummary:
    """A registered model as people see it.

    Attributes:
        name: registered model.
        tenant, endpoint, scope: what the model is for.
        pinned: whether new versions do not become champion.
        champion, challenger: version numbers, if any.
        versions: newest first.
    """

    name: str
    tenant: str
    endpoint: str
    scope: str
    pinned: bool
    champion: str | None
    challenger: str | None
    versions: tuple[Version, ...]


class Administration:
    """The reviewers' and operators' side of the registry."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store(settings.tracking_uri, settings.artifact_root)
        self._epoch = Epoch(settings.home / "registry.epoch")

    def models(self, tenant: str | None = None) -> Iterator[ModelSummary]:
        """Registered models of one tenant or of all, sorted by name."""
        models = sorted(self.store.models(tenant), key=lambda model: str(model.name))
        versions: dict[str, list[Version]] = {}
        for version in self.store.search(f"tags.tenant = '{tenant}'" if tenant else "") if models else ():
            versions.setdefault(version.name, []).append(version)
        for model in models:
            yield _summary(model, versions.get(model.name, []))

    def model(self, name: str) -> ModelSummary:
        """One registered model.

        Raises:
            UnknownModel: there is no model of that name.
        """
        model = self.store.model(name)
        if model is None or "tenant" not in model.tags:
            raise UnknownModel(f"no model {name!r}; `abintel models list` shows all models")
        return _summary(model, self.store.search(f"name = '{name}'"))

    def promote(self, name: str, number: str, now: datetime.datetime, reason: str = "") -> Version:
        """Makes a version champion. Promote an older version to roll back."""
        version = self.version(name, number)
        self.store.promote(version, now, ": ".join(filter(None, ["promoted by a reviewer", reason])))
        self._epoch.advance()
        return version

    def reject(self, name: str, number: str, reason: str = "") -> None:
        """Takes a version out of service, for good."""
        self.version(name, number)
        self.store.tag_version(name, number, "review", "rejected")
        if reason:
            self.store.tag_version(name, number, "review_reason", reason)
        self._epoch.advance()

    def pin(self, name: str, pinned: bool) -> None:
        """Pins or unpins a model. New versions of a pinned model do not become champion.

        Raises:
            UnknownModel: there is no model of that name.
        """
        self.model(name)
        self.store.tag_model(name, "pinned", "true" if pinned else None)
        self._epoch.advance()

    def expired(self, now: datetime.datetime) -> list[Version]:
        """Versions that have expired and so can never answer a request again."""
        return [
            version for summary in self.models() for version in summary.versions if now >= version.expires_at
        ]

    def sweep(self, versions: list[Version]) -> None:
        """Removes versions with their runs and files. The history of champions stays."""
        for version in versions:
            self.store.delete(version)
        self._epoch.advance()

    def delete_tenant(self, tenant: str) -> int:
        """Removes every model of a tenant and returns their number."""
        names = [model.name for model in self.store.models(tenant)]
        for name in names:
            self.store.delete_model(name)
        self._epoch.advance()
        return len(names)

    def version(self, name: str, number: str) -> Version:
        """A version of a registered model.

        Raises:
            UnknownModel: there is no such model or version.
        """
        version = self.store.by_number(name, number)
        if version is None:
            raise UnknownModel(f"no version {number} of {name!r}; `abintel models show {name}` lists them")
        return version


def _summary(model: Any, versions: list[Version]) -> ModelSummary:
    aliases = {alias: str(number) for alias, number in model.aliases.items()}
    return ModelSummary(
        name=model.name,
        tenant=model.tags["tenant"],
        endpoint=model.tags.get("endpoint", ""),
        scope=model.tags.get("scope", ""),
        pinned=model.tags.get("pinned") == "true",
        champion=aliases.get(CHAMPION),
        challenger=aliases.get(CHALLENGER),
        versions=tuple(versions),
    )


def delete_tenant(settings: Settings, tenant: str) -> int:
    """Removes every model of a tenant and returns their number."""
    return Administration(settings).delete_tenant(tenant)


def state(version: Version, champion: str | None, now: datetime.datetime) -> str:
    """The state of a version, in one or two words."""
    if version.rejected:
        return "rejected"
    if now >= version.expires_at:
        return f"expired {stamp(version.expires_at)}"
    return "champion" if version.number == champion else "live"
