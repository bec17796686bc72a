"""Every route as a job gives the answer that it gives at once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from abintel.discovery import discover
from abintel.endpoint import Endpoint
from tests.contract.roster import ROSTER
from tests.contract.test_endpoints import EXAMPLES, comparable
from tests.jobs.bench import ended, submit

# The other checks look at those of routes that are jobs themselves.
JOBS = {str(example.id): example.values for example in EXAMPLES if not example.values[0].runs_as_job}


@pytest.fixture(scope="module")
def jobs(acme: httpx.Client) -> dict[str, str]:
    """Path of the job of each example; all are submitted before the first is looked at."""
    return {name: submit(acme, endpoint.route, body) for name, (endpoint, body) in JOBS.items()}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_gives_the_same_answer(name: str, jobs: dict[str, str], acme: httpx.Client) -> None:
    endpoint, body = JOBS[name]
    [page] = ended(acme, [jobs[name]])
    assert page["status"] == "succeeded", page
    result = acme.get(f"{jobs[name]}/result")
    assert comparable(result) == comparable(acme.post(endpoint.route, json=body))


PARAMETERS = [
    pytest.param(endpoint, kind, parameter.name, id=f"{endpoint.name}-{parameter.name}")
    for endpoint in discover(list(ROSTER)).endpoints
    for kind, parameters in (("params", endpoint.query), ("headers", endpoint.headers))
    for parameter in parameters
]


@pytest.mark.parametrize(("endpoint", "kind", "name"), PARAMETERS)
def test_a_parameter_that_a_route_refuses_is_refused_before_there_is_a_job(
    endpoint: Endpoint, kind: str, name: str, acme: httpx.Client
) -> None:
    sent: dict[str, Any] = {"json": endpoint.example, kind: {name: "no-such-thing"}}
    for path in (endpoint.route, f"{endpoint.route}_async"):
        answer = acme.post(path, **sent)
        assert answer.status_code == 400, path
        assert answer.json()["detail"].startswith(f"{name}: ")


def test_every_route_has_its_job(acme: httpx.Client) -> None:
    paths = acme.get("/docs.json").json()["paths"]
    for endpoint in discover(list(ROSTER)).endpoints:
        assert (f"{endpoint.route}_async" in paths) is not endpoint.runs_as_job
