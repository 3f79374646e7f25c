"""The application as an ASGI program: routes, errors, limits, headers. `./stir app` serves it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from stir import __version__, clock
from stir.app.api import boards, content, creators, meta, problems, search, shared, why
from stir.app.api.answers import Services
from stir.app.api.limits import Limits
from stir.app.guard import Guard
from stir.app.meanings import read_definitions
from stir.app.metrics import Metrics
from stir.app.operate import api as operate_api
from stir.app.operate import costs_api, quarantine_api
from stir.app.operate import registry as operate
from stir.app.operate.access import create_operations
from stir.app.reading.cache import GZIP_FROM, AnswerCache
from stir.app.reading.pool import create_pool
from stir.app.reading.reader import Reader
from stir.app.web import site
from stir.settings import Settings

API = "/api/v1"
FREE = ("/healthz", "/readyz", "/metrics", "/static/")
"""Paths without a limit: those of the operator's own tools, and the files of every page."""
CONNECTIONS = 8
CACHE_BYTES = 64_000_000


def create_app(
    settings: Settings,
    *,
    connections: int = CONNECTIONS,
    per_minute: int = 600,
    cache_bytes: int = CACHE_BYTES,
    now: Callable[[], datetime] | None = None,
) -> FastAPI:
    """The application over the production database, read as the reader.

    `connections` bounds what it opens, `per_minute` what one client may ask, `cache_bytes` what finished answers may
    take (0 keeps none); `now` is the clock for ages.

    Raises:
        StirError: no reader is configured.
    """
    pool = create_pool(settings, connections)
    operations = create_operations(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await pool.open()
        gc.collect()
        gc.freeze()  # what is loaded by now stays; to look through it for garbage would hold an answer up
        async with operations.running():
            yield
        await pool.close()

    application = FastAPI(
        title="stir",
        version=__version__,
        description="Rankings, growth and content of creators; every answer names the generation of each table in it.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    application.state.services = Services(
        Reader(pool), AnswerCache(cache_bytes), Limits(per_minute), read_definitions(), Metrics()
    )
    application.state.operations = operations
    application.state.clock = now or (lambda: clock.now(settings))
    api = APIRouter(prefix=API)
    for module in (boards, search, creators, why, content, shared, meta):
        api.include_router(module.router)
    api.include_router(operate_api.router)
    api.include_router(quarantine_api.router)
    api.include_router(costs_api.router)
    application.include_router(api)
    application.include_router(meta.health)
    site.install(application)
    operate.install(application)
    problems.install(application, site.respond)
    application.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, compresslevel=5)
    application.add_middleware(Guard, free=FREE)  # the outer one: answers that it knows are packed already
    _declare_problems(application)
    return application


def _declare_problems(application: FastAPI) -> None:
    """Write the one shape of errors into the OpenAPI document, in the place of FastAPI's own 422."""
    document = application.openapi()
    document["components"]["schemas"]["ProblemBody"] = problems.ProblemBody.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] |= document["components"]["schemas"]["ProblemBody"].pop("$defs", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            if "401" not in operation["responses"]:
                operation["responses"].setdefault("304", {"description": "The client has this answer (If-None-Match)"})
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
