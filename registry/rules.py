"""Which stored version may answer, as pure functions of versions and a clock."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

MIN_SHARE_OF_ROWS = 0.5
MAX_LOSS_OF_QUALITY = 0.05


@dataclass(frozen=True)
class Version:
    """A registered version, read from its tags.

    Attributes:
        name: registered model.
        number: MLflow's version number, as text.
        fingerprint: digest of its labelled training rows.
        trained_at: UTC.
        expires_at: UTC; the version is never served after this.
        rows: number of labelled training rows.
        quality: the deciding metric (cross-validated ROC-AUC for classifiers).
        data_digest: digest of its files.
        rejected: whether a reviewer took it out of service (tag ``review=rejected``).
        promotion_pending: whether its writer died between registering and promoting it.
        run_id: the MLflow run that trained it.
    """

    name: str
    number: str
    fingerprint: str
    trained_at: datetime.datetime
    expires_at: datetime.datetime
    rows: int
    quality: float
    data_digest: str
    rejected: bool
    promotion_pending: bool
    run_id: str

    def is_live(self, now: datetime.datetime) -> bool:
        """Whether it may answer requests."""
        return not self.rejected and now < self.expires_at


def reusable(versions: Iterable[Version], now: datetime.datetime) -> Version | None:
    """The version to reuse among those with a request's fingerprint: the newest live one."""
    live = [version for version in versions if version.is_live(now)]
    return max(live, key=lambda version: int(version.number), default=None)


def becomes_champion(
    *,
    rows: int,
    quality: float,
    incumbent: Version | None,
    pinned: bool,
    same_as_rejected: bool,
    now: datetime.datetime,
) -> bool:
    """Whether a newly trained version becomes ``champion``. Otherwise it becomes ``challenger``.

    Args:
        rows: number of its labelled training rows.
        quality: its deciding metric.
        incumbent: the current champion, if there is one.
        pinned: whether the registered model is tagged ``pinned=true``.
        same_as_rejected: whether a rejected version was trained on the same rows.
        now: the clock.
    """
    if pinned or same_as_rejected:
        return False
    if incumbent is None or not incumbent.is_live(now):
        return True
    return rows >= MIN_SHARE_OF_ROWS * incumbent.rows and quality >= incumbent.quality - MAX_LOSS_OF_QUALITY
