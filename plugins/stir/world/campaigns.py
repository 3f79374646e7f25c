"""The campaigns of the world: the application's own tables in PostgreSQL, filled from the world's closed forms.

Existing rows are not changed, because the application and stir's rules may have changed them. So a second fill from the
same world changes nothing, and a fill from an advanced world adds new rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from stir import connections
from stir.database import prepare
from stir.settings import Settings
from stir.world.history import require_world

if TYPE_CHECKING:
    import psycopg

COLUMNS = {
    "ops.tracked_entity": ("kind", "value", "priority", "enabled", "note"),
    "campaign.campaign": (
        "campaign_id",
        "kind",
        "name",
        "platform",
        "category",
        "language",
        "min_followers",
        "max_followers",
        "payout_amount",
        "payout_currency",
        "is_content_checked",
        "post_collection_id",
        "profile_collection_id",
        "opens_at",
        "closes_at",
    ),
    "campaign.campaign_profile": ("campaign_profile_id", "user_id", "platform", "account_id", "handle"),
    "campaign.application": (
        "application_id",
        "campaign_id",
        "campaign_profile_id",
        "status",
        "applied_at",
        "accepted_at",
    ),
    "campaign.journey": ("application_id", "stage", "started_at"),
    "campaign.submission": (
        "submission_id",
        "application_id",
        "kind",
        "version",
        "post_format",
        "post_shortcode",
        "status",
        "submitted_at",
        "reviewed_at",
    ),
    "campaign.post_item": (
        "post_collection_id",
        "platform",
        "post_shortcode",
        "campaign_profile_id",
        "is_enabled",
        "is_in_report",
        "posted_at",
    ),
    "campaign.profile_item": ("profile_collection_id", "campaign_profile_id", "added_at"),
    "campaign.referral_link": ("referral_link_id", "submission_id", "owner_user_id", "url"),
    "campaign.referral_launch": ("referral_link_id", "user_id", "launched_at"),
    "campaign.payout": ("application_id", "amount", "currency", "created_at"),
}
"""Table of the application to the columns that the world fills, parents first. The view is called after the table."""

MADE = ("ops.report_job", "ops.outbox", "ops.breach")
"""Tables that refer to the others without a foreign key."""


def fill_application(settings: Settings, *, replace: bool = False) -> dict[str, int]:
    """Fill the application's tables from the existing world; returns the rows added to each.

    `replace` empties them first, with all changes by rules and the application. Use it for another world.

    Raises:
        StirError: there is no whole world.
    """
    prepare(settings)
    added = {}
    with connections.clickhouse(settings) as client, connections.postgres(settings) as connection:
        state = require_world(client)
        bounds = {name: state.bounds()[name] for name in ("seed", "start", "until")}
        connection.execute("set time zone 'UTC'")
        if replace:
            tables = sql.SQL(", ").join(sql.Identifier(*table.split(".")) for table in (*COLUMNS, *MADE))
            connection.execute(sql.SQL("truncate {} cascade").format(tables))
        for table, columns in COLUMNS.items():
            view = f"world.campaign_{table.split('.')[1]}"
            names = ", ".join(columns)
            rows = client.query(
                f"select {names} from {view}(seed = {{seed:UInt64}}, start = {{start:Int64}}, until = {{until:Int64}})",
                parameters=bounds,
                settings={"join_use_nulls": 0},
            ).result_rows
            added[table] = _add(connection, table, columns, rows)
    return added


def _add(connection: psycopg.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> int:
    """Insert the rows whose key does not exist yet; returns how many."""
    names = {
        "table": sql.Identifier(*table.split(".")),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
    }
    connection.execute(
        sql.SQL("create temporary table arriving on commit drop as select {columns} from {table} limit 0").format(
            **names
        )
    )
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("copy arriving ({columns}) from stdin").format(**names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("insert into {table} ({columns}) select {columns} from arriving on conflict do nothing").format(
                **names
            )
        )
        added = cursor.rowcount
        cursor.execute("drop table arriving")
    return added
