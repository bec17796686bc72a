"""Jobs as a caller sees them."""

from __future__ import annotations

import gzip
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from plugins.customer import PLUGIN
from tests.jobs.bench import described, ended, submit
from tests.server.http.test_http import problem
from tests.serving import Server

RFM = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "customer_rfm")
NPS = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "nps")
BODY = dict(RFM.example)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_submission_says_where_the_job_is(acme: httpx.Client) -> None:
    answer = acme.post(f"{RFM.route}_async", json=BODY)
    assert answer.status_code == 202
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["cache-control"] == "no-store"
    accepted = answer.json()
    assert set(accepted) == {"job_id", "status", "submitted_at"}
    assert accepted["status"] == "queued"
    assert STAMP.fullmatch(accepted["submitted_at"])
    assert answer.headers["location"] == f"/api/v1/jobs/{accepted['job_id']}"
    [page] = ended(acme, [answer.headers["location"]])
    assert page["status"] == "succeeded"
    assert page["progress"] == 1.0
    assert page["result"] == f"/api/v1/jobs/{accepted['job_id']}/result"
    assert page["submitted_at"] <= page["started_at"] <= page["ended_at"]


def test_the_result_is_the_route_s_own_answer(acme: httpx.Client) -> None:
    job = submit(acme, f"{RFM.route}", BODY)
    ended(acme, [job])
    result, answer = acme.get(f"{job}/result"), acme.post(RFM.route, json=BODY)
    assert result.status_code == 200
    assert result.headers["content-type"] == "application/json"
    assert result.content == answer.content


def test_the_short_path_and_a_packed_body_make_the_same_job(acme: httpx.Client) -> None:
    headers = {"Idempotency-Key": "packed", "Content-Type": "application/json"}
    plain = acme.post(f"{RFM.route}_async", content=json.dumps(BODY), headers=headers)
    packed = acme.post(
        "/api/customer_rfm_async",
        content=gzip.compress(json.dumps(BODY).encode()),
        headers={**headers, "Content-Encoding": "gzip"},
    )
    assert plain.json()["job_id"] == packed.json()["job_id"]


@pytest.mark.parametrize("preference", ["wait=60", "respond-async, wait=60", 'wait="60"'])
def test_a_caller_who_waits_gets_the_result(acme: httpx.Client, preference: str) -> None:
    answer = acme.post(f"{RFM.route}_async", json=BODY, headers={"Prefer": preference})
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=60"
    assert answer.content == acme.post(RFM.route, json=BODY).content
    assert described(acme, answer.headers["location"])["status"] == "succeeded"


def test_a_caller_who_does_not_wait_long_enough_gets_the_job(acme: httpx.Client) -> None:
    answer = acme.post(f"{RFM.route}_async", json=BODY, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=0"


def test_what_the_query_says_is_the_job_s_too(acme: httpx.Client) -> None:
    route = f"{NPS.route}?lang=pt"
    answer = acme.post(f"{NPS.route}_async?lang=pt", json=NPS.example, headers={"Prefer": "wait=60"})
    assert answer.content == acme.post(route, json=NPS.example).content


def test_a_bad_body_is_refused_at_once_with_every_fault(acme: httpx.Client) -> None:
    bad = {"customers": [{"customer_id": "C-1"}, {"customer_id": 2}]}
    asked, submitted = (acme.post(path, json=bad) for path in (RFM.route, f"{RFM.route}_async"))
    assert submitted.status_code == 400
    assert submitted.json()["errors"] == asked.json()["errors"]
    assert len(submitted.json()["errors"]) > 1


def test_rules_that_no_schema_can_say_are_checked_at_once(acme: httpx.Client) -> None:
    twice = {**BODY, "customers": [*BODY["customers"], BODY["customers"][0]]}
    asked, submitted = (acme.post(path, json=twice) for path in (RFM.route, f"{RFM.route}_async"))
    assert submitted.status_code == 400
    assert submitted.json()["errors"] == asked.json()["errors"]


@pytest.mark.parametrize(
    ("query", "headers", "detail"),
    [
        ("lang=xx", {}, "lang: 'xx' is not one of en, es, pt, ja, zh."),
        (
            "",
            {"Idempotency-Key": "a b"},
            "Idempotency-Key: wanted are 1 to 255 printable ASCII characters, no spaces.",
        ),
    ],
)
def test_a_bad_parameter_is_refused_at_once(
    acme: httpx.Client, query: str, headers: dict[str, str], detail: str
) -> None:
    answer = acme.post(f"{NPS.route}_async?{query}", json=NPS.example, headers=headers)
    assert problem(answer, 400, "invalid-parameter")["detail"] == detail


def test_there_is_no_result_before_the_end(acme: httpx.Client) -> None:
    job = submit(acme, RFM.route, BODY)
    answer = acme.get(f"{job}/result")
    if answer.status_code != 200:
        assert problem(answer, 409, "no-result-yet")["detail"].startswith("The job is ")
        assert answer.headers["retry-after"] == "2"


def test_a_cancelled_job_has_no_result(acme: httpx.Client) -> None:
    jobs = [submit(acme, RFM.route, BODY) for _ in range(4)]
    last = acme.delete(jobs[-1])
    assert last.status_code == 200
    assert last.json()["status"] == "cancelled"
    problem(acme.get(f"{jobs[-1]}/result"), 409, "job-cancelled")
    assert acme.delete(jobs[-1]).json() == last.json()


def test_the_same_key_and_body_from_sixteen_clients_is_one_job(served: Server, acme: httpx.Client) -> None:
    headers = {"Idempotency-Key": f"sixteen-{time.time_ns()}"}
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: acme.post(f"{RFM.route}_async", json=BODY, headers=headers), range(16))
        )
    assert {answer.status_code for answer in answers} == {202}
    [job_id] = {answer.json()["job_id"] for answer in answers}
    stored = [path.parent.name for path in (served.home / "jobs").glob("*/*")]
    assert stored.count(job_id) <= 2
    other = acme.post(f"{RFM.route}_async", json={**BODY, "today": "2025-05-01"}, headers=headers)
    assert problem(other, 409, "key-taken")["detail"] == (
        "This Idempotency-Key was used for another body; use a new one."
    )


def test_another_tenant_s_job_is_not_there_whatever_is_asked(acme: httpx.Client, other: httpx.Client) -> None:
    job = submit(acme, RFM.route, BODY)
    ended(acme, [job])
    unknown = f"/api/v1/jobs/{'0' * 32}"
    for path in (job, unknown, "/api/v1/jobs/x%00y", f"{job}%20"):
        answers = [other.get(path), other.delete(path), other.get(f"{path}/result")]
        for answer in answers:
            problem(answer, 404, "no-such-job")
    assert job.rpartition("/")[2] not in other.get("/api/v1/jobs").text
    assert described(acme, job)["status"] == "succeeded"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_another_method_is_refused(acme: httpx.Client, method: str) -> None:
    assert acme.request(method, "/api/v1/jobs").headers["allow"] == "GET"
    assert acme.request(method, f"/api/v1/jobs/{'0' * 32}").headers["allow"] == "GET, DELETE"
    problem(acme.request(method, f"/api/v1/jobs/{'0' * 32}/result"), 405, "method-not-allowed")
    problem(acme.get(f"{RFM.route}_async"), 405, "method-not-allowed")


def test_jobs_need_a_credential_before_anything_else(served: Server) -> None:
    for method, path in (
        ("POST", f"{RFM.route}_async"),
        ("GET", "/api/v1/jobs"),
        ("GET", "/api/v1/jobs/x"),
        ("DELETE", "/api/v1/jobs/x"),
        ("GET", "/api/v1/jobs/x/result"),
    ):
        problem(httpx.request(method, served.url + path), 401, "unauthorized")


def test_jobs_are_listed_in_pages(acme: httpx.Client) -> None:
    made = [submit(acme, RFM.route, BODY) for _ in range(3)]
    first = acme.get("/api/v1/jobs?limit=2").json()["jobs"]
    assert [f"/api/v1/jobs/{page['job_id']}" for page in first] == made[:0:-1]
    second = acme.get(f"/api/v1/jobs?limit=1&before={first[-1]['job_id']}").json()["jobs"]
    assert [f"/api/v1/jobs/{page['job_id']}" for page in second] == made[:1]
    ended(acme, made)
    succeeded: list[dict[str, Any]] = acme.get("/api/v1/jobs?status=succeeded").json()["jobs"]
    assert {page["status"] for page in succeeded} == {"succeeded"}
    problem(acme.get("/api/v1/jobs?status=lost"), 400, "invalid-parameter")
    problem(acme.get("/api/v1/jobs?limit=0"), 400, "invalid-parameter")
    problem(acme.get("/api/v1/jobs?before=%00"), 400, "invalid-parameter")


def test_metrics_and_readiness_tell_of_jobs(served: Server, acme: httpx.Client) -> None:
    ended(acme, [submit(acme, RFM.route, BODY)])
    text = httpx.get(f"{served.url}/metrics").text
    assert "abintel_jobs_up 1.0" in text
    assert re.search(r"^abintel_jobs_queued \d", text, re.MULTILINE)
    finished = r'^abintel_jobs_finished_total\{endpoint="customer_rfm",outcome="succeeded"\} [1-9]'
    assert re.search(finished, text, re.MULTILINE)
    assert 'route="/api/v1/ai/customer_rfm_async"' in text
    assert "acme" not in text
    assert httpx.get(f"{served.url}/readyz").text == "ready\nworkers: 1\n"


@pytest.mark.parametrize("harm", ["gone", "cut", "unreadable"])
def test_a_result_that_is_not_as_it_was_written_is_a_problem(
    acme: httpx.Client, served: Server, harm: str
) -> None:
    job = submit(acme, RFM.route, {**BODY, "today": "2025-04-24"})
    ended(acme, [job])
    [stored] = (served.home / "jobs" / job.rpartition("/")[2]).glob("result-*")
    whole = stored.read_bytes()
    assert acme.get(f"{job}/result").content == whole
    stored.unlink()
    if harm == "cut":
        stored.write_bytes(whole[:-9])
    elif harm == "unreadable":
        stored.symlink_to(stored)
    answer = acme.get(f"{job}/result")
    if harm == "unreadable":
        assert problem(answer, 503, "results-unavailable")["detail"] == (
            "The store of results does not answer; try again."
        )
        assert answer.headers["retry-after"] == "10"
        stored.unlink()
    else:
        said = "The job's result is no longer stored; submit the job again."
        assert problem(answer, 410, "result-gone")["detail"] == said
    stored.unlink(missing_ok=True)
    stored.write_bytes(whole)
    assert acme.get(f"{job}/result").content == whole
