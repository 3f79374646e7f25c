"""Summary of a dbt run by model, as rows and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stir.transform.costs import NodeCost

GOOD = {"success", "pass", "warn", "no-op"}
SKIPPED = "skipped"


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
    cost: NodeCost | None = None

    @property
    def good(self) -> bool:
        return self.status in GOOD

    @property
    def failed(self) -> bool:
        return not self.good and self.status != SKIPPED


def outcomes(results: Sequence[Any], costs: Mapping[str, NodeCost]) -> list[NodeOutcome]:
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
    reported = [
        line for line in message.splitlines() if not line.lstrip().startswith(("Database Error in", "compiled code"))
    ]
    return " ".join(" ".join(reported).split())[:600]


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
        rows, memory = (f"{node.cost.written_rows:,}", bytes_text(node.cost.memory)) if node.cost else ("", "")
        lines.append(f"{node.name:<{width}}  {node.status:<8}  {rows:>12}  {node.seconds:>8.2f}  {memory:>9}")
    lines += [f"{node.name}: {node.message}" for node in nodes if node.message and node.status != SKIPPED]
    good, failed = sum(node.good for node in nodes), sum(node.failed for node in nodes)
    skipped = len(nodes) - good - failed
    peak = max((node.cost.memory for node in nodes if node.cost), default=0)
    lines.append(
        f"{good} succeeded, {failed} failed, {skipped} skipped; highest memory of a statement {bytes_text(peak)}"
    )
    return "\n".join(lines)
