"""``abintel credentials``: creates, lists, rotates and revokes credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click

from abintel.settings import Settings
from jobs.workers.callback import signing_key as derived_key
from server.credentials import open_store
from server.credentials.audit import command_line
from server.credentials.permissions import Permissions
from server.credentials.store import Credential, CredentialStore, StoredCredential, check_tenant
from stores.pepper import load_pepper

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def _store() -> Iterator[CredentialStore]:
    with closing(open_store(Settings.from_environment(), command_line())) as store:
        yield store


@click.group()
def commands() -> None:
    """Manage credentials."""


@commands.command()
@click.argument("tenant")
@click.option(
    "--route",
    "routes",
    multiple=True,
    metavar="PATTERN",
    help="Allow only routes whose name matches, such as 'churn_*'. May be repeated.",
)
@click.option("--read-only", is_flag=True, help="Allow no training and no jobs.")
@click.option("--reviewer", is_flag=True, help="Allow to promote, reject and pin models.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="When it stops being valid, UTC: 2027-01-31, or 2027-01-31T18:00:00Z.",
)
@as_json
def create(
    tenant: str,
    routes: tuple[str, ...],
    read_only: bool,
    reviewer: bool,
    expires: datetime | None,
    as_json: bool,
) -> None:
    """Create a credential for TENANT. Its secret is shown only once."""
    permissions = Permissions(routes, read_only, reviewer)
    expires_at = None if expires is None else expires.replace(tzinfo=UTC)
    with _store() as store:
        _show(store.create(tenant, datetime.now(UTC), permissions, expires_at), as_json)


@commands.command("list")
@click.argument("tenant", required=False)
@as_json
def list_(tenant: str | None, as_json: bool) -> None:
    """List the credentials of TENANT, or of all."""
    with _store() as store:
        credentials = store.list(tenant)
    if as_json:
        rows = [{**asdict(entry), "permissions": entry.permissions._asdict()} for entry in credentials]
        click.echo(json.dumps(rows, default=_stamp, indent=2))
        return
    for entry in credentials:
        click.echo(f"{entry.customer_api_id}  {_stamp(entry.created_at)}  {entry.tenant}  {_state(entry)}")


@commands.command()
@click.argument("customer_api_id", metavar="ID")
def revoke(customer_api_id: str) -> None:
    """Revoke the credential ID at once, for good."""
    with _store() as store:
        store.revoke(customer_api_id, datetime.now(UTC))
    click.echo(f"{customer_api_id} is revoked")


@commands.command()
@click.argument("customer_api_id", metavar="ID")
@as_json
def rotate(customer_api_id: str, as_json: bool) -> None:
    """Create a new secret for ID. The previous one stays valid until it is retired or until the next
    rotation."""
    with _store() as store:
        _show(store.rotate(customer_api_id, datetime.now(UTC)), as_json)


@commands.command("signing-key")
@click.argument("tenant")
def signing_key(tenant: str) -> None:
    """Print the key that signs callbacks to TENANT. It changes only with the pepper."""
    check_tenant(tenant)
    click.echo(derived_key(load_pepper(Settings.from_environment()), tenant))


@commands.command()
@click.argument("customer_api_id", metavar="ID")
def retire(customer_api_id: str) -> None:
    """Invalidate the older secret of ID, once all callers use the new one."""
    with _store() as store:
        store.retire(customer_api_id, datetime.now(UTC))
    click.echo(f"the older secret of {customer_api_id} has ended")


def _state(entry: StoredCredential) -> str:
    """Whether a credential is valid, and what it may do."""
    if entry.revoked_at:
        return f"revoked {_stamp(entry.revoked_at)}"
    parts = [f"{entry.live_secrets} live"]
    if entry.expires_at:
        verb = "expired" if entry.expires_at <= datetime.now(UTC) else "expires"
        parts.append(f"{verb} {_stamp(entry.expires_at)}")
    permissions = entry.permissions
    if permissions.routes:
        parts.append(f"routes {' '.join(permissions.routes)}")
    parts += ["read-only"] if permissions.read_only else []
    parts += ["reviewer"] if permissions.reviewer else []
    return ", ".join(parts)


def _show(credential: Credential, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(credential)))
        return
    click.echo(f"tenant             {credential.tenant}")
    click.echo(f"X-Customer-Api-Id  {credential.customer_api_id}")
    click.echo(f"X-Secret           {credential.secret}")
    click.echo("Keep the secret now: only its hash is stored.", err=True)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
