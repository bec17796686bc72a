"""The obvious server: ``python -m benchmarks.obvious.app PORT``."""

from __future__ import annotations

import sys
import warnings

import uvicorn
from fastapi import FastAPI

from benchmarks.obvious import (
    clv,
    customer,
    forecast,
    pricing,
    propensity,
    recommendation,
    segmentation,
    uplift,
    zoo,
)

ROUTERS = (
    customer.router,
    clv.router,
    segmentation.router,
    recommendation.router,
    pricing.router,
    propensity.router,
    uplift.router,
    forecast.router,
)


def app() -> FastAPI:
    """All routes, at the addresses of ours."""
    served = FastAPI()
    for router in ROUTERS:
        served.include_router(router, prefix="/api/v1/ai")

    @served.get("/readyz")
    def ready() -> dict[str, bool]:
        return {"ready": True}

    return served


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the libraries, on today's pandas
    zoo.warm()
    uvicorn.run(app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
