"""The result of each model and test in one run of a transform DAG, over all tries of its tasks.

dbt's results of a try (run_results.json in the bucket) exist when the try has ended. Until then, and for a try that was
killed, ClickHouse's query log and list of processes show which statements of which node ran.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stir import connections
from stir.object_store import list_objects
from stir.settings import Settings
from stir.transform.attempts import Attempt
from stir.transform.costs import COMMENT, NOTES

NODE = f"JSONExtractString({COMMENT}, 'node')"

_STATEMENTS = f"""
select
    log_comment, {NODE} as node, if({NOTES}, 'Note', query_kind), event_time_microseconds, query_duration_ms / 1000,
    read_rows, written_rows, memory_usage, exception
from system.query_log
where event_date >= toDate({{since:DateTime}})
    and event_time >= {{since:DateTime}}
    and is_initial_query
    and type != 'QueryStart'
    and startsWith(log_comment, {{prefix:String}})
union all
select
    Settings['log_comment'], {NODE}, 'running', now64(6), elapsed, read_rows, written_rows, peak_memory_usage, ''
from system.processes
where is_initial_query and startsWith(Settings['log_comment'], {{prefix:String}})
order by 4
"""


@dataclass(frozen=True)
class Statement:
    """One statement of a node in ClickHouse; `kind` is `running` while it runs, `Note` where it writes
    beside the node's table, else ClickHouse's; `memory` is its peak in bytes."""

    label: str
    node: str
    kind: str
    ended: datetime
    seconds: float
    read_rows: int
    written_rows: int
    memory: int
    exception: str = ""


@dataclass(frozen=True)
class NodeRecord:
    """One model or test in one run, with the result of its last try.

    Attributes:
        unique_id: dbt's id. task_id: the task that ran it. number: the try, from 1.
        status: dbt's word; `running`, `done` (its statements have ended, dbt has not reported yet), `waiting`, or
            `stopped` (the try ended before dbt reported).
        seconds: as dbt measured, or the sum of its statements. message: dbt's or the server's.
        code: compiled SQL, empty until dbt reported.
    """

    unique_id: str
    task_id: str
    number: int
    status: str
    seconds: float | None = None
    message: str = ""
    code: str = ""
    statements: Sequence[Statement] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        return self.unique_id.partition(".")[0]

    @property
    def name(self) -> str:
        """The model's or test's name; a generic test's id ends with a hash, which is left out."""
        return self.unique_id.split(".")[2]

    @property
    def rows(self) -> int | None:
        written = [each.written_rows for each in self.statements if each.kind in ("Insert", "Create")]
        return sum(written) if written and self.kind == "model" else None

    @property
    def memory(self) -> int | None:
        return max((each.memory for each in self.statements), default=None)


@dataclass(frozen=True)
class TaskState:
    """A task of the run as Airflow has it: its state (None before it is scheduled) and how often it was tried."""

    task_id: str
    state: str | None
    tries: int

    @property
    def active(self) -> bool:
        return self.state in ("running", "restarting", "deferred")


@dataclass(frozen=True)
class RunRecord:
    """A run of a transform DAG: its tasks in their order, and the nodes of each."""

    dag_id: str
    run_id: str
    tasks: Sequence[TaskState]
    nodes: Sequence[NodeRecord]
    manifest_key: str = ""
    """The manifest of the last try in the bucket; empty if there is none."""

    @property
    def active(self) -> bool:
        return any(task.state in (None, "scheduled", "queued", "up_for_retry") or task.active for task in self.tasks)


def read_run(
    settings: Settings, dag_id: str, run_id: str, tasks: Sequence[TaskState], since: datetime, expected: Iterable[str]
) -> RunRecord:
    """The record of the run, which did not begin before `since`.

    `expected` are the ids of the models of its build. A user may have selected fewer.
    """
    prefix = f"{dag_id}/{run_id}/"
    statements = read_statements(settings, prefix, since)
    keys = _keys(settings, f"artifacts/{prefix}")
    nodes: list[NodeRecord] = []
    for task in tasks:
        tries: dict[int, list[Mapping[str, Any]] | None] = {}
        for number in range(1, task.tries + 1):
            key = Attempt(dag_id, run_id, task.task_id, number).folder + "run_results.json"
            tries[number] = _json(settings, key)["results"] if key in keys else None
        mine = [each for each in statements if each.label.startswith(f"{prefix}{task.task_id}/")]
        nodes += merge(task, tries, mine, expected if task.task_id == "build" else ())
    manifests = [key for key in keys if key.endswith("/manifest.json")]
    return RunRecord(dag_id, run_id, tasks, nodes, max(manifests, key=_by_build_and_try, default=""))


def merge(
    task: TaskState,
    tries: Mapping[int, Sequence[Mapping[str, Any]] | None],
    statements: Sequence[Statement],
    expected: Iterable[str],
) -> list[NodeRecord]:
    """The nodes of a task, each with the result of the last try that has one.

    `tries` maps each try to dbt's results, or to None where dbt has not reported.
    """
    found: dict[str, NodeRecord] = {}
    for number, results in sorted(tries.items()):
        of_try: dict[str, list[Statement]] = {}
        for each in statements:
            if each.node and each.label.rsplit("/", 1)[-1] == str(number):
                of_try.setdefault(each.node, []).append(each)
        if results is not None:
            reported = [_reported(task, number, each, of_try.get(each["unique_id"], ())) for each in results]
        else:
            active = task.active and number == task.tries
            reported = [_unreported(task, number, node, seen, active) for node, seen in of_try.items()]
        found |= {record.unique_id: record for record in reported}
    if task.active or (task.state in (None, "scheduled", "queued") and not found):
        found |= {node: NodeRecord(node, task.task_id, task.tries, "waiting") for node in expected if node not in found}
    return list(found.values())


def _reported(task: TaskState, number: int, result: Mapping[str, Any], statements: Sequence[Statement]) -> NodeRecord:
    return NodeRecord(
        unique_id=result["unique_id"],
        task_id=task.task_id,
        number=number,
        status=str(result["status"]),
        seconds=float(result.get("execution_time") or 0.0),
        message=str(result.get("message") or ""),
        code=str(result.get("compiled_code") or ""),
        statements=statements,
    )


def _unreported(task: TaskState, number: int, node: str, statements: Sequence[Statement], active: bool) -> NodeRecord:
    """A node of a try that runs, or that ended before dbt could report."""
    failure = next((each.exception for each in statements if each.exception), "")
    running = any(each.kind == "running" for each in statements)
    status = "running" if running else "error" if failure else "done" if active else "stopped"
    seconds = sum(each.seconds for each in statements)
    return NodeRecord(node, task.task_id, number, status, seconds, failure, statements=statements)


def read_statements(settings: Settings, prefix: str, since: datetime) -> list[Statement]:
    """The statements since that moment whose label begins with the prefix, in the order of their ends."""
    with connections.clickhouse(settings) as client:
        client.command("system flush logs query_log")
        rows = client.query(_STATEMENTS, parameters={"prefix": prefix, "since": since}).result_rows
    return [Statement(*row) for row in rows]


def read_json(settings: Settings, key: str) -> dict[str, Any]:
    """A JSON object of the bucket."""
    return _json(settings, key)


def _json(settings: Settings, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        connections.s3(settings).get_object(Bucket=settings.s3.path, Key=key)["Body"].read()
    )
    return found


def _keys(settings: Settings, prefix: str) -> set[str]:
    return {item.key for item in list_objects(connections.s3(settings), settings.s3.path, prefix)}


def _by_build_and_try(key: str) -> tuple[bool, int]:
    *_, task_id, number, _ = key.split("/")
    return task_id == "build", int(number)
