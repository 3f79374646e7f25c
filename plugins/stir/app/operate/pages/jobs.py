"""Jobs: what runs, what ended and how."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from stir.app.api.parameters import Id
from stir.app.operate import actions
from stir.app.operate.access import must_operate, store
from stir.app.operate.pages.page import HEADERS, read_form, show, signed_in, to_login
from stir.app.operate.store import OPEN

router = APIRouter(include_in_schema=False)
PATH = "/operate/jobs"
SHOWN = 100


@router.get(PATH)
async def jobs_page(request: Request) -> Response:
    """The newest jobs."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    await store(request).bury()
    rows = await store(request).rows("jobs", job_id=None, limit=SHOWN)
    return show(request, "jobs.html", PATH, person, rows=rows, again=any(row["status"] in OPEN for row in rows))


@router.get(f"{PATH}/{{job_id}}")
async def job_page(request: Request, job_id: Id) -> Response:
    """One job; the page loads itself again until the job has ended."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    await store(request).bury()
    job = await actions.find(request, job_id)
    result = json.dumps(job["result"], indent=2, ensure_ascii=False) if job["result"] is not None else ""
    return show(request, "job.html", PATH, person, job=job, result=result, again=job["status"] in OPEN)


@router.post(f"{PATH}/{{job_id}}/cancel")
async def cancel(request: Request, job_id: Id) -> Response:
    """Cancel a job, and show it."""
    person = signed_in(request)
    if person is None:
        return to_login(request)
    await read_form(request)
    await actions.cancel(request, must_operate(person), job_id)
    return RedirectResponse(f"{PATH}/{job_id}", 303, headers=HEADERS)
