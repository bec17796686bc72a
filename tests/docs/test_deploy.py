"""The compose file and the manifests: readable, whole, and with settings that there are."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from abintel.settings import Settings
from tests.serving import ROOT

DEPLOY = ROOT / "deploy"
MANIFESTS = [
    document
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
KNOWN = {row.split("`")[1] for row in Settings.table().splitlines()[2:]}
NEEDED = {
    *(
        "ABINTEL_PEPPER",
        "ABINTEL_DATABASE_URL",
        "ABINTEL_JOBS_URL",
        "ABINTEL_BLOB_URL",
        "MLFLOW_TRACKING_URI",
    ),
    "ABINTEL_JOB_WORKERS",
}


def ours(names: Any) -> set[str]:
    return {name for name in names if name.startswith(("ABINTEL_", "MLFLOW_TRACKING"))}


def test_the_compose_file_has_every_part() -> None:
    assert {"server", "worker", "postgres", "mlflow", "store"} <= set(COMPOSE["services"])
    server = ours(COMPOSE["services"]["server"]["environment"])
    assert NEEDED <= server <= KNOWN
    assert COMPOSE["services"]["worker"]["command"] == ["abintel", "worker"]
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])


def test_the_manifests_have_every_part_and_know_each_other() -> None:
    named = {(document["kind"], document["metadata"]["name"]) for document in MANIFESTS}
    assert {("Deployment", "abintel-server"), ("Deployment", "abintel-worker")} < named
    assert {("StatefulSet", name) for name in ("postgres", "mlflow", "store")} < named
    settings: set[str] = set()
    for document in MANIFESTS:
        if document["kind"] in ("ConfigMap", "Secret") and document["metadata"]["name"] == "abintel":
            settings |= ours(document.get("data") or document["stringData"])
    assert NEEDED <= settings <= KNOWN


@pytest.mark.parametrize("document", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_a_selector_finds_its_own_pods(document: dict[str, Any]) -> None:
    if document["kind"] in ("Deployment", "StatefulSet"):
        spec = document["spec"]
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]


def containers() -> dict[str, dict[str, Any]]:
    """The containers of the manifests by name."""
    return {
        container["name"]: container
        for document in MANIFESTS
        if "template" in document.get("spec", {})
        for container in document["spec"]["template"]["spec"]["containers"]
    }


def test_mlflow_s_server_is_that_of_the_lock() -> None:
    [locked] = re.findall(r"^mlflow==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    images = {containers()["mlflow"]["image"], COMPOSE["services"]["mlflow"]["image"]}
    assert images == {f"ghcr.io/mlflow/mlflow:v{locked}-full"}


@pytest.mark.parametrize("name", ["server", "worker"])
def test_only_data_and_temporary_files_can_be_written(name: str) -> None:
    container, service = containers()[name], COMPOSE["services"][name]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    folders = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert folders == {"/home/bentoml/abintel", "/tmp"}  # noqa: S108
    assert service["read_only"]
    assert {mount.partition(":")[0] for mount in service["tmpfs"]} == folders


def test_a_store_gets_no_secret_but_its_own() -> None:
    keys = {
        name: {
            entry["valueFrom"]["secretKeyRef"]["key"] for entry in container["env"] if "valueFrom" in entry
        }
        for name, container in containers().items()
        if name in ("postgres", "mlflow", "store")
    }
    assert keys == {
        "postgres": {"POSTGRES_PASSWORD"},
        "mlflow": {"MLFLOW_BACKEND_STORE_URI"},
        "store": {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
    }
    assert all("envFrom" not in containers()[name] for name in keys)
