"""Problems are RFC 9457 documents, whatever text they carry."""

from __future__ import annotations

import errno
import json

import pytest

from abintel.problem import MAX_FAULTS, Fault, Problem, bad_body, bad_parameter, of_exception, pointer


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    problem = Problem(503, "saturated", "Try again.", headers={"Retry-After": "2"})
    assert json.loads(problem.encode("r-1")) == {
        "type": "urn:abintel:problem:saturated",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Try again.",
        "request_id": "r-1",
    }
    assert problem.headers == {"Retry-After": "2"}
    assert str(problem) == "Try again."


def test_a_title_of_its_own_replaces_the_codes_phrase() -> None:
    assert Problem(409, "not-ready", "Not yet.", title="Not ready").as_dict("r")["title"] == "Not ready"


def test_a_single_fault_is_the_detail() -> None:
    problem = bad_body([Fault("/rows/0", "Required, and missing.")])
    assert (problem.status, problem.slug) == (400, "invalid-body")
    assert problem.detail == "/rows/0: Required, and missing."
    assert bad_body([Fault("", "The body is empty.")]).detail == "The body is empty."


def test_several_faults_are_counted_and_listed() -> None:
    problem = bad_body([Fault("/a", "Wrong."), Fault("/b", "Wrong, too.")])
    assert problem.detail == "The body has 2 faults; `errors` lists them."
    assert problem.as_dict("r")["errors"] == [
        {"pointer": "/a", "message": "Wrong."},
        {"pointer": "/b", "message": "Wrong, too."},
    ]
    assert "errors_truncated" not in problem.as_dict("r")


@pytest.mark.parametrize(("count", "truncated"), [(MAX_FAULTS, None), (MAX_FAULTS + 1, True)])
def test_faults_are_listed_up_to_a_limit(count: int, truncated: bool | None) -> None:
    document = bad_body([Fault(f"/{index}", "Wrong.") for index in range(count)]).as_dict("r")
    assert len(document["errors"]) == MAX_FAULTS
    assert document.get("errors_truncated") is truncated


def test_text_that_is_no_unicode_is_replaced() -> None:
    problem = bad_body([Fault("/\ud800", "Got '\udfff'."), Fault("/é", "Got '✓'.")])
    errors = json.loads(problem.encode("r"))["errors"]
    assert errors == [{"pointer": "/?", "message": "Got '?'."}, {"pointer": "/é", "message": "Got '✓'."}]


def test_a_bad_parameter_is_named() -> None:
    problem = bad_parameter("lang", "'xx' is not one of en, es, pt.")
    assert (problem.status, problem.slug) == (400, "invalid-parameter")
    assert problem.detail == "lang: 'xx' is not one of en, es, pt."


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), ""),
        (("a", 0), "/a/0"),
        (("a/b", "~"), "/a~1b/~0"),
        (("~1",), "/~01"),
        (("",), "/"),
        (("é",), "/é"),
    ],
)
def test_pointers_are_those_of_rfc_6901(parts: tuple[str | int, ...], text: str) -> None:
    assert pointer(*parts) == text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_at_fault_is_a_503_and_tells_no_path(number: int) -> None:
    problem = of_exception(OSError(number, "No", "/srv/secret/place"))
    assert (problem.status, problem.slug) == (503, "storage-unavailable")
    assert problem.detail == "The server's disk is full, or cannot be written to; try again later."
    assert problem.headers == {"Retry-After": "30"}


@pytest.mark.parametrize("error", [ValueError("x"), FileNotFoundError(errno.ENOENT, "x"), OSError("x")])
def test_any_other_exception_is_a_500(error: Exception) -> None:
    assert of_exception(error).status == 500
