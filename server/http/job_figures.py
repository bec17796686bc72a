"""Jobs in numbers, as Prometheus reads them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from jobs.store.figures import Waiting, ended, parts_waiting, waiting
from jobs.store.record import Record


class JobFigures(Collector):
    """The figures of the jobs' database at one moment; none if it does not answer.

    Args:
        record: of the jobs.
        now: the moment, UTC.
        with_tenants: whether what waits is told by tenant.
    """

    def __init__(self, record: Record, now: datetime.datetime, with_tenants: bool) -> None:
        self._engine = record.engine
        self._now = now
        self._with_tenants = with_tenants

    def describe(self) -> Sequence[Metric]:
        """Nothing: to register is not to ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Asks the database."""
        try:
            rows, totals = waiting(self._engine, self._now), ended(self._engine)
            parts = parts_waiting(self._engine)
        except SQLAlchemyError:
            yield GaugeMetricFamily("abintel_jobs_up", "Whether the jobs' database answers", 0.0)
            return
        yield GaugeMetricFamily("abintel_jobs_up", "Whether the jobs' database answers", 1.0)
        yield from self._waiting(rows)
        yield GaugeMetricFamily(
            "abintel_job_parts_queued", "Parts of running jobs that wait for a worker", float(parts)
        )
        finished = CounterMetricFamily(
            "abintel_jobs_finished", "Jobs that have ended", labels=("endpoint", "outcome")
        )
        seconds = CounterMetricFamily(
            "abintel_jobs_seconds",
            "Seconds that ended jobs took from the beginning of their first run",
            labels=("endpoint", "outcome"),
        )
        for total in totals:
            finished.add_metric([total.endpoint, total.status], total.jobs)
            seconds.add_metric([total.endpoint, total.status], total.seconds)
        yield from (finished, seconds)

    def _waiting(self, rows: Sequence[Waiting]) -> Iterator[Metric]:
        labels = ["tenant"] if self._with_tenants else []
        if not self._with_tenants:
            rows = [
                Waiting(
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
            of = [row.tenant] if self._with_tenants else []
            queued.add_metric(of, row.queued)
            age.add_metric(of, row.age)
            running.add_metric(of, row.running)
        yield from (queued, age, running)
