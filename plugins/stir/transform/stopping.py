"""Stops a dbt run from inside its process: first refuse further statements, then kill the running ones.

dbt starts the next model when one fails, so killing queries alone would not stop it.
"""

from __future__ import annotations

import time
from typing import Any, NoReturn

from clickhouse_connect.driver.client import Client

PAUSE = 0.05
_CLIENT_METHODS = ("query", "command", "columns_in_query", "_create_client")

_LABELLED = "is_initial_query and Settings['log_comment'] = {label:String}"
# dbt begins every statement of a run with a comment that holds this (query-comment in dbt_project.yml).
_OF_RUN = "is_initial_query and JSONExtractString(extract(query, '^/\\\\* (.*?) \\\\*/'), 'run') = {label:String}"


def refuse_statements(reason: str) -> dict[str, Any]:
    """Make dbt's ClickHouse adapter refuse every further statement of this process with an error that gives `reason`.

    Returns the methods it replaced, for `accept_statements`. The process is about to end, so nobody else calls that.
    """
    from dbt.adapters.clickhouse.httpclient import ChHttpClient
    from dbt_common.exceptions import DbtRuntimeError

    def refuse(*arguments: Any, **options: Any) -> NoReturn:
        raise DbtRuntimeError(reason)

    replaced = {
        name: getattr(ChHttpClient, name) for name in ("query", "command", "columns_in_query", "_create_client")
    }
    for name in replaced:
        setattr(ChHttpClient, name, refuse)
    return replaced


def accept_statements(replaced: dict[str, Any]) -> None:
    """Undo `refuse_statements`."""
    from dbt.adapters.clickhouse.httpclient import ChHttpClient

    for name, method in replaced.items():
        setattr(ChHttpClient, name, method)


def kill_queries(client: Client, label: str, *, seconds: float = 3.0) -> int:
    """Kill the statements whose log_comment is `label` until none is left or `seconds` have passed; returns how many
    are left.

    A later round catches a statement that was sent before the adapter began to refuse.
    """
    return _kill(client, _LABELLED, label, seconds)


def kill_run(client: Client, invocation: str, *, seconds: float = 5.0) -> int:
    """Do the same for the statements of a dbt run, by its invocation id."""
    return _kill(client, _OF_RUN, invocation, seconds)


def _kill(client: Client, which: str, label: str, seconds: float) -> int:
    chosen = f"from system.processes where {which}"
    deadline = time.monotonic() + seconds
    while True:
        client.command(f"kill query where query_id in (select query_id {chosen}) async", parameters={"label": label})
        left = int(client.query(f"select count() {chosen}", parameters={"label": label}).first_row[0])
        if left == 0 or time.monotonic() > deadline:
            return left
        time.sleep(PAUSE)
