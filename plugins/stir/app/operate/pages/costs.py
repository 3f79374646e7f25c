"""What customers' lists cost and brought, for operators only."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from stir.app.api.parameters import Id, NoQuery
from stir.app.operate import costs
from stir.app.operate.access import must_operate
from stir.app.operate.costs_api import Lists
from stir.app.operate.pages.page import show, signed_in, to_login
from stir.app.web.page import link_to

router = APIRouter(include_in_schema=False)
PATH = "/operate/collections"


@router.get(PATH)
async def lists_page(request: Request, query: Annotated[Lists, Query()]) -> Response:
    """Every list with its costs."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    rows, generations = await costs.listed(
        request, must_operate(person), partner_id=query.partner_id, after=query.after, limit=query.limit + 1
    )
    following = {**query.given(), "after": query.after + query.limit} if len(rows) > query.limit else None
    return show(
        request,
        "costs.html",
        PATH,
        person,
        generations=generations,
        rows=rows[: query.limit],
        chosen=query,
        following=link_to(PATH, following) if following else None,
    )


@router.get(f"{PATH}/{{collection_type}}/{{collection_id}}")
async def list_page(
    request: Request,
    collection_type: Literal["POST", "PROFILE"],
    collection_id: Id,
    query: Annotated[NoQuery, Query()],
) -> Response:
    """One list with its costs and those of its posts."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    found, generations = await costs.shown(request, must_operate(person), collection_type, collection_id)
    return show(request, "costs_of_list.html", PATH, person, generations=generations, one=found)
