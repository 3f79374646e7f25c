"""The moment that readers notice nothing of: one short transaction that renames the old table out and the new one in.

The rename waits for readers, and that is its virtue: a transaction that has read the table keeps it to its end. It
waits at most `lock_timeout`, because readers that come later queue behind it, then gives way and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg
from psycopg import errors, sql
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
    wait_random_exponential,
)

from stir.attempts import Attempts
from stir.connections import Target
from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.checks import contract
from stir.publish.ledger import announcements, generations, leases
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState
from stir.publish.swap.lock_holders import end_idle, find_lock_holders
from stir.publish.swap.modes import bring_home, exchange
from stir.publish.verification.content import Content
from stir.settings import Settings


@dataclass(frozen=True)
class Patience:
    """How long to wait for readers, in seconds.

    Attributes:
        lock: per attempt; a reader that arrives meanwhile waits at most this long.
        swap: until the swap is given up.
        snapshots: until the wait for readers with a snapshot older than the load is given up.
        idle: a reader that idles in a transaction on the table longer than this is named while the swap waits.
        end_idle: end such readers after so many seconds; None never does.
    """

    lock: float = 0.1
    swap: float = 300.0
    snapshots: float = 300.0
    idle: float = 10.0
    end_idle: float | None = None


PATIENCE = Patience()

_OLDER_SNAPSHOTS = """
select count(*) from pg_stat_activity
where backend_xmin is not null and pid <> pg_backend_pid() and datname = current_database()
    and backend_type <> 'autovacuum worker'
    and age(backend_xmin) >= age(%s::xid)
"""


def swap(
    settings: Settings, state: PublishState, observer: Observer = UNWATCHED, patience: Patience = PATIENCE
) -> PublishState:
    """Publish the loaded table as generation base + 1.

    Raises:
        StirError: another generation was published meanwhile, the lease was taken over, or readers did not give way
            before the deadline. The loaded table stays, so that the step can be tried again.
    """
    spec = state.spec
    if settings.publish_end_idle is not None and patience.end_idle is None:
        patience = replace(patience, end_idle=settings.publish_end_idle)
    with writer(settings, state.target, purpose=f"{state.name} swap") as connection:
        generations.ensure(connection, spec.readers)  # the run may have begun under an older version
        if done := published_already(connection, state):
            return done
        if state.loaded_xid and spec.mode != "merge":  # a merge leaves old snapshots their old rows
            _wait_for_snapshots(connection, state, patience)
        manifest: dict[str, object] = {
            "key": state.manifest,
            "sha256": state.manifest_digest,
            "parts": state.parts,
            "mode": spec.mode,
            "feeds": dict(state.feeds),
            "as_of": state.as_of,
            **({"months": dict(state.months)} if state.months else {}),
        }

        def publish(cursor: psycopg.Cursor) -> None:
            leases.check(connection, spec, state.run_id)
            live = _check_base(connection, spec, state.base)
            content = Content(state.rows, state.checksum)
            months = partitions.all_tables(state, live) if spec.mode == "partition" else None
            if months is not None:
                manifest["partitions"] = dict(months)
            oid = exchange(cursor, spec, incoming=state.loaded, live=live, expected=content, months=months)
            generations.record_publish(cursor, state, table_oid=oid, manifest=manifest)
            announcements.applied(cursor, spec, state.base + 1)

        try:
            _in_one_transaction(connection, spec, publish, patience, observer)
        except errors.UniqueViolation:
            if done := published_already(connection, state):
                return done
            raise _overtaken(spec, state.base) from None
    observer.reached("swapped")
    return replace(state, generation=state.base + 1, outcome="published")


def roll_back(
    settings: Settings,
    spec: PublishSpec,
    *,
    target: Target,
    run_id: str,
    to: int | None = None,
    allow_change: bool = False,
    patience: Patience = PATIENCE,
    observer: Observer = UNWATCHED,
) -> generations.Generation:
    """Give readers an earlier generation's rows again, as a new generation; returns it.

    Args:
        to: the generation whose rows to show; by default the newest kept one before the live rows.
        allow_change: it may have other columns than the live table.

    Raises:
        StirError: there is none, its rows are gone, or it has other columns.
    """
    with writer(settings, target, purpose=f"{spec.name} rollback") as connection:
        bring_home(connection, spec, Attempts())
        history = generations.history(connection, spec)
        live, back_to = _choose(spec, history, to)
        generations.ensure(connection, spec.readers)  # an older version may have published them
        if not allow_change:
            # A generation that is shown by a view has its columns as its months' tables have them.
            table = next(iter(back_to.partitions.values()), back_to.stored_as)
            contract.check_same_columns(connection, ddl.live(spec), ddl.stored(table))

        def put_back(cursor: psycopg.Cursor) -> None:
            cursor.execute("select from stir.lease where table_name = %s for update", [spec.table])
            _check_base(connection, spec, live.generation)
            content = Content(back_to.rows, back_to.checksum)
            months = back_to.partitions or None
            oid = exchange(
                cursor, spec, incoming=back_to.stored_as, live=live, expected=content, months=months, back=True
            )
            generations.record_rollback(cursor, spec, live=live, back_to=back_to, run_id=run_id, table_oid=oid)

        try:
            _in_one_transaction(connection, spec, put_back, patience, observer)
        except errors.UniqueViolation:
            raise _overtaken(spec, live.generation) from None
        return generations.history(connection, spec)[-1]


def _choose(
    spec: PublishSpec, history: list[generations.Generation], to: int | None
) -> tuple[generations.Generation, generations.Generation]:
    if not history:
        raise StirError(f"{spec.name} was never published", do=f"run `./stir publish {spec.name}`")
    live = history[-1]
    kept = {item.content: item for item in history if item.kept and item.content != live.content}
    choice = to if to is not None else max((number for number in kept if number < live.content), default=None)
    if choice not in kept:
        what = (
            f"generation {to} of {spec.name} is not kept"
            if to is not None
            else f"{spec.name} has no earlier generation"
        )
        others = ", ".join(str(number) for number in sorted(kept))
        raise StirError(
            what, do=f"`--to` one of: {others}" if others else f"`./stir generations {spec.name}` lists them"
        )
    return live, kept[choice]


def _in_one_transaction(
    connection: psycopg.Connection,
    spec: PublishSpec,
    work: Callable[[psycopg.Cursor], None],
    patience: Patience,
    observer: Observer,
) -> None:
    """Do the work in a transaction that never waits long for a lock, again and again until the deadline."""
    lock_timeout = sql.SQL("set local lock_timeout = {}").format(sql.Literal(f"{round(patience.lock * 1000)}ms"))
    table = ddl.live(spec).as_string()

    def notify(_: RetryCallState) -> None:
        held_by = find_lock_holders(connection, table)
        idle = [holder.named for holder in held_by if holder.idle and holder.seconds >= patience.idle]
        done = end_idle(connection, held_by, patience.end_idle) if patience.end_idle is not None else []
        if idle or done:
            observer.stage("swap", "waits for idle readers: " + "; ".join(done or idle))

    attempts = Retrying(
        before_sleep=notify,
        retry=retry_if_exception_type((errors.LockNotAvailable, errors.DeadlockDetected)),
        # Readers that queued behind an attempt get through in the pause, which grows while somebody holds on: an hour
        # of waiting for one reader costs the others a short wait every few seconds.
        wait=wait_fixed(patience.lock) + wait_random_exponential(2 * patience.lock, max=5),
        stop=stop_after_delay(patience.swap),
    )
    try:
        for attempt in attempts:
            with attempt, connection.transaction(), connection.cursor() as cursor:
                cursor.execute(lock_timeout)
                work(cursor)
                observer.reached("before commit")
    except RetryError:
        names = "; ".join(holder.named for holder in find_lock_holders(connection, table)[:3])
        raise StirError(
            f"could not lock {spec.table} within {patience.swap:g} s: held by {names or 'sessions that have ended'}",
            do="end or fix those sessions and try again; readers keep what they have",
        ) from None
    observer.reached("after commit")


def _check_base(connection: psycopg.Connection, spec: PublishSpec, base: int) -> generations.Generation | None:
    """The live generation, if it is still the one that the work was based on."""
    live = generations.live(connection, spec)
    if (live.generation if live else 0) != base:
        raise _overtaken(spec, base)
    return live


def published_already(connection: psycopg.Connection, state: PublishState) -> PublishState | None:
    """The state after the swap, if this very run got there before, and only its acknowledgement was lost."""
    if generation := generations.of_run(connection, state.run_id):
        return replace(state, generation=generation.generation, rows=generation.rows, outcome="published")
    return None


def _wait_for_snapshots(connection: psycopg.Connection, state: PublishState, patience: Patience) -> None:
    """Wait until no reader has a snapshot older than the load: it would find the new table empty."""
    deadline = time.monotonic() + patience.snapshots
    while (row := connection.execute(_OLDER_SNAPSHOTS, [state.loaded_xid]).fetchone()) and row[0]:
        if time.monotonic() > deadline:
            raise StirError(
                f"{row[0]} sessions hold snapshots older than the load of {state.name}",
                where="pg_stat_activity.backend_xmin",
                do="end those transactions and try again; readers keep what they have",
            )
        time.sleep(0.02)


def _overtaken(spec: PublishSpec, base: int) -> StirError:
    return StirError(
        f"another run published {spec.name} after generation {base}, on which this run is based",
        do=f"no action needed if that was intended; `./stir generations {spec.name}` shows who published",
    )
