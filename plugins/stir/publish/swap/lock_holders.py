"""Sessions that lock a table while a swap waits. They are named, and ended only if a setting allows it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import errors
from psycopg.rows import class_row

_LOCK_HOLDERS = """
with locked (oid) as (
    select to_regclass(%(table)s)::oid
    union all
    select inhrelid from pg_inherits where inhparent = to_regclass(%(table)s) -- read as an earlier generation's too
)
select pid, state, named, seconds
from (
    select pid, coalesce(state, '') as state, xact_start as since,
        format('%%s (%%s, pid %%s, %%s for %%s)', usename, coalesce(nullif(application_name, ''), 'unnamed'),
            pid, state, date_trunc('second', clock_timestamp() - coalesce(xact_start, query_start))) as named,
        coalesce(extract(epoch from clock_timestamp() - state_change), 0)::double precision as seconds
    from pg_locks join pg_stat_activity using (pid)
    where relation in (select oid from locked) and granted and pid <> pg_backend_pid()
    union all
    -- A prepared transaction has no session any more, and does not end by itself; its locks name its transaction.
    select 0, 'prepared', prepared,
        format('prepared transaction %%L of %%s (until COMMIT PREPARED or ROLLBACK PREPARED)', gid, owner),
        extract(epoch from clock_timestamp() - prepared)::double precision
    from pg_locks as held
    join pg_locks as own on own.virtualtransaction = held.virtualtransaction and own.locktype = 'transactionid'
    join pg_prepared_xacts on transaction = own.transactionid
    where held.relation in (select oid from locked) and held.granted and held.pid is null
) as holder
order by state = 'prepared' desc, since
"""


@dataclass(frozen=True)
class LockHolder:
    """A session or prepared transaction that holds a lock on a table; `seconds` is how long it is in its state."""

    pid: int
    state: str
    named: str
    seconds: float

    @property
    def idle(self) -> bool:
        """Whether it idles in a transaction after reading the table."""
        return self.state.startswith("idle in transaction")


def find_lock_holders(connection: psycopg.Connection, table: str) -> list[LockHolder]:
    """Sessions that lock the table (a quoted name), prepared transactions and the longest first."""
    with connection.cursor(row_factory=class_row(LockHolder)) as cursor:
        return cursor.execute(_LOCK_HOLDERS, {"table": table}).fetchall()


def end_idle(connection: psycopg.Connection, held_by: list[LockHolder], longer_than: float) -> list[str]:
    """End sessions that idle in a transaction for more seconds than that; returns what happened, by name."""
    done = []
    for holder in held_by:
        if not holder.idle or holder.seconds < longer_than:
            continue
        try:
            connection.execute("select pg_terminate_backend(%s)", [holder.pid])
            done.append(f"ended {holder.named}")
        except errors.InsufficientPrivilege:
            done.append(f"may not end {holder.named}: grant pg_signal_backend to the writer")
    return done
