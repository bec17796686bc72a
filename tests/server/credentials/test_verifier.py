from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.credentials import schema
from server.credentials.store import CredentialStore
from server.credentials.verifier import Verifier
from tests import postgres

postgres_url = postgres.postgres_url
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CredentialStore]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/abintel.db" if sqlite else request.getfixturevalue("postgres_url")
    schema.ensure(url)
    store = CredentialStore(url, b"pepper")
    yield store
    store.close()


@pytest.fixture
def verifier(store: CredentialStore) -> Iterator[Verifier]:
    verifier = Verifier(store)
    verifier.open()
    yield verifier
    verifier.close()


def tenant_of(verifier: Verifier, customer_api_id: str | None, secret: str | None) -> str | None:
    """Whose a credential is."""
    caller = verifier.verify(customer_api_id, secret)
    return None if caller is None else caller.tenant


def _soon(answer: Callable[[], str | None], wanted: str | None) -> bool:
    """PostgreSQL is read once a second; SQLite must be right at once, so it never waits here twice."""
    give_up = time.monotonic() + 20
    while answer() != wanted and time.monotonic() < give_up:
        time.sleep(0.05)
    return answer() == wanted


def test_a_credential_of_before_the_start_is_its_tenants(store: CredentialStore) -> None:
    credential = store.create("acme", NOW)
    verifier = Verifier(store)
    verifier.open()
    assert tenant_of(verifier, credential.customer_api_id, credential.secret) == "acme"
    verifier.close()


def test_missing_unknown_and_wrong_are_nobody(store: CredentialStore) -> None:
    acme, globex = store.create("acme", NOW), store.create("globex", NOW)
    verifier = Verifier(store)
    verifier.open()
    for customer_api_id, secret in (
        (None, None),
        (None, acme.secret),
        (acme.customer_api_id, None),
        (acme.customer_api_id, ""),
        (acme.customer_api_id, globex.secret),
        (acme.customer_api_id.upper(), acme.secret),
        (acme.customer_api_id + " ", acme.secret),
        (acme.customer_api_id, acme.secret + "\0"),
        (acme.customer_api_id, acme.secret[:-1]),
        ("00000000-0000-4000-8000-000000000000", acme.secret),
    ):
        assert verifier.verify(customer_api_id, secret) is None
    verifier.close()


def test_changes_count_without_a_restart(store: CredentialStore, verifier: Verifier) -> None:
    first = store.create("acme", NOW)
    assert _soon(lambda: tenant_of(verifier, first.customer_api_id, first.secret), "acme")
    second = store.rotate(first.customer_api_id, NOW)
    assert _soon(lambda: tenant_of(verifier, second.customer_api_id, second.secret), "acme")
    assert tenant_of(verifier, first.customer_api_id, first.secret) == "acme"
    store.retire(first.customer_api_id, NOW)
    assert _soon(lambda: tenant_of(verifier, first.customer_api_id, first.secret), None)
    assert tenant_of(verifier, second.customer_api_id, second.secret) == "acme"
    store.revoke(first.customer_api_id, NOW)
    assert _soon(lambda: tenant_of(verifier, second.customer_api_id, second.secret), None)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_with_sqlite_a_change_counts_at_the_next_request(store: CredentialStore, verifier: Verifier) -> None:
    for _ in range(20):
        credential = store.create("acme", NOW)
        assert tenant_of(verifier, credential.customer_api_id, credential.secret) == "acme"
        store.revoke(credential.customer_api_id, NOW)
        assert verifier.verify(credential.customer_api_id, credential.secret) is None
        other = store.create("acme", NOW)
        store.delete_tenant("acme", NOW)
        assert verifier.verify(other.customer_api_id, other.secret) is None


def test_a_database_that_went_away_leaves_the_last_snapshot_and_one_warning(
    store: CredentialStore, request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    credential = store.create("acme", NOW)
    verifier = Verifier(store)
    verifier.open()
    if store.sqlite_path is not None:
        store.create("globex", NOW)
        for suffix in ("", "-wal", "-shm"):
            path = store.sqlite_path.with_name(store.sqlite_path.name + suffix)
            path.write_bytes(b"\0" * path.stat().st_size)
    else:
        url = str(request.getfixturevalue("postgres_url"))
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" ALLOW_CONNECTIONS false'.encode())
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (url.rpartition("/")[2],),
            )
    with caplog.at_level(logging.WARNING):
        give_up = time.monotonic() + 20
        while not caplog.records and time.monotonic() < give_up:
            assert tenant_of(verifier, credential.customer_api_id, credential.secret) == "acme"
            time.sleep(0.05)
        time.sleep(1.5)
        for _ in range(10):
            assert tenant_of(verifier, credential.customer_api_id, credential.secret) == "acme"
        assert verifier.verify(credential.customer_api_id, "wrong") is None
    assert len(caplog.records) == 1
    assert "the store of credentials does not answer; those last read stay in force: " in caplog.text
    verifier.close()


_TEXT = st.one_of(st.none(), st.text(alphabet=st.characters(), max_size=200), st.just("é" * 100_000))


@given(customer_api_id=_TEXT, secret=_TEXT)
def test_no_text_makes_it_raise(
    odd: tuple[Verifier, str], customer_api_id: str | None, secret: str | None
) -> None:
    verifier, known = odd
    assert verifier.verify(customer_api_id, secret) is None
    assert verifier.verify(known, secret) is None


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Verifier, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('odd')}/abintel.db"
    schema.ensure(url)
    store = CredentialStore(url, b"pepper")
    credential = store.create("acme", NOW)
    verifier = Verifier(store)
    verifier.open()
    yield verifier, credential.customer_api_id
    verifier.close()
    store.close()


@pytest.mark.parametrize("text", ["\0", "\ud800", "a" * 10_000_000, "\U0001f511", "%s", "'; --"])
def test_odd_text_is_nobody(odd: tuple[Verifier, str], text: str) -> None:
    verifier, known = odd
    assert verifier.verify(text, text) is None
    assert verifier.verify(known, text) is None
