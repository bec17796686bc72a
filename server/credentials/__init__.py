"""Tenants' credentials, stored as keyed hashes, and their verification at every request."""

from __future__ import annotations

from abintel.settings import Settings
from server.credentials import schema
from server.credentials.audit import Actor
from server.credentials.store import NOBODY, CredentialStore
from stores.pepper import load_pepper


def open_store(settings: Settings, actor: Actor = NOBODY) -> CredentialStore:
    """Opens the store of credentials and creates its tables if it is empty.

    Args:
        settings: as the operator set them.
        actor: who changes credentials through it, for the audit trail.

    Raises:
        SettingError: ``ABINTEL_DATABASE_URL`` does not name a usable database.
        CannotStart: the store or the pepper cannot be read, or the store's schema is not the code's.
    """
    pepper = load_pepper(settings)
    schema.ensure(settings.database_url)
    return CredentialStore(settings.database_url, pepper, actor)
