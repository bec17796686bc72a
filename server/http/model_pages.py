"""``/api/v1/models``: a tenant's trained models with their quality, expiry and MLflow page."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from abintel.problem import Problem, bad_parameter
from server.credentials.permissions import Caller
from server.http.runtime import Runtime
from server.targets import MODELS

MAX_LISTED = 200
_PAGE = re.compile(r"[A-Za-z0-9+/=_\-]{1,200}")


class ModelPages:
    """The route that lists models.

    Args:
        runtime: state of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._measures = {
            endpoint.name: endpoint.trainable.measure
            for endpoint in runtime.roster.endpoints
            if endpoint.trainable is not None
        }

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        return [Route(MODELS, self._list, methods=["GET"])]

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        limit, page = query.get("limit", "50"), query.get("page")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_LISTED:
            raise bad_parameter("limit", f"wanted is a whole number from 1 to {MAX_LISTED}.")
        if page is not None and not _PAGE.fullmatch(page):
            raise _no_such_page()
        look = functools.partial(self._listed, request.state.caller, int(limit), page)
        # MLflow may take seconds to time out, so it is called in a request thread.
        listing = await asyncio.get_running_loop().run_in_executor(self._runtime.threads, look)
        return JSONResponse(listing, headers={"Cache-Control": "no-store"})

    def _listed(self, caller: Caller, limit: int, page: str | None) -> dict[str, Any]:
        runtime = self._runtime
        if not runtime.learns:
            return {"models": [], "next": None}
        # Imported here: a server without trainable routes does not need MLflow.
        from registry.answers import unavailable
        from registry.listing import listed
        from registry.store import RegistryUnavailable

        try:
            models, next_page = listed(runtime.registry.store, caller.tenant, limit, page)
        except ValueError:
            raise _no_such_page() from None
        except RegistryUnavailable as error:
            raise unavailable(error) from error
        covers = caller.permissions.covers
        described = [self._described(model) for model in models if covers(model.endpoint)]
        return {"models": described, "next": next_page}

    def _described(self, model: Any) -> dict[str, Any]:
        from registry.listing import page_of_mlflow
        from registry.store import stamp

        version, measure = model.version, self._measures.get(model.endpoint, "quality")
        return {
            "name": version.name,
            "endpoint": model.endpoint,
            "scope": dict(model.scope),
            "version": version.number,
            "role": model.role,
            "algorithm": model.algorithm,
            "quality": None if measure is None else {"name": measure, "value": round(version.quality, 6)},
            "rows": version.rows,
            "trained_at": stamp(version.trained_at),
            "expires_at": stamp(version.expires_at),
            "expired": self._runtime.clock() >= version.expires_at,
            "rejected": version.rejected,
            "pinned": model.pinned,
            "url": page_of_mlflow(self._runtime.settings.mlflow_pages, version),
        }


def _no_such_page() -> Problem:
    return bad_parameter("page", "wanted is `next` of the page before.")
