from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from abintel.discovery import CannotStart
from server.credentials import schema
from server.credentials.schema import CREDENTIALS
from server.credentials.tables import VERSION_TABLE, metadata
from stores.migrations import State
from tests import postgres

postgres_url = postgres.postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/abintel.db"
    return str(request.getfixturevalue("postgres_url"))


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _state(url: str) -> State:
    engine = create_engine(url)
    with engine.connect() as connection:
        state = CREDENTIALS.state(connection)
    engine.dispose()
    return state


def test_an_empty_store_gets_the_tables_that_the_code_uses(url: str) -> None:
    schema.ensure(url)
    assert _state(url) is State.CURRENT
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_second_start_changes_nothing(url: str) -> None:
    schema.ensure(url)
    schema.ensure(url)
    assert schema.upgrade(url) is State.CURRENT


def test_an_older_store_waits_for_the_upgrade(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.ensure(url)
    head = max((Path(schema.__file__).parent / "migrations" / "versions").glob("r*.py")).name[1:5]
    newer_code = shutil.copytree(Path(schema.__file__).parent / "migrations", tmp_path / "migrations")
    (newer_code / "versions" / "r9999_remark.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9999', '{head}'\n"
        "def upgrade(): op.execute('CREATE TABLE abintel_remarks (x INTEGER)')\n"
    )
    monkeypatch.setattr(schema, "CREDENTIALS", replace(schema.CREDENTIALS, location=str(newer_code)))
    with pytest.raises(CannotStart, match="older than this code: run `abintel db upgrade`"):
        schema.ensure(url)
    assert schema.upgrade(url) is State.OLDER
    schema.ensure(url)
    engine = create_engine(url)
    assert inspect(engine).has_table("abintel_remarks")
    engine.dispose()


def test_a_newer_store_is_refused_by_the_start_and_by_the_upgrade(url: str) -> None:
    schema.ensure(url)
    _run(url, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    for use in (schema.ensure, schema.upgrade):
        with pytest.raises(CannotStart, match="newer than this code: install the version of abintel that"):
            use(url)


def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    # The second table of the first revision is in the way.
    _run(url, "CREATE TABLE abintel_rate_limits (x INTEGER)")
    with pytest.raises(CannotStart, match=r"cannot open the store of credentials .*already exists"):
        schema.ensure(url)
    _run(url, "DROP TABLE abintel_rate_limits")
    schema.ensure(url)
    assert _state(url) is State.CURRENT


def test_a_database_shared_with_another_alembic_user_is_no_conflict(url: str) -> None:
    _run(url, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
    _run(url, "INSERT INTO alembic_version VALUES ('somebody else')")
    schema.ensure(url)
    assert _state(url) is State.CURRENT


def test_first_starts_at_once_all_succeed(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=schema.ensure, args=(url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert _state(url) is State.CURRENT


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(CannotStart, match=r"cannot open the store of credentials .*me:\*\*\*@.*see ABINTEL"):
        schema.ensure("postgresql://me:hunter2@127.0.0.1:1/x")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "abintel.db").write_bytes(b"no database" * 100)
    with pytest.raises(CannotStart, match=r"abintel\.db: file is not a database"):
        schema.ensure(f"sqlite:///{tmp_path}/abintel.db")


@pytest.mark.slow
def test_the_migrations_are_found_when_installed_from_a_wheel(tmp_path: Path) -> None:
    root, source = Path(schema.__file__).parents[2], tmp_path / "source"
    for package in ("abintel", "server", "stores"):
        shutil.copytree(root / package, source / package)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(root / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path / "wheels", source],
        check=True,
    )
    installed = tmp_path / "installed"
    with zipfile.ZipFile(next((tmp_path / "wheels").glob("abintel-*.whl"))) as wheel:
        wheel.extractall(installed)
    url = f"sqlite:///{tmp_path}/abintel.db"
    program = f"from server.credentials import schema; schema.ensure({url!r}); print(schema.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=installed,
        env={"PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith(str(installed))
    assert _state(url) is State.CURRENT
