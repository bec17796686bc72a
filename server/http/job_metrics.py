"""Prometheus metrics of jobs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from jobs.store.record import Record
from jobs.store.statistics import ActiveJobs, active, finished, queued_parts


class JobMetrics(Collector):
    """Collects the metrics from the jobs' database. If it does not answer, only ``abintel_jobs_up`` is
    reported.

    Args:
        record: the jobs' database.
        now: the current moment, UTC.
        with_tenants: whether active jobs are reported by tenant.
    """

    def __init__(self, record: Record, now: datetime.datetime, with_tenants: bool) -> None:
        self._engine = record.engine
        self._now = now
        self._with_tenants = with_tenants

    def describe(self) -> Sequence[Metric]:
        """Nothing, so that registering the collector does not query the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Queries the database."""
        try:
            rows, totals = active(self._engine, self._now), finished(self._engine)
            parts = queued_parts(self._engine)
        except SQLAlchemyError:
            yield GaugeMetricFamily("abintel_jobs_up", "Whether the jobs' database answers", 0.0)
            return
        yield GaugeMetricFamily("abintel_jobs_up", "Whether the jobs' database answers", 1.0)
        yield from self._active(rows)
        yield GaugeMetricFamily(
            "abintel_job_parts_queued", "Parts of running jobs that wait for a worker", float(parts)
        )
        ended = CounterMetricFamily(
            "abintel_jobs_finished", "Jobs that have ended", labels=("endpoint", "outcome")
        )
        seconds = CounterMetricFamily(
            "abintel_jobs_seconds",
            "Seconds that ended jobs took from the beginning of their first run",
            labels=("endpoint", "outcome"),
        )
        for total in totals:
            ended.add_metric([total.endpoint, total.status], total.jobs)
            seconds.add_metric([total.endpoint, total.status], total.seconds)
        yield from (ended, seconds)

    def _active(self, rows: Sequence[ActiveJobs]) -> Iterator[Metric]:
        labels = ["tenant"] if self._with_tenants else []
        if not self._with_tenants:
            rows = [
                ActiveJobs(
                    "",
                    sum(row.queued for row in rows),
                    sum(row.running for row in rows),
                    max((row.age for row in rows), default=0.0),
                )
            ]
        queued = GaugeMetricFamily("abintel_jobs_queued", "Jobs that wait", labels=labels)
        age = GaugeMetricFamily(
            "abintel_jobs_oldest_queued_seconds", "How long the oldest of them has waited", labels=labels
        )
        running = GaugeMetricFamily("abintel_jobs_running", "Jobs that are being done", labels=labels)
        for row in rows:
            values = [row.tenant] if self._with_tenants else []
            queued.add_metric(values, row.queued)
            age.add_metric(values, row.age)
            running.add_metric(values, row.running)
        yield from (queued, age, running)
