"""Jobs in one serving process, without a worker: what is refused on the way in, and what waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from server.http import job_pages as jobs
from tests.server.http.kettle import KETTLE, Kitchen, as_before, cook
from tests.server.http.test_http import problem

__all__ = ["as_before"]
JSON = {"Content-Type": "application/json"}


def test_an_upload_that_stands_still_loses_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STALL_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"act":'
        await asyncio.sleep(30)
        yield b'"boil"}'

    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(f"{KETTLE}_async", content=slow(), headers=JSON)
        assert problem(answer, 408, "upload-stalled")["detail"] == (
            "Nothing of the body came for 0 s; send it again."
        )
        assert kitchen.service.runtime.under_way == 0
        assert kitchen.service.runtime.blobs.jobs() == []

    cook(tmp_path, scene)


def test_headers_and_query_that_the_route_does_not_know_are_not_kept(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(
            f"{KETTLE}_async?lang=es&x=canary",
            json={"act": "boil"},
            headers={"X-Lid": "on", "X-Other": "canary"},
        )
        [job] = kitchen.service.runtime.record.list()
        assert answer.headers["location"] == job.path
        assert (job.headers, job.query) == ({"x-lid": "on"}, {"lang": "es"})

    cook(tmp_path, scene)


def test_a_waiting_caller_is_answered_without_a_worker_too(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(
            f"{KETTLE}_async", json={"act": "boil"}, headers={"Prefer": "wait=1"}
        )
        assert (answer.status_code, answer.json()["status"]) == (202, "queued")

    cook(tmp_path, scene)


def test_a_database_that_does_not_answer_is_a_503_and_serving_goes_on(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        with kitchen.service.runtime.record.engine.begin() as connection:
            connection.execute(text("DROP TABLE abintel_jobs"))
        for answer in (
            await kitchen.client.post(f"{KETTLE}_async", json={"act": "boil"}),
            await kitchen.client.get("/api/v1/jobs"),
        ):
            assert problem(answer, 503, "jobs-unavailable")["detail"] == (
                "The store of jobs does not answer; try again."
            )
            assert answer.headers["retry-after"] == "5"
        assert "abintel_jobs_up 0.0" in (await kitchen.client.get("/metrics")).text
        assert (await kitchen.client.post(KETTLE, json={"act": "boil"})).status_code == 200
        assert kitchen.service.runtime.blobs.jobs() == []

    cook(tmp_path, scene)
