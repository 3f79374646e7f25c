"""Signing in with a token, and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from stir.app.operate.access import COOKIE, note_refusal, operations, store
from stir.app.operate.pages.page import HEADERS, read_form, read_login, show, signed_in
from stir.app.operate.people import SESSION_SECONDS

router = APIRouter(include_in_schema=False)


@router.get("/operate/login")
async def login_page(request: Request, to: str = "/operate") -> Response:
    """Asks for the token."""
    return show(
        request, "login.html", "", None, to=_own(to), refused=False, open=bool(operations(request).people.tokens)
    )


@router.post("/operate/login")
async def login(request: Request, to: str = "/operate") -> Response:
    """Begins a session for whoever has a token."""
    token = await read_login(request)
    person = operations(request).people.of_token(token) if token else None
    if person is None:
        await note_refusal(request)
        is_open = bool(operations(request).people.tokens)
        return show(request, "login.html", "", None, 401, to=_own(to), refused=True, open=is_open)
    await store(request).note(person, "sign in")
    answer = RedirectResponse(_own(to), 303, headers=HEADERS)
    answer.set_cookie(
        COOKIE,
        operations(request).people.begin_session(person),
        max_age=SESSION_SECONDS,
        path="/operate",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/operate/logout")
async def logout(request: Request) -> Response:
    """Ends the session in this browser."""
    person = signed_in(request)
    if person:
        await read_form(request)
        await store(request).note(person, "sign out")
    answer = RedirectResponse("/", 303, headers=HEADERS)
    answer.delete_cookie(COOKIE, path="/operate")
    return answer


def _own(to: str) -> str:
    """A path of the operators' part; anything else would be a way to another site."""
    return to if to.startswith("/operate") and "//" not in to and "\\" not in to else "/operate"
