"""Pages that links of Airflow's tasks lead to: generations of a published table, and models as dbt describes them.

The pages change nothing. Users who may see assets in Airflow may see them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stir.clock import spoken
from stir.connections import Target
from stir.dags.ui.document import POLICY, address, document, link, model_links, table
from stir.dags.ui.runs import node_page, run_page
from stir.settings import Settings, load_settings
from stir.transform.ownership import DAG_OF_CADENCE, cadences
from stir.transform.run_record import RunRecord, TaskState, read_json, read_run

if TYPE_CHECKING:
    from fastapi import FastAPI

    from stir.publish.ledger.generations import Generation
    from stir.transform.manifest import DbtManifest, Model


class NotThere(LookupError):
    """Nothing of that name exists. The message is shown to the reader."""


def app() -> FastAPI:
    """The pages, for the api-server to mount at ROOT."""
    from airflow.api_fastapi.core_api.security import requires_access_asset
    from fastapi import Depends, FastAPI, Request
    from fastapi.responses import HTMLResponse, Response

    pages = FastAPI(title="stir", dependencies=[Depends(requires_access_asset("GET"))], docs_url=None, openapi_url=None)

    @pages.exception_handler(NotThere)
    def not_there(_: Request, error: NotThere) -> HTMLResponse:
        return HTMLResponse(document("Not there", f"<p>{escape(str(error))}</p>"), status_code=404)

    @pages.get("/generations/{target}/{name}", response_class=HTMLResponse)
    def generations(target: Target, name: str, run: str = "") -> str:
        return generations_page(load_settings(), target, name, run)

    @pages.get("/models/{name}", response_class=HTMLResponse)
    def model(name: str) -> str:
        return model_page(_manifest(load_settings()), name)

    @pages.get("/cadences/{name}", response_class=HTMLResponse)
    def cadence(name: str) -> str:
        return cadence_page(_manifest(load_settings()), name)

    @pages.get("/runs/{dag_id}/{run_id}", response_class=HTMLResponse)
    def run(dag_id: str, run_id: str) -> str:
        return run_page(run_record(load_settings(), dag_id, run_id))

    @pages.get("/runs/{dag_id}/{run_id}/nodes/{unique_id}", response_class=HTMLResponse)
    def node(dag_id: str, run_id: str, unique_id: str) -> str:
        settings = load_settings()
        record = run_record(settings, dag_id, run_id)
        found = next((each for each in record.nodes if each.unique_id == unique_id), None)
        if found is None:
            raise NotThere(f"run {run_id} of {dag_id} has no model and no test {unique_id}")
        manifest = read_json(settings, record.manifest_key) if record.manifest_key else _manifest(settings).raw
        return node_page(record, found, manifest)

    @pages.middleware("http")
    async def nothing_from_elsewhere(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return pages


def run_record(settings: Settings, dag_id: str, run_id: str) -> RunRecord:
    """The results of the models and tests in a transform DAG's run.

    Raises:
        NotThere: the DAG builds no models, or has no such run.
    """
    cadence = next((name for name, owner in DAG_OF_CADENCE.items() if owner == dag_id), None)
    if cadence is None:
        raise NotThere(f"{dag_id} builds no models")
    tasks, since = _tasks(dag_id, run_id)
    try:
        models = _manifest(settings).models.values()
    except NotThere:
        models = ()  # type: ignore[assignment]
    expected = [str(model.node["unique_id"]) for model in models if cadence in cadences(model.node["tags"])]
    return read_run(settings, dag_id, run_id, tasks, since, expected)


def _tasks(dag_id: str, run_id: str) -> tuple[list[TaskState], datetime]:
    """The current tasks of a run, the build first, and the earliest moment at which the run may have begun.

    Raises:
        NotThere: Airflow has no such run.
    """
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session(scoped=False) as session:
        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        if run is None:
            raise NotThere(f"{dag_id} has no run {run_id}")
        since = min(moment for moment in (run.run_after, run.queued_at, run.start_date) if moment)
        rows = session.execute(
            select(TaskInstance.task_id, TaskInstance.state, TaskInstance.try_number).where(
                TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id
            )
        ).all()
    tasks = [TaskState(task_id, state, tries or 0) for task_id, state, tries in rows]
    return sorted(tasks, key=lambda task: (task.task_id != "build", task.task_id)), since


def generations_page(settings: Settings, target: Target, name: str, run: str = "") -> str:
    """Every generation of a published table, newest first; the one that `run` published is highlighted.

    Raises:
        NotThere: no such table is published.
    """
    from stir import connections
    from stir.errors import StirError
    from stir.publish import find_spec
    from stir.publish.ledger import generations as ledger

    try:
        spec = find_spec(name)
    except StirError as error:
        raise NotThere(str(error)) from None
    with connections.postgres(settings, target=target) as connection:
        known = ledger.history(connection, spec)
    return document(
        f"{target}.{spec.name}",
        f"<p>{escape(spec.comment)} Made from {model_links([spec.mart_of(target)])}.</p>"
        f"{_run_line(known, run)}{feed_lines(known[-1]) if known else ''}{_generation_table(known, run)}",
    )


def _run_line(known: Sequence[Generation], run: str) -> str:
    if not run:
        return ""
    made = next((each.generation for each in known if each.run_id == run), None)
    what = (
        f"published generation {made}"
        if made
        else "published nothing: readers already had this content, or the run failed"
    )
    return f"<p>Run <code>{escape(run)}</code> {what}.</p>"


def _newest_data(each: Generation) -> str:
    """The moment up to which all feeds have data, and its distance to the build of the mart."""
    if each.watermark is None:
        return "not known"
    built = _built(each)
    return f"{each.watermark:%F %T} ({spoken(built - each.watermark)} before this publish)"


def _built(each: Generation) -> datetime:
    return datetime.fromisoformat(each.as_of) if each.as_of else each.published_at


def feed_lines(live: Generation) -> str:
    """The feeds in the live rows, each with its newest moment. A stopped feed is named above them."""
    from stir.publish.data_age import moments, stopped

    feeds, built = moments(live.feeds), _built(live)
    lines = "".join(f"<p><strong>{escape(line)}.</strong></p>" for line in stopped(feeds, built))
    if not feeds:
        return ""
    oldest = min(feeds.values())
    rows = [
        (newest == oldest, (name, f"{newest:%F %T}", f"{spoken(built - newest)} before this publish"))
        for name, newest in sorted(feeds.items())
    ]
    return (
        f"{lines}<h2>Data of the live generation</h2>{table(('feed', 'newest data', 'age'), rows)}<h2>Generations</h2>"
    )


def _generation_table(known: Sequence[Generation], run: str) -> str:
    head = ("generation", "state", "rows", "newest data", "checksum", "published", "by run")
    rows = [
        (
            each.run_id == run,
            (
                str(each.generation),
                each.state(known[-1]),
                f"{each.rows:,}",
                _newest_data(each),
                each.checksum,
                f"{each.published_at:%F %T %Z}",
                each.run_id,
            ),
        )
        for each in reversed(known)
    ]
    return table(head, rows)


def model_page(manifest: DbtManifest, name: str) -> str:
    """A model: meaning, owner, columns, upstream and downstream models, and code.

    Raises:
        NotThere: there is no such model.
    """
    model = manifest.models.get(name)
    if model is None:
        raise NotThere(f"dbt knows no model {name}")
    reads = [each.name for each in manifest.reads(model)]
    readers = [each.name for each in manifest.models.values() if name in {up.name for up in manifest.reads(each)}]
    columns = [
        (False, (column, kind, str(model.node["columns"][column].get("description", ""))))
        for column, kind in model.columns.items()
    ]
    [cadence] = cadences(model.node["tags"])
    siblings = link(address("cadences", cadence), cadence)
    return document(
        name,
        f"<p>{escape(str(model.node['description']))}</p>"
        f"<p>Built by {DAG_OF_CADENCE[cadence]} with {siblings};"
        f" one row per {escape(', '.join(manifest.grain(model)) or 'what its description says')}.</p>"
        f"<p>Reads {model_links(reads) or 'sources only'}. Read by {model_links(readers) or 'no other model'}.</p>"
        f"<h2>Columns</h2>{table(('column', 'type', 'meaning'), columns)}"
        f"<h2>Code</h2><pre>{escape(str(model.node['raw_code']))}</pre>",
    )


def cadence_page(manifest: DbtManifest, name: str) -> str:
    """The models of a cadence, in the order of their layers.

    Raises:
        NotThere: there is no such cadence.
    """
    if name not in DAG_OF_CADENCE:
        raise NotThere(f"there is no cadence {name}")
    models = [model for model in manifest.models.values() if name in cadences(model.node["tags"])]
    rows = "".join(
        f"<tr><td>{model_links([model.name])}</td><td>{escape(_first_line(model))}</td></tr>" for model in models
    )
    return document(f"{name}: {len(models)} models", f"<p>Built by {DAG_OF_CADENCE[name]}.</p><table>{rows}</table>")


def _first_line(model: Model) -> str:
    return str(model.node["description"]).strip().partition("\n")[0]


def _manifest(settings: Settings) -> DbtManifest:
    """The manifest of the last parse. It is read again when there is a newer one.

    Raises:
        NotThere: the project has not been parsed yet.
    """
    from stir.transform.project import kept_manifest

    path = kept_manifest(settings)
    if not path.exists():
        raise NotThere("the project has not been parsed yet; the first dbt task does that")
    return _read(path, path.stat().st_mtime_ns)


_READ: dict[tuple[Path, int], Any] = {}


def _read(path: Path, version: int) -> DbtManifest:
    import json

    from stir.transform.manifest import DbtManifest

    if (path, version) not in _READ:
        _READ.clear()
        _READ[path, version] = DbtManifest(json.loads(path.read_text(encoding="utf-8")))
    manifest: DbtManifest = _READ[path, version]
    return manifest
