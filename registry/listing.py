"""Pages of a tenant's models: champions and challengers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from registry.rules import Version
from registry.store import CHALLENGER, CHAMPION, Store


@dataclass(frozen=True)
class ListedVersion:
    """A version that is champion or challenger.

    Attributes:
        version: the version, read from its tags.
        endpoint: name of its route.
        scope: what the model is for, apart from tenant and route.
        role: ``champion`` or ``challenger``.
        algorithm: name of the winning learner; empty if the version does not name one.
        pinned: whether new versions do not become champion.
    """

    version: Version
    endpoint: str
    scope: Mapping[str, str]
    role: str
    algorithm: str
    pinned: bool


def listed(
    store: Store, tenant: str, limit: int, page: str | None = None
) -> tuple[list[ListedVersion], str | None]:
    """The champions and challengers of one page of models, last changed first, and the token of the next
    page.

    Args:
        store: MLflow.
        tenant: whose models to list.
        limit: registered models per page; each has up to two versions with a role.
        page: token of the page; None for the first.

    Raises:
        ValueError: the token is not one.
        RegistryUnavailable: MLflow does not answer.
    """
    models, next_page = store.page_of_models(tenant, limit, page)
    wanted = {(model.name, number) for model in models for number in _roles(model).values()}
    versions: dict[tuple[str, str], tuple[Version, Mapping[str, str]]] = {}
    if wanted:
        # One search for all. The versions of the models that changed last come first.
        for version, tags in store.with_tags(f"tags.tenant = '{tenant}'"):
            if (version.name, version.number) in wanted:
                versions[version.name, version.number] = version, tags
                if len(versions) == len(wanted):
                    break
    return [version for model in models for version in _with_roles(model, versions)], next_page


def _roles(model: Any) -> dict[str, str]:
    """The numbers of the versions of a model that have a role, by role."""
    return {role: str(model.aliases[role]) for role in (CHAMPION, CHALLENGER) if role in model.aliases}


def _with_roles(
    model: Any, versions: Mapping[tuple[str, str], tuple[Version, Mapping[str, str]]]
) -> Iterator[ListedVersion]:
    for role, number in _roles(model).items():
        tagged = versions.get((model.name, number))
        if tagged is not None:
            version, tags = tagged
            yield ListedVersion(
                version=version,
                endpoint=model.tags.get("endpoint", ""),
                scope=_scope(model.tags.get("scope", "")),
                role=role,
                algorithm=tags.get("algorithm", ""),
                pinned=model.tags.get("pinned") == "true",
            )


def _scope(text: str) -> dict[str, str]:
    """The scope in a tag; empty for a tag that somebody edited into something else."""
    try:
        scope = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in scope.items()} if isinstance(scope, dict) else {}


def page_of_mlflow(address: str | None, version: Version) -> str | None:
    """The URL of a version in MLflow's UI.

    Args:
        address: of the UI; None if there is none.
        version: the version to show.

    >>> import datetime
    >>> now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    >>> version = Version("acme.nps.1", "3", "", now, now, 1, 0.5, "", False, False, "r")
    >>> page_of_mlflow("http://user:secret@mlflow:5000/", version)
    'http://mlflow:5000/#/models/acme.nps.1/versions/3'
    """
    if address is None:
        return None
    parts = urlsplit(address)
    # The link must not carry our credentials; the reader signs in.
    base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    return f"{base}/#/models/{quote(version.name, safe='')}/versions/{quote(version.number, safe='')}"
