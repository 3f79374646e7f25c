"""Copies unchanged months from the live table instead of exporting them; in mode `partition` they stay where they are.

Only the other months travel through S3. What is taken over is proven like the rest: the whole new table is summed up
against the whole snapshot, so a live table that somebody changed by hand is found out and nothing is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from clickhouse_connect.driver.binding import quote_identifier
from psycopg import sql

from stir.publish import ddl
from stir.publish.ddl import month_after
from stir.publish.ledger.generations import Generation
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState


def decide(spec: PublishSpec, state: PublishState, months: Mapping[str, str], live: Generation | None) -> PublishState:
    """The state with the months that the live generation holds already, unless somebody wants everything again.

    Args:
        months: rows and content of each month of the snapshot, by its first day.
    """
    state = replace(state, months=months)
    if live is None or state.force or not live.fingerprint.startswith(f"{spec.digest}-") or live.mode != spec.mode:
        return state
    same = sorted(month for month, content in months.items() if live.months.get(month) == content)
    rows = sum(int(months[month].partition("-")[0]) for month in same)
    if rows == state.rows:  # months disappeared and none changed: without a part there would be no export
        return state
    return replace(state, carried=tuple(same), carried_rows=rows)


def condition(state: PublishState) -> str:
    """ClickHouse condition of the rows that must travel; empty if all must."""
    if not state.carried or not state.spec.carry_by:
        return ""
    months = ", ".join(f"'{month}'" for month in state.carried)
    return f"toStartOfMonth({quote_identifier(state.spec.carry_by)}) not in ({months})"


def of_month(spec: PublishSpec, month: str) -> str:
    """ClickHouse condition of the rows of a month. It names the column itself, so that an index on it serves."""
    name = quote_identifier(spec.carry_by or "")
    return f"{name} >= toDate('{month}') and {name} < toDate('{month_after(month)}')"


def live_rows(state: PublishState) -> sql.Composed:
    """The rows of the carried months in the table that readers use, columns in the spec's order."""
    return sql.SQL("select {} from {} where date_trunc('month', {})::date = any({}::date[])").format(
        ddl.columns(state.spec),
        ddl.live(state.spec),
        sql.Identifier(state.spec.carry_by or ""),
        sql.Literal(list(state.carried)),
    )
