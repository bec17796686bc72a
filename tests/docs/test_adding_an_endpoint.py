"""Does what ``docs/adding-an-endpoint.md`` says, and compares what it promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import ROOT, Server

PAGE = (ROOT / "docs" / "adding-an-endpoint.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server beside which the page's distribution is installed."""
    folder = tmp_path_factory.mktemp("bakery")
    source, site = folder / "source", folder / "site"
    for name, text in FILES.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run(
        [
            *(UV, "pip", "install", "--quiet", "--no-deps"),
            *("--python", sys.executable, "--target", site, source),
        ],
        env={**os.environ, "UV_SYSTEM_CERTS": "1"},
        check=True,
    )
    server = Server(folder / "home", PYTHONPATH=str(site))
    server.start()
    yield server
    server.stop()


def test_the_page_holds_every_file_of_the_distribution() -> None:
    assert set(FILES) == {
        *("pyproject.toml", "answer.json", "bakery/__init__.py", "bakery/ticket.py"),
        *("bakery/endpoints/__init__.py", "bakery/endpoints/average_ticket.py"),
        *("bakery/texts/en/bakery.toml", "bakery/texts/pt/bakery.toml"),
    }


def call() -> tuple[str, dict[str, Any]]:
    """Path with query, and body, of the page's curl."""
    found = re.search(r"curl -s -X POST 'http://127\.0\.0\.1:3000(\S+)' -H … -d '(.+)'$", PAGE, re.MULTILINE)
    assert found is not None
    return found[1], json.loads(found[2])


def test_the_page_s_call_gets_the_page_s_answer(bakery: Server) -> None:
    path, body = call()
    assert path.endswith("?lang=pt&currency=R$")
    with bakery.client(bakery.credential("baker")) as client:
        answer = client.post(path, json=body)
    assert answer.status_code == 200
    assert answer.json() == json.loads(FILES["answer.json"])


def test_start_up_logs_the_plugin_and_its_route_beside_ours(bakery: Server) -> None:
    lines = [line for line in bakery.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    messages = [json.loads(line)["message"] for line in lines]
    assert "plugin bakery: /api/v1/ai/average_ticket" in messages
    assert any(message.startswith("plugin customer: ") for message in messages)


def test_the_check_names_an_order_that_is_there_twice(bakery: Server) -> None:
    path, body = call()
    body["orders"].append(body["orders"][0])
    with bakery.client(bakery.credential("baker")) as client:
        answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": "/orders/2/order_id", "message": "'1' is already at /orders/0; send each order once."}
    ]


def test_the_route_is_in_the_description_and_beside_it_ours(bakery: Server) -> None:
    with bakery.client(bakery.credential("baker")) as client:
        paths = client.get("/docs.json").json()["paths"]
    assert {"/api/v1/ai/average_ticket", "/api/v1/ai/customer_rfm"} <= set(paths)
