"""Records that could not be loaded: what is wrong with each, and how it is repaired, replayed, discarded, forgotten."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from stir.app.operate import quarantine
from stir.app.operate.access import must_operate
from stir.app.operate.pages.page import HEADERS, read_form, show, signed_in, to_login

router = APIRouter(include_in_schema=False)
PATH = "/operate/quarantine"
SHOWN = 100
MOST_BYTES = 4_000_000
"""A form with a whole record; a record has at most 1 MB (stir.ingest.broker.protocol), and signs of it up to three."""
PREFIX = "field:"
Number = Annotated[int, Path(ge=1, lt=2**63 - 1)]


class Wanted(BaseModel):
    """Which records are listed."""

    model_config = ConfigDict(extra="forbid")

    stream: str = Field("", max_length=200)
    reason: str = Field("", max_length=200)
    state: str = Field("open", pattern=f"^({'|'.join(quarantine.STATES)})$")
    before: int | None = Field(None, ge=1, lt=2**63 - 1)
    deleted: int | None = Field(None, ge=0)


@router.get(PATH)
async def quarantine_page(request: Request, query: Annotated[Wanted, Query()]) -> Response:
    """Open records by stream and reason, and the records of a choice."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    rows = await quarantine.listed(
        request,
        stream=query.stream or None,
        reason=query.reason or None,
        state=query.state,
        before=query.before,
        limit=SHOWN + 1,
    )
    more = rows[SHOWN - 1]["quarantine_id"] if len(rows) > SHOWN else None
    return show(
        request,
        "quarantine.html",
        PATH,
        person,
        groups=await quarantine.groups(request),
        rows=rows[:SHOWN],
        wanted=query,
        states=quarantine.STATES,
        more=more,
    )


@router.post(PATH)
async def act_on_many(request: Request) -> Response:
    """Start a job for all open records of a stream and a reason, or forget somebody."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    fields = await read_form(request)
    must_operate(person)
    if fields.get("action") == "forget":
        deleted = await quarantine.forget(request, person, fields.get("key", ""))
        return RedirectResponse(f"{PATH}?state=all&deleted={deleted}", 303, headers=HEADERS)
    job_id = await quarantine.act(
        request,
        person,
        fields.get("action", ""),
        stream=fields.get("stream", ""),
        reason=fields.get("reason", ""),
    )
    return RedirectResponse(f"/operate/jobs/{job_id}", 303, headers=HEADERS)


@router.get(f"{PATH}/{{number}}")
async def record_page(request: Request, number: Number) -> Response:
    """One record, with what is personal masked."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    return _record(request, person, await quarantine.shown(request, number))


@router.post(f"{PATH}/{{number}}")
async def act_on_one(request: Request, number: Number) -> Response:
    """Edit, reveal, replay or discard one record."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    fields = await read_form(request, MOST_BYTES)
    must_operate(person)
    action = fields.get("action", "")
    if action == "reveal":
        return _record(request, person, await quarantine.reveal(request, person, number), revealed=True)
    if action == "edit":
        body = fields.get("body", "")
        found = {} if body else _values(await quarantine.shown(request, number))
        await quarantine.edit(request, person, number, changes(found, fields), body)
        return RedirectResponse(f"{PATH}/{number}", 303, headers=HEADERS)
    job_id = await quarantine.act(request, person, action, number=number)
    return RedirectResponse(f"/operate/jobs/{job_id}", 303, headers=HEADERS)


def written(value: Any) -> str:
    """A value as the form has it."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def changes(values: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    """The fields that the form gives another value. A masked one that is left empty stays as it is."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        text = fields.get(PREFIX + name)
        before = "" if value == quarantine.HIDDEN else written(value)
        if text is None or _one_line_end(text) == _one_line_end(before):
            continue
        found[name] = text if isinstance(value, str) else _parsed(text)
    return found


def _one_line_end(text: str) -> str:
    """Browsers send every end of a line as CR LF."""
    return text.replace("\r\n", "\n")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        return text


def _values(record: dict[str, Any]) -> dict[str, Any]:
    """The values of the record as it stands now; none where it could not be read."""
    found = record.get("edited", record["body"])
    return found if isinstance(found, dict) else {}


def _record(request: Request, person: Any, record: dict[str, Any], *, revealed: bool = False) -> Response:
    current = record.get("edited", record["body"])
    fields = [
        (name, written(value), value == quarantine.HIDDEN)
        for name, value in (current.items() if isinstance(current, dict) else ())
    ]
    return show(
        request,
        "record.html",
        PATH,
        person,
        record=record,
        fields=fields,
        text=current if isinstance(current, str) else "",
        revealed=revealed,
        prefix=PREFIX,
    )
