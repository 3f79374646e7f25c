"""Pages about one run of a transform DAG: every model and test with its status and figures, and one page for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from stir.alerts.runs import web_address
from stir.dags.ui.document import address, document, link, markup_table, model_links
from stir.transform.run_record import NodeRecord, RunRecord, TaskState
from stir.transform.summary import GOOD, bytes_text, one_line

LOOKS = {"running": "busy", "done": "busy", "waiting": "idle", "skipped": "idle", "stopped": "bad", "warn": "busy"}
EXCERPT = 160


def run_page(record: RunRecord) -> str:
    """Every model and test of the run, by task."""
    counted = Counter(node.status for node in record.nodes)
    summary = ", ".join(f"{number} {status}" for status, number in counted.most_common())
    sections = "".join(_section(record, task) for task in record.tasks)
    run = link(_airflow(record), record.run_id)
    body = f"<p>Run {run}: {escape(summary) or 'nothing has been built or tested yet'}.</p>{sections}"
    return document(f"{record.dag_id}: models of a run", body, refresh=record.active)


def node_page(record: RunRecord, node: NodeRecord, manifest: Mapping[str, Any]) -> str:
    """One model or test in one run: its result, its statements, its neighbours and its SQL.

    `manifest` is dbt's raw manifest; empty if none was kept.
    """
    known = manifest.get("nodes", {}).get(node.unique_id, {})
    what = "Model" if node.kind == "model" else "Test"
    docs = f" What it means: {model_links([node.name])}." if node.kind == "model" else ""
    message = ""
    if node.message and node.status not in ("success", "pass"):
        message = f"<pre class=failure>{escape(node.message)}</pre>"
    figures = f"{_status(node.status)} in {_seconds(node.seconds)}" if node.seconds else _status(node.status)
    for value, unit in ((node.rows, "rows"), (node.memory, "bytes")):
        if value is not None:
            figures += f", {value:,} rows written" if unit == "rows" else f", {bytes_text(value)} memory at most"
    code = node.code or known.get("compiled_code") or ""
    return document(
        node.name,
        f"<p>{what} of task {_task_link(record, node.task_id, node.number)} (try {node.number}), in run"
        f" {link(address('runs', record.dag_id, record.run_id), record.run_id)} of {escape(record.dag_id)}.{docs}</p>"
        f"<p>{figures}.</p>{message}<p>{escape(str(known.get('description', '')))}</p>"
        f"<h2>Lineage</h2>{_lineage(record, node, manifest)}"
        f"<h2>Statements in ClickHouse</h2>{_statements(node)}"
        f"<h2>Compiled SQL</h2>"
        + (f"<pre>{escape(code.strip())}</pre>" if code else "<p class=soft>dbt has not reported it (yet).</p>"),
        refresh=record.active and node.status in ("running", "waiting", "done"),
    )


def _section(record: RunRecord, task: TaskState) -> str:
    tries = f", {task.tries} tries" if task.tries > 1 else ""
    state = _status(task.state or "waiting")
    head = f"<h2>{_task_link(record, task.task_id, max(task.tries, 1))} {state}<span class=soft>{tries}</span></h2>"
    nodes = [node for node in record.nodes if node.task_id == task.task_id]
    if not nodes:
        return f"{head}<p class=soft>{_why_nothing(task)}</p>"
    rows = [(False, _cells(record, node)) for node in nodes]
    return head + markup_table(("name", "status", "rows#", "seconds#", "memory#", "try#", "message"), rows)


def _why_nothing(task: TaskState) -> str:
    """The reason why a task has no model and no test to show."""
    if task.state in ("skipped", "upstream_failed"):
        return "It was skipped: nothing ran."
    if task.active or task.state in (None, "scheduled", "queued", "up_for_retry"):
        return "Nothing has run yet."
    return "No record: a dry run, a try that never reached ClickHouse, or artifacts that have been removed by age."


def _cells(record: RunRecord, node: NodeRecord) -> list[str]:
    name = link(address("runs", record.dag_id, record.run_id, "nodes", node.unique_id), node.name)
    excerpt = "" if node.status in ("success", "pass", "done") else one_line(node.message)
    figures = (
        "" if node.rows is None else f"{node.rows:,}",
        "" if node.seconds is None else f"{node.seconds:.2f}",
        "" if node.memory is None else bytes_text(node.memory),
        str(node.number or ""),
    )
    return [
        f"<td>{name}</td><td>{_status(node.status)}</td>",
        *(f"<td class=figure>{figure}</td>" for figure in figures),
        f"<td>{escape(excerpt[:EXCERPT])}{'…' if len(excerpt) > EXCERPT else ''}</td>",
    ]


def _statements(node: NodeRecord) -> str:
    if not node.statements:
        return "<p class=soft>The query log knows of none.</p>"
    head = ("ended", "kind", "seconds#", "rows read#", "rows written#", "memory#", "error")
    return markup_table(
        head,
        (
            (
                False,
                [
                    f"<td>{each.ended:%F %T}</td><td>{escape(each.kind)}</td><td class=figure>{each.seconds:.2f}</td>",
                    f"<td class=figure>{each.read_rows:,}</td><td class=figure>{each.written_rows:,}</td>",
                    f"<td class=figure>{bytes_text(each.memory)}</td><td>{escape(each.exception[:EXCERPT])}</td>",
                ],
            )
            for each in node.statements
        ),
    )


def _lineage(record: RunRecord, node: NodeRecord, manifest: Mapping[str, Any]) -> str:
    parents = manifest.get("parent_map", {}).get(node.unique_id, [])
    children = manifest.get("child_map", {}).get(node.unique_id, [])
    return (
        f"<p>Reads {_neighbours(record, parents) or 'nothing that dbt knows of'}.</p>"
        f"<p>Read by {_neighbours(record, children) or 'no other model or test'}.</p>"
    )


def _neighbours(record: RunRecord, ids: Iterable[str]) -> str:
    """Links to neighbours: to their status if they are part of the run, otherwise to their meaning."""
    mine = {node.unique_id: node for node in record.nodes}
    texts = []
    for unique_id in sorted(ids):
        kind, _, rest = unique_id.partition(".")
        if unique_id in mine:
            target = address("runs", record.dag_id, record.run_id, "nodes", unique_id)
            texts.append(f"{link(target, mine[unique_id].name)} {_status(mine[unique_id].status)}")
        elif kind == "model":
            texts.append(model_links([rest.split(".")[-1]]))
        elif kind == "source":
            texts.append(f"source {escape(rest.partition('.')[2])}")
        elif kind in ("seed", "exposure"):
            texts.append(f"{kind} {escape(rest.split('.')[-1])}")
    return ", ".join(texts)


def _task_link(record: RunRecord, task_id: str, number: int) -> str:
    """The task's log in Airflow."""
    return link(f"{_airflow(record)}/tasks/{task_id}?try_number={number}", task_id)


def _airflow(record: RunRecord) -> str:
    """The run in Airflow's own pages."""
    return f"{web_address()}/dags/{quote(record.dag_id, safe='')}/runs/{quote(record.run_id, safe='')}"


def _status(status: str) -> str:
    look = LOOKS.get(status, "good" if status in GOOD else "bad" if status not in AIRFLOW_IDLE else "idle")
    return f'<span class="status {look}">{escape(status)}</span>'


AIRFLOW_IDLE = {"scheduled", "queued", "up_for_retry", "deferred", "restarting", "removed"}


def _seconds(value: float) -> str:
    return f"{value:.2f} seconds"
