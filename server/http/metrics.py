"""The metrics at ``/metrics``."""

from __future__ import annotations

import datetime
import hmac
import logging
import os
from pathlib import Path

from abintel.settings import Settings
from jobs.store.record import Record

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
OTHER = "other"
_KINDS = ("counter", "gauge_livesum", "histogram")
_FILE_BYTES = 1 << 20
log = logging.getLogger(__name__)


def _allocate_files() -> None:
    """Allocates the metric files of this process on the disk before they are mapped.

    prometheus_client maps sparse files (``mmap_dict.py``; the size is its initial size). On a full disk the
    first write to a page would kill the process with SIGBUS.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return
    try:
        for kind in _KINDS:
            with (Path(folder) / f"{kind}_{os.getpid()}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)
    except OSError as error:
        log.error("no disk space for the metrics of this process: %s", error)


class Metrics:
    """The metrics of one process; ``/metrics`` adds up those of all processes.

    The label ``route`` is a route of the roster or ``other``: text from callers never becomes a label.
    Tenants are counted only if a token protects the metrics.
    """

    def __init__(self, settings: Settings) -> None:
        # BentoML sets PROMETHEUS_MULTIPROC_DIR for its workers, and prometheus_client reads it when it is
        # imported.
        import prometheus_client

        _allocate_files()
        self._token = settings.metrics_token
        self._registry = prometheus_client.CollectorRegistry()
        self._requests = prometheus_client.Counter(
            "abintel_requests_total", "Requests answered", ("route", "status"), registry=self._registry
        )
        self._seconds = prometheus_client.Histogram(
            "abintel_request_seconds",
            "Seconds from the first byte of a request to the last of its answer",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._under_way = prometheus_client.Gauge(
            "abintel_requests_under_way",
            "Requests being answered",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._models = prometheus_client.Counter(
            "abintel_model_events_total",
            "Trainings, reuses and troubles of models",
            ("endpoint", "event"),
            registry=self._registry,
        )
        self._tenants = prometheus_client.Counter(
            "abintel_tenant_requests_total",
            "Requests answered, by tenant",
            ("tenant", "route"),
            registry=self._registry,
        )

    def started(self) -> None:
        """Counts a request that has started."""
        self._under_way.inc()

    def finished(self, route: str, status: int, seconds: float, tenant: str | None) -> None:
        """Counts a request that was answered."""
        self._under_way.dec()
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if tenant is not None and self._token is not None:
            self._tenants.labels(tenant, route).inc()

    def model_event(self, event: str, endpoint: str) -> None:
        """Counts a model event."""
        self._models.labels(endpoint, event).inc()

    def may_read(self, authorization: bytes) -> bool:
        """Whether an ``Authorization`` header allows reading the metrics."""
        if self._token is None:
            return True
        return hmac.compare_digest(authorization, f"Bearer {self._token}".encode())

    def render(self, record: Record, now: datetime.datetime) -> tuple[bytes, str]:
        """The exposition and its media type.

        Args:
            record: the jobs' database; its metrics are the same on every server.
            now: the current moment, UTC.
        """
        import prometheus_client
        from prometheus_client import multiprocess

        from server.http.job_metrics import JobMetrics

        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # as the library has it
        job_registry = prometheus_client.CollectorRegistry()
        job_registry.register(JobMetrics(record, now, with_tenants=self._token is not None))
        content = prometheus_client.generate_latest(registry) + prometheus_client.generate_latest(
            job_registry
        )
        return content, prometheus_client.CONTENT_TYPE_LATEST
