"""The operator's settings, read once from environment variables."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


class SettingError(ValueError):
    """An invalid setting; the text names the variable, its value and the expected value."""


@dataclass(frozen=True)
class RateLimit:
    """A number of requests per number of seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True)
class KeptVersions:
    """How many versions of a model are kept in any case, and for how many days all are."""

    count: int
    days: float


def _setting(variable: str, meaning: str, default: str) -> dict[str, Any]:
    return {"variable": variable, "meaning": meaning, "default": default}


@dataclass(frozen=True)
class Settings:
    """The settings of the server; ``docs/operating.md`` lists them in a table."""

    home: Path = field(metadata=_setting("ABINTEL_HOME", "data folder of the embedded stores", "`.abintel`"))
    host: str = field(metadata=_setting("HOST", "address to serve on", "`127.0.0.1`"))
    port: int = field(metadata=_setting("PORT", "port to serve on", "`3000`"))
    workers: int = field(metadata=_setting("ABINTEL_WORKERS", "serving processes", "`1`"))
    plugins: tuple[str, ...] | None = field(
        metadata=_setting(
            "ABINTEL_PLUGINS", "names of the plugins to serve, separated by commas", "all installed"
        )
    )
    database_url: str = field(
        metadata=_setting(
            "ABINTEL_DATABASE_URL",
            "credentials, rate limits and, with PostgreSQL, training locks (SQLAlchemy URL)",
            "SQLite in the data folder",
        )
    )
    pepper: str | None = field(
        repr=False,
        metadata=_setting(
            "ABINTEL_PEPPER",
            "key under which secrets are hashed; the same on all machines",
            "made in the data folder",
        ),
    )
    tracking_uri: str = field(
        metadata=_setting(
            "MLFLOW_TRACKING_URI", "MLflow's tracking server or database", "SQLite in the data folder"
        )
    )
    mlflow_url: str | None = field(
        metadata=_setting(
            "ABINTEL_MLFLOW_URL",
            "address of MLflow's pages as a browser reaches them, for links to models",
            "`MLFLOW_TRACKING_URI`, where that is a server's address",
        )
    )
    blob_url: str | None = field(
        metadata=_setting(
            "ABINTEL_BLOB_URL",
            "payloads and results of jobs, and model artifacts when the tracking store is a database "
            "(folder or object store)",
            "folders in the data folder",
        )
    )
    model_ttl_days: float = field(
        metadata=_setting("ABINTEL_MODEL_TTL_DAYS", "how long a trained model is reused", "`30`")
    )
    keep_versions: KeptVersions | None = field(
        metadata=_setting(
            "ABINTEL_KEEP_VERSIONS",
            "expired versions of a model that workers keep: a number and days, whichever keeps more; `all`",
            "`5/90d`",
        )
    )
    max_body_mb: float = field(
        metadata=_setting("ABINTEL_MAX_BODY_MB", "largest body, inflated, in MiB", "`20`")
    )
    rate_limit: RateLimit | None = field(
        metadata=_setting(
            "ABINTEL_RATE_LIMIT",
            "requests per tenant: `600/min`, `10/s`, `5000/h`; a bare number is per minute",
            "off",
        )
    )
    drain_seconds: float = field(
        metadata=_setting(
            "ABINTEL_DRAIN_SECONDS",
            "how long new requests are still answered after SIGTERM, while `/readyz` says 503",
            "`5`",
        )
    )
    metrics_token: str | None = field(
        repr=False,
        metadata=_setting(
            "ABINTEL_METRICS_TOKEN",
            "bearer token that `/metrics` then asks for; with it, metrics carry the tenant",
            "open, without tenants",
        ),
    )

    jobs_url: str = field(
        metadata=_setting(
            "ABINTEL_JOBS_URL",
            "jobs and their queue; PostgreSQL where workers run on several machines (SQLAlchemy URL)",
            "SQLite in the data folder",
        )
    )
    max_job_mb: float = field(
        metadata=_setting("ABINTEL_MAX_JOB_MB", "largest body of a job, inflated, in MiB", "`200`")
    )
    job_workers: int = field(
        metadata=_setting(
            "ABINTEL_JOB_WORKERS", "worker processes that `abintel serve` keeps beside the server", "`1`"
        )
    )
    job_memory_mb: int = field(
        metadata=_setting(
            "ABINTEL_JOB_MEMORY_MB", "memory of a job's process, in MiB; more ends it", "`4096`"
        )
    )
    job_retention_hours: float = field(
        metadata=_setting("ABINTEL_JOB_RETENTION_HOURS", "how long an ended job and its result stay", "`24`")
    )
    job_concurrency: int | None = field(
        metadata=_setting("ABINTEL_JOB_CONCURRENCY", "jobs at a time, over all workers", "one per worker")
    )
    tenant_job_concurrency: int | None = field(
        metadata=_setting(
            "ABINTEL_TENANT_JOB_CONCURRENCY", "jobs of one tenant at a time, over all workers", "no limit"
        )
    )

    callback_hosts: tuple[str, ...] = field(
        metadata=_setting(
            "ABINTEL_CALLBACK_HOSTS",
            "hosts that callbacks of jobs may go to, separated by commas; `*` is any of the Internet",
            "none",
        )
    )

    @property
    def mlflow_pages(self) -> str | None:
        """The URL of MLflow's UI for browsers, None if unknown."""
        is_server = self.tracking_uri.startswith(("http://", "https://"))
        return self.mlflow_url or (self.tracking_uri if is_server else None)

    @property
    def max_job_bytes(self) -> int:
        """The largest body of a job, in bytes."""
        return int(self.max_job_mb * 2**20)

    @property
    def job_root(self) -> str:
        """The folder or URL of the payloads and results of jobs."""
        return f"{self.blob_url.rstrip('/')}/jobs" if self.blob_url else str(self.home / "jobs")

    @property
    def max_body_bytes(self) -> int:
        """The largest body of a request, in bytes."""
        return int(self.max_body_mb * 2**20)

    @property
    def artifact_root(self) -> str:
        """The URL of model artifacts if the tracking store is a database."""
        root = self.blob_url or (self.home / "artifacts").as_uri()
        return root.rstrip("/") + "/models"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Reads and checks every setting.

        Raises:
            SettingError: names the variable, its value and the expected value.
        """
        home = Path(environment.get("ABINTEL_HOME") or ".abintel").absolute()
        return cls(
            home=home,
            host=_address(environment.get("HOST") or "127.0.0.1"),
            port=_whole(environment, "PORT", 3000, 1, 65535),
            workers=_whole(environment, "ABINTEL_WORKERS", 1, 1, 256),
            plugins=_names(environment.get("ABINTEL_PLUGINS", "")) or None,
            database_url=environment.get("ABINTEL_DATABASE_URL") or f"sqlite:///{home}/abintel.db",
            pepper=environment.get("ABINTEL_PEPPER") or None,
            tracking_uri=environment.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home}/mlflow.db",
            mlflow_url=_web_address(environment, "ABINTEL_MLFLOW_URL"),
            blob_url=environment.get("ABINTEL_BLOB_URL") or None,
            model_ttl_days=_number(environment, "ABINTEL_MODEL_TTL_DAYS", 30, 1e-6, 36500),
            keep_versions=_kept(environment.get("ABINTEL_KEEP_VERSIONS") or "5/90d"),
            max_body_mb=_number(environment, "ABINTEL_MAX_BODY_MB", 20, 1e-3, 2048),
            rate_limit=_rate(environment.get("ABINTEL_RATE_LIMIT", "")),
            drain_seconds=_number(environment, "ABINTEL_DRAIN_SECONDS", 5, 0, 600),
            metrics_token=environment.get("ABINTEL_METRICS_TOKEN") or None,
            jobs_url=environment.get("ABINTEL_JOBS_URL") or f"sqlite:///{home}/jobs.db",
            max_job_mb=_number(environment, "ABINTEL_MAX_JOB_MB", 200, 1e-3, 65536),
            job_workers=_whole(environment, "ABINTEL_JOB_WORKERS", 1, 0, 256),
            job_memory_mb=_whole(environment, "ABINTEL_JOB_MEMORY_MB", 4096, 256, 2**22),
            job_retention_hours=_number(environment, "ABINTEL_JOB_RETENTION_HOURS", 24, 1e-4, 876000),
            job_concurrency=_whole(environment, "ABINTEL_JOB_CONCURRENCY", 0, 0, 10**6) or None,
            callback_hosts=_names(environment.get("ABINTEL_CALLBACK_HOSTS", "").lower()),
            tenant_job_concurrency=_whole(environment, "ABINTEL_TENANT_JOB_CONCURRENCY", 0, 0, 10**6) or None,
        )

    @classmethod
    def table(cls) -> str:
        """The settings as a Markdown table."""
        lines = ["| variable | meaning | default |", "| --- | --- | --- |"]
        for entry in fields(cls):
            setting = entry.metadata
            lines.append(f"| `{setting['variable']}` | {setting['meaning']} | {setting['default']} |")
        return "\n".join(lines)


def _web_address(environment: Mapping[str, str], name: str) -> str | None:
    text = environment.get(name)
    if text and not re.fullmatch(r"https?://[^\s/]\S*", text):
        raise SettingError(f"{name}={text!r}: wanted is an address, as http://127.0.0.1:5000")
    return text or None


def _address(text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise SettingError(f"HOST={text!r}: wanted is an IP address, as 127.0.0.1 or 0.0.0.0") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _number(environment: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise SettingError(f"{name}={text!r}: wanted is a number from {least:g} to {most:g}")
    return value


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = _number(environment, name, default, least, most)
    if value != int(value):
        raise SettingError(f"{name}={environment[name]!r}: wanted is a whole number from {least} to {most}")
    return int(value)


def _rate(text: str) -> RateLimit | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,9})(?:/(s|sec|min|h|hour))?", text.strip())
    if match is None or int(match[1]) == 0:
        raise SettingError(f"ABINTEL_RATE_LIMIT={text!r}: wanted is a count, as 600/min, 10/s or 5000/h")
    seconds = {"s": 1.0, "sec": 1.0, "h": 3600.0, "hour": 3600.0}.get(match[2] or "min", 60.0)
    return RateLimit(int(match[1]), seconds)


def _kept(text: str) -> KeptVersions | None:
    if text.strip() == "all":
        return None
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})d", text.strip())
    if match is None:
        raise SettingError(f"ABINTEL_KEEP_VERSIONS={text!r}: wanted is a number and days, as 5/90d, or all")
    return KeptVersions(int(match[1]), float(match[2]))
