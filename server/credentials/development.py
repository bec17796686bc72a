"""The development credential, with which a new installation can be called at once."""

from __future__ import annotations

import hmac
import uuid
from base64 import urlsafe_b64encode
from datetime import datetime

from server.credentials.store import Credential, CredentialStore

TENANT = "development"


def development_credential(store: CredentialStore, pepper: bytes, now: datetime) -> Credential | None:
    """The development credential. It is created if the store has no credential at all.

    Every start prints it, although the store keeps only hashes: it is derived from the pepper with
    HMAC-SHA-256 as the pseudo-random function (NIST SP 800-108r1, section 4.1). After it was revoked, or
    rotated twice, it is not created again while the store has any credential.

    Returns:
        None if it is not live: revoked, rotated away, or never created because other credentials came first.
    """
    identity = hmac.digest(pepper, b"abintel development customer id v1", "sha256")
    secret = hmac.digest(pepper, b"abintel development secret v1", "sha256")
    credential = Credential(
        tenant=TENANT,
        customer_api_id=str(uuid.UUID(bytes=identity[:16], version=4)),
        secret=urlsafe_b64encode(secret).rstrip(b"=").decode(),
    )
    if store.create_first(credential, now):
        return credential
    live = store.live().get(credential.customer_api_id)
    if live is None or store.digest(credential.secret) not in (live.digest, live.previous_digest):
        return None
    return credential
