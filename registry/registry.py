"""How a request gets its model: train one, reuse a live version, or load the champion."""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from abintel.endpoint import Endpoint, Fit, Served, Trainable, Training
from abintel.problem import Problem
from abintel.settings import Settings
from registry import artifact
from registry.answers import NO_LABELS, Warn, damaged, out_of_service, reuse_info, unavailable
from registry.bound import CallModels
from registry.cache import Cache, Confirmed, Epoch, Loaded
from registry.fit_queue import FitQueues, saturated
from registry.loading import Loader
from registry.names import model_name, scope_key
from registry.rules import Version, becomes_champion, reusable
from registry.store import RegistryUnavailable, Store, stamp
from stores.locks import LocksUnavailable, LockTimeout, locks_for

CONFIRM_AFTER = datetime.timedelta(seconds=20)
"""How long a confirmed champion is served before the registry is asked again."""

TRUST_WITHOUT_REGISTRY = datetime.timedelta(minutes=10)
"""How long a champion in memory is served while the registry is down."""
LOCK_TIMEOUT = 110.0
"""Seconds to wait for another training of the same model; a request has 120 s."""

_MAX_TAG = 4900
"""Characters of a tag; MLflow takes 5,000."""

log = logging.getLogger(__name__)


def _ignore(event: str, endpoint: str) -> None:
    pass


def _allow() -> None:
    pass


@dataclass(frozen=True)
class _ModelKey:
    """One registered model: its tenant, endpoint, scope and name."""

    tenant: str
    endpoint: str
    scope: str
    name: str


class Registry:
    """The trained models of all tenants.

    Args:
        settings: where MLflow is and how long a model lives.
        trainings: how many requests of this process may train, or wait for a training, at the same time.
        capacity: how many models to keep in memory.
        shed_fits: whether small fits whose model is not kept are rejected under overload. Otherwise every fit
            waits until the fits before it are done.
        observe: called with each event (``trained``, ``reused``, ``scored``, ``damaged``, ``unavailable``)
            and the endpoint's name.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        trainings: int = 8,
        capacity: int = 64,
        shed_fits: bool = False,
        observe: Callable[[str, str], None] = _ignore,
    ) -> None:
        self.store = Store(settings.tracking_uri, settings.artifact_root)
        self._ttl = datetime.timedelta(days=settings.model_ttl_days)
        self._locks = locks_for(settings.database_url, settings.home)
        self._epoch = Epoch(settings.home / "registry.epoch")
        self._cache = Cache(capacity)
        self._loader = Loader(self._cache, observe)
        self._trainings = threading.BoundedSemaphore(trainings)
        self._shed_fits = shed_fits
        self._fit_queues = FitQueues()
        self._observe = observe

    def open(self) -> None:
        """Connects to MLflow, and removes the unfinished runs of killed processes."""
        self.store.ping()
        removed = self.store.remove_abandoned_runs()
        if removed:
            log.warning("removed %d trainings that a dead process had not finished", removed)

    def bound(
        self,
        tenant: str,
        endpoint: Endpoint,
        now: datetime.datetime,
        warn: Warn,
        is_example: bool = False,
        check_training: Callable[[], None] = _allow,
    ) -> CallModels:
        """The registry as one call's handler sees it. Models of examples have a scope of their own."""

        def serve(request: Any) -> Served:
            return self.serve(tenant, endpoint, request, now, warn, is_example, check_training)

        def champion(other: Endpoint, request: Any) -> Served:
            key = _model_key(tenant, other, request, is_example)
            # The caller did not ask for the other endpoint, so warnings about its model are dropped.
            return self._champion(*key, now, lambda code, message: None)

        return CallModels(serve, champion)

    def serve(
        self,
        tenant: str,
        endpoint: Endpoint,
        request: Any,
        now: datetime.datetime,
        warn: Warn,
        is_example: bool = False,
        check_training: Callable[[], None] = _allow,
    ) -> Served:
        """The model for a request, by the 30-day rules.

        Args:
            tenant, endpoint, request: what the model is for.
            now: the time of the call.
            warn: adds a warning to the answer.
            is_example: whether the request is an example, whose models have a scope of their own.
            check_training: raises a problem if the caller may not train.

        Raises:
            Problem: 503 if the registry is needed and down, or too many trainings are under way; that of
                ``check_training``.
        """
        key, trainable = _model_key(tenant, endpoint, request, is_example)
        training = trainable.training(request)
        if training is None:
            return self._champion(key, trainable, now, warn)
        if not training.register:
            check_training()
            return self._train_unregistered(key, trainable, training)
        return self._trained(key, trainable, training, now, check_training)

    def changed(self) -> None:
        """Makes every process of this machine read the registry again."""
        self._epoch.advance()

    # with labels

    def _trained(
        self,
        key: _ModelKey,
        trainable: Trainable,
        training: Training,
        now: datetime.datetime,
        check_training: Callable[[], None],
    ) -> Served:
        try:
            served = self._reused(key, trainable, training, now)
            if served is not None:
                return served
            check_training()
            with self._training_slot(), self._model_lock(key.name):
                served = self._reused(key, trainable, training, now)
                return served or self._train(key, trainable, training, now)
        except RegistryUnavailable as error:
            # A request with labels is answered even if the registry is down.
            check_training()
            with self._training_slot(), self._fitted(key, trainable, training) as (_, _, _, loaded):
                return self._unavailable(key, loaded, error)

    def _reused(
        self, key: _ModelKey, trainable: Trainable, training: Training, now: datetime.datetime
    ) -> Served | None:
        candidates = self.store.by_fingerprint(key.name, training.fingerprint)
        while (version := reusable(candidates, now)) is not None:
            try:
                loaded = self._loader.load(self.store, version, trainable, key.endpoint)
            except artifact.DamagedArtifact:
                candidates.remove(version)
                continue
            if version.promotion_pending:
                self._finish_promotion(version, now)
            self._observe("reused", key.endpoint)
            return Served(loaded.model, {**loaded.info, **reuse_info(version, cached=True)})
        return None

    def _train(
        self, key: _ModelKey, trainable: Trainable, training: Training, now: datetime.datetime
    ) -> Served:
        with self._fitted(key, trainable, training) as (fit, folder, digest, loaded):
            try:
                version = self._register(key, training, fit, folder, digest, now)
            except RegistryUnavailable as error:
                return self._unavailable(key, loaded, error)
        self._cache.keep(version, loaded)
        return Served(loaded.model, {**loaded.info, **reuse_info(version, cached=False)})

    def _train_unregistered(self, key: _ModelKey, trainable: Trainable, training: Training) -> Served:
        """A model for this request only. It is not stored, so MLflow is not called."""
        with self._training_slot(), self._fitted(key, trainable, training) as (_, _, _, loaded):
            return Served(loaded.model, {**loaded.info, "cached": False})

    def _unavailable(self, key: _ModelKey, loaded: Loaded, error: RegistryUnavailable) -> Served:
        log.error("%s: %s", error.headline, error)
        self._observe("unavailable", key.endpoint)
        return Served(loaded.model, {**loaded.info, "cached": False, "registry": "unavailable"})

    @contextlib.contextmanager
    def _fitted(
        self, key: _ModelKey, trainable: Trainable, training: Training
    ) -> Iterator[tuple[Fit, Path, str, Loaded]]:
        """Fits, writes the model, and reads it back: the model that scores is always the stored one."""
        # A model that is kept is worth the wait. A model for one request is not, under overload.
        may_shed = self._shed_fits and not training.register
        with self._fit_queues.slot(key.tenant, training.rows, may_shed):
            fit = training.fit()
        folder = Path(tempfile.mkdtemp(prefix="abintel-training-"))
        try:
            with artifact.report_full_disk(folder):
                digest = artifact.write(folder, fit, trainable, key.endpoint)
                model, info = artifact.read(folder / "model", trainable, None)
            self._observe("trained", key.endpoint)
            yield fit, folder, digest, Loaded(model, info)
        finally:
            artifact.discard(folder, fit)

    def _register(
        self,
        key: _ModelKey,
        training: Training,
        fit: Fit,
        folder: Path,
        digest: str,
        now: datetime.datetime,
    ) -> Version:
        model = self.store.model(key.name)
        known = dict(model.tags) if model is not None else {}
        same = self.store.by_fingerprint(key.name, training.fingerprint) if model is not None else []
        incumbent = champion = self.store.aliased(model, "champion")
        if champion is not None and not self._loader.is_sound(self.store, champion, key.endpoint):
            incumbent = None
        leads = becomes_champion(
            rows=training.rows,
            quality=fit.quality,
            incumbent=incumbent,
            pinned=known.get("pinned") == "true",
            same_as_rejected=any(version.rejected for version in same),
            now=now,
        )
        expires_at = now + self._ttl
        identity = {"tenant": key.tenant, "endpoint": key.endpoint, "scope": key.scope}
        run_id = self.store.log_run(
            tenant=key.tenant,
            endpoint=key.endpoint,
            run_name=f"{key.name} {stamp(now)}",
            params={"algorithm": fit.algorithm, **{key: str(value) for key, value in fit.params.items()}},
            metrics={**fit.metrics, **_flat(fit.candidates)},
            tags={**identity, "fingerprint": training.fingerprint},
            files=partial(artifact.with_pictures, folder, fit),
            now=now,
        )
        version = self.store.register(
            key.name,
            run_id,
            model_tags=identity if model is None else None,
            tags={
                **identity,
                "fingerprint": training.fingerprint,
                "trained_at": stamp(now),
                "expires_at": stamp(expires_at),
                "rows": str(training.rows),
                "features": _json_list(fit.features),
                "data_digest": digest,
                "quality": repr(float(fit.quality)),
                "algorithm": fit.algorithm,
                "promotion": "pending" if leads else "none",
            },
            card=fit.card,
        )
        if leads:
            self.store.promote(version, now, "trained", known)
        else:
            self.store.challenge(version)
        self.changed()
        return version

    # without labels

    def _champion(self, key: _ModelKey, trainable: Trainable, now: datetime.datetime, warn: Warn) -> Served:
        flags: dict[str, Any] = {}
        try:
            version = self._confirmed_champion(key.name, now)
        except RegistryUnavailable as error:
            version = self._remembered_champion(key, now, error)
            flags = {"registry": "unavailable"}
        if version is None:
            return Served(None, {})
        if not version.is_live(now):
            return out_of_service(version, warn)
        try:
            loaded = self._loader.load(self.store, version, trainable, key.endpoint)
        except artifact.DamagedArtifact:
            return damaged(version, warn)
        except RegistryUnavailable as error:
            raise unavailable(error, NO_LABELS) from error
        self._observe("scored", key.endpoint)
        return Served(loaded.model, {**loaded.info, **reuse_info(version, cached=True), **flags})

    def _confirmed_champion(self, name: str, now: datetime.datetime) -> Version | None:
        known, epoch = self._cache.champion(name), self._epoch.now()
        if known is not None and known.epoch == epoch and abs(now - known.at) < CONFIRM_AFTER:
            return known.version
        version = self.store.by_alias(name, "champion")
        if version is None:
            version = self._finish_any_promotion(name, now)
        changed = known is None or known.version is None or version != known.version
        if version is not None and changed:
            self.store.record_champion(version, now, "set by a reviewer")
        self._cache.confirm(name, Confirmed(version, now, epoch))
        return version

    def _remembered_champion(
        self, key: _ModelKey, now: datetime.datetime, error: RegistryUnavailable
    ) -> Version | None:
        known = self._cache.champion(key.name)
        self._observe("unavailable", key.endpoint)
        trusted = (
            known is not None
            and known.version is not None
            and abs(now - known.at) <= TRUST_WITHOUT_REGISTRY
            and self._cache.loaded(known.version) is not None
        )
        if known is None or not trusted:
            raise unavailable(error, NO_LABELS) from error
        log.error("%s, answering from memory: %s", error.headline, error)
        return known.version

    def _finish_any_promotion(self, name: str, now: datetime.datetime) -> Version | None:
        """Promotes a version whose writer died between registering and promoting it."""
        for version in self.store.search(f"name = '{name}' and tags.promotion = 'pending'"):
            if version.is_live(now):
                self._finish_promotion(version, now)
                return version
        return None

    def _finish_promotion(self, version: Version, now: datetime.datetime) -> None:
        self.store.promote(version, now, "trained")
        self.changed()

    # both

    @contextlib.contextmanager
    def _training_slot(self) -> Iterator[None]:
        if not self._trainings.acquire(blocking=False):
            raise saturated(seconds=10)
        try:
            yield
        finally:
            self._trainings.release()

    @contextlib.contextmanager
    def _model_lock(self, name: str) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._locks.hold(name, LOCK_TIMEOUT))
            except LocksUnavailable as error:
                # Training twice is better than not answering.
                log.error("training without the lock: %s", error)
            except LockTimeout as error:
                raise Problem(
                    503,
                    "training-under-way",
                    "The same model is being trained by another request; try again.",
                    headers={"Retry-After": "10"},
                ) from error
            yield


def _model_key(
    tenant: str, endpoint: Endpoint, request: Any, is_example: bool
) -> tuple[_ModelKey, Trainable]:
    trainable = endpoint.trainable
    if trainable is None:
        raise LookupError(f"{endpoint.name} declares no trainable model")
    scope = {**trainable.scope(request), **({"example": "example"} if is_example else {})}
    name = model_name(tenant, endpoint.name, scope)
    return _ModelKey(tenant, endpoint.name, scope_key(scope), name), trainable


def _json_list(texts: Sequence[str]) -> str:
    """Texts as a JSON array; those that do not fit into a tag are left out, and their number ends the array.

    >>> _json_list(["recency", "monetary"])
    '["recency", "monetary"]'
    """
    kept: list[str] = []
    size = 2
    for text in texts:
        size += len(json.dumps(text, ensure_ascii=False)) + 2
        if size > _MAX_TAG - 40:
            kept.append(f"… and {len(texts) - len(kept)} more")
            break
        kept.append(text)
    return json.dumps(kept, ensure_ascii=False)


def _flat(candidates: Any) -> dict[str, float]:
    return {
        f"{name}/{metric}": float(value)
        for name, figures in candidates.items()
        for metric, value in figures.items()
    }
