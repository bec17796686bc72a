"""The command ``abintel``. Each subcommand is imported only when it is used."""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

import click

from abintel.settings import RateLimit, SettingError, Settings

_PASSWORD = re.compile(r"(?<=://)([^/@\s]*?):[^/\s]*@|(?<=[?&]password=)[^&\s]*")


class Refusal(click.ClickException):
    """An error in one line that says what is wrong and what to do; exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints it to standard error."""
        click.echo(f"abintel: {' '.join(self.message.split())}", file=file, err=True)


class Program(click.Group):
    """The top-level group. It reports errors that an operator can fix in one line; any other exception is a
    defect."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            raise Refusal(str(error)) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # Imported here: `abintel --help` needs neither plugins nor databases.
            from abintel.discovery import CannotStart
            from jobs.job import JobError
            from registry.administration import UnknownModel
            from registry.store import RegistryUnavailable
            from server.credentials.store import CredentialError

            if isinstance(error, RegistryUnavailable):
                raise Refusal(f"{error.headline}: {error}") from error
            if isinstance(error, CannotStart | CredentialError | JobError | UnknownModel):
                raise Refusal(str(error)) from error
            raise


class LazyCommand(click.Command):
    """A command whose module is imported when it runs or shows its help.

    Args:
        name: name of the command.
        module: module that defines it as ``command``.
        help: its short help, shown without importing the module.
    """

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self._module = module

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the actual command."""
        command: click.Command = importlib.import_module(self._module).command
        return command.make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        return ctx.command.invoke(ctx)


class LazyGroup(click.Group):
    """A group whose module is imported when one of its commands is used.

    Args:
        name: name of the group.
        module: module that defines it as ``commands``.
        help: its short help, shown without importing the module.
    """

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self._module = module

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the group's commands."""
        return self._imported().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of the group's commands."""
        return self._imported().get_command(ctx, cmd_name)

    def _imported(self) -> click.Group:
        group: click.Group = importlib.import_module(self._module).commands
        return group


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="abintel")
def main() -> None:
    """Operate the model server for customer data."""


@main.command()
def settings() -> None:
    """Show every setting: its value, its default and its meaning."""
    current = Settings.from_environment()
    rows = [("setting", "value", "default", "meaning")]
    for entry in fields(Settings):
        value = getattr(current, entry.name)
        shown = "****" if value is not None and not entry.repr else _shown(value)
        default = entry.metadata["default"].replace("`", "")
        rows.append((entry.metadata["variable"], shown, default, entry.metadata["meaning"].replace("`", "")))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, RateLimit):
        return f"{value.requests} in {value.seconds:g} s"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return _PASSWORD.sub(lambda match: f"{match[1]}:****@" if match[0].endswith("@") else "****", str(value))


@main.command()
@click.option(
    "--service",
    type=click.Path(dir_okay=False, path_type=Path),
    default="service.py",
    show_default=True,
    help="The file that builds the BentoML service.",
)
@click.option("--development", is_flag=True, help="Create and print this machine's development credential.")
def serve(service: Path, development: bool) -> None:
    """Serve until Ctrl-C or SIGTERM, on HOST and PORT."""
    from server.start import serve as run

    sys.exit(run(service.absolute(), development))


@main.command()
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=1, show_default=True, help="Jobs at a time."
)
def worker(concurrency: int) -> None:
    """Run jobs until Ctrl-C or SIGTERM. Running jobs then go back to the queue."""
    from jobs.workers.pool import run

    run(Settings.from_environment(), concurrency)


@main.command()
def warm() -> None:
    """Compile the plugins' numba code, so that the next start is fast."""
    from abintel.compile_cache import set_compile_cache
    from abintel.compile_cache import warm_up as run
    from abintel.discovery import discover

    settings = Settings.from_environment()
    set_compile_cache(settings.home)
    run(discover(settings.plugins), settings.home)


for _group in (
    LazyGroup("credentials", "server.commands.credentials", "Who may call: make, list, rotate and revoke."),
    LazyGroup("tenants", "server.commands.tenants", "Tenants, with all that is theirs."),
    LazyGroup("jobs", "server.commands.jobs", "Jobs: list, show, watch, cancel and retry."),
    LazyGroup("models", "server.commands.models", "Trained models: list, promote, reject, pin, sweep."),
    LazyGroup("db", "server.commands.db", "Schema versions of the stores: check and upgrade."),
):
    main.add_command(_group)
main.add_command(LazyCommand("audit", "server.commands.audit", "Who did what, when and from where."))
main.add_command(LazyCommand("call", "server.commands.call", "Call a route with a file; print its answer."))
