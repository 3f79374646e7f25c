"""Routes about the data: how fresh each table is, what each number means, and whether the application is healthy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from stir.app.api import schemas
from stir.app.api.answers import Services, envelope, serve, services
from stir.app.api.exports import wanted
from stir.app.api.parameters import Id, NoQuery
from stir.app.api.problems import as_problem, unknown_value
from stir.app.reading.generations import Generations

router = APIRouter(tags=["data"])
health = APIRouter(tags=["health"])
TOO_OLD = 3
"""Readiness gives up on a table whose data is older than so many times what is promised."""


async def read_freshness(using: Services, now: datetime) -> dict[str, Any]:
    """Each published table with the age of its data and what is promised, and the announced changes of columns."""
    tables, changes = (msgspec.json.decode(text) for text in await using.reader.freshness())
    promised: Mapping[str, Any] = using.definitions["tables"]
    return {
        "now": now.isoformat(timespec="seconds"),
        "tables": [_freshness_of(table, promised.get(table["table_name"], {}), now) for table in tables],
        "missing": sorted(promised.keys() - {table["table_name"] for table in tables}),
        "changes": changes,
    }


def _freshness_of(table: Mapping[str, Any], known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    published = _age(table["published_at"], now)
    data = _age(table["watermark"], now)
    within, data_within = known.get("published_within_hours"), known.get("data_within_hours")
    late = [
        words
        for words, age, bound in (("not published in time", published, within), ("the data is old", data, data_within))
        if bound is not None and age is not None and age > timedelta(hours=bound)
    ]
    return {
        "table": table["table_name"],
        "title": known.get("title", table["table_name"]),
        "generation": table["generation"],
        "event": table["event"],
        "rows": table["rows"],
        "mode": table["mode"],
        "published_at": table["published_at"],
        "watermark": table["watermark"],
        "feeds": table["feeds"] or {},
        "published_age_seconds": _seconds(published),
        "data_age_seconds": _seconds(data),
        "promised": None if within is None else {"published_within_hours": within, "data_within_hours": data_within},
        "stale": late,
    }


def _age(moment: str | None, now: datetime) -> timedelta | None:
    if moment is None:
        return None
    read = datetime.fromisoformat(moment)
    return now - (read if read.tzinfo else read.replace(tzinfo=UTC))


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else round(age.total_seconds())


@router.get("/freshness", response_model=schemas.Freshness, responses=schemas.PROBLEMS)
async def freshness(request: Request, query: Annotated[NoQuery, Query()]) -> Response:
    """How old each published table and its data is, against what is promised; and what will change."""
    wanted(request)
    found = await read_freshness(services(request), request.app.state.clock())
    body = envelope(found, Generations({}))
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.get("/definitions", response_model=schemas.Definitions, responses=schemas.PROBLEMS)
async def definitions(request: Request, query: Annotated[NoQuery, Query()]) -> Response:
    """What every number of every published table means: formula, unit, window, and when it is unknown."""
    return await _defined(request, using_all=True)


@router.get("/definitions/{table}", response_model=schemas.Definitions, responses=schemas.PROBLEMS)
async def definition(request: Request, table: Id, query: Annotated[NoQuery, Query()]) -> Response:
    """What every number of one published table means."""
    known = services(request).definitions["tables"]
    if table not in known:
        raise unknown_value("table", table, known, status=404)
    return await _defined(request, table=table)


async def _defined(request: Request, *, using_all: bool = False, table: str = "") -> Response:
    tables = services(request).definitions["tables"]
    chosen = tables if using_all else {table: tables[table]}

    async def make() -> tuple[Generations, bytes]:
        return Generations({}), envelope(chosen, Generations({}))

    return await serve(request, tables=[], parameters={"table": table}, make=make)


@health.get("/healthz", include_in_schema=False)
async def healthz() -> JSONResponse:
    """Whether the process answers."""
    return JSONResponse({"status": "ok"})


@health.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Requests, seconds and cache, for Prometheus."""
    page, media_type = services(request).metrics.page()
    return Response(page, media_type=media_type)


@health.get("/readyz", include_in_schema=False)
async def readyz(request: Request) -> JSONResponse:
    """Whether every table can be read, is published by swaps that readers can lock, and is not far too old."""
    using = services(request)
    try:
        found = await read_freshness(using, request.app.state.clock())
    except Exception as error:
        return JSONResponse({"status": "unavailable", "reasons": [as_problem(error).detail]}, 503)
    reasons = [f"{table} is not published" for table in found["missing"]]
    for table in found["tables"]:
        bound, age = (table["promised"] or {}).get("data_within_hours"), table["data_age_seconds"]
        if bound is not None and age is not None and age > TOO_OLD * bound * 3600:
            reasons.append(f"the data of {table['table']} is {age // 3600} hours old; {bound} are promised")
        if table["mode"] == "schema":
            reasons.append(f"{table['table']} is swapped in mode schema, which no lock of a reader holds back")
    return JSONResponse({"status": "unavailable" if reasons else "ok", "reasons": reasons}, 503 if reasons else 200)
