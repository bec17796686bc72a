from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abintel.discovery import CannotStart
from abintel.settings import Settings
from server.credentials import schema
from server.load.rate_limit import RateLimiter
from tests import postgres

postgres_url = postgres.postgres_url
NOW = 1_772_368_200.123456
Made = Callable[[str], RateLimiter]


def _limiter(home: Path, url: str | None, limit: str) -> RateLimiter:
    environment = {"ABINTEL_HOME": str(home), "ABINTEL_RATE_LIMIT": limit}
    return RateLimiter(
        Settings.from_environment(environment | ({"ABINTEL_DATABASE_URL": url} if url else {}))
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url = str(request.getfixturevalue("postgres_url"))
    schema.ensure(url)
    return url


@pytest.mark.parametrize(
    ("limit", "requests", "seconds"), [("600/min", 600, 60), ("7", 7, 60), ("3/s", 3, 1)]
)
def test_so_many_requests_pass_at_one_instant_and_the_next_is_told_when(
    tmp_path: Path, url: str | None, limit: str, requests: int, seconds: float
) -> None:
    limiter = _limiter(tmp_path, url, limit)
    assert [limiter.check("acme", NOW) for _ in range(requests)] == [0.0] * requests
    wait = limiter.check("acme", NOW)
    assert wait == pytest.approx(seconds / requests, rel=1e-8)
    assert limiter.check("globex", NOW) == 0.0
    limiter.close()


def test_whoever_waits_as_told_passes_and_a_refused_request_costs_nothing(
    tmp_path: Path, url: str | None
) -> None:
    limiter = _limiter(tmp_path, url, "2/min")
    assert [limiter.check("acme", NOW) for _ in range(4)] == [0.0, 0.0, 30.0, 30.0]
    assert limiter.check("acme", NOW + 29.999) == pytest.approx(0.001, abs=1e-6)
    assert limiter.check("acme", NOW + 30.001) == 0.0
    assert limiter.check("acme", NOW + 30.001) > 29.9
    assert [limiter.check("acme", NOW + 600) for _ in range(3)] == [0.0, 0.0, 30.0]
    limiter.close()


def test_a_lowered_limit_or_a_clock_set_back_shuts_nobody_out(tmp_path: Path, url: str | None) -> None:
    before = _limiter(tmp_path, url, "2/h")
    assert [before.check("acme", NOW) for _ in range(3)] == [0.0, 0.0, 1800.0]
    before.close()
    after = _limiter(tmp_path, url, "2/s")
    assert [after.check("acme", NOW) for _ in range(3)] == [0.0, 0.0, 0.5]
    assert [after.check("acme", NOW - 86400) for _ in range(3)] == [0.0, 0.0, 0.5]
    after.close()


def _count(home: Path, url: str | None, tries: int, passed: multiprocessing.SimpleQueue[int]) -> None:
    limiter = _limiter(home, url, "100")
    passed.put(sum(limiter.check("acme", NOW) == 0.0 for _ in range(tries)))
    limiter.close()


def test_processes_share_one_count(tmp_path: Path, url: str | None) -> None:
    context = multiprocessing.get_context("spawn")
    passed = context.SimpleQueue()
    processes = [context.Process(target=_count, args=(tmp_path, url, 80, passed)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sum(passed.get() for _ in processes) == 100


def test_a_forgotten_tenant_starts_anew(tmp_path: Path, url: str | None) -> None:
    limiter = _limiter(tmp_path, url, "1")
    assert [limiter.check("acme", NOW), limiter.check("acme", NOW)] == [0.0, 60.0]
    limiter.forget("acme")
    limiter.forget("nobody")
    assert limiter.check("acme", NOW) == 0.0
    limiter.close()


def test_without_a_limit_everything_passes(tmp_path: Path, url: str | None) -> None:
    limiter = _limiter(tmp_path, url, "")
    assert {limiter.check("acme", NOW) for _ in range(100)} == {0.0}
    limiter.close()


@given(gaps=st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_no_window_of_the_period_holds_more_than_twice_the_limit(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[float]
) -> None:
    limiter = _limiter(tmp_path_factory.mktemp("home"), None, "5/s")
    moment, passed = NOW, []
    for gap in gaps:
        moment += gap / 10
        if limiter.check("acme", moment) == 0.0:
            passed.append(moment)
    limiter.close()
    # GCRA: a burst of the limit, and the limit's rate beside it.
    for start in passed:
        assert sum(start <= other < start + 1 for other in passed) <= 10


def test_a_store_that_fails_lets_requests_pass_with_one_warning(
    tmp_path: Path, url: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = _limiter(tmp_path, "postgresql://127.0.0.1:1/x" if url else None, "1")
    if url is None:
        limiter.close()
    with caplog.at_level(logging.WARNING):
        assert {limiter.check("acme", NOW) for _ in range(10)} == {0.0}
    assert len(caplog.records) == 1
    assert "the store of rate limits does not answer; requests pass unlimited: " in caplog.text
    limiter.close()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "rate_limits.db"
    path.write_bytes(b"damaged" * 1000)
    limiter = _limiter(tmp_path, None, "1")
    assert [limiter.check("acme", NOW), limiter.check("acme", NOW)] == [0.0, 60.0]
    assert path.stat().st_mode & 0o777 == 0o600
    limiter.close()


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "rate_limits.db").mkdir()
    with pytest.raises(CannotStart, match=r"cannot open .*rate_limits\.db: "):
        _limiter(tmp_path, None, "1")
