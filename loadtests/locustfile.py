"""Users that call every discovered endpoint with its own examples, in turn, each from another place on.

``loadtests/run.py`` starts locust with the credential in the environment.
"""

from __future__ import annotations

import itertools
import json
import os

import gevent
from locust import FastHttpUser, constant_pacing, task

from abintel.discovery import discover
from abintel.endpoint import Document
from abintel.settings import Settings
from loadtests.judge import TURNED_AWAY

SECONDS_BETWEEN_REQUESTS = 0.1
"""Per user: the rate is the users', not the server's, as long as it keeps up."""

ROUNDS_PER_DOCUMENT = 10
"""A document is asked for now and then, by a person; it is called once in so many rounds."""


def _calls(of_documents: bool) -> list[tuple[str, str, bytes]]:
    return [
        (endpoint.name, endpoint.route, json.dumps(body).encode())
        for endpoint in discover(Settings.from_environment().plugins).endpoints
        for body in endpoint.examples.values()
        if isinstance(endpoint.response, Document) == of_documents
    ]


CALLS = _calls(False) * ROUNDS_PER_DOCUMENT + _calls(True)
HEADERS = {
    "X-Customer-Api-Id": os.environ["LOAD_CUSTOMER_API_ID"],
    "X-Secret": os.environ["LOAD_SECRET"],
    "Content-Type": "application/json",
}
_places = itertools.count()
# The imports above took seconds that gevent's clock has not seen; they would count as run time.
gevent.get_hub().loop.update_now()


class Caller(FastHttpUser):
    """Goes round all examples, ten requests a second."""

    wait_time = constant_pacing(SECONDS_BETWEEN_REQUESTS)
    connection_timeout = 10
    network_timeout = 150

    def on_start(self) -> None:
        """Chooses where to begin."""
        # Far apart, so that the documents are not asked for by all at once.
        self.next_call = next(_places) * 97 % len(CALLS)

    @task
    def call(self) -> None:
        """The next example."""
        name, route, body = CALLS[self.next_call % len(CALLS)]
        self.next_call += 1
        with self.client.post(
            route, data=body, headers=HEADERS, name=name, catch_response=True, allow_redirects=False
        ) as response:
            if response.status_code in (429, 503):
                response.request_meta["name"] = name + TURNED_AWAY
                response.success()
            # 202: of a route that is a job, its submission is what is measured.
            elif response.status_code not in (200, 202):
                response.failure(f"{response.status_code}: {(response.text or '')[:300]}")
