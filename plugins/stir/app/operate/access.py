"""Who asks: a token in `Authorization: Bearer`, or a browser's session; and what they may not do."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

import psycopg
from fastapi import Request
from psycopg_pool import PoolTimeout

from stir.app.api.answers import client
from stir.app.api.problems import Problem
from stir.app.operate.commands import Commands
from stir.app.operate.jobs import Supervisor
from stir.app.operate.people import People, Person, read_people
from stir.app.operate.store import Store
from stir.settings import Settings

COOKIE = "stir_session"
_log = logging.getLogger("stir.app")


@dataclass(frozen=True)
class Operations:
    """What the operators' routes work with; there is a store where somebody has a token."""

    people: People
    store: Store | None = None
    supervisor: Supervisor | None = None
    commands: Commands | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The part, usable while the block runs; jobs that still run at its end are interrupted."""
        if self.store is None or self.supervisor is None:
            yield
            return
        async with self.store.opened():
            yield
            await self.supervisor.stop()


def create_operations(settings: Settings) -> Operations:
    """The operators' part; without a token of anybody it opens no connection that could write.

    Raises:
        StirError: a token is not usable, or no writer is configured.
    """
    readers, operators = settings.app_readers, settings.app_operators
    people = read_people(
        readers.get_secret_value() if readers else None, operators.get_secret_value() if operators else None
    )
    if not people.tokens:
        return Operations(people)
    store = Store(settings)
    return Operations(people, store, Supervisor(store, settings), Commands(settings))


def operations(request: Request) -> Operations:
    """The operators' part of the application that a request came to."""
    found: Operations = request.app.state.operations
    return found


def store(request: Request) -> Store:
    """The store, for somebody who is known.

    Raises:
        Problem: 401, nobody has a token here.
    """
    found = operations(request).store
    if found is None:
        raise _closed()
    return found


def commands(request: Request) -> Commands:
    """The commands, for somebody who is known.

    Raises:
        Problem: 401, nobody has a token here.
    """
    found = operations(request).commands
    if found is None:
        raise _closed()
    return found


def bearer(request: Request) -> Person | None:
    """Whose token the request has."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return operations(request).people.of_token(token.strip()) if scheme.lower() == "bearer" and token else None


def session_of(request: Request) -> str:
    """The value of the session's cookie; empty without one."""
    try:
        cookies = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


async def note_refusal(request: Request) -> None:
    """Write into the audit log that a token was not known. A database that is away refuses nobody otherwise."""
    found = operations(request).store
    if found is None:
        return
    try:
        await found.note_refusal(client(request))
    except (psycopg.Error, PoolTimeout) as error:
        _log.warning("a token that is not known was not noted (%s)", type(error).__name__)


async def viewer(request: Request) -> Person:
    """Whoever has a token; for programs. The audit log says who came with one that is not known.

    Raises:
        Problem: 401, the request has none that is known.
    """
    if not operations(request).people.tokens:
        raise _closed()
    person = bearer(request)
    if person is None:
        if request.headers.get("authorization"):
            await note_refusal(request)
        raise Problem(
            401,
            "this needs a token: send Authorization: Bearer TOKEN",
            kind="token-needed",
            headers={"WWW-Authenticate": 'Bearer realm="stir"'},
        )
    return person


async def operator(request: Request) -> Person:
    """An operator; for programs.

    Raises:
        Problem: 401 without a known token; 403, the token is of somebody who may only look.
    """
    return must_operate(await viewer(request))


def must_operate(person: Person) -> Person:
    """The person, who may act.

    Raises:
        Problem: 403, the person may only look.
    """
    if person.role != "operator":
        raise Problem(403, f"{person.name} may look and not act; ask an operator", kind="operators-only")
    return person


def _closed() -> Problem:
    return Problem(
        401,
        "the operators' part is closed, for nobody has a token: start with STIR_APP_OPERATORS=name:token",
        kind="closed",
        headers={"WWW-Authenticate": 'Bearer realm="stir"'},
    )
