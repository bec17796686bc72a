"""Schemathesis over the served instance's description: every check, and jobs from submission to result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from tests.intruders.described import description, is_understood
from tests.serving import Server

CHECKS = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.filter_too_much]
QUICK = hypothesis.settings(max_examples=2, derandomize=True, database=None, suppress_health_check=CHECKS)
LONG = hypothesis.settings(QUICK, max_examples=40)
STATEFUL = hypothesis.settings(QUICK, max_examples=5, stateful_step_count=6)
LONG_STATEFUL = hypothesis.settings(QUICK, max_examples=60, stateful_step_count=10)
ENDS = ("succeeded", "failed", "cancelled")
UNKNOWN = "x-schemathesis-unknown-property"
JOBS = r"^/api/v1/(jobs|ai/(nps|customer_rfm|churn_label)_async)"

# The body of an `_async` is its route's; what is more about it is in the histories of jobs.
quick = description().exclude(path_regex="_async$")
long = description(thorough=True)


@pytest.fixture(scope="module")
def caller(served: Server) -> Iterator[dict[str, Any]]:
    """Where and as whom to call; the tenant is these tests' own, and has many jobs."""
    credential = served.credential("described")
    with served.client(credential) as client:
        yield {
            "base_url": served.url,
            "headers": {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret},
        }
        for job in client.get("/api/v1/jobs?limit=200&status=queued").json()["jobs"]:
            client.delete(f"/api/v1/jobs/{job['job_id']}")


def stateful(caller: dict[str, Any], settings: hypothesis.settings) -> None:
    """Runs sequences of calls that follow the links from a submission to its job's pages."""
    schema = description().include(path_regex=JOBS)
    schema.config.update(base_url=caller["base_url"])

    ended: dict[str, str] = {}

    class Caller(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": caller["headers"]}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            super().validate_response(response, case, additional_checks=[is_understood], **options)
            if response.status_code == 200 and case.operation.path == "/api/v1/jobs/{job}":
                page = response.json()
                # An end is one for good, and a cancellation is an end.
                assert ended.get(page["job_id"], page["status"]) == page["status"]
                if case.method == "DELETE":
                    assert page["status"] in ENDS
                if page["status"] in ENDS:
                    ended[page["job_id"]] = page["status"]

    Caller.run(settings=settings)


@quick.parametrize()
@QUICK
def test_the_server_is_as_it_is_described(case: Any, caller: dict[str, Any]) -> None:
    case.call_and_validate(**caller, additional_checks=[is_understood])


def test_jobs_are_as_they_are_described_from_submission_to_result(caller: dict[str, Any]) -> None:
    stateful(caller, STATEFUL)


@pytest.mark.slow
@long.parametrize()
@LONG
def test_the_server_is_as_it_is_described_at_every_limit(case: Any, caller: dict[str, Any]) -> None:
    if UNKNOWN in case.headers:
        # No server refuses a header that it does not know (RFC 9110, section 5.1).
        assert case.call(**caller).status_code < 500
        return
    case.call_and_validate(**caller, additional_checks=[is_understood])


@pytest.mark.slow
def test_long_histories_of_jobs_are_as_they_are_described(caller: dict[str, Any]) -> None:
    stateful(caller, LONG_STATEFUL)
