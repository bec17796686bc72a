"""``/api/v1/models/{name}/promote``, ``reject`` and ``pin``: what a reviewer does to a model."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from abintel.decode import Decoder
from abintel.inflate import inflate
from abintel.problem import Problem
from server.credentials.audit import Actor, Entry
from server.credentials.permissions import Caller
from server.http.body import read_body
from server.http.runtime import Runtime
from server.openapi.models import REVIEWS
from server.targets import MODELS, REVIEW_BYTES


class ReviewPages:
    """The routes that review models.

    Args:
        runtime: state of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._decoders = {action: Decoder(model) for action, model in REVIEWS.items()}

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        return [
            Route(f"{MODELS}/{{name}}/{action}", functools.partial(self._answer, action), methods=["POST"])
            for action in REVIEWS
        ]

    async def _answer(self, action: str, request: Request) -> Response:
        body = await read_body(request, REVIEW_BYTES)
        if request.headers.get("content-encoding", "").strip().lower() == "gzip":
            body = inflate(body, REVIEW_BYTES)
        review = self._decoders[action].decode(body)
        origin = request.client.host if request.client is not None else ""
        work = functools.partial(
            self._review, request.state.caller, origin, action, request.path_params["name"], review
        )
        # MLflow may take seconds to time out, so it is called in a request thread.
        reviewed = await asyncio.get_running_loop().run_in_executor(self._runtime.threads, work)
        return JSONResponse(reviewed, headers={"Cache-Control": "no-store"})

    def _review(self, caller: Caller, origin: str, action: str, name: str, review: Any) -> dict[str, Any]:
        # Imported here: a server without trainable routes does not need MLflow.
        from registry.administration import Administration, UnknownModel
        from registry.answers import unavailable
        from registry.store import RegistryUnavailable

        now = self._runtime.clock()
        administration = Administration(self._runtime.settings)
        try:
            model = administration.model(name)
            if model.tenant != caller.tenant:
                raise UnknownModel(name)
            caller.permissions.check_route(model.endpoint)
            if action != "pin":
                administration.version(name, review.version)
            actor = Actor(f"credential {caller.customer_api_id}", origin)
            entry = Entry(now, *actor, _ACTIONS[action], caller.tenant, name, msgspec.to_builtins(review))
            with self._runtime.audit.recorded(entry):
                if action == "pin":
                    administration.pin(name, review.pinned)
                elif action == "promote":
                    administration.promote(name, review.version, now, review.reason)
                else:
                    administration.reject(name, review.version, review.reason)
            model = administration.model(name)
        except UnknownModel:
            raise Problem(404, "no-such-model", "There is no such model, or no such version of it.") from None
        except RegistryUnavailable as error:
            raise unavailable(error) from error
        return {
            "name": name,
            "champion": model.champion,
            "challenger": model.challenger,
            "pinned": model.pinned,
            "rejected": [version.number for version in model.versions if version.rejected],
        }


_ACTIONS = {"promote": "model promoted", "reject": "model rejected", "pin": "model pinned or unpinned"}
