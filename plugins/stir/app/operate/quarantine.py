"""The quarantine and the streams as operators see them. The database tells what is not encrypted; a `./stir` command
decrypts, masks, edits and deletes, so this process holds neither the key nor what is personal, unless one is revealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import psycopg
from fastapi import Request

from stir.app.api.problems import Fault, Problem, unknown_value
from stir.app.operate.access import commands, store
from stir.app.operate.actions import begin
from stir.app.operate.people import Person

HIDDEN = "•••"
"""What `./stir quarantine show` prints in place of what is personal."""
STATES = ("open", "replayed", "discarded", "all")
ACTIONS = ("replay", "discard")


async def listed(
    request: Request, *, stream: str | None, reason: str | None, state: str, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Records, the newest first; those with smaller ids than `before`."""
    return await _rows(request, "quarantine", stream=stream, reason=reason, state=state, before=before, limit=limit)


async def groups(request: Request) -> list[dict[str, Any]]:
    """Open records by stream and reason."""
    return await _rows(request, "quarantine_groups")


async def shown(request: Request, number: int) -> dict[str, Any]:
    """One record with what it says, personal fields masked.

    Raises:
        Problem: 404, there is none with this number; 409, it cannot be decrypted.
    """
    await _check(request, number)
    found: dict[str, Any] = await commands(request).ask("quarantine", "show", str(number), "--json")
    return found


async def reveal(request: Request, person: Person, number: int) -> dict[str, Any]:
    """One record as it came, with what is personal; the audit log says who looked.

    Raises:
        Problem: as `shown`.
    """
    await _check(request, number)
    await store(request).note(person, "reveal record", str(number))
    found: dict[str, Any] = await commands(request).ask("quarantine", "show", str(number), "--reveal", "--json")
    return found


async def edit(request: Request, person: Person, number: int, changes: Mapping[str, Any] | None, body: str) -> None:
    """Keep a repaired record: other values of some fields, else a whole body.

    Raises:
        Problem: 400, nothing changes; 404, no such record; 409, it is closed, or has no such field.
    """
    await _check(request, number)
    if not changes and not body.strip():
        words = "no field has another value"
        raise Problem(400, words, kind="bad-parameter", errors=[Fault(parameter="changes", message=words)])
    how, given = ("--changes", json.dumps(changes).encode()) if changes else ("--body", body.encode())
    await commands(request).ask("quarantine", "edit", str(number), how, "-", "--by", person.name, "--json", given=given)
    await store(request).note(person, "edit record", str(number), fields=sorted(changes or {}))


async def forget(request: Request, person: Person, key: str) -> int:
    """Delete every record that names somebody; returns their number. The key is kept nowhere.

    Raises:
        Problem: 400, the key is empty.
    """
    words = "name an id, a handle or an address"
    if not (key := key.strip()) or "\n" in key or "\0" in key:
        raise Problem(400, f"key: {words}", kind="bad-parameter", errors=[Fault(parameter="key", message=words)])
    found = await commands(request).ask("quarantine", "forget", "-", "--json", given=f"{key}\n".encode())
    await store(request).note(person, "forget", "", deleted=found["deleted"])
    return int(found["deleted"])


async def act(
    request: Request, person: Person, action: str, *, number: int | None = None, stream: str = "", reason: str = ""
) -> str:
    """Start a job that replays or discards one record, or all open ones of a stream and a reason; returns its id.

    Raises:
        Problem: 400, no such action, stream or reason; 404, no such record; 409, such a job has not ended.
    """
    if action not in ACTIONS:
        raise unknown_value("action", action, ACTIONS)
    if number is not None:
        await _check(request, number)
        return await begin(request, person, f"{action} records", "quarantine", {"record": number})
    known = await groups(request)
    if stream not in (streams_ := {row["stream"] for row in known}):
        raise unknown_value("stream", stream, streams_)
    if reason not in (reasons := {row["reason"] for row in known if row["stream"] == stream}):
        raise unknown_value("reason", reason, reasons)
    return await begin(request, person, f"{action} records", "quarantine", {"stream": stream, "reason": reason})


async def streams(request: Request) -> list[dict[str, Any]]:
    """Every stream: what waits in the broker, what came in 24 hours, what lies in quarantine; the longest queue first.

    Raises:
        Problem: 409, the broker is away.
    """
    noted = {row["stream"]: row for row in await _rows(request, "streams")}
    found = await commands(request).ask("streams", "--json")
    nothing = {"records": 0, "written": 0, "refused": 0, "latest_at": None}
    rows = [{**nothing, **noted.get(row["stream"], {}), **row} for row in found]
    return sorted(rows, key=lambda row: (-(row["backlog"] or 0), -row["records"], row["stream"]))


async def _check(request: Request, number: int) -> None:
    found = await _rows(request, "quarantine", stream=None, reason=None, state="all", before=number + 1, limit=1)
    if not found or found[0]["quarantine_id"] != number:
        raise Problem(404, "there is no record with this number in the quarantine", kind="no-such-record")


async def _rows(request: Request, query: str, **parameters: Any) -> list[dict[str, Any]]:
    try:
        return await store(request).rows(query, **parameters)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return []  # nothing was loaded or streamed yet
