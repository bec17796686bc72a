"""Each name that BentoML keeps to itself and ``server.http.bento`` uses, at work (BentoML 1.4.39)."""

from __future__ import annotations

import importlib.metadata
import inspect
from pathlib import Path
from typing import Any

import httpx
import pytest
from _bentoml_impl.server.app import ContextMiddleware, ServiceAppFactory
from _bentoml_impl.server.serving import server_on_deployment
from _bentoml_sdk.io_models import IODescriptor
from _bentoml_sdk.service.factory import Service

from abintel.endpoint import Endpoint
from abintel.settings import Settings
from server.http.bento import AbintelService, AppFactory, build
from server.http.guard import Guard
from tests.server.http.kettle import KETTLE, Kettle, Kitchen, as_before, cook

__all__ = ["as_before"]

LABEL = "/api/v1/ai/label"


@pytest.fixture
def service(tmp_path: Path) -> AbintelService:
    return build(Settings.from_environment({"ABINTEL_HOME": str(tmp_path / "home")}), Kettle().roster)


def test_the_pin_is_what_these_names_were_read_from() -> None:
    assert importlib.metadata.version("bentoml") == "1.4.39"


def test_every_method_that_we_replace_is_there_to_be_replaced() -> None:
    ours = {name for name, value in vars(AppFactory).items() if inspect.isfunction(value)} - {"__annotate__"}
    assert {"__call__", "_add_response_headers", "create_instance", "readyz", "metrics", "index_page"} <= ours
    for name in ours | {"middlewares"}:
        assert hasattr(ServiceAppFactory, name), name
    for name in ("openapi_spec", "to_asgi", "inject_config", "apis", "mount_apps"):
        assert hasattr(Service, name) or name in {field.name for field in Service.__attrs_attrs__}, name
    for name in ("mime_type", "model_json_schema"):
        assert hasattr(IODescriptor, name), name


def test_the_service_is_ours_with_an_api_per_route(service: AbintelService) -> None:
    assert isinstance(service, AbintelService)
    assert service.name == "abintel"
    assert {name: api.route for name, api in service.apis.items()} == {
        "kettle": "/api/v1/ai/kettle",
        "prepare": "/api/v1/ai/prepare",
        "label": "/api/v1/ai/label",
    }
    assert service.config["workers"] == 1


def test_the_service_describes_itself_to_the_build(service: AbintelService) -> None:
    described = {route["name"]: route for route in service.schema()["routes"]}
    kettle, prepare = described["kettle"], described["prepare"]
    assert kettle["input"] == {"anyOf": [{"$ref": "#/components/schemas/KettleRequest"}]}
    assert len(prepare["input"]["anyOf"]) == 2
    assert kettle["output"] == {"anyOf": [{"$ref": "#/components/schemas/KettleAnswer"}]}
    assert service.openapi_spec.asdict() is service.openapi_spec.asdict()


def test_stores_are_made_once_before_the_workers_start(service: AbintelService) -> None:
    assert not service.runtime.settings.home.exists()
    service.inject_config()
    server_on_deployment(service)
    assert (service.runtime.settings.home / "abintel.db").is_file()


def test_only_our_guard_and_the_request_context_stand_before_the_routes(service: AbintelService) -> None:
    service.inject_config()
    assert [middleware.cls for middleware in AppFactory(service, is_main=True).middlewares] == [
        Guard,
        ContextMiddleware,
    ]


def test_the_application_answers_and_names_nobody(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        client = kitchen.client
        pages: dict[str, Any] = {}
        for path in ("/livez", "/readyz", "/metrics", "/docs.json", "/"):
            pages[path] = await client.get(path)
            assert pages[path].status_code == 200
        assert pages["/readyz"].text == "ready\nno worker is alive: jobs wait\n"
        assert "abintel_requests_total" in pages["/metrics"].text
        assert pages["/docs.json"].json() == kitchen.service.openapi_spec.asdict()
        assert "swagger-ui" in pages["/"].text
        answer = await client.post(KETTLE, json={"act": "boil"})
        assert answer.status_code == 200
        assert "server" not in answer.headers
        assert not [name for name in answer.headers if "bento" in name]
        missing = await client.get("/nope")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        kitchen.service.runtime.ready = False
        assert (await client.get("/readyz")).status_code == 503

    cook(tmp_path, scene)


def test_the_stores_close_with_the_application(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> AbintelService:
        assert kitchen.service.runtime.ready
        return kitchen.service

    assert not cook(tmp_path, scene).runtime.ready


def test_a_route_may_be_called_like_a_part_of_the_service(tmp_path: Path) -> None:
    names = ("prepare", "apis", "name", "schema", "metrics", "inner")
    kettle = Kettle()
    first = kettle.roster.endpoints[0]

    def named(name: str) -> Endpoint:
        return Endpoint(name, first.summary, first.request, first.response, first.handle, first.examples)

    async def scene(kitchen: Kitchen) -> list[int]:
        return [(await kitchen.client.post(f"/api/{name}", json={"act": "x"})).status_code for name in names]

    assert cook(tmp_path, scene, endpoints=[named(name) for name in names]) == [200] * len(names)


def test_a_document_is_sent_as_it_is_with_its_media_type(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> list[httpx.Response]:
        assert kitchen.kettle.warmed
        body = {"act": "print"}
        plain = await kitchen.client.post(
            f"{LABEL}?size=large", json=body, headers={"Accept-Encoding": "identity"}
        )
        return [plain, await kitchen.client.post(LABEL, json=body), await kitchen.client.post(LABEL, json={})]

    plain, packed, refused = cook(tmp_path / "home", scene)
    assert plain.headers["content-type"] == packed.headers["content-type"] == "application/pdf"
    assert plain.content == b"%PDF large" + b" " * 2000
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content.startswith(b"%PDF small")
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
