"""A stranger's plugin whose routes do to their process what their body says; jobs of it go wrong at will."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.endpoint import Call, Endpoint, Parts, Plugin
from abintel.fields import Body, Number, Text
from abintel.problem import Problem
from abintel.progress import report


class OddRequest(Body):
    act: Text = Field(description="What to do: say, sleep, die, grow, refuse, fail or warn.")
    seconds: Number = Field(0.0, description="How long to sleep.")
    mark: Text = Field("", description="A file to append to; what goes wrong does so while it is empty.")


class OddAnswer(Answer):
    said: Text = Field(description="What was asked for.")


class OddPartsRequest(Body):
    acts: Annotated[list[OddRequest], Field(min_length=1)] = Field(description="A part for each.")
    split: Text = Field("sleep", description="What to do while dividing.")
    split_seconds: Number = Field(0.0, description="How long the division takes.")
    join_seconds: Number = Field(0.0, description="How long the end takes.")
    join: Text = Field("sleep", description="What to do at the end.")
    mark: Text = Field("", description="A file to append to, for the division and for the end.")


class OddTold(BaseModel):
    said: Text = Field(description="What was asked of the part.")


class OddPartsAnswer(Answer):
    told: list[OddTold] = Field(description="What each part said.")
    place: Text = Field(description="Whether the tenant and the language came through.")


def do(act: str, seconds: float, mark: str, told: str) -> str:
    """Does it; tells the mark."""
    first = True
    if mark:
        path = Path(mark)
        first = not path.exists() or told not in path.read_text()
        with path.open("a") as file:
            file.write(f"{told}\n")
    if act == "sleep":
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            report((time.monotonic() - began) / seconds)
            time.sleep(0.02)
    if act == "die" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "grow":
        held = []
        while True:
            held.append(b"\1" * 2**22)
            time.sleep(0.01)
    if act == "refuse" and first:
        raise Problem(503, "saturated", "Not now.", headers={"Retry-After": "1"})
    if act == "fail":
        raise ValueError("canary-text")
    return f"{act} {seconds:g}"


def handle(request: Any, call: Call) -> dict[str, Any]:
    """Does what the body says."""
    return {"said": do(request.act, request.seconds, request.mark, request.act)}


def split(request: Any, call: Call) -> Sequence[bytes]:
    """A piece for each act."""
    do(request.split, request.split_seconds, request.mark, "split")
    call.warn("odd", "It was divided.")
    rows = enumerate(request.acts)
    return [orjson.dumps([place, row.act, row.seconds, row.mark]) for place, row in rows]


def work(piece: bytes, call: Call) -> bytes:
    """Does an act."""
    place, act, seconds, mark = orjson.loads(piece)
    if act == "warn":
        call.warn("odd", "A part was odd.")
        call.warn("odd", f"Part {place} was odd.")
    return do(act, seconds, mark, f"{act} {place}").encode()


def join(request: Any, results: Sequence[bytes], call: Call) -> dict[str, Any]:
    """What the parts said."""
    do(request.join, request.join_seconds, request.mark, "join")
    call.warn("odd", "It was joined.")
    told = [{"said": result.decode()} for result in results]
    return {"told": told, "place": f"{call.tenant} {call.lang} {call.now.isoformat()}"}


PLUGIN = Plugin(
    "oddjobs",
    [
        Endpoint(
            name="odd_job",
            summary="What may go wrong?",
            request=OddRequest,
            response=OddAnswer,
            handle=handle,
            examples={"plain": {"act": "say"}},
        ),
        Endpoint(
            name="odd_parts",
            summary="What may go wrong in parts?",
            request=OddPartsRequest,
            response=OddPartsAnswer,
            examples={"plain": {"acts": [{"act": "say"}, {"act": "warn"}, {"act": "warn"}]}},
            warnings={"odd": "Something odd."},
            runs_as_job=True,
            parts=Parts(split, work, join),
        ),
    ],
)
