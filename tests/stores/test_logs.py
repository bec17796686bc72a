"""Logs and metrics never hold what a caller sent; each line of the log is JSON."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import json
import logging
import os
import pty
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from plugins.customer import PLUGIN
from stores.logs import JsonLines
from tests.server.http.kettle import KETTLE, Kitchen, as_before, cook
from tests.serving import Server

__all__ = ["as_before"]
FEATURES = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "customer_features")
CANARY = "canary-7f3a"


def lines(server: Server) -> list[Mapping[str, Any]]:
    """What the server's processes logged; ``abintel serve`` says where it is in words."""
    text = server.log.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def logged(server: Server, request_id: str) -> Mapping[str, Any]:
    """The line of a request, which is written when its answer has gone."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        for line in reversed(lines(server)):
            if line.get("request_id") == request_id:
                return line
        time.sleep(0.02)
    raise AssertionError(f"no line of the request {request_id}")


def with_canary(**changes: Any) -> dict[str, Any]:
    [customer, *_] = FEATURES.example["customers"]
    return {**FEATURES.example, "customers": [{**customer, "customer_id": CANARY, **changes}]}


def test_nothing_that_a_caller_sends_is_in_the_log_or_in_the_metrics(
    served: Server, acme: httpx.Client
) -> None:
    kind = {"Content-Type": "application/json"}
    good = json.dumps(with_canary()).encode()
    answers = [
        acme.post(
            FEATURES.route, content=good, headers={**kind, "X-Custom": CANARY, "Cookie": f"a={CANARY}"}
        ),
        acme.post(FEATURES.route, json=with_canary(loyalty_score=CANARY)),
        acme.post(FEATURES.route, json={"customers": with_canary()["customers"] * 2}),
        acme.post(FEATURES.route, content=good[:-5], headers=kind),
        acme.post(FEATURES.route, content=good + b"\xff", headers=kind),
        acme.post(FEATURES.route, content=good, headers={**kind, "Content-Encoding": "gzip"}),
        acme.post(
            FEATURES.route, content=gzip.compress(good)[:-3], headers={**kind, "Content-Encoding": "gzip"}
        ),
        acme.post(FEATURES.route, content=good, headers={"Content-Type": f"text/{CANARY}"}),
        acme.post(FEATURES.route, content=good, headers={**kind, "currency_conversion_table": CANARY}),
        acme.post(f"{FEATURES.route}?lang={CANARY}", content=good, headers=kind),
        acme.post(f"/api/{CANARY}", content=good, headers=kind),
        acme.get(f"/{CANARY}"),
        httpx.post(
            served.url + FEATURES.route,
            content=good,
            headers={"X-Customer-Api-Id": CANARY, "X-Secret": CANARY},
        ),
    ]
    assert [answer.status_code for answer in answers] == [200, *[400] * 6, 415, 400, 400, 404, 404, 401]
    assert CANARY in answers[0].text
    for answer in answers:
        logged(served, answer.headers["x-request-id"])
    assert CANARY not in served.log.read_text(encoding="utf-8")
    assert CANARY not in acme.get("/metrics").text


def test_every_request_leaves_one_line_with_its_figures(served: Server, acme: httpx.Client) -> None:
    sent = {
        "log-1": ("POST", FEATURES.route, FEATURES.example, FEATURES.route),
        "log-2": ("POST", "/api/customer_features", {}, FEATURES.route),
        "log-3": ("GET", "/nope", None, "other"),
    }
    for request_id, (method, path, body, route) in sent.items():
        answer = acme.request(method, path, json=body, headers={"X-Request-Id": request_id})
        line = logged(served, request_id)
        assert set(line) == {"time", "level", "logger", "message", "request_id", "route", "status", "ms"}
        assert (line["route"], line["status"], line["level"]) == (route, answer.status_code, "info")
        assert line["ms"] > 0
        assert datetime.datetime.fromisoformat(line["time"]).utcoffset() == datetime.timedelta(0)


def test_the_servers_processes_log_nothing_but_json(served: Server) -> None:
    text = served.log.read_text(encoding="utf-8")
    banner = ("abintel serves ", "console: ", "make a credential: ", "plugin ")
    other = [line for line in text.splitlines() if line and not line.startswith(("{", *banner))]
    assert other == []
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines(served))


def test_start_up_tells_every_plugin_and_its_routes(served: Server) -> None:
    messages = [line["message"] for line in lines(served)]
    routes = ", ".join(endpoint.route for endpoint in PLUGIN.endpoints)
    assert f"plugin customer: {routes}" in messages
    assert "ready" in messages


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    return logging.LogRecord("abintel.x", logging.WARNING, "x.py", 1, message, arguments, None, **more)


def test_a_record_is_a_line_of_json() -> None:
    line = json.loads(JsonLines().format(record("%s of %s\nlines", 1, "two")))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "abintel.x", "1 of two\nlines")
    assert line["time"].endswith("+00:00")
    assert "\n" not in JsonLines().format(record("two\nlines"))


def test_text_that_is_no_unicode_is_logged_all_the_same() -> None:
    assert json.loads(JsonLines().format(record("%s", "\ud800")))["message"] == "\ud800"


def test_an_exception_is_told_by_type_and_place_without_its_text() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    line = JsonLines().format(failed)
    assert json.loads(line)["exception"] == "ValueError"
    assert "test_logs.py:" in json.loads(line)["at"][-1]
    assert CANARY not in line


def on_terminal(code: str) -> str:
    """What a Python program writes to standard error if that is a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        subprocess.run(
            [sys.executable, "-c", code], stderr=theirs, env={**os.environ, "TERM": "xterm"}, check=True
        )
        os.close(theirs)
        written = b""
        # Linux ends a terminal that nobody writes to any more with an error.
        with contextlib.suppress(OSError):
            while part := screen.read(4096):
                written += part
    return written.decode()


def test_a_terminal_shows_short_lines_in_colour_without_the_text_of_exceptions() -> None:
    text = on_terminal(
        "import logging; from stores import logs; logs.configure(); log = logging.getLogger(logs.ACCESS)\n"
        "log.info('request', extra={'request_id': 'a', 'route': '/readyz', 'status': 200, 'ms': 12.3})\n"
        "log = logging.getLogger('abintel')\n"
        "log.warning('%s of [7] refused', 3, extra={'event': 'model_refused'})\n"
        "try: raise ValueError('" + CANARY + "')\n"
        "except ValueError: log.exception('failed')\n"
    )
    assert "\x1b[" in text
    plain = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()]
    assert [re.sub(r"^[\d:]+", "", line).split(maxsplit=1) for line in plain[:3]] == [
        ["INFO", "/readyz 200 in 12 ms"],
        ["WARNING", "3 of [7] refused event=model_refused"],
        ["ERROR", "failed: ValueError"],
    ]
    assert plain[3].strip() == "<string>:5 <module>"
    assert CANARY not in text


def test_a_warning_of_a_library_is_a_line_of_json_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def scene(kitchen: Kitchen) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning(UserWarning("odd figures"), UserWarning, "x.py", 1)
        await kitchen.client.post(KETTLE, json={"act": "boil"})

    cook(tmp_path, scene)
    logged = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["level"] for line in logged if "odd figures" in line["message"]] == ["warning"]
