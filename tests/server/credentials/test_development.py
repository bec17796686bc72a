from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.credentials import schema
from server.credentials.development import development_credential
from server.credentials.store import CredentialStore
from tests import postgres

postgres_url = postgres.postgres_url
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PEPPER = b"0123456789abcdef"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CredentialStore]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/abintel.db" if sqlite else request.getfixturevalue("postgres_url")
    schema.ensure(url)
    store = CredentialStore(url, PEPPER)
    yield store
    store.close()


def test_the_first_start_makes_it_and_later_starts_know_it(store: CredentialStore) -> None:
    first = development_credential(store, PEPPER, NOW)
    assert first is not None
    assert first.tenant == "development"
    assert development_credential(store, PEPPER, NOW) == first
    assert [entry.customer_api_id for entry in store.list()] == [first.customer_api_id]
    assert store.live()[first.customer_api_id].digest == store.digest(first.secret)


def test_another_installation_has_another(store: CredentialStore, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/another.db"
    schema.ensure(url)
    another = CredentialStore(url, b"another pepper")
    ours, theirs = (
        development_credential(store, PEPPER, NOW),
        development_credential(another, b"another pepper", NOW),
    )
    another.close()
    assert ours is not None
    assert theirs is not None
    assert ours.secret != theirs.secret
    assert ours.customer_api_id != theirs.customer_api_id


def test_it_is_not_added_to_a_store_in_use(store: CredentialStore) -> None:
    store.create("acme", NOW)
    assert development_credential(store, PEPPER, NOW) is None
    assert [entry.tenant for entry in store.list()] == ["acme"]


def test_revoked_it_does_not_come_back(store: CredentialStore) -> None:
    credential = development_credential(store, PEPPER, NOW)
    assert credential is not None
    store.revoke(credential.customer_api_id, NOW)
    assert development_credential(store, PEPPER, NOW) is None


def test_rotated_it_lasts_as_long_as_its_secret(store: CredentialStore) -> None:
    credential = development_credential(store, PEPPER, NOW)
    assert credential is not None
    store.rotate(credential.customer_api_id, NOW)
    assert development_credential(store, PEPPER, NOW) == credential
    store.retire(credential.customer_api_id, NOW)
    assert development_credential(store, PEPPER, NOW) is None
