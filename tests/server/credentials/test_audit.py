"""The audit trail: complete, in order, and never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from server.cli import main
from server.credentials import schema
from server.credentials.audit import Actor, AuditTrail, Entry
from server.credentials.store import CredentialError, CredentialStore
from tests import postgres

postgres_url = postgres.postgres_url
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ANN = Actor("user ann", "desk")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/abintel.db" if sqlite else request.getfixturevalue("postgres_url")
    schema.ensure(url)
    return str(url)


@pytest.fixture
def trail(url: str) -> Iterator[AuditTrail]:
    trail = AuditTrail(url)
    yield trail
    trail.close()


def test_every_change_of_a_credential_is_recorded(url: str, trail: AuditTrail) -> None:
    store = CredentialStore(url, b"pepper", ANN)
    made = store.create("acme", NOW)
    store.rotate(made.customer_api_id, NOW + timedelta(hours=1))
    store.retire(made.customer_api_id, NOW + timedelta(hours=2))
    store.revoke(made.customer_api_id, NOW + timedelta(hours=3))
    store.delete_tenant("acme", NOW + timedelta(hours=4))
    with pytest.raises(CredentialError):
        store.revoke(made.customer_api_id, NOW)
    store.close()
    entries = list(trail.entries())
    assert [entry.action for entry in entries] == [
        *("credential created", "secret rotated", "older secret retired", "credential revoked"),
        "tenant deleted",
    ]
    assert {entry.subject for entry in entries[:4]} == {made.customer_api_id}
    assert {(entry.actor, entry.origin, entry.tenant) for entry in entries} == {("user ann", "desk", "acme")}
    assert [entry.at - NOW for entry in entries] == [timedelta(hours=hour) for hour in range(5)]
    assert entries[-1].details == {"credentials": 1}
    assert made.secret not in repr(entries)
    assert [entry.action for entry in trail.entries(since=NOW + timedelta(hours=4))] == ["tenant deleted"]
    assert list(trail.entries("globex")) == []


def test_what_fails_is_not_recorded(trail: AuditTrail) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        trail.recorded(Entry(NOW, *ANN, "model promoted", "acme", "m", {})),
    ):
        raise ZeroDivisionError
    assert list(trail.entries()) == []


@pytest.mark.parametrize("statement", ["UPDATE abintel_audit SET actor = 'x'", "DELETE FROM abintel_audit"])
def test_the_database_refuses_to_change_an_entry(url: str, trail: AuditTrail, statement: str) -> None:
    with trail.recorded(Entry(NOW, *ANN, "model promoted", "acme", "m", {"reason": "¿por qué?"})):
        pass
    engine = create_engine(url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    [entry] = trail.entries()
    assert (entry.actor, entry.details) == ("user ann", {"reason": "¿por qué?"})


def test_a_trail_longer_than_a_page_is_complete(trail: AuditTrail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.credentials.audit._PAGE", 3)
    for number in range(10):
        with trail.recorded(Entry(NOW, *ANN, "model pinned", "acme", f"m{number}", {})):
            pass
    assert [entry.subject for entry in trail.entries()] == [f"m{number}" for number in range(10)]


def test_the_command_prints_the_trail(tmp_path: Path) -> None:
    environment = {"ABINTEL_HOME": str(tmp_path / "home"), "ABINTEL_DATABASE_URL": ""}
    run = CliRunner()
    run.invoke(main, ["credentials", "create", "acme", "--route", "churn_*", "--read-only"], env=environment)
    run.invoke(main, ["db", "upgrade"], env=environment)
    printed = run.invoke(main, ["audit"], env=environment, catch_exceptions=False).stdout.splitlines()
    assert len(printed) == 2
    assert "credential created" in printed[0]
    assert "read_only=True routes=churn_*" in printed[0]
    assert "stores migrated" in printed[1]
    of_tenant = run.invoke(main, ["audit", "acme", "--json"], env=environment, catch_exceptions=False).stdout
    [entry] = [json.loads(line) for line in of_tenant.splitlines()]
    assert entry["actor"].startswith("user ")
    assert entry["details"]["read_only"] is True
