"""Pages beside Airflow's own, where its tasks' links lead: generations of a published table, models as dbt has them.

They read and change nothing; whoever may see assets in Airflow may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stir.alerts.runs import web_address
from stir.connections import Target
from stir.settings import Settings, load_settings
from stir.transform.ownership import DAG_OF_CADENCE, cadences

if TYPE_CHECKING:
    from fastapi import FastAPI

    from stir.publish.ledger.generations import Generation
    from stir.transform.manifest import Manifest, Model

ROOT = "/stir"
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1a2733 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem; vertical-align: top }
tr { border-bottom: 1px solid #dde4ea } tr.chosen { background: #e5f4e8 } pre { overflow: auto; background: #f4f6f8 }
code, td.figure { font-variant-numeric: tabular-nums } h1 { font-size: 1.4rem } h2 { font-size: 1.1rem }
"""


class NotThere(LookupError):
    """There is nothing of that name; the message is for the reader."""


def app() -> FastAPI:
    """The pages, for the api-server to mount at ROOT."""
    from airflow.api_fastapi.core_api.security import requires_access_asset
    from fastapi import Depends, FastAPI, Request
    from fastapi.responses import HTMLResponse

    pages = FastAPI(title="stir", dependencies=[Depends(requires_access_asset("GET"))], docs_url=None, openapi_url=None)

    @pages.exception_handler(NotThere)
    def not_there(_: Request, error: NotThere) -> HTMLResponse:
        return HTMLResponse(_document("Not there", f"<p>{escape(str(error))}</p>"), status_code=404)

    @pages.get("/generations/{target}/{name}", response_class=HTMLResponse)
    def generations(target: Target, name: str, run: str = "") -> str:
        return generations_page(load_settings(), target, name, run)

    @pages.get("/models/{name}", response_class=HTMLResponse)
    def model(name: str) -> str:
        return model_page(_manifest(load_settings()), name)

    @pages.get("/cadences/{name}", response_class=HTMLResponse)
    def cadence(name: str) -> str:
        return cadence_page(_manifest(load_settings()), name)

    return pages


def generations_page(settings: Settings, target: Target, name: str, run: str = "") -> str:
    """Every generation of a published table, newest first; the one that `run` published stands out.

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
    return _document(
        f"{target}.{spec.name}",
        f"<p>{escape(spec.comment)} Made from {_model_links([spec.mart_of(target)])}.</p>"
        f"{_run_line(known, run)}{_generation_table(known, run)}",
    )


def _run_line(known: Sequence[Generation], run: str) -> str:
    if not run:
        return ""
    made = next((each.generation for each in known if each.run_id == run), None)
    what = f"published generation {made}" if made else "published nothing: readers had this content, or it failed"
    return f"<p>Run <code>{escape(run)}</code> {what}.</p>"


def _generation_table(known: Sequence[Generation], run: str) -> str:
    head = ("generation", "state", "rows", "newest content", "checksum", "published", "by run")
    rows = [
        (
            each.run_id == run,
            (
                str(each.generation),
                each.state(known[-1]),
                f"{each.rows:,}",
                f"{each.watermark:%F %T}" if each.watermark else "",
                each.checksum,
                f"{each.published_at:%F %T %Z}",
                each.run_id,
            ),
        )
        for each in reversed(known)
    ]
    return _table(head, rows)


def model_page(manifest: Manifest, name: str) -> str:
    """A model: meaning, owner, columns, what it reads and who reads it, its code.

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
    siblings = f'<a href="{escape(address(f"cadences/{cadence}"))}">{cadence}</a>'
    return _document(
        name,
        f"<p>{escape(str(model.node['description']))}</p>"
        f"<p>Built by {DAG_OF_CADENCE[cadence]} with {siblings};"
        f" one row per {escape(', '.join(manifest.grain(model)) or 'what its description says')}.</p>"
        f"<p>Reads {_model_links(reads) or 'sources only'}. Read by {_model_links(readers) or 'no other model'}.</p>"
        f"<h2>Columns</h2>{_table(('column', 'type', 'meaning'), columns)}"
        f"<h2>Code</h2><pre>{escape(str(model.node['raw_code']))}</pre>",
    )


def cadence_page(manifest: Manifest, name: str) -> str:
    """The models of a cadence, in the order of their layers.

    Raises:
        NotThere: there is no such cadence.
    """
    if name not in DAG_OF_CADENCE:
        raise NotThere(f"there is no cadence {name}")
    models = [model for model in manifest.models.values() if name in cadences(model.node["tags"])]
    rows = "".join(
        f"<tr><td>{_model_links([model.name])}</td><td>{escape(_first_line(model))}</td></tr>" for model in models
    )
    return _document(f"{name}: {len(models)} models", f"<p>Built by {DAG_OF_CADENCE[name]}.</p><table>{rows}</table>")


def _first_line(model: Model) -> str:
    return str(model.node["description"]).strip().partition("\n")[0]


def address(page: str) -> str:
    """Where people reach one of the pages."""
    return f"{web_address()}{ROOT}/{page}"


def _model_links(names: Iterable[str]) -> str:
    return ", ".join(f'<a href="{escape(address(f"models/{name}"))}">{escape(name)}</a>' for name in names)


def _table(head: Sequence[str], rows: Iterable[tuple[bool, Sequence[str]]]) -> str:
    """A table; a row that is True first is marked."""
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr{' class=chosen' if chosen else ''}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for chosen, row in rows
    )
    return f"<table><tr>{cells}</tr>{body}</table>"


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )


def _manifest(settings: Settings) -> Manifest:
    """The manifest that the last parse left, read again when there is a newer one.

    Raises:
        NotThere: nobody has parsed the project yet.
    """
    from stir.transform.project import kept_manifest

    path = kept_manifest(settings)
    if not path.exists():
        raise NotThere("the project has not been parsed yet; the first dbt task does that")
    return _read(path, path.stat().st_mtime_ns)


_READ: dict[tuple[Path, int], Any] = {}


def _read(path: Path, version: int) -> Manifest:
    import json

    from stir.transform.manifest import Manifest

    if (path, version) not in _READ:
        _READ.clear()
        _READ[path, version] = Manifest(json.loads(path.read_text(encoding="utf-8")))
    manifest: Manifest = _READ[path, version]
    return manifest
