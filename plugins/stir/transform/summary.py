"""Summary of a dbt run by model, from dbt's results and ClickHouse's query log, as rows and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clickhouse_connect.driver.client import Client

GOOD = {"success", "pass", "warn", "no-op"}
SKIPPED = "skipped"

NOTES = "match(query, '(?i)insert into [^\\\\n]*(data_freshness|staging_reject|link_order_history)')"
"""Statements of a node that write notes into another table. Their rows are not rows of the model."""

_COST = f"""
select
    JSONExtractString(extract(query, '^/\\\\* (\\\\{{.*?\\\\}}) \\\\*/'), 'node') as node,
    sumIf(written_rows, query_kind in ('Insert', 'Create') and not {NOTES}) as rows,
    max(memory_usage) as memory,
    sum(read_bytes) as read_bytes
from system.query_log
where event_date >= yesterday()
    and is_initial_query
    and type in ('QueryFinish', 'ExceptionWhileProcessing')
    and log_comment = {{label:String}}
group by node
"""


@dataclass(frozen=True)
class Cost:
    """What the statements of one node cost the server: rows written, peak memory of one statement, bytes read."""

    rows: int
    memory: int
    read_bytes: int


@dataclass(frozen=True)
class NodeOutcome:
    """One model or test of a dbt run.

    Attributes:
        name: its name. status: dbt's word. seconds: execution time as dbt measured it.
        message: dbt's or the server's message; empty when it succeeded.
        cost: the server's cost; None if the query log has none.
    """

    name: str
    status: str
    seconds: float
    message: str = ""
    cost: Cost | None = None

    @property
    def good(self) -> bool:
        return self.status in GOOD

    @property
    def failed(self) -> bool:
        return not self.good and self.status != SKIPPED


def read_costs(client: Client, label: str) -> dict[str, Cost]:
    """Cost per dbt node (unique id) of the statements that carry `label`. Flushes the query log first."""
    client.command("system flush logs query_log")
    rows = client.query(_COST, parameters={"label": label}).result_rows
    return {node: Cost(int(written), int(memory), int(read)) for node, written, memory, read in rows if node}


def outcomes(results: Sequence[Any], costs: Mapping[str, Cost]) -> list[NodeOutcome]:
    """dbt's run results (`dbt.contracts.results.RunResult`) with their costs, in the order of finishing."""
    return [
        NodeOutcome(
            name=result.node.name,
            status=str(result.status),
            seconds=float(result.execution_time or 0.0),
            message="" if str(result.status) in GOOD - {"warn"} else one_line(result.message or ""),
            cost=costs.get(result.node.unique_id),
        )
        for result in results
    ]


def one_line(message: str) -> str:
    """The server's message without dbt's heading and the path of the compiled file, which no longer exists."""
    told = [
        line for line in message.splitlines() if not line.lstrip().startswith(("Database Error in", "compiled code"))
    ]
    return " ".join(" ".join(told).split())[:600]


def bytes_text(value: int) -> str:
    """An amount of memory in a readable unit."""
    amount = float(value)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def render(nodes: Sequence[NodeOutcome]) -> str:
    """A table of the nodes, failures with their message last, then one line of totals."""
    width = max([len(node.name) for node in nodes] + [5])
    lines = [f"{'node':<{width}}  {'status':<8}  {'rows':>12}  {'seconds':>8}  {'memory':>9}"]
    for node in nodes:
        rows, memory = (f"{node.cost.rows:,}", bytes_text(node.cost.memory)) if node.cost else ("", "")
        lines.append(f"{node.name:<{width}}  {node.status:<8}  {rows:>12}  {node.seconds:>8.2f}  {memory:>9}")
    lines += [f"{node.name}: {node.message}" for node in nodes if node.message and node.status != SKIPPED]
    good, failed = sum(node.good for node in nodes), sum(node.failed for node in nodes)
    skipped = len(nodes) - good - failed
    peak = max((node.cost.memory for node in nodes if node.cost), default=0)
    lines.append(
        f"{good} succeeded, {failed} failed, {skipped} skipped; highest memory of a statement {bytes_text(peak)}"
    )
    return "\n".join(lines)
