"""The cost of each model, from ClickHouse's query log, and its budget.

Every statement of dbt begins with a comment that names the app, the node and the dbt run (dbt_project.yml). This allows
adding up the statements of a model's latest build, whoever ran it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client

from stir.errors import StirError
from stir.settings import PROJECT_DIR

BUDGETS = PROJECT_DIR / "bench" / "model_budgets.toml"

COMMENT = r"extract(query, '^/\\* (\\{.*?\\}) \\*/')"
"""The JSON of the comment that dbt sends before each statement; empty for a statement of somebody else."""

NOTES = "match(query, '(?i)insert into [^\\\\n]*(data_freshness|staging_reject|link_order_history)')"
"""Statements of a node that write notes into another table. Their rows are not rows of the model."""


@dataclass(frozen=True)
class NodeCost:
    """What one run of one model or test cost the server, over all its statements.

    Attributes:
        memory: the highest peak of one statement, in bytes. seconds: the statements' time, one after the other.
        failed: one of them failed. ended: when the last one ended, seconds since the epoch.
        is_increment: it added to a table that was there.
    """

    read_rows: int
    read_bytes: int
    written_rows: int
    memory: int
    seconds: float
    failed: bool = False
    ended: int = 0
    is_increment: bool = False

    @property
    def read_per_written(self) -> float:
        """Rows read for each row written; rows read if none was."""
        return self.read_rows / max(self.written_rows, 1)


@dataclass(frozen=True)
class Budget:
    """The most that one build of a model may cost."""

    read_rows: int
    memory_mib: int
    seconds: float


@dataclass(frozen=True)
class IncrementBudget:
    """The most rows that one increment of a model may read: some for the smallest, and more for each row it writes. The
    length of the history has no part in it."""

    read_rows: int
    for_each_written: int

    def most(self, cost: NodeCost) -> int:
        """Rows that this increment may read."""
        return self.read_rows + self.for_each_written * cost.written_rows


@dataclass(frozen=True)
class Budgets:
    """The budgets file: the budget of any model on a world of `creator_days`, and of models that need more."""

    creator_days: int
    least_share: float
    most_memory_mib: int
    default: Budget
    models: Mapping[str, Budget]
    increment: IncrementBudget
    increments: frozenset[str] = frozenset()
    """Models whose increments are held to `increment`."""

    def of(self, model: str, creator_days: int) -> Budget:
        """The budget of a model on a world of that many creators x days: in proportion, down to `least_share` of the
        file's figures and in memory never above `most_memory_mib`."""
        share = max(creator_days / self.creator_days, self.least_share)
        budget = self.models.get(model, self.default)
        return Budget(
            read_rows=int(budget.read_rows * share),
            memory_mib=min(int(budget.memory_mib * max(share, 1.0)), self.most_memory_mib),
            seconds=budget.seconds * share,
        )


def read_latest_builds(client: Client, database: str) -> dict[str, NodeCost]:
    """Model name to the cost of its latest build into that database, as far as the query log reaches back."""
    costs = _read(
        client,
        statements="current_database = {database:String}",
        # A run that only looked at the model, to test it or to compile another, built nothing.
        counted="startsWith(node, 'model.') and countIf(log.query_kind in ('Insert', 'Create')) > 0",
        database=database,
    )
    return {node.rsplit(".", 1)[-1]: cost for node, cost in costs.items()}


def read_attempt(client: Client, label: str) -> dict[str, NodeCost]:
    """Unique id of a dbt node to what it cost in the attempt whose statements carry `label` as their log comment."""
    statements = "event_date >= yesterday() and log_comment = {label:String}"
    return _read(client, statements=statements, counted="1", label=label)


def _read(client: Client, *, statements: str, counted: str, **parameters: str) -> dict[str, NodeCost]:
    """Cost of the newest run of each node: of the log's rows where `statements`, of the runs where `counted`.

    Flushes the query log first.
    """
    query = f"""
        select node, {", ".join(f"argMax({name}, moment)" for name in NodeCost.__annotations__)}
        from (
            select
                JSONExtractString(comment, 'node') as node,
                JSONExtractString(comment, 'run') as run,
                max(event_time_microseconds) as moment,
                sum(log.read_rows) as read_rows,
                sum(log.read_bytes) as read_bytes,
                sumIf(log.written_rows, log.query_kind = 'Insert' and not {NOTES}) as written_rows,
                max(log.memory_usage) as memory,
                sum(log.query_duration_ms) / 1000 as seconds,
                countIf(log.type != 'QueryFinish') > 0 as failed,
                toUnixTimestamp(max(event_time_microseconds)) as ended,
                countIf(log.query_kind = 'Insert' and not {NOTES}) > 0
                and countIf(log.query_kind = 'Create' and not match(query, '(?i)create table if not exists')) = 0
                    as is_increment
            from (
                select *, {COMMENT} as comment
                from system.query_log
                where
                    type in ('QueryFinish', 'ExceptionWhileProcessing')
                    and is_initial_query
                    and startsWith(query, '/* {{"app": "stir"')
                    and {statements}
            ) as log
            where node != ''
            group by node, run
            having {counted}
        )
        group by node
    """
    client.command("system flush logs query_log")
    rows = client.query(query, parameters=parameters).result_rows
    return {
        node: NodeCost(
            int(read), int(volume), int(written), int(memory), float(seconds), bool(failed), int(ended), bool(grown)
        )
        for node, read, volume, written, memory, seconds, failed, ended, grown in rows
    }


def read_budgets(path: Path = BUDGETS) -> Budgets:
    """The budgets file.

    Raises:
        StirError: the file is missing or invalid.
    """
    try:
        content = tomllib.loads(path.read_text())
        default = content["default"]
        increment = dict(content["increment"])
        increments = frozenset(increment.pop("models"))
        return Budgets(
            creator_days=content["creator_days"],
            least_share=content["least_share"],
            most_memory_mib=content["most_memory_mib"],
            default=Budget(**default),
            models={name: Budget(**{**default, **more}) for name, more in content.get("models", {}).items()},
            increment=IncrementBudget(**increment),
            increments=increments,
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise StirError(f"the budgets cannot be read: {error}", where=path.name) from None


def beyond(costs: Mapping[str, NodeCost], budgets: Budgets, creator_days: int, *, timed: bool = True) -> Iterator[str]:
    """One line for each model and measure that exceeds its budget; without seconds, unless `timed`."""
    for model, cost in costs.items():
        budget = budgets.of(model, creator_days)
        for measure, found, most in (
            ("rows read", cost.read_rows, budget.read_rows),
            ("MiB of memory", cost.memory / 2**20, budget.memory_mib),
            ("seconds", cost.seconds, budget.seconds),
        ):
            if found > most and (timed or measure != "seconds"):
                yield f"{model}: {found:,.0f} {measure}, budget {most:,.0f}"
        if (
            cost.is_increment
            and model in budgets.increments
            and cost.read_rows > (most := budgets.increment.most(cost))
        ):
            yield f"{model}: {cost.read_rows:,} rows read by an increment of {cost.written_rows:,}, budget {most:,}"
