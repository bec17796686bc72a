from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from abintel.settings import SettingError
from server.credentials import schema
from server.credentials.store import CredentialError, CredentialStore
from stores.database import parse_url
from tests import postgres

postgres_url = postgres.postgres_url
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = (
        f"sqlite:///{tmp_path}/abintel.db"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    schema.ensure(url)
    return str(url)


@pytest.fixture
def store(url: str) -> Iterator[CredentialStore]:
    store = CredentialStore(url, b"pepper")
    yield store
    store.close()


def test_a_secret_is_stored_as_its_hash_only(store: CredentialStore, url: str) -> None:
    credential = store.create("acme", NOW)
    engine = create_engine(url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM abintel_credentials")).one()
    engine.dispose()
    assert credential.secret.encode() not in repr(row).encode()
    assert bytes(row.digest) == store.digest(credential.secret)
    assert len(row.digest) == 32
    assert credential.secret not in repr(credential)


def test_the_hash_depends_on_the_pepper(store: CredentialStore, url: str) -> None:
    other = CredentialStore(url, b"another pepper")
    assert other.digest("secret") != store.digest("secret")
    other.close()


def test_a_tenant_may_have_several_credentials(store: CredentialStore) -> None:
    first, second = store.create("acme", NOW), store.create("acme", LATER)
    store.create("globex", NOW)
    assert [entry.customer_api_id for entry in store.list("acme")] == [
        first.customer_api_id,
        second.customer_api_id,
    ]
    assert [entry.tenant for entry in store.list()] == ["acme", "acme", "globex"]
    assert store.list("initech") == []


def test_dates_come_back_in_utc_whatever_zone_they_were_given_in(store: CredentialStore) -> None:
    store.create("acme", NOW.astimezone(timezone(timedelta(hours=-3))))
    created_at = store.list()[0].created_at
    assert created_at == NOW
    assert created_at.utcoffset() == timedelta(0)


def test_a_date_without_a_zone_is_refused(store: CredentialStore) -> None:
    with pytest.raises(Exception, match="has no time zone"):
        store.create("acme", NOW.replace(tzinfo=None))


def test_two_secrets_are_live_during_a_rotation_and_never_three(store: CredentialStore) -> None:
    first = store.create("acme", NOW)
    second = store.rotate(first.customer_api_id, LATER)
    live = store.live()[first.customer_api_id]
    assert (live.digest, live.previous_digest) == (store.digest(second.secret), store.digest(first.secret))
    third = store.rotate(first.customer_api_id, LATER)
    live = store.live()[first.customer_api_id]
    assert (live.digest, live.previous_digest) == (store.digest(third.secret), store.digest(second.secret))
    assert (second.tenant, second.customer_api_id) == ("acme", first.customer_api_id)
    assert store.list()[0].live_secrets == 2
    assert store.list()[0].rotated_at == LATER


def test_retiring_ends_the_older_secret(store: CredentialStore) -> None:
    first = store.create("acme", NOW)
    second = store.rotate(first.customer_api_id, LATER)
    store.retire(first.customer_api_id, NOW)
    assert store.live()[first.customer_api_id][:3] == ("acme", store.digest(second.secret), None)
    with pytest.raises(CredentialError, match=r"has one secret only; make another first: abintel creden"):
        store.retire(first.customer_api_id, NOW)


def test_a_revoked_credential_is_listed_but_no_longer_live(store: CredentialStore) -> None:
    credential = store.create("acme", NOW)
    store.revoke(credential.customer_api_id, NOW)
    store.revoke(credential.customer_api_id, LATER)
    assert store.live() == {}
    assert (store.list()[0].live_secrets, store.list()[0].revoked_at) == (0, NOW)
    for change in (lambda id: store.rotate(id, LATER), lambda id: store.retire(id, LATER)):
        with pytest.raises(
            CredentialError, match=r"was revoked on 2026-03-01; make a new one: .* create acme"
        ):
            change(credential.customer_api_id)


def test_an_unknown_id_is_named_with_what_to_do(store: CredentialStore) -> None:
    for change in (
        lambda id: store.revoke(id, NOW),
        lambda id: store.rotate(id, NOW),
        lambda id: store.retire(id, NOW),
    ):
        with pytest.raises(CredentialError, match="no credential has the id 'x'; `abintel credentials list`"):
            change("x")


def test_deleting_a_tenant_leaves_the_others(store: CredentialStore) -> None:
    store.create("acme", NOW)
    store.revoke(store.create("acme", NOW).customer_api_id, NOW)
    store.create("globex", NOW)
    assert store.delete_tenant("acme", NOW) == 2
    assert [entry.tenant for entry in store.list()] == ["globex"]
    assert store.delete_tenant("acme", NOW) == 0


@pytest.mark.parametrize("name", ["", "Acme", "-acme", "a b", "acmé", "a" * 64, "acme\n", "a\0", "../a"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    schema.ensure(f"sqlite:///{tmp_path}/a.db")
    store = CredentialStore(f"sqlite:///{tmp_path}/a.db", b"pepper")
    for use in (
        lambda: store.create(name, NOW),
        lambda: store.list(name),
        lambda: store.delete_tenant(name, NOW),
    ):
        with pytest.raises(CredentialError, match="is no name for a tenant: wanted are 1 to 63 lower case"):
            use()
    store.close()


@pytest.mark.parametrize("name", ["a", "0", "a" * 63, "acme-eu_1"])
def test_a_name_at_the_edge_is_taken(tmp_path: Path, name: str) -> None:
    schema.ensure(f"sqlite:///{tmp_path}/a.db")
    store = CredentialStore(f"sqlite:///{tmp_path}/a.db", b"pepper")
    assert store.create(name, NOW).tenant == name
    store.close()


def test_sqlite_is_a_wal_database_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "abintel.db"
    schema.ensure(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.execute("UPDATE abintel_schema_version SET version_num = version_num")
        connection.commit()
        for suffix in ("", "-wal", "-shm"):
            assert path.with_name(path.name + suffix).stat().st_mode & 0o777 == 0o600
    connection.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("abintel.db", "is no database URL; wanted is sqlite:///path or postgresql://"),
        ("mysql://root@localhost/x", "begins with mysql: wanted is sqlite:///path or postgresql://"),
        ("postgres://root@localhost/x", "begins with postgres: wanted"),
        ("sqlite://", "SQLite needs a file that all processes share"),
        ("sqlite:///:memory:", "SQLite needs a file that all processes share"),
    ],
)
def test_a_url_that_cannot_be_a_store_is_refused(url: str, message: str) -> None:
    with pytest.raises(SettingError, match=f"ABINTEL_DATABASE_URL.*{message}"):
        parse_url(url)


def test_a_refused_url_does_not_repeat_its_password() -> None:
    for url in ("postgresql//me:hunter2@host", "mysql://me:hunter2@host/x"):
        with pytest.raises(SettingError) as caught:
            parse_url(url)
        assert "hunter2" not in str(caught.value)
