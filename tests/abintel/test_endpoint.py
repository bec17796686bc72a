from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from abintel.answer import Answer
from abintel.endpoint import Call, Endpoint, NoModels, Parts, no_check
from abintel.fields import Body
from abintel.progress import listen, report


class EmptyRequest(Body):
    pass


class EmptyAnswer(Answer):
    pass


def endpoint(name: str = "customer_rfm", **more: Any) -> Endpoint:
    given = {"examples": {"first": {"a": 1}, "second": {}}, **more}
    return Endpoint(name, "A question.", EmptyRequest, EmptyAnswer, lambda request, call: {}, **given)


def test_a_name_gives_route_and_title() -> None:
    assert endpoint().route == "/api/v1/ai/customer_rfm"
    assert endpoint().title == "CustomerRfm"
    assert endpoint().example == {"a": 1}


@pytest.mark.parametrize("name", ["nps", "forecast_units_asyncio", "a1", "a" * 63])
def test_lower_case_letters_digits_and_underscores_are_a_name(name: str) -> None:
    assert endpoint(name).name == name


@pytest.mark.parametrize("name", ["", "a", "1a", "_a", "Nps", "a-b", "a/b", "a b", "nps\n", "é1", "a" * 64])
def test_anything_else_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="a name is lower case letters, digits and _") as raised:
        endpoint(name)
    assert str(raised.value).startswith(f"endpoint {name!r}: ")


def test_an_endpoint_without_an_example_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^endpoint 'nps' has no example$"):
        endpoint("nps", examples={})


def test_a_call_knows_the_day_and_collects_remarks() -> None:
    now = datetime.datetime(2026, 3, 1, 23, 59, tzinfo=datetime.UTC)
    call, other = Call("acme", now), Call("acme", now)
    call.warn("few", "Few rows.")
    assert call.today == datetime.date(2026, 3, 1)
    assert call.warnings == [{"code": "few", "message": "Few rows."}]
    assert other.warnings == []
    assert list(no_check(None, call)) == []


def test_an_endpoint_that_does_not_learn_has_no_models() -> None:
    with pytest.raises(LookupError, match="declares no trainable model"):
        NoModels().serve(None)


def in_parts(**given: Any) -> Endpoint:
    """An endpoint that counts the letters of three words, one by one."""

    def split(request: Any, call: Call) -> list[bytes]:
        call.warn("odd", "Three words.")
        return [b"one", b"three", b"seven"]

    def work(piece: bytes, call: Call) -> bytes:
        call.warn("odd", f"{len(piece)} letters.")
        report(0.5)
        return str(len(piece)).encode()

    def join(request: Any, results: Sequence[bytes], call: Call) -> dict[str, Any]:
        call.warn("odd", "Three words.")
        return {"letters": [int(result) for result in results]}

    more = {
        "examples": {"first": {}},
        "warnings": {"odd": "Odd."},
        "parts": Parts(split, work, join),
        **given,
    }
    return Endpoint("letters", "How many?", EmptyRequest, EmptyAnswer, **more)


def test_an_endpoint_in_parts_answers_in_one_process_and_says_each_remark_once() -> None:
    call, heard = Call("acme", datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)), []
    with listen(heard.append):
        assert in_parts().handle(None, call) == {"letters": [3, 5, 5]}
    assert [remark["message"] for remark in call.warnings] == ["Three words.", "3 letters.", "5 letters."]
    assert heard == pytest.approx([1 / 6, 3 / 6, 5 / 6])


def test_an_endpoint_has_a_handler_or_parts_and_not_both() -> None:
    wanted = r"^endpoint 'letters' needs `handle` or `parts`, and not both$"
    with pytest.raises(ValueError, match=wanted):
        in_parts(parts=None)
    with pytest.raises(ValueError, match=wanted):
        in_parts(handle=lambda request, call: {})
    assert dataclasses.replace(in_parts(), name="again").handle is not None
