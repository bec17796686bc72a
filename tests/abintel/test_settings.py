"""Every setting is read once, checked, and named when it cannot be used."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from abintel.settings import KeptVersions, RateLimit, SettingError, Settings

CONTRACT = {
    *("ABINTEL_HOME", "HOST", "PORT", "ABINTEL_WORKERS", "ABINTEL_PLUGINS", "ABINTEL_DATABASE_URL"),
    *("ABINTEL_PEPPER", "ABINTEL_BLOB_URL", "ABINTEL_MODEL_TTL_DAYS", "ABINTEL_MAX_BODY_MB"),
    "ABINTEL_KEEP_VERSIONS",
    *("ABINTEL_RATE_LIMIT", "ABINTEL_METRICS_TOKEN", "MLFLOW_TRACKING_URI"),
    *("ABINTEL_JOBS_URL", "ABINTEL_MAX_JOB_MB", "ABINTEL_JOB_WORKERS", "ABINTEL_JOB_MEMORY_MB"),
    *("ABINTEL_JOB_RETENTION_HOURS", "ABINTEL_JOB_CONCURRENCY", "ABINTEL_TENANT_JOB_CONCURRENCY"),
    *("ABINTEL_CALLBACK_HOSTS", "ABINTEL_MLFLOW_URL", "ABINTEL_DRAIN_SECONDS"),
}


def read(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def test_an_empty_environment_gives_the_defaults() -> None:
    home = Path(".abintel").absolute()
    assert read() == Settings(
        home=home,
        host="127.0.0.1",
        port=3000,
        workers=1,
        plugins=None,
        database_url=f"sqlite:///{home}/abintel.db",
        pepper=None,
        tracking_uri=f"sqlite:///{home}/mlflow.db",
        mlflow_url=None,
        blob_url=None,
        model_ttl_days=30,
        keep_versions=KeptVersions(5, 90.0),
        max_body_mb=20,
        rate_limit=None,
        drain_seconds=5.0,
        metrics_token=None,
        jobs_url=f"sqlite:///{home}/jobs.db",
        max_job_mb=200,
        job_workers=1,
        job_memory_mb=4096,
        job_retention_hours=24,
        job_concurrency=None,
        tenant_job_concurrency=None,
        callback_hosts=(),
    )


def test_a_variable_that_is_set_to_nothing_is_as_if_unset() -> None:
    assert read(**dict.fromkeys(CONTRACT, "")) == read()


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("ABINTEL_HOME", "/srv/data", "home", Path("/srv/data")),
        ("ABINTEL_HOME", "data", "home", Path("data").absolute()),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104
        ("HOST", "localhost", "host", "127.0.0.1"),
        ("HOST", "::1", "host", "::1"),
        ("PORT", "8080", "port", 8080),
        ("ABINTEL_WORKERS", "4", "workers", 4),
        ("ABINTEL_PLUGINS", "customer, clv,", "plugins", ("customer", "clv")),
        ("ABINTEL_DATABASE_URL", "postgresql://db/x", "database_url", "postgresql://db/x"),
        ("ABINTEL_PEPPER", "salt", "pepper", "salt"),
        ("MLFLOW_TRACKING_URI", "http://mlflow:5000", "tracking_uri", "http://mlflow:5000"),
        (
            "ABINTEL_MLFLOW_URL",
            "https://mlflow.example.org/ui",
            "mlflow_url",
            "https://mlflow.example.org/ui",
        ),
        ("ABINTEL_BLOB_URL", "s3://bucket", "blob_url", "s3://bucket"),
        ("ABINTEL_MODEL_TTL_DAYS", "0.5", "model_ttl_days", 0.5),
        ("ABINTEL_KEEP_VERSIONS", "3/30d", "keep_versions", KeptVersions(3, 30.0)),
        ("ABINTEL_KEEP_VERSIONS", "all", "keep_versions", None),
        ("ABINTEL_MAX_BODY_MB", "0.5", "max_body_mb", 0.5),
        ("ABINTEL_RATE_LIMIT", "600/min", "rate_limit", RateLimit(600, 60)),
        ("ABINTEL_RATE_LIMIT", "600", "rate_limit", RateLimit(600, 60)),
        ("ABINTEL_RATE_LIMIT", "10/s", "rate_limit", RateLimit(10, 1)),
        ("ABINTEL_RATE_LIMIT", "10/sec", "rate_limit", RateLimit(10, 1)),
        ("ABINTEL_RATE_LIMIT", "5000/h", "rate_limit", RateLimit(5000, 3600)),
        ("ABINTEL_DRAIN_SECONDS", "0", "drain_seconds", 0.0),
        ("ABINTEL_METRICS_TOKEN", "open sesame", "metrics_token", "open sesame"),
        ("ABINTEL_JOBS_URL", "postgresql://db/x", "jobs_url", "postgresql://db/x"),
        ("ABINTEL_MAX_JOB_MB", "0.5", "max_job_mb", 0.5),
        ("ABINTEL_JOB_WORKERS", "0", "job_workers", 0),
        ("ABINTEL_JOB_MEMORY_MB", "8192", "job_memory_mb", 8192),
        ("ABINTEL_JOB_RETENTION_HOURS", "0.5", "job_retention_hours", 0.5),
        ("ABINTEL_JOB_CONCURRENCY", "8", "job_concurrency", 8),
        ("ABINTEL_TENANT_JOB_CONCURRENCY", "2", "tenant_job_concurrency", 2),
        ("ABINTEL_CALLBACK_HOSTS", "Hooks.example.org, *", "callback_hosts", ("hooks.example.org", "*")),
    ],
)
def test_a_variable_sets_its_setting_and_no_other(variable: str, text: str, name: str, value: Any) -> None:
    settings = read(**{variable: text})
    assert getattr(settings, name) == value
    others = {entry.name for entry in fields(Settings)} - {name}
    if variable != "ABINTEL_HOME":
        assert {other: getattr(settings, other) for other in others} == {
            other: getattr(read(), other) for other in others
        }


@pytest.mark.parametrize(
    ("variable", "text", "wanted"),
    [
        ("HOST", "example.org", "wanted is an IP address, as 127.0.0.1 or 0.0.0.0"),
        ("PORT", "http", "wanted is a number from 1 to 65535"),
        ("PORT", "0", "wanted is a number from 1 to 65535"),
        ("PORT", "65536", "wanted is a number from 1 to 65535"),
        ("PORT", "80.5", "wanted is a whole number from 1 to 65535"),
        ("ABINTEL_MLFLOW_URL", "mlflow:5000", "wanted is an address, as http://127.0.0.1:5000"),
        ("ABINTEL_MLFLOW_URL", "javascript:alert(1)", "wanted is an address, as http://127.0.0.1:5000"),
        ("ABINTEL_WORKERS", "-1", "wanted is a number from 1 to 256"),
        ("ABINTEL_WORKERS", "1.5", "wanted is a whole number from 1 to 256"),
        ("ABINTEL_KEEP_VERSIONS", "5", "wanted is a number and days, as 5/90d, or all"),
        ("ABINTEL_MODEL_TTL_DAYS", "nan", "wanted is a number from 1e-06 to 36500"),
        ("ABINTEL_MODEL_TTL_DAYS", "0", "wanted is a number from 1e-06 to 36500"),
        ("ABINTEL_MAX_BODY_MB", "20MB", "wanted is a number from 0.001 to 2048"),
        ("ABINTEL_MAX_BODY_MB", "inf", "wanted is a number from 0.001 to 2048"),
        ("ABINTEL_JOB_MEMORY_MB", "64", "wanted is a number from 256 to 4.1943e+06"),
        ("ABINTEL_JOB_RETENTION_HOURS", "0", "wanted is a number from 0.0001 to 876000"),
        ("ABINTEL_RATE_LIMIT", "0/min", "wanted is a count, as 600/min, 10/s or 5000/h"),
        ("ABINTEL_RATE_LIMIT", "fast", "wanted is a count, as 600/min, 10/s or 5000/h"),
        ("ABINTEL_RATE_LIMIT", "10/day", "wanted is a count, as 600/min, 10/s or 5000/h"),
        ("ABINTEL_RATE_LIMIT", "-5", "wanted is a count, as 600/min, 10/s or 5000/h"),
    ],
)
def test_a_bad_value_is_named_with_what_is_wanted(variable: str, text: str, wanted: str) -> None:
    with pytest.raises(SettingError) as raised:
        read(**{variable: text})
    assert str(raised.value) == f"{variable}={text!r}: {wanted}"


def test_sizes_and_folders_follow() -> None:
    assert read().max_body_bytes == 20 * 2**20
    assert read(ABINTEL_HOME="/srv/data").artifact_root == "file:///srv/data/artifacts/models"
    assert read(ABINTEL_BLOB_URL="s3://bucket/").artifact_root == "s3://bucket/models"
    assert read().max_job_bytes == 200 * 2**20
    assert read(ABINTEL_HOME="/srv/data").job_root == "/srv/data/jobs"
    assert read(ABINTEL_BLOB_URL="s3://bucket/").job_root == "s3://bucket/jobs"


def test_secrets_are_not_in_the_representation() -> None:
    text = repr(read(ABINTEL_PEPPER="canary", ABINTEL_METRICS_TOKEN="canary"))
    assert "canary" not in text


def test_the_table_has_a_row_for_every_variable() -> None:
    head, rule, *rows = Settings.table().splitlines()
    assert (head, rule) == ("| variable | meaning | default |", "| --- | --- | --- |")
    assert [row.split("`")[1] for row in rows] == [entry.metadata["variable"] for entry in fields(Settings)]
    assert {row.split("`")[1] for row in rows} >= CONTRACT
    assert all(len(row.split(" | ")) == 3 for row in rows)


@pytest.mark.parametrize(
    ("environment", "pages"),
    [
        ({}, None),
        ({"MLFLOW_TRACKING_URI": "postgresql://db/mlflow"}, None),
        ({"MLFLOW_TRACKING_URI": "http://mlflow:5000"}, "http://mlflow:5000"),
        (
            {"MLFLOW_TRACKING_URI": "http://mlflow:5000", "ABINTEL_MLFLOW_URL": "https://models.example.org"},
            "https://models.example.org",
        ),
    ],
)
def test_mlflow_s_pages_are_where_the_operator_says_or_where_its_server_is(
    environment: dict[str, str], pages: str | None
) -> None:
    assert read(**environment).mlflow_pages == pages
