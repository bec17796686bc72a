"""A tenant's models for whoever shows them: champions and challengers, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from registry.rules import Version
from registry.store import CHALLENGER, CHAMPION, Store


@dataclass(frozen=True)
class Listed:
    """A version that has a role.

    Attributes:
        version: as its tags describe it.
        endpoint: name of the route that it answers.
        scope: what it is for, apart from tenant and route.
        role: ``champion`` or ``challenger``.
        algorithm: the winner's name; empty where a version does not say.
        pinned: new versions do not become champion.
    """

    version: Version
    endpoint: str
    scope: Mapping[str, str]
    role: str
    algorithm: str
    pinned: bool


def listed(store: Store, tenant: str, limit: int, page: str | None = None) -> tuple[list[Listed], str | None]:
    """The champions and challengers of a page of models, those last changed first; and the next page's name.

    Args:
        store: MLflow.
        tenant: only this one's.
        limit: registered models to a page; each has up to two versions with a role.
        page: as the page before named it.

    Raises:
        ValueError: there is no such page.
        RegistryUnavailable: MLflow does not answer.
    """
    models, following = store.page_of_models(tenant, limit, page)
    return [one for model in models for one in _of_model(store, model)], following


def _of_model(store: Store, model: Any) -> Iterator[Listed]:
    for role in (CHAMPION, CHALLENGER):
        number = model.aliases.get(role)
        found = store.with_tags(model.name, str(number)) if number is not None else None
        if found is not None:
            version, tags = found
            yield Listed(
                version=version,
                endpoint=model.tags.get("endpoint", ""),
                scope=_scope(model.tags.get("scope", "")),
                role=role,
                algorithm=tags.get("algorithm", ""),
                pinned=model.tags.get("pinned") == "true",
            )


def _scope(text: str) -> dict[str, str]:
    """A scope as its tag has it; people may write tags, too."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def page_of_mlflow(address: str | None, version: Version) -> str | None:
    """Where MLflow's own pages show a version.

    Args:
        address: of those pages; None where there are none.
        version: to show.

    >>> import datetime
    >>> now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    >>> one = Version("acme.nps.1", "3", "", now, now, 1, 0.5, "", False, False, "r")
    >>> page_of_mlflow("http://user:secret@mlflow:5000/", one)
    'http://mlflow:5000/#/models/acme.nps.1/versions/3'
    """
    if address is None:
        return None
    parts = urlsplit(address)
    # Whom a browser is sent there signs in himself.
    base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    return f"{base}/#/models/{quote(version.name, safe='')}/versions/{quote(version.number, safe='')}"
