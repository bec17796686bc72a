"""How a request gets its model: train it, reuse it, or find the champion."""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from abintel.endpoint import Endpoint, Fit, Served, Trainable, Training
from abintel.problem import Problem
from abintel.settings import Settings
from registry import artifact
from registry.answers import Warn, damaged, out_of_service, reuse_info, unavailable
from registry.bound import BoundModels
from registry.cache import Cache, Confirmed, Epoch, Loaded
from registry.lanes import Lanes, saturated
from registry.loading import Loader
from registry.names import model_name, scope_key
from registry.rules import Version, becomes_champion, reusable
from registry.store import RegistryUnavailable, Store, stamp
from stores.locks import LocksUnavailable, LockTimeout, locks_for

CONFIRM_AFTER = datetime.timedelta(seconds=20)
"""How old a confirmation may be before the registry is asked again; reviewers are obeyed within a minute."""

TRUST_WITHOUT_REGISTRY = datetime.timedelta(minutes=10)
LOCK_TIMEOUT = 110.0
"""Seconds to wait for another's training of the same model; a request's own limit is 120 s."""

log = logging.getLogger(__name__)


def _ignore(event: str, endpoint: str) -> None:
    pass


@dataclass(frozen=True)
class _Subject:
    """One registered model: whose it is and what for."""

    tenant: str
    endpoint: str
    scope: str
    name: str


class Registry:
    """The trained models of all tenants.

    Args:
        settings: where MLflow is, how long a model lives.
        trainings: how many requests of this process may train, or wait for a training, at a time.
        capacity: how many models to keep in memory.
        patient: whether every fit waits for others for as long as it takes; else one of few rows whose model
            is not kept may be told to come back.
        observe: told of each event (``trained``, ``reused``, ``scored``, ``damaged``, ``unavailable``)
            with the endpoint's name.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        trainings: int = 8,
        capacity: int = 64,
        patient: bool = True,
        observe: Callable[[str, str], None] = _ignore,
    ) -> None:
        self.store = Store(settings.tracking_uri, settings.artifact_root)
        self._ttl = datetime.timedelta(days=settings.model_ttl_days)
        self._locks = locks_for(settings.database_url, settings.home)
        self._epoch = Epoch(settings.home / "registry.epoch")
        self._cache = Cache(capacity)
        self._loader = Loader(self._cache, observe)
        self._trainings = threading.BoundedSemaphore(trainings)
        self._patient = patient
        self._lanes = Lanes()
        self._observe = observe

    def open(self) -> None:
        """Makes the stores usable, and clears what a killed process left half written."""
        self.store.ping()
        ended = self.store.end_abandoned_runs()
        if ended:
            log.warning("removed %d trainings that a dead process had not finished", ended)

    def bound(self, tenant: str, endpoint: Endpoint, now: datetime.datetime, warn: Warn) -> BoundModels:
        """The registry as one call's handler sees it."""

        def serve(request: Any) -> Served:
            return self.serve(tenant, endpoint, request, now, warn)

        def champion(other: Endpoint, request: Any) -> Served:
            # Warnings about another endpoint's model are not for the caller of this one.
            return self._champion(*_subject(tenant, other, request), now, lambda code, message: None)

        return BoundModels(serve, champion)

    def serve(
        self, tenant: str, endpoint: Endpoint, request: Any, now: datetime.datetime, warn: Warn
    ) -> Served:
        """The model for a request, by the 30-day rules.

        Raises:
            Problem: 503 if the registry is needed and down, or too many trainings are under way.
        """
        subject, trainable = _subject(tenant, endpoint, request)
        training = trainable.training(request)
        if training is None:
            return self._champion(subject, trainable, now, warn)
        if not training.register:
            return self._fleeting(subject, trainable, training)
        return self._trained(subject, trainable, training, now)

    def changed(self) -> None:
        """Tells every process of this machine to read the registry again."""
        self._epoch.turn()

    # with labels

    def _trained(
        self, subject: _Subject, trainable: Trainable, training: Training, now: datetime.datetime
    ) -> Served:
        try:
            served = self._reused(subject, trainable, training, now)
            if served is not None:
                return served
            with self._training_slot(), self._alone(subject.name):
                served = self._reused(subject, trainable, training, now)
                return served or self._train(subject, trainable, training, now)
        except RegistryUnavailable as error:
            # A request that carries its labels is answered even if the registry is down.
            with self._training_slot(), self._fitted(subject, trainable, training) as (_, _, _, loaded):
                return self._unavailable(subject, loaded, error)

    def _reused(
        self, subject: _Subject, trainable: Trainable, training: Training, now: datetime.datetime
    ) -> Served | None:
        found = self.store.by_fingerprint(subject.name, training.fingerprint)
        while (version := reusable(found, now)) is not None:
            try:
                loaded = self._loader.load(self.store, version, trainable, subject.endpoint)
            except artifact.DamagedArtifact:
                found.remove(version)
                continue
            if version.promotion_pending:
                self._finish_promotion(version, now)
            self._observe("reused", subject.endpoint)
            return Served(loaded.model, {**loaded.info, **reuse_info(version, cached=True)})
        return None

    def _train(
        self, subject: _Subject, trainable: Trainable, training: Training, now: datetime.datetime
    ) -> Served:
        with self._fitted(subject, trainable, training) as (fit, folder, digest, loaded):
            try:
                version = self._register(subject, training, fit, folder, digest, now)
            except RegistryUnavailable as error:
                return self._unavailable(subject, loaded, error)
        self._cache.keep(version, loaded)
        return Served(loaded.model, {**loaded.info, **reuse_info(version, cached=False)})

    def _fleeting(self, subject: _Subject, trainable: Trainable, training: Training) -> Served:
        """A model that answers its own request and is not kept, so that MLflow is not asked at all."""
        with self._training_slot(), self._fitted(subject, trainable, training) as (_, _, _, loaded):
            return Served(loaded.model, {**loaded.info, "cached": False})

    def _unavailable(self, subject: _Subject, loaded: Loaded, error: RegistryUnavailable) -> Served:
        log.error("the model registry is unavailable: %s", error)
        self._observe("unavailable", subject.endpoint)
        return Served(loaded.model, {**loaded.info, "cached": False, "registry": "unavailable"})

    @contextlib.contextmanager
    def _fitted(
        self, subject: _Subject, trainable: Trainable, training: Training
    ) -> Iterator[tuple[Fit, Path, str, Loaded]]:
        """Fits, and reads the model back from its files: what scores is always what was stored."""
        # What is kept is worth waiting for; what answers one request only is not, if others come meanwhile.
        patient = self._patient or training.register
        with self._lanes.fit(subject.tenant, training.rows, patient):
            fit = training.fit()
        folder = Path(tempfile.mkdtemp(prefix="abintel-training-"))
        try:
            with artifact.room_told(folder):
                digest = artifact.write(folder, fit, trainable, subject.endpoint)
                model, info = artifact.read(folder / "model", trainable, None)
            self._observe("trained", subject.endpoint)
            yield fit, folder, digest, Loaded(model, info)
        finally:
            artifact.discard(folder, fit)

    def _register(
        self,
        subject: _Subject,
        training: Training,
        fit: Fit,
        folder: Path,
        digest: str,
        now: datetime.datetime,
    ) -> Version:
        same = self.store.by_fingerprint(subject.name, training.fingerprint)
        champion = self.store.by_alias(subject.name, "champion")
        incumbent = champion
        if champion is not None and not self._loader.is_sound(self.store, champion, subject.endpoint):
            incumbent = None
        leads = becomes_champion(
            rows=training.rows,
            quality=fit.quality,
            incumbent=incumbent,
            pinned=self.store.model_tags(subject.name).get("pinned") == "true",
            same_as_rejected=any(version.rejected for version in same),
            now=now,
        )
        expires_at = now + self._ttl
        identity = {"tenant": subject.tenant, "endpoint": subject.endpoint, "scope": subject.scope}
        run_id = self.store.log_run(
            tenant=subject.tenant,
            endpoint=subject.endpoint,
            run_name=f"{subject.name} {stamp(now)}",
            params={"algorithm": fit.algorithm, **{key: str(value) for key, value in fit.params.items()}},
            metrics={**fit.metrics, **_flat(fit.candidates)},
            tags={**identity, "fingerprint": training.fingerprint},
            files=partial(artifact.with_pictures, folder, fit),
            now=now,
        )
        version = self.store.register(
            subject.name,
            run_id,
            model_tags=identity,
            tags={
                **identity,
                "fingerprint": training.fingerprint,
                "trained_at": stamp(now),
                "expires_at": stamp(expires_at),
                "rows": str(training.rows),
                "features": json.dumps(list(fit.features), ensure_ascii=False)[:4900],
                "data_digest": digest,
                "quality": repr(float(fit.quality)),
                "algorithm": fit.algorithm,
                "promotion": "pending" if leads else "none",
            },
            card=fit.card,
        )
        if leads:
            self.store.promote(version, now, "trained")
        else:
            self.store.challenge(version)
        self.changed()
        return version

    # without labels

    def _champion(
        self, subject: _Subject, trainable: Trainable, now: datetime.datetime, warn: Warn
    ) -> Served:
        flags: dict[str, Any] = {}
        try:
            version = self._confirmed_champion(subject.name, now)
        except RegistryUnavailable as error:
            version = self._remembered_champion(subject, now, error)
            flags = {"registry": "unavailable"}
        if version is None:
            return Served(None, {})
        if not version.is_live(now):
            return out_of_service(version, warn)
        try:
            loaded = self._loader.load(self.store, version, trainable, subject.endpoint)
        except artifact.DamagedArtifact:
            return damaged(version, warn)
        except RegistryUnavailable as error:
            raise unavailable(error) from error
        self._observe("scored", subject.endpoint)
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
        self, subject: _Subject, now: datetime.datetime, error: RegistryUnavailable
    ) -> Version | None:
        known = self._cache.champion(subject.name)
        self._observe("unavailable", subject.endpoint)
        trusted = (
            known is not None
            and known.version is not None
            and abs(now - known.at) <= TRUST_WITHOUT_REGISTRY
            and self._cache.loaded(known.version) is not None
        )
        if known is None or not trusted:
            raise unavailable(error) from error
        log.error("the model registry is unavailable, answering from memory: %s", error)
        return known.version

    def _finish_any_promotion(self, name: str, now: datetime.datetime) -> Version | None:
        """A writer that died between registering a version and promoting it left it pending."""
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
    def _alone(self, name: str) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._locks.hold(name, LOCK_TIMEOUT))
            except LocksUnavailable as error:
                # To train twice is better than not to answer.
                log.error("a training goes on without its lock: %s", error)
            except LockTimeout as error:
                raise Problem(
                    503,
                    "training-under-way",
                    "The same model is being trained by another request; try again.",
                    headers={"Retry-After": "10"},
                ) from error
            yield


def _subject(tenant: str, endpoint: Endpoint, request: Any) -> tuple[_Subject, Trainable]:
    trainable = endpoint.trainable
    if trainable is None:
        raise LookupError(f"{endpoint.name} declares no trainable model")
    scope = trainable.scope(request)
    name = model_name(tenant, endpoint.name, scope)
    return _Subject(tenant, endpoint.name, scope_key(scope), name), trainable


def _flat(candidates: Any) -> dict[str, float]:
    return {
        f"{name}/{metric}": float(value)
        for name, figures in candidates.items()
        for metric, value in figures.items()
    }
