"""Rows sent and fetched over HTTP in each form; large bodies."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow
import pyarrow.parquet
import pytest

from abintel.media_types import CSV, JSON, NDJSON, PARQUET
from plugins.customer import PLUGIN
from tests.campaign import ROUTE, campaign
from tests.jobs.bench import ended, submit
from tests.server.http.test_http import problem
from tests.serving import Server

NPS, FEATURES = (
    next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == name)
    for name in ("nps", "customer_features")
)
ANSWERS = [{"customer_id": f"C-{number}", "answer": number % 11, "region": "=1+1"} for number in range(30)]


def table() -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ANSWERS[0]))
    writer.writeheader()
    writer.writerows(ANSWERS)
    return text.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ANSWERS), file)
    return file.getvalue()


ROWS = {
    NDJSON: "\n".join(map(json.dumps, ANSWERS)).encode(),
    CSV: table().encode(),
    PARQUET: parquet(),
}


def waited(client: httpx.Client, path: str, content: bytes, form: str, **headers: str) -> httpx.Response:
    return client.post(path, content=content, headers={"Content-Type": form, "Prefer": "wait=60", **headers})


@pytest.mark.parametrize("form", ROWS)
@pytest.mark.parametrize("packed", [False, True])
def test_rows_are_answered_as_the_body_that_they_stand_for(
    acme: httpx.Client, form: str, packed: bool
) -> None:
    expected = acme.post(NPS.route, json={"data": ANSWERS, "group_by": "region"})
    content = gzip.compress(ROWS[form]) if packed else ROWS[form]
    headers = {"Content-Encoding": "gzip"} if packed else {}
    answer = waited(acme, f"{NPS.route}_async?group_by=region", content, form, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.content == expected.content


@pytest.mark.parametrize("form", ROWS)
def test_the_result_comes_as_it_was_asked_for(acme: httpx.Client, form: str) -> None:
    route = f"{NPS.route}_async?group_by=region"
    asked = waited(acme, route, ROWS[NDJSON], NDJSON, Accept=form)
    assert asked.headers["content-type"].partition(";")[0] == form
    [row] = read(asked)
    assert row["responses"] in (30, "30")
    assert row["group"] == ("'=1+1" if form == CSV else "=1+1")
    refused = acme.get(f"{asked.headers['location']}/result", headers={"Accept": JSON})
    assert (
        problem(refused, 406, "not-acceptable")["detail"]
        == f"The job was submitted for {form}; ask for that."
    )
    plain = waited(acme, route, ROWS[NDJSON], NDJSON)
    fetched = acme.get(f"{plain.headers['location']}/result", headers={"Accept": form})
    assert fetched.headers["content-type"].partition(";")[0] == form
    assert read(fetched) == read(asked)


def read(answer: httpx.Response) -> list[dict[str, Any]]:
    form = answer.headers["content-type"].partition(";")[0]
    if form == CSV:
        return list(csv.DictReader(io.StringIO(answer.text)))
    if form == NDJSON:
        return [json.loads(line) for line in answer.text.splitlines()]
    return list(pyarrow.parquet.read_table(io.BytesIO(answer.content)).to_pylist())


def test_a_form_that_a_route_has_not_is_refused_before_the_body(acme: httpx.Client) -> None:
    refused = acme.post(f"{FEATURES.route}_async", content=b"x", headers={"Content-Type": CSV})
    assert problem(refused, 415, "unsupported-media-type")["detail"] == (
        "Send one of application/json, application/x-ndjson, application/vnd.apache.parquet; texts in UTF-8."
    )
    refused = acme.post(NPS.route, content=ROWS[CSV], headers={"Content-Type": CSV})
    problem(refused, 415, "unsupported-media-type")
    chart = "/api/v1/ai/segment_hierarchy_chart_async"
    refused = acme.post(chart, json={}, headers={"Accept": CSV})
    problem(refused, 406, "not-acceptable")


@pytest.mark.parametrize("form", [NDJSON, CSV])
def test_bad_rows_are_refused_at_once_and_nothing_is_kept(
    acme: httpx.Client, served: Server, form: str
) -> None:
    before = set((served.home / "jobs").iterdir())
    content = ROWS[form].replace(b"C-7", b"", 1)
    refused = acme.post(f"{NPS.route}_async", content=content, headers={"Content-Type": form})
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/data/7/customer_id"]
    refused = acme.post(f"{NPS.route}_async", content=b"\x1f\x8b", headers={"Content-Type": form})
    problem(refused, 400, "invalid-body")
    assert set((served.home / "jobs").iterdir()) <= before


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose requests are small, so that a job's body soon is large."""
    with Server(
        tmp_path_factory.mktemp("narrow") / "home",
        ABINTEL_PLUGINS="customer,propensity",
        ABINTEL_MAX_BODY_MB="0.05",
        ABINTEL_MAX_JOB_MB="1",
        ABINTEL_JOB_WORKERS="1",
    ) as server:
        yield server
        server.stop()


@pytest.mark.slow
def test_a_body_larger_than_a_request_is_checked_row_by_row_and_whole_when_the_job_begins(
    narrow: Server,
) -> None:
    body = campaign("large", rows=1500, labelled=0)
    lines = [json.dumps(row) for row in body["customers"]]
    with narrow.client(narrow.credential("acme")) as client:
        problem(client.post(ROUTE, json=body), 413, "body-too-large")
        route, headers = f"{ROUTE}_async?campaign_id=large", {"Content-Type": NDJSON}
        bad = [*lines[:-1], lines[-1].replace("customer_id", "customer")]
        refused = client.post(route, content="\n".join(bad), headers=headers)
        assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/customers/1499/customer_id"]
        as_rows = client.post(route, content="\n".join(lines), headers=headers).headers["location"]
        as_json = submit(client, ROUTE, body)
        twice = client.post(route, content="\n".join([*lines, lines[0]]), headers=headers)
        assert twice.status_code == 202
        pages = ended(client, [as_rows, as_json, twice.headers["location"]])
        assert [page["status"] for page in pages] == ["succeeded", "succeeded", "failed"]
        assert client.get(f"{as_rows}/result").content == client.get(f"{as_json}/result").content
        failed = client.get(f"{twice.headers['location']}/result")
        assert failed.status_code == 400
        assert failed.json()["errors"][0]["pointer"] == "/customers/1500/customer_id"
        too_large = client.post(route, content="\n".join(lines * 10), headers=headers)
        problem(too_large, 413, "body-too-large")


def lines_of(megabytes: int) -> Iterator[bytes]:
    """NDJSON of snapshots, a mebibyte at a time."""
    number = 0
    for _ in range(megabytes):
        piece = bytearray()
        while len(piece) < 1 << 20:
            piece += (
                f'{{"customer_id":"C-{number:09d}","snapshot_date":"2025-03-01",'
                f'"last_purchase_date":"2024-12-{number % 28 + 1:02d}"}}\n'
            ).encode()
            number += 1
        yield bytes(piece)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(900)
def test_a_large_upload_takes_little_memory_and_lets_others_be_answered(tmp_path: Path) -> None:
    with Server(Path(tmp_path) / "home", ABINTEL_PLUGINS="propensity") as server:
        assert server.process is not None
        family = psutil.Process(server.process.pid).children(recursive=True)
        worker = next(process for process in family if "_bentoml_impl.worker.service" in process.cmdline())
        route = "/api/v1/ai/churn_label_async?business_type=ecommerce"
        headers = {"Content-Type": NDJSON}
        with server.client(server.credential("acme")) as client:
            client.post(route, content=b"".join(lines_of(1)), headers=headers)
            over, most, slowest = threading.Event(), 0, 0.0
            before = worker.memory_info().rss

            def watch() -> None:
                nonlocal most, slowest
                with httpx.Client(base_url=server.url, timeout=60) as pinger:
                    while not over.is_set():
                        began = time.monotonic()
                        pinger.get("/livez")
                        slowest = max(slowest, time.monotonic() - began)
                        most = max(most, worker.memory_info().rss)
                        time.sleep(0.01)

            watching = threading.Thread(target=watch)
            watching.start()
            began = time.monotonic()
            answer = client.post(route, content=lines_of(150), headers=headers)
            seconds = time.monotonic() - began
            over.set()
            watching.join()
            print(
                f"150 MiB in {seconds:.1f} s: {(most - before) / 2**20:.0f} MiB more memory, "
                f"/livez within {slowest * 1000:.0f} ms"
            )
            assert answer.status_code == 202
            assert client.delete(answer.headers["location"]).json()["status"] == "cancelled"
        assert most - before < 100 * 2**20
