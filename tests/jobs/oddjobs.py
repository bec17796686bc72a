"""A stranger's plugin whose one route does to its process what its body says; jobs of it go wrong at will."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from pydantic import Field

from abintel.answer import Answer
from abintel.endpoint import Call, Endpoint, Plugin
from abintel.fields import Body, Number, Text
from abintel.problem import Problem
from abintel.progress import report


class OddRequest(Body):
    act: Text = Field(description="What to do: say, sleep, die, grow, refuse or fail.")
    seconds: Number = Field(0.0, description="How long to sleep.")
    mark: Text = Field("", description="A file to append to; what goes wrong does so while it is empty.")


class OddAnswer(Answer):
    said: Text = Field(description="What was asked for.")


def handle(request: Any, call: Call) -> dict[str, Any]:
    """Does it."""
    first = True
    if request.mark:
        mark = Path(request.mark)
        first = not mark.exists()
        with mark.open("a") as file:
            file.write(f"{request.act}\n")
    if request.act == "sleep":
        began = time.monotonic()
        while time.monotonic() - began < request.seconds:
            report((time.monotonic() - began) / request.seconds)
            time.sleep(0.02)
    if request.act == "die" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    if request.act == "grow":
        held = []
        while True:
            held.append(b"\1" * 2**22)
            time.sleep(0.01)
    if request.act == "refuse" and first:
        raise Problem(503, "saturated", "Not now.", headers={"Retry-After": "1"})
    if request.act == "fail":
        raise ValueError("canary-text")
    return {"said": f"{request.act} {request.seconds:g}"}


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
        )
    ],
)
