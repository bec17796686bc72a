"""The store of credentials: creates, lists, rotates and revokes them."""

from __future__ import annotations

import hmac
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Update, delete, exists, func, insert, literal, select, update

from server.credentials.audit import Actor, Entry, record
from server.credentials.permissions import Permissions, check_routes
from server.credentials.tables import credentials
from stores.columns import UtcDateTime
from stores.database import connect, parse_url, sqlite_path

_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_IS_LIVE = credentials.c.revoked_at.is_(None)
_EVERYTHING = Permissions()
NOBODY = Actor("abintel", "")
"""The actor where no person acts, such as at the first start."""


class CredentialError(ValueError):
    """An impossible operation on a credential; the text says what to do instead."""


@dataclass(frozen=True)
class Credential:
    """A credential with its secret. The store keeps only the secret's hash."""

    tenant: str
    customer_api_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class StoredCredential:
    """A credential without its secret.

    Attributes:
        live_secrets: 1; 2 during a rotation; 0 after revocation.
        created_at: UTC, like the other moments.
        rotated_at: when its newest secret was created; None if it has its first secret.
        revoked_at: None while it is live.
        expires_at: when it stops being valid; None for never.
        permissions: what it may do.
    """

    tenant: str
    customer_api_id: str
    live_secrets: int
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None
    permissions: Permissions


class Live(NamedTuple):
    """The data to verify a live credential.

    Attributes:
        digest: hash of its newest secret, 32 bytes.
        previous_digest: hash of the secret before; None if that one is no longer valid.
        permissions: what it may do.
        expires_at: when it stops being valid; None for never.
    """

    tenant: str
    digest: bytes
    previous_digest: bytes | None
    permissions: Permissions = _EVERYTHING
    expires_at: datetime | None = None


class CredentialStore:
    """Credentials in SQLite or PostgreSQL. :func:`server.credentials.schema.ensure` creates the tables.

    A secret has 256 random bits. One HMAC-SHA-256 with the pepper therefore protects it as well as a slow
    password hash, and is fast enough for every request (NIST SP 800-63B-4, section 3.1.2, on look-up
    secrets).

    Args:
        database_url: SQLAlchemy URL.
        pepper: key of the hashes; kept apart from the database.
        actor: who changes credentials through this store, for the audit trail.

    Raises:
        SettingError: the URL does not name a usable database.
    """

    def __init__(self, database_url: str, pepper: bytes, actor: Actor = NOBODY) -> None:
        url = parse_url(database_url)
        self.sqlite_path: Path | None = sqlite_path(url)
        self._engine = connect(url)
        self._pepper = pepper
        self._actor = actor

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def digest(self, secret: str) -> bytes:
        """HMAC-SHA-256 (RFC 2104, FIPS 180-4) of a secret, 32 bytes. Accepts any text, also lone
        surrogates."""
        return hmac.digest(self._pepper, secret.encode("utf-8", "surrogatepass"), "sha256")

    def create(
        self,
        tenant: str,
        now: datetime,
        permissions: Permissions = _EVERYTHING,
        expires_at: datetime | None = None,
    ) -> Credential:
        """Creates a credential. A tenant may have several.

        Raises:
            CredentialError: the tenant's name or a pattern of routes is invalid, or it would be expired.
        """
        check_tenant(tenant)
        try:
            check_routes(permissions.routes)
        except ValueError as error:
            raise CredentialError(str(error)) from None
        if expires_at is not None and expires_at <= now:
            raise CredentialError(
                f"{expires_at:%Y-%m-%d} is past: a credential cannot expire before it exists"
            )
        credential = Credential(tenant, str(uuid.uuid4()), secrets.token_urlsafe(32))
        limits = {
            "routes": " ".join(permissions.routes),
            "read_only": permissions.read_only,
            "reviewer": permissions.reviewer,
            "expires_at": expires_at,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(credentials).values({**self._row(credential, now), **limits}))
            expiry = None if expires_at is None else expires_at.isoformat()
            self._record(connection, now, "credential created", credential, {**limits, "expires_at": expiry})
        return credential

    def create_first(self, credential: Credential, now: datetime) -> bool:
        """Adds a credential if the store is empty; says whether it did."""
        row = self._row(credential, now)
        values = [literal(value, credentials.c[name].type) for name, value in row.items()]
        statement = insert(credentials).from_select(
            list(row), select(*values).where(~exists().select_from(credentials))
        )
        with self._engine.begin() as connection:
            if self.sqlite_path is None:
                # Two simultaneous first starts would both see an empty table. SQLite allows only one writer
                # anyway.
                connection.exec_driver_sql(f"LOCK TABLE {credentials.name} IN SHARE ROW EXCLUSIVE MODE")
            is_first = connection.execute(statement).rowcount == 1
            if is_first:
                self._record(connection, now, "credential created", credential, {})
            return is_first

    def list(self, tenant: str | None = None) -> Sequence[StoredCredential]:
        """The credentials of a tenant or of all, including revoked ones, by tenant and date.

        Raises:
            CredentialError: the tenant's name is invalid.
        """
        query = select(credentials).order_by(credentials.c.tenant, credentials.c.created_at)
        if tenant is not None:
            check_tenant(tenant)
            query = query.where(credentials.c.tenant == tenant)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [
            StoredCredential(
                tenant=row.tenant,
                customer_api_id=row.customer_api_id,
                live_secrets=0 if row.revoked_at else 1 + (row.previous_digest is not None),
                created_at=row.created_at,
                rotated_at=row.rotated_at,
                revoked_at=row.revoked_at,
                expires_at=row.expires_at,
                permissions=_permissions(row),
            )
            for row in rows
        ]

    def live(self) -> Mapping[str, Live]:
        """The data to verify each live credential, by customer API id."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(credentials).where(_IS_LIVE)).all()
        return {
            row.customer_api_id: Live(
                row.tenant, row.digest, row.previous_digest, _permissions(row), row.expires_at
            )
            for row in rows
        }

    def revoke(self, customer_api_id: str, now: datetime) -> None:
        """Revokes a credential for good. A credential that was revoked before keeps its date.

        Raises:
            CredentialError: there is no credential with this id.
        """
        self._change(
            customer_api_id,
            now,
            "credential revoked",
            update(credentials).values(
                revoked_at=func.coalesce(credentials.c.revoked_at, literal(now, UtcDateTime))
            ),
        )

    def rotate(self, customer_api_id: str, now: datetime) -> Credential:
        """Creates a new secret. The previous one stays valid until :meth:`retire` or the next rotation.

        Raises:
            CredentialError: there is no credential with this id, or it is revoked.
        """
        secret = secrets.token_urlsafe(32)
        row = self._change(
            customer_api_id,
            now,
            "secret rotated",
            update(credentials)
            .where(_IS_LIVE)
            .values(digest=self.digest(secret), previous_digest=credentials.c.digest, rotated_at=now),
        )
        return Credential(row.tenant, customer_api_id, secret)

    def retire(self, customer_api_id: str, now: datetime) -> None:
        """Invalidates the older of two secrets.

        Raises:
            CredentialError: there is no credential with this id, it is revoked, or it has only one secret.
        """
        self._change(
            customer_api_id,
            now,
            "older secret retired",
            update(credentials)
            .where(_IS_LIVE, credentials.c.previous_digest.is_not(None))
            .values(previous_digest=None),
        )

    def delete_tenant(self, tenant: str, now: datetime) -> int:
        """Deletes a tenant's credentials, including revoked ones; returns their number.

        Raises:
            CredentialError: the tenant's name is invalid.
        """
        check_tenant(tenant)
        with self._engine.begin() as connection:
            statement = delete(credentials).where(credentials.c.tenant == tenant)
            number = connection.execute(statement).rowcount
            record(
                connection,
                Entry(now, *self._actor, "tenant deleted", tenant, tenant, {"credentials": number}),
            )
        return number

    def _row(self, credential: Credential, now: datetime) -> dict[str, Any]:
        return {
            "customer_api_id": credential.customer_api_id,
            "tenant": credential.tenant,
            "digest": self.digest(credential.secret),
            "created_at": now,
        }

    def _record(
        self,
        connection: Connection,
        now: datetime,
        action: str,
        credential: Credential | Row[Any],
        details: Mapping[str, Any],
    ) -> None:
        entry = Entry(now, *self._actor, action, credential.tenant, credential.customer_api_id, details)
        record(connection, entry)

    def _change(self, customer_api_id: str, now: datetime, action: str, statement: Update) -> Row[Any]:
        """Updates one credential. If no row matches, the exception says why."""
        is_it = credentials.c.customer_api_id == customer_api_id
        with self._engine.begin() as connection:
            changed = connection.execute(statement.where(is_it).returning(credentials)).one_or_none()
            if changed is not None:
                self._record(connection, now, action, changed, {})
                return changed
            row = connection.execute(select(credentials).where(is_it)).one_or_none()
        if row is None:
            raise CredentialError(
                f"no credential has the id {customer_api_id[:80]!r}; `abintel credentials list` shows all"
            )
        if row.revoked_at is not None:
            raise CredentialError(
                f"the credential {customer_api_id} was revoked on {row.revoked_at:%Y-%m-%d}; "
                f"make a new one: abintel credentials create {row.tenant}"
            )
        raise CredentialError(
            f"the credential {customer_api_id} has one secret only; "
            f"make another first: abintel credentials rotate {customer_api_id}"
        )


def _permissions(row: Row[Any]) -> Permissions:
    return Permissions(tuple(row.routes.split()), row.read_only, row.reviewer)


def check_tenant(tenant: str) -> None:
    """Checks a tenant's name. It is not normalised, so two names never become one tenant.

    Raises:
        CredentialError: the name is invalid; the text says what is allowed.
    """
    if not _TENANT.fullmatch(tenant):
        raise CredentialError(
            f"{tenant[:80]!r} is no name for a tenant: wanted are 1 to 63 lower case letters a-z, digits, "
            "- and _, the first a letter or a digit"
        )
