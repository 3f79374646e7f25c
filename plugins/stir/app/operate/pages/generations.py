"""Generations of the published tables, and going back to one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from stir.app.api.parameters import Id
from stir.app.api.problems import Fault, Problem
from stir.app.operate import actions
from stir.app.operate.access import must_operate, store
from stir.app.operate.pages.page import HEADERS, read_form, show, signed_in, to_login

router = APIRouter(include_in_schema=False)
PATH = "/operate/generations"
SHOWN = 50


@router.get(PATH)
async def tables_page(request: Request) -> Response:
    """Every published table."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    return show(request, "tables.html", PATH, person, rows=await store(request).rows("tables"))


@router.get(f"{PATH}/{{table}}")
async def generations_page(request: Request, table: Id) -> Response:
    """The generations of one table; an operator can publish it, verify it, or go back."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    actions.check_table(request, table)
    rows = await store(request).rows("generations", table=table, limit=SHOWN)
    return show(request, "generations.html", PATH, person, table=table, rows=rows)


@router.post(f"{PATH}/{{table}}")
async def act(request: Request, table: Id) -> Response:
    """Start a job for the table, and go to its page."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    fields = await read_form(request)
    number = fields.get("generation", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 19):
        fault = Fault(parameter="generation", value=number[:200], message="it is no number")
        raise Problem(400, "generation is no number", kind="bad-parameter", errors=[fault])
    job_id = await actions.start(
        request, must_operate(person), fields.get("kind", ""), table, int(number) if number else None
    )
    return RedirectResponse(f"/operate/jobs/{job_id}", 303, headers=HEADERS)
