"""How an operators' page is made: who is signed in, its navigation, and forms that no other site can send."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from stir.app.api.problems import Problem
from stir.app.operate.access import operations, session_of
from stir.app.operate.people import Person
from stir.app.operate.registry import SECTIONS
from stir.app.reading.generations import Generations
from stir.app.web.page import HTML, render

HEADERS = {"Cache-Control": "no-store"}
MOST_BYTES = 10_000


def signed_in(request: Request) -> Person | None:
    """Whose browser it is."""
    return operations(request).people.of_session(session_of(request))


def to_login(request: Request) -> Response:
    """To the page that asks for the token, and from there back."""
    return RedirectResponse(f"/operate/login?to={quote(request.url.path)}", 303)


def show(
    request: Request,
    template: str,
    section: str,
    person: Person | None,
    status: int = 200,
    generations: Generations | None = None,
    **values: Any,
) -> Response:
    """A page; `section` is the path whose place in the operators' navigation is marked."""
    token = operations(request).people.form_token(session_of(request)) if person else ""
    body = render(
        f"operate/{template}",
        "/operate",
        generations,
        person=person,
        operate_sections=[(one.path, one.words) for one in SECTIONS],
        operate_section=section,
        form_token=token,
        **values,
    )
    return Response(body, status, HEADERS, HTML)


async def read_form(request: Request, most_bytes: int = MOST_BYTES) -> dict[str, str]:
    """The fields of a form that a page of this session had.

    Raises:
        Problem: 400, the form is too long; 403, it is of another session or site.
    """
    fields = await _fields(request, most_bytes)
    token = operations(request).people.form_token(session_of(request))
    if not hmac.compare_digest(token.encode(), fields.get("token", "").encode()):
        raise Problem(403, "this form is of another session; load the page again", kind="form-too-old")
    return fields


async def read_login(request: Request) -> str:
    """The token that somebody signs in with.

    Raises:
        Problem: 400, the form is too long.
    """
    return (await _fields(request, MOST_BYTES)).get("token", "").strip()


async def _fields(request: Request, most_bytes: int) -> dict[str, str]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise Problem(400, "the form is too long", kind="bad-parameter")
    return {
        name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()
    }
