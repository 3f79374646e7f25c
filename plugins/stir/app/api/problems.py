"""Errors as clients see them: `application/problem+json` (RFC 9457), one shape for every status."""

from __future__ import annotations

import difflib
import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolTimeout, TooManyRequests
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
NEAREST = 3
TITLES = {
    400: "The request is not usable",
    401: "This needs a token",
    403: "You may not do this",
    404: "There is no such thing",
    405: "This method is not allowed here",
    406: "None of the wanted formats can be given",
    409: "Something else is under way",
    410: "This page is of rows that are gone",
    429: "Too many requests",
    500: "Something went wrong on this side",
    503: "The answer cannot be given now",
}
_log = logging.getLogger("stir.app")


class Fault(BaseModel):
    """One parameter that is wrong."""

    parameter: str
    value: str | None = None
    message: str
    allowed: list[str] = Field(default_factory=list, description="Values that are allowed, the nearest ones first")


class ProblemBody(BaseModel):
    """An error, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[Fault] = Field(default_factory=list)
    restart: str | None = Field(None, description="Where the listing begins again, when a cursor's rows are gone")


class Problem(Exception):
    """An error that a route answers.

    Attributes:
        status: of HTTP. detail: one sentence: what is wrong and what to do. errors: the parameters that are wrong.
        kind: last part of the problem's type. headers: of the answer. extra: further members of the body.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.status, self.detail, self.kind = status, detail, kind or str(status)
        self.errors, self.headers, self.extra = list(errors), dict(headers or {}), extra
        super().__init__(detail)


def unknown_value(parameter: str, value: str, allowed: Iterable[str], status: int = 400) -> Problem:
    """The 400 for a value that is not one of those allowed (404 for a name in a path); the nearest three come first."""
    known = sorted(allowed)
    near = difflib.get_close_matches(value, known, n=NEAREST, cutoff=0.5)
    ordered = near + [name for name in known if name not in near]
    advice = (
        f"did you mean {near[0]}?" if near else f"one of {len(known)} values is allowed" if known else "leave it out"
    )
    fault = Fault(parameter=parameter, value=value[:200], message=f"unknown value; {advice}", allowed=ordered)
    return Problem(status, f"{parameter} has an unknown value; {advice}", kind="unknown-value", errors=[fault])


def unavailable(detail: str, kind: str = "unavailable") -> Problem:
    """The 503 for what works again soon."""
    return Problem(503, detail, kind=kind, headers={"Retry-After": str(RETRY_SECONDS)})


def of_database(error: Exception) -> Problem | None:
    """What an error of the database means to a client; None for an error that nobody expects."""
    if isinstance(error, psycopg.errors.UndefinedTable):
        # The message is `relation "leaderboard" does not exist`; the rest of it is nobody's business.
        name = str(error).partition('relation "')[2].partition('"')[0] or "a table"
        return unavailable(f"{name} is not published yet; publish it with ./stir publish", "not-published")
    if isinstance(error, psycopg.errors.UndefinedColumn):
        return unavailable(
            "a table has not the columns of this version yet; publish it again with ./stir publish", "not-published"
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return unavailable("the application may not read a table; publish it again, which grants this", "not-readable")
    if isinstance(error, (PoolTimeout, TooManyRequests)):
        return unavailable("every connection to the database is in use; try again", "busy")
    if isinstance(error, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)):
        return unavailable("the database took too long; try again, or ask for less", "slow")
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return unavailable("the database is away; try again", "database-away")
    if isinstance(error, psycopg.DataError):
        return Problem(400, "a parameter has a value that the database cannot take", kind="unusable-value")
    return None


def respond(request: Request, problem: Problem) -> Response:
    """The problem as an answer to a program."""
    body = ProblemBody(
        type=f"urn:stir:problem:{problem.kind}",
        title=TITLES.get(problem.status, "Error"),
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        request_id=request_id(request),
        errors=problem.errors,
        **problem.extra,
    )
    return Response(
        json.dumps(body.model_dump(exclude_none=True), ensure_ascii=False),
        problem.status,
        {"Cache-Control": "no-store", **problem.headers, "X-Request-ID": request_id(request)},
        MEDIA_TYPE,
    )


def request_id(request: Request) -> str:
    """The id of a request, which its answer names and the log, too."""
    found: str = request.scope.get("request_id") or secrets.token_hex(16)
    request.scope["request_id"] = found
    return found


def from_validation(error: RequestValidationError) -> Problem:
    """The 400 for parameters that do not fit their declaration; the 404 for a place in the path that there is not."""
    faults = [
        Fault(
            parameter=".".join(str(part) for part in entry["loc"][1:]) or str(entry["loc"][0]),
            value=None if entry.get("input") is None else str(entry["input"])[:200],
            message="unknown parameter" if entry["type"] == "extra_forbidden" else str(entry["msg"]),
            allowed=_allowed(entry),
        )
        for entry in error.errors()
    ]
    first = faults[0]
    if all(entry["loc"][0] == "path" for entry in error.errors()):
        return Problem(404, f"{first.parameter}: {first.message}", kind="no-such-place", errors=faults)
    return Problem(400, f"{first.parameter}: {first.message}", kind="bad-parameter", errors=faults)


def _allowed(entry: Mapping[str, Any]) -> list[str]:
    expected = str(entry.get("ctx", {}).get("expected", "")) if entry["type"] in ("literal_error", "enum") else ""
    known = [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]
    near = difflib.get_close_matches(str(entry.get("input")), known, n=NEAREST, cutoff=0.5)
    return near + [name for name in known if name not in near]


def as_problem(error: Exception) -> Problem:
    """Any error as a problem; what nobody expects is logged and says nothing of itself."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return from_validation(error)
    if isinstance(error, HTTPException):
        details = {404: "there is no such page; /api/v1/openapi.json lists the routes", 405: "use GET"}
        return Problem(error.status_code, details.get(error.status_code, str(error.detail)), headers=error.headers)
    if found := of_database(error):
        return found
    return Problem(500, "this is our fault; tell the operators the request_id", kind="internal")


def answer(request: Request, error: Exception, respond_in: Callable[[Request, Problem], Response]) -> Response:
    """The answer to any error; the log has what nobody expected, with its traceback."""
    problem = as_problem(error)
    if problem.status == 500:
        _log.error("request %s to %s failed", request_id(request), request.url.path, exc_info=error)
    return respond_in(request, problem)


def install(application: FastAPI, respond_in: Callable[[Request, Problem], Response]) -> None:
    """Answer every known error with a problem, in the form that `respond_in` chooses; Guard answers the others."""

    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, error, respond_in)

    for kind in (Problem, RequestValidationError, HTTPException, psycopg.Error, PoolTimeout, TooManyRequests):
        application.add_exception_handler(kind, handle)
