"""A publish from beginning to end, in one process or as steps that a scheduler calls one by one.

    begin → export → load → index → verify → swap → tidy

Every step takes the state that the step before returned and may be tried again with it: whatever a step makes has a
name of its own per attempt, and nothing is visible to readers before the swap commits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import psycopg
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from stir.connections import Target
from stir.publish import cleanup, partitions
from stir.publish.attachments import carrying
from stir.publish.checks import contract, guards, merge_indexes
from stir.publish.export import parts, snapshot
from stir.publish.ledger import generations, leases
from stir.publish.lineage import reporting
from stir.publish.load import indexes, ssh, stream
from stir.publish.load.refused_values import naming_refused_values
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.session import writer
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState, new_run_id
from stir.publish.swap import transaction
from stir.publish.swap.transaction import PATIENCE, Patience
from stir.publish.tables import find_spec
from stir.publish.verification import content
from stir.settings import Settings

Step = Callable[[Settings, PublishState, Observer], PublishState]

TRANSFERS = 4
"""How often export and load are begun in one publish before a lost connection is an error."""


def begin(
    settings: Settings,
    name: str,
    *,
    target: Target = "prod",
    run_id: str | None = None,
    force: bool = False,
    allow: Sequence[str] = (),
    take_over: bool = False,
    keeper: psycopg.Connection | None = None,
    observer: Observer = UNWATCHED,
) -> PublishState:
    """Check that a publish can succeed, record it and take the table's lease.

    Args:
        run_id: unique per publish; one that has published already is a no-op.
        force: publish even a content that readers have, or that was rolled back.
        allow: names of guards, or `contract`, that are waived for this run.
        take_over: take the lease from a run that is alive.
        keeper: a connection whose life is the lease's; without it the lease lasts from step to step.

    Raises:
        StirError: the mart or the target is not as the spec says, or another run holds the lease.
    """
    spec = find_spec(name)
    guards.check_names(allow)
    observer.reached("begin")
    with observer.span("contract: the mart"):
        contract.check_mart(settings, spec, target)
    with writer(settings, target, purpose=f"{name} begin") as connection:
        with observer.span("contract: the target"):
            contract.check_target(connection, spec, allow_change="contract" in allow)
        generations.ensure(connection, spec.readers)
        live = generations.live(connection, spec)
        contract.check_mode(spec, live.mode if live else spec.mode)
        there = contract.check_live_table(connection.cursor(), spec, live)
        carrying.check(connection.cursor(), spec, stays=partitions.can_exchange(connection, spec, live))
        merge_indexes.check(connection.cursor(), spec)
        with observer.span("lease"):
            run = leases.take(
                keeper or connection, spec, run_id or new_run_id(), keep=keeper is not None, take_over=take_over
            )
        state = PublishState(
            name=name,
            target=target,
            run_id=run.run_id,
            token=run.token,
            base=live.generation if live else 0,
            force=force or (live is not None and not there),  # a table that somebody dropped is put back
            allow=tuple(allow),
        )
        observer.reached("begun")
        return transaction.published_already(connection, state) or state


def export(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Take a snapshot of the mart and write it to S3; decides `unchanged` and `held`."""
    state = _step("freeze", snapshot.take)(settings, state, observer)
    return _step("export", parts.export)(settings, state, observer)


def load(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Bring the export into a new table, by the transport of the settings."""
    work = ssh.load if settings.publish_transport == "ssh" else stream.load
    with naming_refused_values(settings, state):
        return _step("load", work)(settings, state, observer)


def index(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Give the new table its indexes, grants, comments and statistics."""
    return _step("index", indexes.index)(settings, state, observer)


def verify(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Prove that the new table holds what the snapshot holds."""
    return _step("verify", content.verify_load)(settings, state, observer)


def swap(
    settings: Settings, state: PublishState, observer: Observer = UNWATCHED, patience: Patience = PATIENCE
) -> PublishState:
    """Give the new table to readers."""
    return _step("swap", partial(transaction.swap, patience=patience))(settings, state, observer)


def clean_up(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
    """Give the lease back and remove what is not needed any more, also after a failure."""
    started = time.monotonic()
    observer.stage("tidy")
    return cleanup.clean_up(settings, state, observer).took("tidy", time.monotonic() - started)


STEPS: Mapping[str, Step] = {
    "export": export,
    "load": load,
    "index": index,
    "verify": verify,
    "swap": swap,
    "tidy": clean_up,
}
"""The steps after `begin`, in order, by the name that a scheduler shows."""


def publish(
    settings: Settings,
    spec: PublishSpec | str,
    target: Target = "prod",
    *,
    run_id: str | None = None,
    force: bool = False,
    allow: Sequence[str] = (),
    take_over: bool = False,
    observer: Observer = UNWATCHED,
    patience: Patience = PATIENCE,
) -> PublishState:
    """Publish one table; export overlaps with load, and the proof of the content with the building of indexes.

    Returns what became of it: the state behind the last step.

    Raises:
        StirError: something refused; readers keep what they have.
    """
    name = spec if isinstance(spec, str) else spec.name
    run_id = run_id or new_run_id()
    began = time.monotonic()
    lease = f"{name} lease"
    with reporting(settings, name, target, run_id) as report, writer(settings, target, purpose=lease) as keeper:
        state = begin(
            settings,
            name,
            target=target,
            run_id=run_id,
            force=force,
            allow=allow,
            take_over=take_over,
            keeper=keeper,
            observer=observer,
        )
        try:
            state = _step("freeze", snapshot.take)(settings, state, observer)
            state = _step("transfer", _transfer_patiently)(settings, state, observer)
            state = _step("index", _index_and_verify)(settings, state, observer)
            state = swap(settings, state, observer, patience)
        except BaseException:
            _clean_up_quietly(settings, state, observer)
            raise
        started = time.monotonic()
        observer.stage("tidy")
        if trouble := _clean_up_quietly(settings, state, observer):
            state = replace(state, reason=f"{state.reason} left-overs stay until the next run: {trouble}".strip())
        state = state.took("tidy", time.monotonic() - started)
        report.ended(state.outcome, state.generation, state.rows, state.bytes)
    return state.took("total", time.monotonic() - began)


def _transfer_patiently(settings: Settings, state: PublishState, observer: Observer) -> PublishState:
    """Export and load, once more from the snapshot if a connection to PostgreSQL was lost on the way."""
    attempts = Retrying(
        retry=retry_if_exception(_connection_lost),
        wait=wait_exponential(0.5),
        stop=stop_after_attempt(TRANSFERS),
        reraise=True,
    )
    return attempts(_transfer, settings, state, observer)


def _index_and_verify(settings: Settings, state: PublishState, observer: Observer) -> PublishState:
    """Build indexes and read the table back at once: neither changes a row."""

    def prove() -> float:
        started = time.monotonic()
        content.verify_load(settings, state, observer)
        return time.monotonic() - started

    with ThreadPoolExecutor(1, thread_name_prefix="verify") as pool:
        proof = pool.submit(prove)
        indexed = indexes.index(settings, state, observer)
        return indexed.took("verify", proof.result())


def _connection_lost(error: BaseException) -> bool:
    """PostgreSQL went away, as against: it had no room, no memory or no time for us."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _transfer(settings: Settings, state: PublishState, observer: Observer) -> PublishState:
    """Export and load at once: a part is loaded as soon as ClickHouse has written it. A remote job waits for all."""
    if settings.publish_transport == "ssh":
        state = parts.export(settings, state, observer)
        with naming_refused_values(settings, state):
            return ssh.load(settings, state, observer)
    with naming_refused_values(settings, state), stream.Loader(settings, state, observer) as loader:
        state = parts.export(settings, state, observer, sink=loader.submit)
    return loader.finish(state, stream.read_manifest(settings, state))


def _step(name: str, work: Step) -> Step:
    """A step that is skipped once the outcome is known, checks the lease first, and notes its duration."""

    def run(settings: Settings, state: PublishState, observer: Observer = UNWATCHED) -> PublishState:
        if state.decided:
            return state
        started = time.monotonic()
        observer.stage(name)
        with (
            writer(settings, state.target, purpose=f"{state.name} step {name}") as connection,
            leases.during_step(connection, state.spec, state.run_id),
            observer.span(name),
        ):
            return work(settings, state, observer).took(name, time.monotonic() - started)

    return run


def _clean_up_quietly(settings: Settings, state: PublishState, observer: Observer) -> str:
    """Clean up; what cannot be removed now, the next run removes, so it neither fails a publish nor hides a failure."""
    try:
        cleanup.clean_up(settings, state, observer)
    except Exception as error:
        return str(error).strip().partition("\n")[0] or type(error).__name__
    return ""
