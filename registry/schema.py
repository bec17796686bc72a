"""The schema version of MLflow's own database, where the tracking store is one."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from abintel.discovery import CannotStart
from stores.migrations import State
from stores.outages import first_line

# https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/
_DATABASES = ("postgresql", "mysql", "sqlite", "mssql")
_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["'](\w+)["']""", re.MULTILINE)


def database(tracking_uri: str) -> URL | None:
    """The URL of MLflow's database, None where it is a server or a folder."""
    scheme = tracking_uri.partition(":")[0].partition("+")[0]
    return make_url(tracking_uri) if scheme in _DATABASES else None


def state(url: URL) -> State:
    """How MLflow's database stands to the installed MLflow; one that is not there is not made.

    Raises:
        CannotStart: it cannot be opened.
    """
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return State.EMPTY
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise CannotStart(f"cannot open the store of MLflow {url!r}: {first_line(error)}") from error
    finally:
        engine.dispose()
    if revision is None:
        return State.EMPTY
    parents = _revisions()
    if revision not in parents:
        return State.NEWER
    return State.OLDER if revision in parents.values() else State.CURRENT


def check(tracking_uri: str) -> State | None:
    """The state of a store that may be used; None where it is not a database of ours to look at.

    Raises:
        CannotStart: its schema is older or newer than the installed MLflow's, or it cannot be opened.
    """
    url = database(tracking_uri)
    if url is None:
        return None
    found = state(url)
    if found is State.OLDER:
        raise CannotStart("the store of MLflow is older than the installed MLflow: run `abintel db upgrade`")
    if found is State.NEWER:
        raise CannotStart(
            "the store of MLflow is newer than the installed MLflow: install the version that wrote it"
        )
    return found


def _revisions() -> dict[str, str | None]:
    """MLflow's revisions and what each follows, read as text: to load them imports MLflow, for seconds."""
    spec = importlib.util.find_spec("mlflow")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("MLflow is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "store" / "db_migrations" / "versions"
    found = {}
    for path in folder.glob("*.py"):
        names = dict(_REVISION.findall(path.read_text(encoding="utf-8")))
        if "revision" in names:
            found[names["revision"]] = names.get("down_revision")
    return found
