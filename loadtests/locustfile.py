"""Interactive, training and bulk users, in the shape that the environment names.

``loadtests/run.py`` starts locust with the credential, the shape and a folder for reports in the environment.
"""

from __future__ import annotations

import csv
import itertools
import os
import time
from pathlib import Path
from typing import Any

import gevent
import gevent.pool
from locust import FastHttpUser, LoadTestShape, constant_pacing, events, task
from locust.env import Environment
from locust.runners import MasterRunner

from loadtests.bodies import BULKS, TRAININGS, Sent, bulk, examples, training
from loadtests.judge import TURNED_AWAY, read_objectives
from loadtests.phases import PHASES, REQUESTS
from loadtests.shapes import OVERLOAD, RATE, SHAPES, Overload, Shape

SECONDS_BETWEEN_TRAININGS = 10.0
SECONDS_BETWEEN_BULKS = 3.0
MOST_UNDER_WAY = 20
"""The most open requests of one interactive user: those of two seconds."""
GOLDEN = 0.618034
"""The offset between the first examples of two users, so that no two users send the same requests."""
LAST_SECONDS = 10.0
"""How long a stopping user waits for its last answers."""

CALLS = examples()
HEADERS = {
    "X-Customer-Api-Id": os.environ["LOAD_CUSTOMER_API_ID"],
    "X-Secret": os.environ["LOAD_SECRET"],
    "Content-Type": "application/json",
}
USERS = int(os.environ["LOAD_USERS"])
REPORTS = Path(os.environ["LOAD_REPORTS"])
SECONDS = float(os.environ["LOAD_SECONDS"])
BESIDE = int(os.environ["LOAD_BESIDE"])
"""The number of training users, and of bulk users."""
SEEDS = itertools.count(os.getpid() * 1_000_000)
_places = itertools.count()
# The imports above took seconds that gevent's clock has not noticed. They would count as run time.
gevent.get_hub().loop.update_now()


class Caller(FastHttpUser):
    """Sends the next request of its class."""

    abstract = True
    connection_timeout = 10
    network_timeout = 150

    def send(self, sent: Sent) -> None:
        """Sends one request. 429 and 503 are counted separately; any other error is a failure."""
        with self.client.post(
            sent.path,
            data=sent.body,
            headers=HEADERS,
            name=sent.name,
            catch_response=True,
            allow_redirects=False,
        ) as response:
            if response.status_code in (429, 503):
                if response.headers is not None and response.headers.get("Retry-After"):
                    response.request_meta["name"] = sent.name + TURNED_AWAY
                    response.success()
                else:
                    response.failure(f"{response.status_code} without Retry-After")
            # 202: for a route that runs as a job, the submission is measured.
            elif response.status_code not in (200, 202):
                response.failure(f"{response.status_code}: {(response.text or '')[:300] or response.error}")


class Interactive(Caller):
    """Cycles through all examples at ten requests a second, in an open loop.

    A user who waits for his answer sends less when the server is slow: so many more than it can answer would
    never come. This one does when it owes him two seconds' answers.
    """

    wait_time = constant_pacing(1 / RATE)
    concurrency = MOST_UNDER_WAY

    def on_start(self) -> None:
        """Chooses the first example."""
        self.under_way = gevent.pool.Pool(MOST_UNDER_WAY)
        self.next_call = round(next(_places) * GOLDEN * len(CALLS)) % len(CALLS)

    @task
    def call(self) -> None:
        """The next example."""
        self.under_way.spawn(self.send, CALLS[self.next_call % len(CALLS)])
        self.next_call += 1

    def on_stop(self) -> None:
        """Waits for the last answers."""
        self.under_way.join(LAST_SECONDS)


class Training(Caller):
    """Trains a model on new data every ten seconds."""

    wait_time = constant_pacing(SECONDS_BETWEEN_TRAININGS)
    # Locust treats a fixed count of 0 as no fixed count.
    abstract = not BESIDE
    fixed_count = BESIDE

    def on_start(self) -> None:
        """Starts with the first route."""
        self.routes = itertools.cycle(TRAININGS)

    @task
    def train(self) -> None:
        """The next route."""
        self.send(training(next(self.routes), next(SEEDS)))


class Bulk(Caller):
    """Sends a body of megabytes every three seconds."""

    wait_time = constant_pacing(SECONDS_BETWEEN_BULKS)
    # Locust treats a fixed count of 0 as no fixed count.
    abstract = not BESIDE
    fixed_count = BESIDE

    def on_start(self) -> None:
        """Makes the bodies once, because making them takes longer than answering them."""
        self.bodies = itertools.cycle([bulk(route) for route in BULKS])

    @task
    def call(self) -> None:
        """The next body."""
        self.send(next(self.bodies))


class Shaped(LoadTestShape):
    """The shape that the environment names. It records the start of each phase."""

    def __init__(self) -> None:
        super().__init__()
        name = os.environ["LOAD_SHAPE"]
        if name == OVERLOAD:
            self._at: Shape = Overload(USERS, RATE, self._in_time)
            self._objectives = read_objectives(Path(os.environ["LOAD_SLO"]))
        else:
            self._at = SHAPES[name](USERS, SECONDS)
        self._phase = ""

    def _in_time(self) -> int:
        entries = self.runner.stats.entries.values() if self.runner is not None else ()
        found = 0
        for entry in entries:
            objective = self._objectives.get(entry.name)
            if objective is not None:
                of_each = entry.response_times.items()
                found += sum(count for ms, count in of_each if ms is not None and ms <= objective.p95_ms)
        return found

    def tick(self) -> tuple[int, float] | None:
        """Users and how many may start in a second."""
        moment = self._at(self.get_run_time())
        if moment is None:
            return None
        if moment.phase != self._phase:
            self._phase = moment.phase
            with (REPORTS / PHASES).open("a", encoding="utf-8", newline="") as file:
                csv.writer(file).writerow((f"{time.time():.3f}", moment.phase, moment.users))
        return moment.users + 2 * BESIDE, max(1.0, float(moment.users))


@events.init.add_listener
def keep_requests(environment: Environment, **_: Any) -> None:
    """Writes a line per request, for statistics per phase."""
    if isinstance(environment.runner, MasterRunner):
        return  # its workers do
    # One file per process, closed explicitly, because locust kills its processes.
    file = (REPORTS / f"{REQUESTS}-{os.getpid()}.csv").open("w", encoding="utf-8", newline="", buffering=1)
    lines = csv.writer(file)

    def keep(name: str, response_time: float, exception: Any, **_: Any) -> None:
        lines.writerow((f"{time.time():.3f}", name, f"{response_time:.2f}", int(exception is not None)))

    environment.events.request.add_listener(keep)
    environment.events.quitting.add_listener(lambda **_: file.close())
