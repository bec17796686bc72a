"""Removes what no request and no reviewer needs any more: ``python -m registry.sweeping``, which a worker
starts once a day."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abintel.discovery import CannotStart
from abintel.settings import KeptVersions, Settings
from registry import schema
from registry.cache import Epoch
from registry.circuit_breaker import RegistryUnavailable
from registry.daily import Daily
from registry.rules import Version
from registry.store import CHALLENGER, CHAMPION, Store, record_keys
from stores import logs
from stores.locks import LocksUnavailable, LockTimeout, locks_for
from stores.migrations import State
from stores.processes import end_with_parent

KEPT_ENTRIES = 50
"""Entries of a model's history of champions that are kept: the newest."""
DAY = datetime.timedelta(days=1)
"""A run or a model that is younger may belong to a training under way."""
_LOCK = "sweep of models"
log = logging.getLogger(__name__)


@dataclass
class Swept:
    """How many versions (with their runs and files), runs without a version, models without a version and
    entries in histories of champions were removed."""

    versions: int = 0
    runs: int = 0
    models: int = 0
    entries: int = 0


def removable(
    versions: Iterable[tuple[Version, Mapping[str, str]]],
    roles: set[str],
    keep: KeptVersions,
    now: datetime.datetime,
) -> list[Version]:
    """The versions of one model that are not needed any more.

    A version stays while it is live or has a role, if a reviewer pinned or rejected it, if it is one of the
    newest, or if it is young. A rejected version stays so that the same rows do not become champion again.

    Args:
        versions: all versions of the model, with their tags.
        roles: numbers of the versions that are champion or challenger.
        keep: how many, and for how long.
        now: the clock.
    """
    newest_first = sorted(versions, key=lambda tagged: int(tagged[0].number), reverse=True)
    return [
        version
        for version, tags in newest_first[keep.count :]
        if now >= version.expires_at
        and now - version.trained_at > datetime.timedelta(days=keep.days)
        and version.number not in roles
        and not version.rejected
        and tags.get("pinned") != "true"
    ]


def sweep(settings: Settings, now: datetime.datetime) -> Swept:
    """Sweeps every model, each under the lock of its trainings. A model that is being trained is left for
    the next day.

    Raises:
        RegistryUnavailable: MLflow does not answer, or refuses.
        LocksUnavailable: locking is impossible.
    """
    store, swept = Store(settings.tracking_uri, settings.artifact_root), Swept()
    if settings.keep_versions is None:
        return swept
    locks = locks_for(settings.database_url, settings.home)
    versions: dict[str, list[tuple[Version, Mapping[str, str]]]] = {}
    for version, tags in store.with_tags(""):
        versions.setdefault(version.name, []).append((version, tags))
    for model in store.models():
        tagged = versions.get(model.name, [])
        if not _has_work(model, tagged, settings.keep_versions, now):
            continue
        try:
            with locks.hold(model.name, timeout=0):
                _sweep_model(store, model.name, tagged, settings.keep_versions, now, swept)
        except LockTimeout:
            log.info("%s is being trained and not swept", model.name)
    registered = {version.run_id for tagged in versions.values() for version, _ in tagged}
    swept.runs = store.remove_unregistered_runs(now - DAY, registered)
    if swept != Swept():
        Epoch(settings.home / "registry.epoch").advance()
    return swept


def _has_work(
    model: Any, tagged: list[tuple[Version, Mapping[str, str]]], keep: KeptVersions, now: datetime.datetime
) -> bool:
    return (
        not tagged
        or bool(removable(tagged, _roles(model), keep, now))
        or len(record_keys(model.tags)) > KEPT_ENTRIES
    )


def _sweep_model(
    store: Store,
    name: str,
    tagged: list[tuple[Version, Mapping[str, str]]],
    keep: KeptVersions,
    now: datetime.datetime,
    swept: Swept,
) -> None:
    model = store.model(name)  # again, under the lock: a reviewer may have moved an alias
    if model is None:
        return
    for version in removable(tagged, _roles(model), keep, now):
        store.delete(version)
        swept.versions += 1
    is_old = now.timestamp() * 1000 - model.last_updated_timestamp > DAY.total_seconds() * 1000
    if is_old and not store.has_versions(name):
        store.delete_model(name)
        swept.models += 1
        return
    for key in record_keys(model.tags)[:-KEPT_ENTRIES]:
        store.tag_model(name, key, None)
        swept.entries += 1


def _roles(model: Any) -> set[str]:
    return {str(model.aliases[role]) for role in (CHAMPION, CHALLENGER) if role in model.aliases}


def main() -> None:
    """Sweeps, unless another process does or did within a day, and logs one line with what was removed."""
    end_with_parent()
    logs.configure()
    settings = Settings.from_environment()
    daily = Daily(settings.home)
    try:
        if schema.check(settings.tracking_uri) is State.EMPTY:
            return
        with locks_for(settings.database_url, settings.home).hold(_LOCK, timeout=0):
            if not daily.is_due():
                return
            daily.begin()
            swept = sweep(settings, datetime.datetime.now(datetime.UTC))
    except LockTimeout:
        return
    except (RegistryUnavailable, LocksUnavailable, CannotStart) as error:
        log.error("the models were not swept: %s: %s", getattr(error, "headline", "failed"), error)
        daily.retry()
        return
    log.info(
        "swept the models: removed %d versions, %d runs without a version, %d models without a version and "
        "%d entries in histories of champions",
        *(swept.versions, swept.runs, swept.models, swept.entries),
        extra={"event": "models_swept", **vars(swept)},
    )


if __name__ == "__main__":
    main()
