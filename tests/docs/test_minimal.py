"""The minimal call of every route page is valid: for the server, for the shell and for the Python client."""

from __future__ import annotations

import inspect
import json
import re
import shlex

import pytest
from abintel_client.routes import Routes

from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint
from docs.generate import NOW, roster
from docs.minimal import minimal_body, minimal_call

CALL = Call(tenant="docs", now=NOW)
ENDPOINTS = roster().endpoints


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_the_minimal_body_is_valid_and_the_client_takes_its_fields(endpoint: Endpoint) -> None:
    body = minimal_body(endpoint, CALL)
    assert set(body) <= set(endpoint.example)
    assert not list(endpoint.check(Decoder(endpoint.request).decode(json.dumps(body).encode()), CALL))
    assert set(body) <= set(inspect.signature(getattr(Routes, endpoint.name)).parameters)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_the_commands_send_what_they_show(endpoint: Endpoint) -> None:
    page = "\n\n".join(minimal_call(endpoint, CALL))
    [command] = re.findall(r"```console\n\$ (curl [^`]+application/json[^`]+)\n```", page)
    sent = shlex.split(command)[-1]
    assert sent == "@body.json" or json.loads(sent) == minimal_body(endpoint, CALL)
    [program] = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    compile(program, endpoint.name, "exec")


def test_optional_fields_are_left_out() -> None:
    [nps] = [endpoint for endpoint in ENDPOINTS if endpoint.name == "nps"]
    assert {key for row in minimal_body(nps, CALL)["data"] for key in row} == {"customer_id", "answer"}
