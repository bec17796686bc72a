from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from abintel.settings import Settings
from server.cli import main
from server.credentials import open_store
from server.credentials.verifier import Verifier


class Shell:
    """Runs commands in an environment of their own."""

    def __init__(self, home: Path) -> None:
        self.environment = {
            "ABINTEL_HOME": str(home),
            **dict.fromkeys(
                ("ABINTEL_DATABASE_URL", "ABINTEL_PEPPER", "ABINTEL_RATE_LIMIT", "MLFLOW_TRACKING_URI"), ""
            ),
        }
        self.home = home

    def __call__(self, *arguments: str, input: str | None = None, **environment: str) -> Result:
        """Runs a command; anything but an answer or a refusal is raised."""
        result = CliRunner().invoke(main, arguments, input=input, env=self.environment | environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def tenant(self, customer_api_id: str, secret: str) -> str | None:
        """Whose a credential is for the server."""
        store = open_store(Settings.from_environment(self.environment))
        verifier = Verifier(store)
        verifier.open()
        caller = verifier.verify(customer_api_id, secret)
        verifier.close()
        store.close()
        return None if caller is None else caller.tenant

    def sql(self, file: str, statement: str) -> None:
        engine = create_engine(f"sqlite:///{self.home}/{file}")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


def test_help_names_every_group_and_imports_no_heavy_library() -> None:
    program = (
        "import sys; from server.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'mlflow', 'bentoml', 'sqlalchemy', 'alembic', 'pydantic'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    *lines, heavy = ran.stdout.splitlines()
    assert heavy == "[]"
    for group in ("credentials", "db", "settings", "tenants"):
        assert any(line.startswith(f"  {group} ") for line in lines)


def test_a_created_credential_works_and_its_secret_is_shown_once(shell: Shell) -> None:
    made = json.loads(shell("credentials", "create", "acme", "--json").stdout)
    assert list(made) == ["tenant", "customer_api_id", "secret"]
    assert made["tenant"] == "acme"
    assert shell.tenant(made["customer_api_id"], made["secret"]) == "acme"
    assert made["secret"] not in shell("credentials", "list", "--json").output


def test_a_created_credential_for_people_names_the_headers(shell: Shell) -> None:
    result = shell("credentials", "create", "acme")
    headers = dict(line.split() for line in result.stdout.splitlines())
    assert shell.tenant(headers["X-Customer-Api-Id"], headers["X-Secret"]) == "acme"
    assert result.stderr == "Keep the secret now: only its hash is stored.\n"


def test_rotating_then_retiring_moves_callers_to_the_new_secret(shell: Shell) -> None:
    old = json.loads(shell("credentials", "create", "acme", "--json").stdout)
    new = json.loads(shell("credentials", "rotate", old["customer_api_id"], "--json").stdout)
    assert {**new, "secret": ""} == {**old, "secret": ""}
    for secret in (old["secret"], new["secret"]):
        assert shell.tenant(old["customer_api_id"], secret) == "acme"
    assert "the older secret of" in shell("credentials", "retire", old["customer_api_id"]).stdout
    assert shell.tenant(old["customer_api_id"], old["secret"]) is None
    assert shell.tenant(old["customer_api_id"], new["secret"]) == "acme"


def test_a_revoked_credential_ends_and_stays_listed(shell: Shell) -> None:
    made = json.loads(shell("credentials", "create", "acme", "--json").stdout)
    shell("credentials", "create", "globex")
    shell("credentials", "revoke", made["customer_api_id"])
    assert shell.tenant(made["customer_api_id"], made["secret"]) is None
    (listed,) = json.loads(shell("credentials", "list", "acme", "--json").stdout)
    assert (listed["customer_api_id"], listed["live_secrets"]) == (made["customer_api_id"], 0)
    assert listed["revoked_at"].endswith("Z")
    lines = shell("credentials", "list").stdout.splitlines()
    assert [line.split()[2:4] for line in lines] == [["acme", "revoked"], ["globex", "1"]]


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (("credentials", "create", "Acme Inc"), {}, "'Acme Inc' is no name for a tenant: wanted are"),
        (("credentials", "revoke", "x"), {}, "no credential has the id 'x'; `abintel credentials list`"),
        (("tenants", "delete", "Acme", "--yes"), {}, "'Acme' is no name for a tenant"),
        (("settings",), {"PORT": "http"}, "PORT='http': wanted is a number from 1 to 65535"),
        (
            ("credentials", "list"),
            {"ABINTEL_DATABASE_URL": "mysql://h/x"},
            "ABINTEL_DATABASE_URL begins with",
        ),
        (("db", "check"), {"ABINTEL_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "cannot open the store of"),
    ],
)
def test_what_an_operator_can_put_right_is_one_line_and_exit_code_2(
    shell: Shell, arguments: tuple[str, ...], environment: dict[str, str], message: str
) -> None:
    result = shell(*arguments, **environment)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"abintel: {message}")
    assert result.stderr.count("\n") == 1


def test_a_refusal_is_no_traceback_from_the_console_script(tmp_path: Path) -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("abintel"), "credentials", "create", "Acme"],
        env={"ABINTEL_HOME": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("abintel: 'Acme' is no name for a tenant")
    assert "Traceback" not in ran.stderr


def test_deleting_a_tenant_asks_first(shell: Shell) -> None:
    made = json.loads(shell("credentials", "create", "acme", "--json").stdout)
    result = shell("tenants", "delete", "acme", input="n\n")
    assert result.exit_code == 1
    assert "Remove all credentials, jobs and models of acme?" in result.stdout
    assert shell.tenant(made["customer_api_id"], made["secret"]) == "acme"


def test_deleting_a_tenant_removes_its_credentials_and_no_others(shell: Shell) -> None:
    made = json.loads(shell("credentials", "create", "acme", "--json").stdout)
    other = json.loads(shell("credentials", "create", "globex", "--json").stdout)
    assert shell("tenants", "delete", "acme", "--yes").stdout == (
        "acme: 1 credential removed\nacme: 0 jobs removed\nacme: 0 models removed\n"
    )
    assert shell.tenant(made["customer_api_id"], made["secret"]) is None
    assert shell.tenant(other["customer_api_id"], other["secret"]) == "globex"
    assert "acme" not in shell("credentials", "list").stdout


def test_the_stores_are_empty_then_upgraded_and_checking_makes_nothing(shell: Shell) -> None:
    result = shell("db", "check")
    assert result.exit_code == 0
    assert result.stdout == (
        "credentials: empty: the first start migrates it\n"
        "jobs: empty: the first start migrates it\n"
        "MLflow: empty: the first start migrates it\n"
    )
    assert not shell.home.exists()
    assert shell("db", "upgrade").stdout == (
        "credentials: was empty, is up to date\n"
        "jobs: was empty, is up to date\n"
        "MLflow: was empty, is up to date\n"
    )
    assert shell("db", "check").stdout == ("credentials: up to date\njobs: up to date\nMLflow: up to date\n")


def test_a_store_of_newer_code_is_told_apart_and_refused(shell: Shell) -> None:
    shell("db", "upgrade")
    shell.sql("mlflow.db", "UPDATE alembic_version SET version_num = 'from the future'")
    result = shell("db", "check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "credentials: up to date",
        "jobs: up to date",
        "MLflow: newer than the code: install the version that wrote it",
    ]
    assert "the store of MLflow is newer than the installed MLflow" in shell("db", "upgrade").stderr
    shell.sql("jobs.db", "UPDATE abintel_jobs_schema_version SET version_num = 'from the future'")
    assert "the store of jobs is newer than this code" in shell("jobs", "list").stderr
    shell.sql("abintel.db", "UPDATE abintel_schema_version SET version_num = 'from the future'")
    assert "the store of credentials is newer than this code" in shell("credentials", "list").stderr


def test_an_mlflow_server_upgrades_its_own_database(shell: Shell) -> None:
    result = shell("db", "upgrade", MLFLOW_TRACKING_URI="http://localhost:5000")
    assert "MLflow: no database of ours; run `mlflow db upgrade` where its server is" in result.stdout


def test_settings_are_listed_without_their_secrets(shell: Shell) -> None:
    output = shell(
        "settings",
        ABINTEL_PEPPER="hunter2hunter2hunter2",
        ABINTEL_METRICS_TOKEN="hunter2",
        ABINTEL_RATE_LIMIT="10/s",
        ABINTEL_DATABASE_URL="postgresql://me:hunter2@host/x?password=hunter2&connect_timeout=9",
        MLFLOW_TRACKING_URI="https://me:hunter2@mlflow.example",
        ABINTEL_PLUGINS="customer,propensity",
    ).stdout
    values = dict(line.split()[:2] for line in output.splitlines())
    assert "hunter2" not in output
    assert values["ABINTEL_PEPPER"] == values["ABINTEL_METRICS_TOKEN"] == "****"
    assert values["ABINTEL_DATABASE_URL"] == "postgresql://me:****@host/x?password=****&connect_timeout=9"
    assert values["MLFLOW_TRACKING_URI"] == "https://me:****@mlflow.example"
    assert values["ABINTEL_PLUGINS"] == "customer,propensity"
    assert values["ABINTEL_HOME"] == str(shell.home)
    assert "10 in 1 s" in output
