"""Stopping a dbt run from inside its process: first no further statement, then an end to those that run.

dbt starts the next model when one fails, so killing queries alone would only hurry it along.
"""

from __future__ import annotations

import time
from typing import Any, NoReturn

from clickhouse_connect.driver.client import Client

PAUSE = 0.05

_KILL = """
kill query where query_id in (
    select query_id from system.processes
    where is_initial_query and startsWith(query, '/* {') and position(query, {mark:String}) > 0
) async
"""
_RUNNING = """
select count() from system.processes
where is_initial_query and startsWith(query, '/* {') and position(query, {mark:String}) > 0
"""


def refuse_statements(reason: str) -> dict[str, Any]:
    """Make dbt's ClickHouse adapter answer every further statement of this process with an error that says `reason`.

    Returns the methods it replaced, for `accept_statements`. The process is about to end, so nobody else calls that.
    """
    from dbt.adapters.clickhouse.connections import ClickHouseConnectionManager
    from dbt_common.exceptions import DbtRuntimeError

    def refuse(*arguments: Any, **options: Any) -> NoReturn:
        raise DbtRuntimeError(reason)

    replaced = {name: getattr(ClickHouseConnectionManager, name) for name in ("execute", "add_query", "open")}
    for name in replaced:
        setattr(ClickHouseConnectionManager, name, refuse)
    return replaced


def accept_statements(replaced: dict[str, Any]) -> None:
    """Undo `refuse_statements`."""
    from dbt.adapters.clickhouse.connections import ClickHouseConnectionManager

    for name, method in replaced.items():
        setattr(ClickHouseConnectionManager, name, method)


def kill_queries(client: Client, mark: str, *, seconds: float = 3.0) -> int:
    """Kill the statements that carry `mark`, until none is left or `seconds` are over; returns how many are left.

    A statement that was on its way when the adapter began to refuse is caught by a later round.
    """
    deadline = time.monotonic() + seconds
    while True:
        client.command(_KILL, parameters={"mark": mark})
        left = int(client.query(_RUNNING, parameters={"mark": mark}).first_row[0])
        if left == 0 or time.monotonic() > deadline:
            return left
        time.sleep(PAUSE)
