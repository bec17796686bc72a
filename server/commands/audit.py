"""``abintel audit``: prints the audit trail."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from abintel.settings import Settings
from server.credentials.audit import trail


@click.command("audit")
@click.argument("tenant", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]), help="From then on, UTC.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def command(tenant: str | None, since: datetime | None, as_json: bool) -> None:
    """Print who did what, when and from where, oldest first: of TENANT, or of all."""
    moment = None if since is None else since.replace(tzinfo=UTC)
    with trail(Settings.from_environment()) as opened:
        for entry in opened.entries(tenant, moment):
            at = entry.at.strftime("%Y-%m-%dT%H:%M:%SZ")
            if as_json:
                click.echo(json.dumps({**entry._asdict(), "at": at}, ensure_ascii=False))
                continue
            details = " ".join(f"{name}={value}" for name, value in entry.details.items() if value)
            actor = f"{entry.actor} from {entry.origin}" if entry.origin else entry.actor
            click.echo(f"{at}  {entry.action}  {entry.subject}  by {actor}  {details}".rstrip())
