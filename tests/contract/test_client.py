"""The client in ``clients/python``: a typed method per route, each against the live service."""

from __future__ import annotations

import datetime
import gzip
import importlib.util
import inspect
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from abintel_client import (
    Answer,
    Answers,
    BadRequest,
    Busy,
    Client,
    Conflict,
    Job,
    JobCancelled,
    NotFound,
    Problem,
    ServerFailed,
    Unauthorized,
    Unreachable,
)
from abintel_client.routes import ROWS

from abintel.discovery import discover
from abintel.endpoint import Document, Endpoint
from abintel.schemas import is_array
from tests.contract.roster import ROSTER
from tests.contract.test_endpoints import VOLATILE, asked, without
from tests.serving import ROOT, Server, free_port

ENDPOINTS = discover(list(ROSTER)).endpoints
ORDERS = pd.DataFrame(
    {
        "customer_id": ["C-1", "C-1", "C-2"],
        "date": pd.to_datetime(["2025-01-03", "2025-02-11", "2025-03-01"]),
        "amount": [120.5, 80, 40],
    }
)


@pytest.fixture(scope="module")
def client(served: Server) -> Iterator[Client]:
    credential = served.credential("acme")
    with Client(served.url, credential.customer_api_id, credential.secret) as found:
        yield found


def generator() -> ModuleType:
    """``clients/python/generate.py``, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("generate_client", ROOT / "clients/python/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_methods_are_up_to_date() -> None:
    generate = generator()
    assert generate.TARGET.read_text(encoding="utf-8") == generate.source(generate.described()), (
        "clients/python does not say what the endpoints take: run make client"
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_each_route_is_called_by_its_method(endpoint: Endpoint, client: Client, acme: httpx.Client) -> None:
    method = getattr(client, endpoint.name)
    assert set(endpoint.example) <= set(inspect.signature(method).parameters)
    answer = method(**endpoint.example)
    plain = asked(acme, endpoint, endpoint.example)
    if isinstance(endpoint.response, Document):
        assert isinstance(answer, bytes)
        assert len(answer) == len(plain.content)
        return
    assert type(answer) is (Answers if is_array(endpoint.response) else Answer)
    assert without(json.loads(json.dumps(answer)), VOLATILE) == without(plain.json(), VOLATILE)
    assert any(f"<{tag}" in answer._repr_html_() for tag in ("table", "pre"))


# Data frames


def test_a_frame_of_orders_goes_in_and_a_frame_of_customers_comes_out(client: Client) -> None:
    answer = client.customer_rfm(ORDERS, today="2025-04-01")
    frame = answer.frame()
    assert list(frame["customer_id"]) == ["C-1", "C-2"]
    assert list(frame["monetary_total"]) == [200.5, 40]


def test_columns_that_the_route_does_not_name_are_features_or_stay(client: Client) -> None:
    customers = pd.DataFrame({"customer_id": ["C-1", "C-2"], "visits": [3, None], "plan": ["a", pd.NA]})
    answer = client.propensity_buy_product(customers, product_sku="SKU-1")
    assert list(answer.frame("predictions")["customer_id"]) == ["C-1", "C-2"]
    answers = pd.DataFrame({"customer_id": ["C-1"], "answer": [9], "store": ["Lima"]})
    assert client.nps(answers, group_by="store")["by_group"][0]["group"] == "Lima"


def test_a_column_without_a_place_is_refused_before_it_is_sent(client: Client) -> None:
    with pytest.raises(ValueError, match="columns colour have no place in customers; it takes amount, "):
        client.customer_rfm(ORDERS.assign(colour="red"))


def test_every_array_of_rows_may_be_a_frame() -> None:
    for endpoint in ENDPOINTS:
        rows = {
            name
            for name, value in endpoint.example.items()
            if isinstance(value, list) and value and isinstance(value[0], dict)
        }
        assert rows <= {place.name for place in ROWS.get(endpoint.name, ())}, endpoint.name


def test_an_answer_shows_itself_in_a_notebook_with_every_text_escaped() -> None:
    answer = Answer({"note": "<b>", "warnings": [{"code": "w", "message": "<i>"}], "rows": [{"a": "<u>"}]})
    shown = answer._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<p><b>w</b>: &lt;i&gt;</p>" in shown
    assert "<td>&lt;u&gt;</td>" in shown
    assert not any(tag in shown for tag in ("<i>", "<u>"))


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("vega-lite", "application/vnd.vegalite.v6+json"),
    ],
)
def test_a_picture_comes_in_its_form_and_a_notebook_shows_it(
    client: Client, tmp_path: Path, form: str, media_type: str
) -> None:
    picture = client.picture("customer_rfm", {"customers": ORDERS, "today": "2025-04-01"}, form=form)
    assert picture.media_type == media_type
    assert list(picture._repr_mimebundle_()) == [media_type]
    assert picture.save(tmp_path / "picture").read_bytes() == picture
    assert picture.startswith({"svg": b"<svg", "png": b"\x89PNG", "vega-lite": b"{"}[form])


def test_a_route_that_is_a_job_is_drawn_when_it_has_ended(client: Client) -> None:
    [endpoint] = [one for one in ENDPOINTS if one.name == "forecast_units_asyncio"]
    assert client.picture(endpoint.name, endpoint.example).startswith(b"<svg")


def test_a_form_that_there_is_not_is_refused_before_anything_is_sent(client: Client) -> None:
    with pytest.raises(KeyError, match="gif"):
        client.picture("customer_rfm", {}, form="gif")


# Problems and retries


def test_a_problem_is_an_exception_that_carries_it(client: Client, served: Server) -> None:
    with pytest.raises(BadRequest) as caught:
        client.nps([{"customer_id": "C-1", "answer": 11}])
    problem = caught.value
    assert (problem.status, problem.kind) == (400, "invalid-body")
    assert [(fault.pointer, fault.message) for fault in problem.faults] == [
        ("/data/0/answer", "Input should be less than or equal to 10; got 11.")
    ]
    assert problem.request_id is not None
    assert f"request {problem.request_id}" in str(problem)
    with pytest.raises(NotFound):
        client.call("no_such_route", {})
    with Client(served.url, "nobody", "nothing") as stranger, pytest.raises(Unauthorized):
        stranger.nps([])
    with (
        Client(f"http://127.0.0.1:{free_port()}", "a", "b", retries=0) as lost,
        pytest.raises(Unreachable, match="does not answer"),
    ):
        lost.nps([])


class Answering(httpx.BaseTransport):
    """Gives answers of its own, one after the other, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status: int, slug: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    document = {"type": f"urn:abintel:problem:{slug}", "detail": slug, "status": status}
    return httpx.Response(status, json=document, headers=named)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the client would have waited."""
    found: list[float] = []
    monkeypatch.setattr("abintel_client.client.time.sleep", found.append)
    return found


Made = Callable[..., tuple[Client, Answering]]


@pytest.fixture
def made(slept: list[float]) -> Made:
    def make(*answers: httpx.Response | Exception, **options: Any) -> tuple[Client, Answering]:
        transport = Answering(*answers)
        return Client("http://server", "id", "secret", transport=transport, **options), transport

    return make


OK = {"overall": {}}


def test_a_busy_server_is_asked_again_when_it_says(made: Made, slept: list[float]) -> None:
    client, transport = made(
        problem(429, "rate-limited", retry_after="7"),
        problem(503, "saturated", retry_after="3"),
        httpx.ConnectError("lost"),
        httpx.Response(200, json=OK),
    )
    assert client.nps([]) == OK
    assert len({request.content for request in transport.requests}) == 1
    assert slept[:2] == [7, 3]
    assert 0 < slept[2] < 1


@pytest.mark.parametrize(
    ("status", "slug", "kind"),
    [
        (400, "invalid-body", BadRequest),
        (409, "key-taken", Conflict),
        (500, "failed", ServerFailed),
        (503, "took-too-long", Busy),
        (418, "teapot", Problem),
    ],
)
def test_what_would_be_refused_again_is_not_asked_again(
    made: Made, slept: list[float], status: int, slug: str, kind: type[Problem]
) -> None:
    client, transport = made(problem(status, slug, retry_after="1"))
    with pytest.raises(kind) as caught:
        client.nps([])
    assert (caught.value.kind, len(transport.requests), slept) == (slug, 1, [])


def test_retries_end(made: Made, slept: list[float]) -> None:
    client, _ = made(*[problem(503, "saturated", retry_after="2")] * 3, retries=2)
    with pytest.raises(Busy) as caught:
        client.nps([])
    assert slept == [2, 2]
    assert caught.value.retry_after == 2


def test_a_long_body_is_packed_and_a_short_one_is_not(made: Made) -> None:
    rows = [{"customer_id": f"C-{index}", "answer": 9} for index in range(200)]
    client, transport = made(httpx.Response(200, json=OK), httpx.Response(200, json=OK))
    client.nps(rows)
    client.nps(rows[:1])
    long, short = transport.requests
    assert json.loads(gzip.decompress(long.content)) == {"data": rows}
    assert long.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in short.headers
    assert "gzip" in short.headers["accept-encoding"]


def test_what_is_not_given_is_not_sent(made: Made) -> None:
    client, transport = made(httpx.Response(200, json=OK), lang="es")
    client.nps([], group_by="store", currency="€")
    assert json.loads(transport.requests[0].content) == {"data": [], "group_by": "store"}
    assert dict(transport.requests[0].url.params) == {"lang": "es", "currency": "€"}


def test_dates_decimals_and_values_of_numpy_and_pandas_are_sent_as_json(made: Made) -> None:
    client, transport = made(httpx.Response(200, json=OK))
    body = {
        "date": datetime.date(2025, 4, 24),
        "midnight": pd.Timestamp("2025-04-24").to_pydatetime(),
        "moment": pd.Timestamp("2025-04-24T10:30"),
        "days": np.array(["2025-04-24", "NaT"], dtype="datetime64[ns]"),
        "decimals": [Decimal("12.50"), Decimal(3)],
        "count": np.int64(3),
        "flag": np.bool_(True),
        "ratios": pd.Series([0.5, float("nan")]),
        "skus": pd.Index(["A", "B"]),
        "matrix": np.array([[1, 2], [3, 4]]),
        "month": pd.Period("2025-04"),
        "missing": pd.NA,
    }
    client.call("nps", body)
    assert json.loads(transport.requests[0].content) == {
        "date": "2025-04-24",
        "midnight": "2025-04-24",
        "moment": "2025-04-24T10:30:00",
        "days": ["2025-04-24", None],
        "decimals": [12.5, 3],
        "count": 3,
        "flag": True,
        "ratios": [0.5, None],
        "skus": ["A", "B"],
        "matrix": [[1, 2], [3, 4]],
        "month": "2025-04",
        "missing": None,
    }
    with pytest.raises(TypeError, match="a value of type object cannot be sent as JSON"):
        client.call("nps", {"data": object()})


@pytest.mark.parametrize(
    "today",
    [
        "2025-04-24",
        datetime.date(2025, 4, 24),
        datetime.datetime(2025, 4, 24, 23, 59, tzinfo=datetime.UTC),
        np.datetime64("2025-04-24T10:30:00.5", "ns"),
        pd.Timestamp("2025-04-24 10:30"),
    ],
    ids=lambda today: type(today).__name__,
)
def test_a_moment_names_its_day(made: Made, today: Any) -> None:
    client, transport = made(httpx.Response(200, json=OK))
    client.customer_rfm([], today=today)
    assert json.loads(transport.requests[0].content)["today"] == "2025-04-24"


# Jobs and models


def test_a_job_is_followed_to_its_result_with_a_bar(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"customers": ORDERS, "today": "2025-04-01"}
    job = client.submit("customer_rfm", body, idempotency_key="from-the-client")
    answer = job.result(120)
    assert answer == client.customer_rfm(ORDERS, today="2025-04-01")
    assert job.id in capsys.readouterr().err
    assert client.submit("customer_rfm", body, idempotency_key="from-the-client").id == job.id
    assert job.id in {seen.id for seen in client.jobs()}
    assert "succeeded" in repr(job)


def test_a_job_that_fails_raises_its_problem(client: Client) -> None:
    [endpoint] = [one for one in ENDPOINTS if one.name == "dynamic_pricing_recommend"]
    job = client.submit(endpoint.name, endpoint.example, headers={"X-Min-Margin-Pct": "0.999"})
    with pytest.raises(BadRequest):
        job.result(120, progress=False)


def test_a_cancelled_job_has_no_result() -> None:
    client = Client("http://server", "id", "secret", transport=Answering())
    job = Job(client, {"job_id": "1", "status": "cancelled", "progress": 0})
    with pytest.raises(JobCancelled, match="job 1 was cancelled"):
        job.result()


def test_the_tenant_s_models_are_rows_too(client: Client, served: Server) -> None:
    from tests.campaign import campaign

    credential = served.credential("client-models")
    with Client(served.url, credential.customer_api_id, credential.secret) as own:
        assert own.models() == []
        own.propensity_respond_campaign(**campaign("from-the-client"))
        models = own.models()
    assert [(row["endpoint"], row["role"]) for row in models] == [("propensity_respond_campaign", "champion")]
    assert list(models.frame()["version"]) == ["1"]


def test_the_client_needs_no_more_than_httpx_and_pydantic() -> None:
    import subprocess
    import sys

    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'clients/python')!r})\n"
        "import abintel_client\n"
        "print(sorted({'pandas', 'numpy', 'tqdm', 'abintel', 'plugins'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout == "[]\n"
