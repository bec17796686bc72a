"""The tenant's trained models over HTTP: which there are, how good, until when, and where to review them."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from abintel.problem import Problem, bad_parameter
from server.http.runtime import Runtime
from server.targets import MODELS

MAX_LISTED = 200
_PAGE = re.compile(r"[A-Za-z0-9+/=_\-]{1,200}")


class ModelPages:
    """The route that has to do with models.

    Args:
        runtime: of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._measures = {
            endpoint.name: endpoint.trainable.measure
            for endpoint in runtime.roster.endpoints
            if endpoint.trainable is not None
        }

    def routes(self) -> list[Route]:
        """All of them, for the application."""
        return [Route(MODELS, self._list, methods=["GET"])]

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        limit, page = query.get("limit", "50"), query.get("page")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_LISTED:
            raise bad_parameter("limit", f"wanted is a whole number from 1 to {MAX_LISTED}.")
        if page is not None and not _PAGE.fullmatch(page):
            raise _no_such_page()
        look = functools.partial(self._listed, request.state.tenant, int(limit), page)
        # MLflow may take its seconds to give up; the event loop and its own threads must not wait for it.
        found = await asyncio.get_running_loop().run_in_executor(self._runtime.threads, look)
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    def _listed(self, tenant: str, limit: int, page: str | None) -> dict[str, Any]:
        runtime = self._runtime
        if not runtime.learns:
            return {"models": [], "next": None}
        # Imported here: a server whose routes learn nothing does without MLflow.
        from registry.listing import listed
        from registry.store import RegistryUnavailable

        try:
            models, following = listed(runtime.registry.store, tenant, limit, page)
        except ValueError:
            raise _no_such_page() from None
        except RegistryUnavailable as error:
            raise Problem(
                503,
                "registry-unavailable",
                "The model registry does not answer; try again.",
                headers={"Retry-After": "10"},
            ) from error
        return {"models": [self._described(one) for one in models], "next": following}

    def _described(self, one: Any) -> dict[str, Any]:
        from registry.listing import page_of_mlflow
        from registry.store import stamp

        version, measure = one.version, self._measures.get(one.endpoint, "quality")
        return {
            "name": version.name,
            "endpoint": one.endpoint,
            "scope": dict(one.scope),
            "version": version.number,
            "role": one.role,
            "algorithm": one.algorithm,
            "quality": None if measure is None else {"name": measure, "value": round(version.quality, 6)},
            "rows": version.rows,
            "trained_at": stamp(version.trained_at),
            "expires_at": stamp(version.expires_at),
            "expired": self._runtime.clock() >= version.expires_at,
            "rejected": version.rejected,
            "pinned": one.pinned,
            "url": page_of_mlflow(self._runtime.settings.mlflow_pages, version),
        }


def _no_such_page() -> Problem:
    return bad_parameter("page", "wanted is `next` of the page before.")
