"""What ``make load`` takes from the environment, and that it stays on this machine."""

from __future__ import annotations

import pytest

from loadtests.run import LoadError, count, duration, loopback, main


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"])
def test_a_url_of_this_machine_is_taken(url: str) -> None:
    assert loopback(url) == url
    assert loopback(url + "/") == url


@pytest.mark.parametrize(
    "host", ["example.com", "10.0.0.7", "192.0.2.1", "[2001:db8::1]", "localhost.example.com"]
)
def test_another_host_is_refused(host: str) -> None:
    with pytest.raises(LoadError, match="is not this machine"):
        loopback(f"http://{host}:3000")


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:3000",
        "https://127.0.0.1:3000",
        "http://127.0.0.1",
        "http://127.0.0.1:x",
        "http://127.0.0.1@example.com:3000",
        "http://127.0.0.1:3000/api",
        "http://127.0.0.1:3000?a",
        "http://[::1:3000",
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(LoadError, match="LOAD_URL="):
        loopback(url)


def test_a_served_instance_needs_its_credential(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"LOAD_URL": "http://127.0.0.1:1"}) == 2
    assert capsys.readouterr().err == "load: LOAD_URL needs LOAD_CUSTOMER_API_ID and LOAD_SECRET\n"


def test_a_served_instance_that_does_not_answer_is_no_miss(capsys: pytest.CaptureFixture[str]) -> None:
    variables = {"LOAD_URL": "http://127.0.0.1:1", "LOAD_CUSTOMER_API_ID": "a", "LOAD_SECRET": "b"}
    assert main(variables) == 2
    assert capsys.readouterr().err.startswith("load: http://127.0.0.1:1 does not answer: ")


def test_durations_and_users_are_bounded() -> None:
    assert [duration(text) for text in ("30s", "2m", "1m30s", "45", "60m")] == [30, 120, 90, 45, 3600]
    for text in ("", "0s", "61m", "1h", "-1s", "1e3"):
        with pytest.raises(LoadError, match="DURATION="):
            duration(text)
    assert count("USERS", "8", 1) == 8
    assert count("BESIDE", "0", 0) == 0
    for text in ("", "0", "1000", "x"):
        with pytest.raises(LoadError, match="USERS="):
            count("USERS", text, 1)


def test_a_shape_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"SHAPE": "cube"}) == 2
    assert capsys.readouterr().err == (
        "load: SHAPE='cube': wanted is one of smoke, ramp, spike, soak, overload\n"
    )
