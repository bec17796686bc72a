"""The audit trail: who did what, when and from where. The database refuses to change or delete an entry."""

from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from abintel.settings import Settings
from server.credentials.schema import ensure
from server.credentials.tables import audit
from stores.database import connect, parse_url

_PAGE = 1000


class Actor(NamedTuple):
    """Who acts.

    Attributes:
        name: ``credential ID`` over HTTP, ``user NAME`` on the command line.
        origin: address of the caller, or the host of the command.
    """

    name: str
    origin: str


class Entry(NamedTuple):
    """An entry of the trail."""

    at: datetime
    actor: str
    origin: str
    action: str
    tenant: str | None
    subject: str
    details: Mapping[str, Any]


class AuditTrail:
    """The trail in the database of credentials.

    Args:
        database_url: SQLAlchemy URL. :func:`server.credentials.schema.ensure` creates the table.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = connect(parse_url(database_url))

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    @contextmanager
    def recorded(self, entry: Entry) -> Iterator[None]:
        """Records what the body of the ``with`` does. If the body fails, nothing is recorded; if the entry
        cannot be written, the body does not run.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        with self._engine.begin() as connection:
            record(connection, entry)
            yield

    def entries(self, tenant: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        """The entries of a tenant or of all, oldest first, read in pages."""
        last = 0
        while True:
            query = select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_PAGE)
            if tenant is not None:
                query = query.where(audit.c.tenant == tenant)
            if since is not None:
                query = query.where(audit.c.at >= since)
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                details = json.loads(row.details)
                yield Entry(row.at, row.actor, row.origin, row.action, row.tenant, row.subject, details)
            if len(rows) < _PAGE:
                return
            last = rows[-1].id


@contextmanager
def trail(settings: Settings) -> Iterator[AuditTrail]:
    """The trail of an installation; its table is created if the store is empty.

    Raises:
        CannotStart: the store cannot be opened, or its schema is not the code's.
    """
    ensure(settings.database_url)
    with closing(AuditTrail(settings.database_url)) as opened:
        yield opened


def record(connection: Connection, entry: Entry) -> None:
    """Appends an entry within a transaction."""
    details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
    connection.execute(insert(audit).values({**entry._asdict(), "details": details}))


def command_line() -> Actor:
    """The user of the operating system who runs this command, and the host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number without a name.
        user = "unknown"
    return Actor(f"user {user}"[:200], socket.gethostname()[:100])
